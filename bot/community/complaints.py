"""Complaints: something went wrong, and another person than who handled it looks at it (PIPL 50; design: another hand)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, bindparam, exists, func, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import cases, events, people, staff
from bot.community.cases import Case
from bot.community.events import Event, Kind
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.record import Moment, community_of, new_id, now_of, rows, table_of, vault_of
from bot.errors import OldButton
from privacy.opening import Words
from privacy.retention import rule
from privacy.sealed import Place, Sealed, SealedBytes

KEEP = rule("complaint").after  # the words of a complaint stay this long after its answer
_DUE = text("due_at IS NOT NULL")


class Complaint(SQLModel, table=True):
    """One complaint and its answer, both sealed under its own key. `due_at`: when the next look at it is due."""

    __tablename__ = "complaint"
    __table_args__ = (Index("complaint_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    number: int = Field(sa_type=Integer, unique=True)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    case_id: str | None = Field(default=None, foreign_key="help_case.id", max_length=16)
    words: Sealed | None = Field(default=None, sa_type=SealedBytes)
    answer: Sealed | None = Field(default=None, sa_type=SealedBytes)
    received_at: datetime = Field(sa_type=Moment)
    promised_at: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    answered_by: str | None = Field(default=None, max_length=16)


_ROWS = table_of(Complaint)
_LATE = (
    select(Complaint.id)
    .where(col(Complaint.due_at).is_not(None), col(Complaint.due_at) <= bindparam("now", type_=Moment()))
    .order_by(col(Complaint.due_at))
)
_OPEN = select(Complaint.id).where(
    Complaint.case_id == bindparam("case"),
    col(Complaint.answered_at).is_(None),
    col(Complaint.words).is_not(None),  # erased, it is answered by nobody any more
)
_WAITS = (col(Complaint.answered_at).is_(None), col(Complaint.words).is_not(None))
_UNANSWERED = (
    select(Complaint, Person.area, Case.area)
    .join(Person, col(Person.id) == col(Complaint.person_id))
    .outerjoin(Case, col(Case.id) == col(Complaint.case_id))
    .where(*_WAITS)
    .order_by(col(Complaint.number))
)
_UNANSWERED_IDS = select(Complaint.id).where(*_WAITS)
_ANSWER = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.answered_at.is_(None))
    .values(
        answer=bindparam("said"),
        answered_at=bindparam("now"),
        answered_by=bindparam("who"),
        due_at=bindparam("over"),
    )
)


def submit(
    session: Session,
    *,
    person_id: str,
    case_id: str | None,
    words: str,
    promised_at: datetime,
    due_at: datetime,
) -> Complaint:
    """Take it up: it gets a number and a day by which it is answered."""
    complaint_id = new_id()
    complaint = Complaint(
        id=complaint_id,
        number=(session.exec(select(func.max(Complaint.number))).one() or 0) + 1,
        person_id=person_id,
        case_id=case_id,
        words=_seal(session, complaint_id, "words", words),
        received_at=now_of(session),
        promised_at=promised_at,
        due_at=due_at,
    )
    session.add(complaint)
    session.flush()
    return complaint


def get(session: Session, complaint_id: str) -> Complaint | None:
    return session.get(Complaint, complaint_id)


def words_of(complaint: Complaint) -> Words:
    """What she complains of, unopened."""
    return _words(complaint, "words")


def answer_of(complaint: Complaint) -> Words:
    return _words(complaint, "answer")


def answer(session: Session, complaint: Complaint, *, staff_id: str, words: str) -> None:
    """The first answer counts. Raises OldButton when somebody has answered meanwhile."""
    sealed = _seal(session, complaint.id, "answer", words)
    now = now_of(session)
    answered = rows(session, _ANSWER, row=complaint.id, said=sealed, now=now, who=staff_id, over=now + KEEP)
    if answered.rowcount != 1:
        raise OldButton
    session.refresh(complaint)
    about = complaint.case_id or complaint.person_id
    events.note(session, about, Kind.COMPLAINT_ANSWERED, actor=staff_id)


def of_person(session: Session, person_id: str) -> list[Complaint]:
    """Hers, the newest first."""
    return list(
        session.exec(
            select(Complaint).where(Complaint.person_id == person_id).order_by(col(Complaint.number).desc())
        )
    )


def is_open(session: Session, *, case_id: str) -> bool:
    """Whether a complaint about this case waits for its answer."""
    return rows(session, _OPEN, case=case_id).first() is not None


def hearers(session: Session, *, person_id: str, case_id: str | None) -> list[Person]:
    """Who of the staff on duty had no part in the matter, and is not the one who complains. May be nobody."""
    had_part, area = {person_id}, people.get(session, person_id).area
    if case_id is not None and (case := cases.get(session, case_id)) is not None:
        had_part |= {line.actor_id for line in events.of_case(session, case_id) if line.actor_id}
        area = case.area
    there = community_of(session, area)
    return [member for member in staff.on_duty(session, community=there) if member.id not in had_part]


def waiting(session: Session) -> list[Item]:
    """Those that have no answer yet."""
    return [
        Item(
            Sort.COMPLAINT,
            one.id,
            one.received_at,
            area=hers if one.case_id is None else of_case,
            until=one.promised_at,
        )
        for one, hers, of_case in session.exec(_UNANSWERED)
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Of those without an answer, her own and those about a case she had a hand in."""
    acted = exists().where(col(Event.case_id) == col(Complaint.case_id), col(Event.actor_id) == person_id)
    return set(session.exec(_UNANSWERED_IDS.where((col(Complaint.person_id) == person_id) | acted)))


def open_about(session: Session, person_id: str) -> list[str | None]:
    """Where the cases lie about which she has complained and has no answer."""
    found = select(Case.area).join(Complaint, col(Complaint.case_id) == col(Case.id))
    return list(session.exec(found.where(Complaint.person_id == person_id, *_WAITS)))


def due(session: Session) -> list[str]:
    """Those to be looked at now: nearly late, late, or kept long enough."""
    return list(rows(session, _LATE, now=now_of(session)).scalars())


def look_again(session: Session, complaint: Complaint, at: datetime | None) -> None:
    complaint.due_at = at
    session.add(complaint)
    session.flush()


def erase(session: Session, complaint: Complaint) -> None:
    """Its words and their answer are gone for good."""
    vault_of(session).forget(complaint.id)
    complaint.words = complaint.answer = complaint.due_at = None
    session.add(complaint)
    session.flush()


def _seal(session: Session, complaint_id: str, column: str, words: str) -> Sealed:
    place = Place("complaint", column, complaint_id)
    return vault_of(session).seal(words, subject=complaint_id, data_class="story", place=place)


def _words(complaint: Complaint, column: str) -> Words:
    place = Place("complaint", column, complaint.id)
    sealed: Sealed | None = getattr(complaint, column)
    return Words(sealed, complaint.id, "story", place, owner=complaint.person_id)
