"""The one queue: everything that waits for staff, told from the nouns themselves, so that it is never a second truth.

A noun that waits for staff says so in one function and stands as one line in SOURCES; an item is gone when its noun has moved on.
Who sees to one and what is put off stands in `hold`, and is worth nothing once the item is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Update, bindparam, delete, or_, update
from sqlmodel import Field, Session, SQLModel, select

from bot.community import cases, claims, complaints, credentials, posts, proposals, rules
from bot.community.items import Item, Sort
from bot.community.record import Moment, now_of, rows, table_of
from bot.runtime import letters
from bot.runtime.letters import Letter

SOON = timedelta(hours=1)  # a promise this near goes before what is urgent and was promised for later
FIRST = (Sort.EMERGENCY, Sort.REPORT)  # before everything else, and never put off


class Hold(SQLModel, table=True):
    """Who sees to an item, until when unless she goes on; whom she would hand it to; until when it was put off, and by whom."""

    __tablename__ = "hold"

    sort: str = Field(primary_key=True, max_length=16)
    about: str = Field(primary_key=True, max_length=24)
    taken_by: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    taken_until: datetime | None = Field(default=None, sa_type=Moment)
    offered_to: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    snoozed_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    snoozed_until: datetime | None = Field(default=None, sa_type=Moment)


class Source(NamedTuple):
    """What a noun has waiting. `opens`: the action that shows one. `barred`: which (by `about`) one member may not see to."""

    waiting: Callable[[Session], list[Item]]
    opens: str
    barred: Callable[[Session, str], set[str]]


def _nothing(session: Session, person_id: str) -> set[str]:
    return set()


def name_of(letter: Letter) -> str:
    """A dead letter as a tap names it."""
    return letter.name.replace(":", "-")


def _dead(session: Session) -> list[Item]:
    """What could not be handled or sent."""
    found = letters.dead(session)
    return [Item(Sort.DEAD_LETTER, name_of(one), datetime.fromtimestamp(one.at, UTC)) for one in found]


SOURCES: tuple[Source, ...] = (
    Source(cases.waiting, "review.look", rules.sides_of),
    Source(claims.left_to_staff, "review.look", rules.sides_of),
    Source(complaints.waiting, "complain.look", complaints.barred),
    Source(credentials.waiting, "credential.look", credentials.barred),
    Source(posts.waiting, "post.review", _nothing),
    Source(proposals.waiting, "propose.look", _nothing),
    Source(_dead, "review.letter", _nothing),
)


def waiting(session: Session) -> list[Item]:
    """Everything that waits, as it is put in order."""
    found = (item._replace(opens=source.opens) for source in SOURCES for item in source.waiting(session))
    return in_order(session, found)


def of(session: Session, person_id: str) -> list[Item]:
    """What waits and this member of staff may see to: nothing she is a side of, or had a hand in (回避)."""
    found = [
        item._replace(opens=source.opens)
        for source in SOURCES
        if (items := source.waiting(session))
        for barred in (source.barred(session, person_id),)
        for item in items
        if item.about not in barred
    ]
    return in_order(session, rules.seen_to_by(session, person_id, found))


def in_order(session: Session, items: Iterable[Item]) -> list[Item]:
    """Emergencies; what was promised for within the hour or before; then how urgent; then the longest waiting.

    Nothing about whose it is.
    """
    soon = now_of(session) + SOON

    def key(item: Item) -> tuple[bool, bool, str, datetime]:
        promised = item.until is not None and item.until <= soon
        return item.sort not in FIRST, not promised, item.urgency, item.since

    return sorted(items, key=key)


# --- who sees to it, and what is put off


_HOLDS = table_of(Hold)
_ITS = (_HOLDS.c.sort == bindparam("its_sort"), _HOLDS.c.about == bindparam("its_about"))
_NOW = bindparam("now", type_=Moment())
_FREE = _HOLDS.c.taken_by.is_(None) | (_HOLDS.c.taken_by == bindparam("who")) | (_HOLDS.c.taken_until <= _NOW)
_TAKE = (
    update(_HOLDS)
    .where(*_ITS, _FREE)
    .values(
        taken_by=bindparam("who"),
        taken_until=bindparam("until"),
        offered_to=None,
        snoozed_by=None,
        snoozed_until=None,
    )
)
_PUT_OFF = (
    update(_HOLDS)
    .where(*_ITS, _FREE)
    .values(
        snoozed_by=bindparam("who"),
        snoozed_until=bindparam("until"),
        taken_by=None,
        taken_until=None,
        offered_to=None,
    )
)
_ALL = select(Hold).execution_options(populate_existing=True)
_DUE = select(_HOLDS.c.sort, _HOLDS.c.about).where(
    (_HOLDS.c.taken_until <= _NOW) | (_HOLDS.c.snoozed_until <= _NOW)
)


def holds(session: Session) -> dict[tuple[str, str], Hold]:
    """Every hold there is, by sort and about."""
    return {(hold.sort, hold.about): hold for hold in session.exec(_ALL)}


def hold_of(session: Session, item: Item) -> Hold | None:
    return session.get(Hold, (item.sort.value, item.about), populate_existing=True)


def holder(hold: Hold | None, now: datetime) -> str | None:
    """Who sees to it at this moment."""
    live = hold is not None and hold.taken_until is not None and hold.taken_until > now
    return hold.taken_by if hold is not None and live else None


def rests(hold: Hold | None, item: Item, now: datetime) -> bool:
    """Whether it is put off. An emergency never is, and nothing beyond what was promised."""
    if hold is None or hold.snoozed_until is None or item.sort in FIRST:
        return False
    return now < hold.snoozed_until and (item.until is None or now < item.until)


def take(session: Session, item: Item, person_id: str, *, until: datetime) -> bool:
    """She sees to it until then; the database decides who was first. False when a colleague has it."""
    return _set(session, _TAKE, item, person_id, until)


def put_off(session: Session, item: Item, person_id: str, *, until: datetime) -> bool:
    """It comes back then. False when a colleague sees to it, and for what is never put off."""
    return item.sort not in FIRST and _set(session, _PUT_OFF, item, person_id, until)


def _set(session: Session, how: Update, item: Item, person_id: str, until: datetime) -> bool:
    if hold_of(session, item) is None:
        session.add(Hold(sort=item.sort, about=item.about))
    values = {"its_sort": item.sort.value, "its_about": item.about, "who": person_id, "until": until}
    return rows(session, how, now=now_of(session), **values).rowcount == 1


def let_go(session: Session, hold: Hold) -> None:
    """It is everybody's again."""
    session.delete(hold)
    session.flush()


def due(session: Session) -> list[str]:
    """What was held or put off until now: sort and about, with a space between."""
    return [f"{row.sort} {row.about}" for row in rows(session, _DUE, now=now_of(session))]


def forget(session: Session, person_id: str) -> None:
    """She sees to nothing any more."""
    hers = (_HOLDS.c.taken_by, _HOLDS.c.offered_to, _HOLDS.c.snoozed_by)
    rows(session, delete(_HOLDS).where(or_(*(column == person_id for column in hers))))
