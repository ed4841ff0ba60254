"""An account is bound anew: somebody at the desk has a new telephone, or her first Telegram account.

One of the staff has her before them and asks, a second agrees, and only then the first may write a code; whoever opens it with
the new account is she from then on. Neither can do it alone: who agrees never sees the code. Everything she has stays hers, for
all of it hangs on her id; only where she is written to changes.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, bindparam, delete, or_, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import cards, events, messages, pairs, people, reports, rules
from bot.community.events import Kind
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, rows, table_of, vault_of
from bot.community.slips import LETTERS
from bot.errors import OldButton, SameHand, StepAside
from bot.runtime import leaving
from bot.runtime.seals import Seals
from privacy.retention import rule

GOOD_FOR = rule("moving").after  # until somebody agrees; and from then on, until it is done
DELETABLE = timedelta(hours=48)  # Bot API: deleteMessage
LENGTH = 12  # 59 bits: who guesses it would be somebody else
# A Chinese keyboard writes other dashes.
CODE = re.compile(rf"move\s*[-\uff0d\u2013\u2014]+\s*([a-z0-9]{{{LENGTH}}})", re.IGNORECASE)


class Why(StrEnum):
    """Why she has another account now."""

    LOST = "lost"
    NUMBER = "number"
    FIRST = "first"


class Moving(SQLModel, table=True):
    """One account to be bound anew; gone with the day. `code_index`: a keyed hash of the code that is out."""

    __tablename__ = "moving"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, unique=True)
    why: str = Field(max_length=8)
    asked_by: str = Field(foreign_key="person.id", max_length=16)
    asked_at: datetime = Field(sa_type=Moment)
    agreed_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    code_index: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    until: datetime = Field(sa_type=Moment, index=True)


_ROWS = table_of(Moving)
_NOW = bindparam("now", type_=Moment())
_THIS = _ROWS.c.id == bindparam("row")
_AGREE = (
    update(_ROWS)
    .where(_THIS, _ROWS.c.agreed_by.is_(None), _ROWS.c.until > _NOW)
    .values(agreed_by=bindparam("who"), until=bindparam("end", type_=Moment()))
)
_WRITE = (
    update(_ROWS)
    .where(_THIS, _ROWS.c.agreed_by.is_not(None), _ROWS.c.until > _NOW)
    .values(code_index=bindparam("code"))
)
_DROP = delete(_ROWS).where(_THIS)
_OVER = select(Moving.id).where(col(Moving.until) <= _NOW)


def get(session: Session, moving_id: str) -> Moving | None:
    """One that is under way."""
    one = session.get(Moving, moving_id, populate_existing=True)
    return one if one is not None and one.until > now_of(session) else None


def of_person(session: Session, person_id: str) -> Moving | None:
    found = select(Moving).where(Moving.person_id == person_id, col(Moving.until) > now_of(session))
    return session.exec(found).first()


def apart(session: Session, member_id: str, person_id: str) -> None:
    """Nobody of the staff does this for herself, or for her own family, household or employer. Raises StepAside."""
    if member_id == person_id or pairs.tied(session, member_id, person_id):
        raise StepAside


def hearers(session: Session, person: Person, *, asked_by: str) -> list[Person]:
    """Who of the staff on duty can agree: neither of the two, nor of the people of either."""
    return [
        member
        for member in rules.staff_near(session, person)
        if not any(member.id == one or pairs.tied(session, member.id, one) for one in (person.id, asked_by))
    ]


def ask(session: Session, person: Person, why: Why, *, by: str, way: str) -> Moving:
    """She stands before one of the staff, at the counter or at home. Raises OldButton while one is under way, StepAside."""
    apart(session, by, person.id)
    if of_person(session, person.id) is not None:
        raise OldButton
    session.execute(
        delete(Moving).where(col(Moving.person_id) == person.id)
    )  # its day is over, it was not swept yet
    now = now_of(session)
    one = Moving(person_id=person.id, why=why.value, asked_by=by, asked_at=now, until=now + GOOD_FOR)
    session.add(one)
    session.flush()
    note(session, one, f"asked:{why.value}", actor=by, channel=way)
    return one


def note(session: Session, one: Moving, what: str, *, actor: str | None, channel: str = "telegram") -> None:
    events.note(session, one.person_id, Kind.MOVED, actor=actor, code=what, channel=channel)


def agree(session: Session, one: Moving, *, by: str) -> None:
    """The second hand. Raises SameHand for who asked, StepAside, OldButton where it was agreed to or is over."""
    if one.asked_by == by:
        raise SameHand
    for other in (one.person_id, one.asked_by):
        apart(session, by, other)
    now = now_of(session)
    if rows(session, _AGREE, row=one.id, who=by, now=now, end=now + GOOD_FOR).rowcount != 1:
        raise OldButton
    session.refresh(one)
    note(session, one, "agreed", actor=by)


def write(session: Session, one: Moving, *, by: str) -> str:
    """A fresh code for her; an earlier one is void. Raises OldButton where nobody has agreed, or it is over."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    written = rows(session, _WRITE, row=one.id, now=now_of(session), code=_index(session, code))
    if written.rowcount != 1:
        raise OldButton
    session.refresh(one)
    note(session, one, "written", actor=by)
    return code


