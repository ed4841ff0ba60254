"""What somebody wrote to staff, and what staff are to tell somebody without Telegram: kept until it is done, so never lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, Index, bindparam, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import cases, items, rules
from bot.community.cases import Case
from bot.community.items import Item
from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, rows, table_of, vault_of
from bot.data import Local
from bot.errors import OldButton
from privacy.opening import Words
from privacy.retention import rule
from privacy.sealed import Place, Sealed, SealedBytes

KEEP = rule("message").after  # an answered message stays this long, so that what follows it can be understood
REMIND_AFTER = timedelta(
    hours=2
)  # of working time; then staff hear of it once more, and on every day from then on
SHOWN = 6  # messages on one card: six of 500 characters stay under Telegram's 4096
_DUE = text("due_at IS NOT NULL")


class Sort(StrEnum):
    """Which way it goes."""

    MESSAGE = "message"  # to staff, who answer
    ERRAND = "errand"  # to somebody without Telegram: staff tell her
    ASKING = "asking"  # to whom another asks for: staff ask her, and write down what she says


class Message(SQLModel, table=True):
    """One message, sealed under its own key. What one person has waiting of a sort is one thread; the oldest is its head.

    `person_id`: whose it is, or None for somebody we do not know. `due_at`: when staff hear of it again or, once it is done,
    when it goes. `shown`: of a head, which message shows it in the chat of which member of staff.
    """

    __tablename__ = "message"
    __table_args__ = (Index("message_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    sort: str = Field(max_length=8)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    case_id: str | None = Field(default=None, foreign_key="help_case.id", max_length=16)
    words: Sealed | None = Field(default=None, sa_type=SealedBytes)
    files: Sealed | None = Field(default=None, sa_type=SealedBytes)
    since: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    done_by: str | None = Field(default=None, max_length=16)
    shown: dict[str, int] = Field(default_factory=dict, sa_type=JSON)


_ROWS = table_of(Message)
_LOOK = (
    select(Message.id)
    .where(col(Message.due_at).is_not(None), col(Message.due_at) <= bindparam("now", type_=Moment()))
    .order_by(col(Message.due_at))
)
_WAITING = select(Message).where(col(Message.done_at).is_(None)).order_by(col(Message.since), col(Message.id))
_WAITING_WHERE = (
    select(Message, Person.area, Case.area)
    .outerjoin(Person, col(Person.id) == col(Message.person_id))
    .outerjoin(Case, col(Case.id) == col(Message.case_id))
    .where(col(Message.done_at).is_(None))
    .order_by(col(Message.since), col(Message.id))
)
_AS = {Sort.MESSAGE: items.Sort.MESSAGE, Sort.ERRAND: items.Sort.ERRAND, Sort.ASKING: items.Sort.ERRAND}
_SETTLE = (
    update(_ROWS)
    .where(_ROWS.c.id.in_(bindparam("ids", expanding=True)), _ROWS.c.done_at.is_(None))
    .values(done_at=bindparam("now"), done_by=bindparam("who"), due_at=bindparam("over"))
)


def take(
    session: Session,
    local: Local,
    sort: Sort,
    person: Person | None,
    words: str,
    *,
    files: str | None = None,
    case_id: str | None = None,
) -> Message:
    """Keep it. Returns the head of what she has waiting: this one, where it is the only one."""
    now, message_id = now_of(session), new_id()
    message = Message(
        id=message_id,
        sort=sort.value,
        person_id=person.id if person is not None else None,
        case_id=case_id,
        words=_seal(session, message_id, "words", words or None),
        files=_seal(session, message_id, "files", files),
        since=now,
    )
    head = waiting_of(session, sort, person.id) if person is not None else None
    if head is None:
        message.due_at = local.calendar.add(now, REMIND_AFTER)
    else:  # what came at one moment stays in its order
        message.since = max(now, thread(session, head)[-1].since + timedelta(microseconds=1))
    session.add(message)
    session.flush()
    return head or message


def get(session: Session, message_id: str) -> Message | None:
    return session.get(Message, message_id)


def waiting_of(session: Session, sort: Sort, person_id: str) -> Message | None:
    """The head of what this person has waiting of this sort."""
    return session.exec(_WAITING.where(Message.sort == sort, Message.person_id == person_id)).first()


def thread(session: Session, head: Message) -> Sequence[Message]:
    """Everything that waits with it, the oldest first; once it is done, itself alone."""
    if head.person_id is None or head.done_at is not None:
        return [head]
    return session.exec(_WAITING.where(Message.sort == head.sort, Message.person_id == head.person_id)).all()


def waiting(session: Session) -> list[Item]:
    """What waits for staff, one of each thread, the oldest first."""
    found: dict[tuple[str, str], Item] = {}
    for message, hers, of_case in session.exec(_WAITING_WHERE):
        if not is_over(session, message):
            area = of_case if message.person_id is None else hers
            item = Item(
                _AS[Sort(message.sort)], message.id, message.since, case_id=message.case_id, area=area
            )
            found.setdefault((message.sort, message.person_id or message.id), item)
    return list(found.values())


def is_over(session: Session, message: Message) -> bool:
    """Whether nobody need be asked any more, for the need has ended."""
    case = cases.get(session, message.case_id) if message.sort == Sort.ASKING and message.case_id else None
    return case is not None and case.state not in cases.LIVE


def barred(session: Session, person_id: str) -> set[str]:
    """What she does not see to herself: her own, and what is about a case she is a side of."""
    sides = rules.sides_of(session, person_id)
    found = session.exec(_WAITING)
    return {one.id for one in found if one.person_id == person_id or one.case_id in sides}


def words_of(message: Message) -> Words:
    return _words(message, "words")


def files_of(message: Message) -> Words:
    """Voice notes and photos, one line each, by Telegram's own reference."""
    return _words(message, "files")


