"""What somebody may not do for a while, in one place: for which rule, till when, by whom. It says nothing of who she is.

It ends by itself, and when it has ended nothing of it is kept but the lines of what staff did.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, update
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import events
from bot.community.events import Kind
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.record import Moment, first, new_id, now_of, rows, table_of
from bot.errors import OldButton, Restricted
from privacy.prepared import Prepared
from privacy.retention import rule

ALONE = timedelta(days=7)  # a longer one needs a second person's yes
LONGEST = rule("restriction").after
UNDECIDED = timedelta(days=3)  # so long a proposal waits for that yes


class May(StrEnum):
    """What can be withheld."""

    CLAIM = "claim"
    ASK = "ask"
    WRITE = "write"


class Restriction(SQLModel, table=True):
    """One thing one person may not do until a day.

    `since`: from when it holds; None while a second person's yes is awaited, and then `until` says when that lapses.
    `length`: how it will hold then, as the choice of staff names it.
    """

    __tablename__ = "restriction"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    what: str = Field(max_length=16)
    rule: str = Field(max_length=24)
    length: str = Field(max_length=8)
    granted_by: str = Field(max_length=16)
    seconded_by: str | None = Field(default=None, max_length=16)
    proposed_at: datetime = Field(sa_type=Moment)
    since: datetime | None = Field(default=None, sa_type=Moment)
    until: datetime = Field(sa_type=Moment, index=True)


LENGTHS = {"week": ALONE, "month": timedelta(days=30), "longest": LONGEST}

_ROWS = table_of(Restriction)
_NOW = bindparam("now", type_=Moment())
_IN_FORCE = (
    col(Restriction.what) == bindparam("what"),
    col(Restriction.since).is_not(None),
    col(Restriction.until) > _NOW,
)
_HOLDS = Prepared(select(Restriction).where(Restriction.person_id == bindparam("person"), *_IN_FORCE))
_MAY_NOT = Prepared(select(Restriction.person_id).where(*_IN_FORCE))
_OVER = select(Restriction.id).where(col(Restriction.until) <= _NOW).order_by(col(Restriction.until))
_SECOND = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.since.is_(None), _ROWS.c.until > _NOW)
    .values(seconded_by=bindparam("who"), since=bindparam("now"), until=bindparam("end"))
)


def check(session: Session, person_id: str, what: May) -> None:
    """Raises Restricted while she may not."""
    held = _held(session, person_id, what.value)
    if held is not None:
        raise Restricted(what=held.what, code=held.rule, until=held.until, restriction_id=held.id)


def may_not(session: Session, what: May) -> set[str]:
    """Everybody who may not do this now."""
    return set(rows(session, _MAY_NOT, what=what.value, now=now_of(session)).scalars())


def alone(session: Session, person_id: str, what: str, length: str) -> bool:
    """Whether one of the staff may decide it: a first week. To go on with one, or to begin again what has just ended, is more."""
    now = now_of(session)
    before = _held(session, person_id, what)
    again = events.happened(session, person_id, Kind.RESTRICTED, code=_ended(what), since=now - ALONE)
    return LENGTHS[length] <= ALONE and before is None and not again


def _held(session: Session, person_id: str, what: str) -> Restriction | None:
    return first(session, Restriction, _HOLDS, person=person_id, what=what, now=now_of(session))


def _ended(what: str) -> str:
    return f"{what}:end"


def restrict(
    session: Session, *, person_id: str, what: May, rule: str, length: str, staff_id: str
) -> Restriction:
    """A week holds at once; anything longer waits for a second person's yes. What held of the same before gives way."""
    now = now_of(session)
    at_once = alone(session, person_id, what.value, length)
    held = Restriction(
        person_id=person_id,
        what=what,
        rule=rule,
        length=length,
        granted_by=staff_id,
        proposed_at=now,
        since=now if at_once else None,
        until=now + (LENGTHS[length] if at_once else UNDECIDED),
    )
    if at_once:
        _give_way(session, held)
    session.add(held)
    session.flush()
    events.note(session, person_id, Kind.RESTRICTED, actor=staff_id, code=what)
    return held


def second(session: Session, held: Restriction, staff_id: str) -> None:
    """From now on it holds. Raises OldButton when it does already, or the proposal has lapsed."""
    now = now_of(session)
    end = now + LENGTHS[held.length]
    if rows(session, _SECOND, row=held.id, who=staff_id, now=now, end=end).rowcount != 1:
        raise OldButton
    session.refresh(held)
    _give_way(session, held)
    events.note(session, held.person_id, Kind.RESTRICTED, actor=staff_id, code=f"{held.what}:second")


def _give_way(session: Session, held: Restriction) -> None:
    session.execute(
        delete(Restriction).where(
            col(Restriction.person_id) == held.person_id,
            col(Restriction.what) == held.what,
            col(Restriction.since).is_not(None),
            col(Restriction.id) != held.id,
        )
    )


def end(session: Session, held: Restriction, *, actor: str | None) -> None:
    """Over, and gone."""
    session.delete(held)
    session.flush()
    events.note(session, held.person_id, Kind.RESTRICTED, actor=actor, code=_ended(held.what))


def get(session: Session, restriction_id: str) -> Restriction | None:
    return session.get(Restriction, restriction_id)


def deciders(session: Session, restriction_id: str) -> set[str | None]:
    """Who of the staff had it held back."""
    held = get(session, restriction_id)
    return {held.granted_by, held.seconded_by} if held is not None else set()


def of_person(session: Session, person_id: str) -> list[Restriction]:
    """What she may not do now, the first to end first."""
    found = select(Restriction).where(
        Restriction.person_id == person_id,
        col(Restriction.since).is_not(None),
        col(Restriction.until) > now_of(session),
    )
    return list(session.exec(found.order_by(col(Restriction.until))))


def everybody(session: Session) -> list[Restriction]:
    """The one list staff see, what is awaited with it, the first to end first."""
    found = select(Restriction).where(col(Restriction.until) > now_of(session))
    return list(session.exec(found.order_by(col(Restriction.until))))


def waiting(session: Session) -> list[Item]:
    """Those that wait for a second person's yes."""
    awaited = (
        select(Restriction, Person.area)
        .join(Person, col(Person.id) == col(Restriction.person_id))
        .where(col(Restriction.since).is_(None), col(Restriction.until) > now_of(session))
    )
    return [
        Item(Sort.RESTRICTION, one.id, one.proposed_at, area=area, until=one.until)
        for one, area in session.exec(awaited)
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Of those, her own and what she proposed."""
    hers = (Restriction.person_id == person_id) | (Restriction.granted_by == person_id)
    return set(session.exec(select(Restriction.id).where(col(Restriction.since).is_(None), hers)))


def over(session: Session) -> list[str]:
    """Those whose time is over, and proposals nobody agreed to."""
    return list(rows(session, _OVER, now=now_of(session)).scalars())


def forget(session: Session, person_id: str) -> None:
    session.execute(delete(Restriction).where(col(Restriction.person_id) == person_id))