def _index(session: Session, code: str) -> int:
    return vault_of(session).index("moving", "code", code.lower())


def by_code(session: Session, code: str) -> Moving | None:
    """Whose account a code binds, while it is good: both of the staff still look after her, and she has not died."""
    found = select(Moving).where(Moving.code_index == _index(session, code))
    one = session.exec(found).first()
    if one is None or one.agreed_by is None or one.until <= now_of(session):
        return None
    person = people.get(session, one.person_id)
    stands = all(rules.looks_after(session, member, person) for member in staff_of(session, one))
    return one if stands and person.quiet_since is None else None


def staff_of(session: Session, one: Moving) -> list[Person]:
    """Who asked, and who agreed."""
    return people.those(session, [who for who in (one.asked_by, one.agreed_by) if who is not None])


def end(session: Session, one: Moving, what: str, *, actor: str | None) -> None:
    """It does not come to it: refused, recalled, stopped by herself, or its day is over."""
    _take(session, one)
    note(session, one, what, actor=actor)


def _take(session: Session, one: Moving) -> None:
    """It is gone with this, once. Raises OldButton where another was quicker."""
    session.flush()
    session.expunge(one)
    if rows(session, _DROP, row=one.id).rowcount != 1:
        raise OldButton


def bind(session: Session, one: Moving, telegram_id: int) -> None:
    """The code is used up, and she is written to there from now on.

    What was said to the old chat in this transaction still goes there; of what waited for it, nothing does. Raises OldButton.
    """
    _take(session, one)
    person = people.get(session, one.person_id)
    if people.has_chat(person):
        chat, seals = people.telegram_of(session, person), Seals(vault_of(session))
        leaving.forget(session, seals, chat, [], now_of(session).timestamp())
    cards.forget_all(session, person.id)
    messages.unshow(session, person.id)
    reports.unshow(session, person.id)
    people.bind(session, person, telegram_id)
    note(session, one, f"bound:{one.why}", actor=person.id)


def lately_shown(session: Session, person: Person) -> list[int]:
    """The messages of her chat that Telegram still lets us delete: what a lost telephone would go on showing."""
    since = (now_of(session) - DELETABLE).timestamp()
    return leaving.lately(session, Seals(vault_of(session)), people.telegram_of(session, person), since)


def steps_of(session: Session, person_id: str) -> list[events.Event]:
    """What was done about her account, in order."""
    return [line for line in events.of_case(session, person_id) if line.kind == Kind.MOVED]


def bound_at(session: Session, person_id: str) -> datetime | None:
    """When her account was last bound anew."""
    bound = [one for one in steps_of(session, person_id) if (one.code or "").startswith("bound:")]
    return bound[-1].at if bound else None


def waiting(session: Session) -> list[Item]:
    """Those that wait for a second hand."""
    found = (
        select(Moving, Person.area)
        .join(Person, col(Person.id) == col(Moving.person_id))
        .where(col(Moving.agreed_by).is_(None), col(Moving.until) > now_of(session))
        .order_by(col(Moving.asked_at))
    )
    return [
        Item(Sort.MOVING, one.id, one.asked_at, "U2", area=area, until=one.until)
        for one, area in session.exec(found)
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Of those, her own, what she asked for herself, and both of her relations'."""
    return {
        one.id
        for one in session.exec(select(Moving))
        if any(
            person_id == who or pairs.tied(session, person_id, who) for who in (one.person_id, one.asked_by)
        )
    }


def outlived(session: Session) -> list[str]:
    """Those whose day is over."""
    return list(rows(session, _OVER, now=now_of(session)).scalars())


def get_over(session: Session, moving_id: str) -> Moving | None:
    """One of them, if it still is."""
    one = session.get(Moving, moving_id, populate_existing=True)
    return one if one is not None and one.until <= now_of(session) else None


def forget(session: Session, person_id: str) -> None:
    """She is erased: her own goes, and what hung on her word as one of the staff."""
    hers = (Moving.person_id, Moving.asked_by, Moving.agreed_by)
    session.execute(delete(Moving).where(or_(*(col(column) == person_id for column in hers))))