def show(session: Session, head: Message, shown: dict[str, int]) -> None:
    """Which message shows it to whom from now on."""
    head.shown = {**head.shown, **shown}
    session.add(head)
    session.flush()


def unshow(session: Session, member_id: str) -> None:
    """What her chat shows as one of the staff is found no more: she has another one now."""
    for one in session.exec(_WAITING):
        if member_id in one.shown:
            one.shown = {who: message for who, message in one.shown.items() if who != member_id}
            session.add(one)
    session.flush()


def settle(session: Session, head: Message, *, staff_id: str) -> None:
    """Answered, told, or seen to be no matter: the whole thread. Raises OldButton when a colleague was quicker."""
    now = now_of(session)
    ids = [one.id for one in thread(session, head)]
    over = now + KEEP if head.sort == Sort.MESSAGE else now
    if rows(session, _SETTLE, ids=ids, now=now, who=staff_id, over=over).rowcount == 0:
        raise OldButton
    for one in session.exec(select(Message).where(col(Message.id).in_(ids))):
        session.refresh(one)


def due(session: Session) -> list[str]:
    """What staff must hear of again, and what has been kept long enough."""
    return list(rows(session, _LOOK, now=now_of(session)).scalars())


def look_again(session: Session, local: Local, head: Message) -> None:
    head.due_at = local.calendar.next_open(now_of(session) + timedelta(days=1))
    session.add(head)
    session.flush()


def of_person(session: Session, person_id: str) -> list[Message]:
    """What is kept of hers, the newest first."""
    found = select(Message).where(Message.person_id == person_id).order_by(col(Message.since).desc())
    return list(session.exec(found))


def erase(session: Session, message: Message) -> None:
    """Its words are gone for good, and it with them."""
    vault_of(session).forget(message.id)
    session.delete(message)
    session.flush()


def forget(session: Session, person_id: str) -> None:
    """All of hers."""
    for message in of_person(session, person_id):
        erase(session, message)


def _seal(session: Session, message_id: str, column: str, words: str | None) -> Sealed | None:
    if words is None:
        return None
    place = Place("message", column, message_id)
    return vault_of(session).seal(words, subject=message_id, data_class="relay", place=place)


def _words(message: Message, column: str) -> Words:
    """Of somebody we do not know, the message is its own owner: so the log has whose words were opened."""
    sealed: Sealed | None = getattr(message, column)
    place = Place("message", column, message.id)
    return Words(sealed, message.id, "relay", place, owner=message.person_id or message.id)
