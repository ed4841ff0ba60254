"""The one queue: everything that waits for staff, told from the nouns themselves, so that it is never a second truth.

A noun that waits for staff says so in one function and stands as one line in SOURCES; an item is gone when its noun has moved on.
Who sees to one and what is put off stands in `hold`, and is worth nothing once the item is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import BindParameter, Update, bindparam, delete, or_, update
from sqlmodel import Field, Session, SQLModel, select

from bot.community import (
    appeals,
    cases,
    claims,
    complaints,
    credentials,
    events,
    flags,
    groups,
    laid_aside,
    mediations,
    messages,
    moving,
    posts,
    proposals,
    reports,
    restrictions,
    rules,
)
from bot.community.events import NO_CASE, Kind
from bot.community.items import NEVER_IN_A_GROUP, Item, Sort
from bot.community.record import Moment, community_of, now_of, rows, table_of
from bot.data import Local

SOON = timedelta(hours=1)  # a promise this near goes before what is urgent and was promised for later
HOUR = timedelta(hours=1)
TAKEN_FOR = timedelta(hours=4)  # of work: so long somebody sees to it without a sign of hers
AFTERNOON = time(14)
FIRST = (Sort.EMERGENCY, Sort.REPORT)  # before everything else, and never put off


class Hold(SQLModel, table=True):
    """Who sees to what waits under this id, until when unless she goes on, and to whom she would hand it; or that it was put off
    as this sort, until when and by whom.
    """

    __tablename__ = "hold"

    about: str = Field(primary_key=True, max_length=24)
    sort: str = Field(max_length=16)
    taken_by: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    taken_until: datetime | None = Field(default=None, sa_type=Moment)
    offered_to: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    snoozed_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    snoozed_until: datetime | None = Field(default=None, sa_type=Moment)


class Posted(SQLModel, table=True):
    """That the staff's own group has heard of what waits under this id, and as which sort; gone with the item."""

    __tablename__ = "posted"

    about: str = Field(primary_key=True, max_length=24)
    sort: str = Field(max_length=16)


class Source(NamedTuple):
    """What a noun has waiting. `opens`: the action that shows one. `barred`: which (by `about`) one member may not see to."""

    waiting: Callable[[Session], list[Item]]
    opens: str
    barred: Callable[[Session, str], set[str]]


def _nothing(session: Session, person_id: str) -> set[str]:
    return set()


SOURCES: tuple[Source, ...] = (
    Source(cases.waiting, "review.look", rules.sides_of),
    Source(claims.left_to_staff, "review.look", rules.sides_of),
    Source(complaints.waiting, "complain.look", complaints.barred),
    Source(appeals.waiting, "appeal.open", appeals.barred),
    Source(flags.waiting, "flag.look", flags.barred),
    Source(restrictions.waiting, "restrict.look", restrictions.barred),
    Source(moving.waiting, "move.look", moving.barred),
    Source(credentials.waiting, "credential.look", credentials.barred),
    Source(posts.waiting, "post.review", _nothing),
    Source(proposals.waiting, "propose.look", _nothing),
    Source(reports.waiting, "report.look", reports.barred),
    Source(messages.waiting, "talk.look", messages.barred),
    Source(mediations.waiting, "mediator.desk", mediations.barred),
    Source(laid_aside.waiting, "review.letter", _nothing),
)


def waiting(session: Session) -> list[Item]:
    """Everything that waits, as it is put in order."""
    found = (item._replace(opens=source.opens) for source in SOURCES for item in source.waiting(session))
    return in_order(session, found)


def of(session: Session, person_id: str) -> list[Item]:
    """What waits in her community and this member of staff may see to: nothing she is a side of, or had a hand in (回避)."""
    found = [
        item._replace(opens=source.opens)
        for source in SOURCES
        if (items := source.waiting(session))
        for barred in (source.barred(session, person_id),)
        for item in items
        if item.about not in barred
    ]
    return in_order(session, rules.seen_to_by(session, person_id, found))


def find(session: Session, person_id: str | None, about: str) -> Item | None:
    """What waits under this id, if this member may see to it (or anybody, for None); the most pressing where there are two."""
    found = waiting(session) if person_id is None else of(session, person_id)
    return next((item for item in found if item.about == about), None)


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
_NOW = bindparam("now", type_=Moment())
_WHO: BindParameter[str] = bindparam("who")
_FREE = _HOLDS.c.taken_by.is_(None) | (_HOLDS.c.taken_by == _WHO) | (_HOLDS.c.taken_until <= _NOW)
_UNTIL = bindparam("until", type_=Moment())
_OF_FREE = update(_HOLDS).where(_HOLDS.c.about == bindparam("its"), _FREE).values(offered_to=None)
_TAKE = _OF_FREE.values(taken_by=_WHO, taken_until=_UNTIL, snoozed_by=None, snoozed_until=None)
_PUT_OFF = _OF_FREE.values(
    snoozed_by=_WHO, snoozed_until=_UNTIL, sort=bindparam("as_sort"), taken_by=None, taken_until=None
)
_GO_ON = (
    update(_HOLDS)
    .where(_HOLDS.c.about == bindparam("its"), _HOLDS.c.taken_by == _WHO, _HOLDS.c.taken_until > _NOW)
    .values(taken_until=_UNTIL)
)
_ALL = select(Hold).execution_options(populate_existing=True)
_DUE = select(_HOLDS.c.about).where((_HOLDS.c.taken_until <= _NOW) | (_HOLDS.c.snoozed_until <= _NOW))


def holds(session: Session) -> dict[str, Hold]:
    """Every hold there is, by what it is about."""
    return {hold.about: hold for hold in session.exec(_ALL)}


def hold_of(session: Session, about: str) -> Hold | None:
    return session.get(Hold, about, populate_existing=True)


def holder(hold: Hold | None, now: datetime) -> str | None:
    """Who sees to it at this moment."""
    if hold is None or hold.taken_until is None or hold.taken_until <= now:
        return None
    return hold.taken_by


def rests(hold: Hold | None, item: Item, now: datetime) -> bool:
    """Whether it is put off: as what it was then, and never an emergency."""
    if hold is None or hold.snoozed_until is None or item.sort in FIRST:
        return False
    return now < hold.snoozed_until and hold.sort == item.sort


def take(session: Session, local: Local, item: Item, person_id: str) -> bool:
    """She sees to it for four working hours; the database decides who was first. False when a colleague has it."""
    return _set(session, _TAKE, item, person_id, local.calendar.add(now_of(session), TAKEN_FOR))


def put_off(session: Session, item: Item, person_id: str, until: datetime) -> bool:
    """It comes back then. False when a colleague sees to it."""
    return _set(session, _PUT_OFF, item, person_id, until, as_sort=item.sort.value)


def _set(session: Session, how: Update, item: Item, person_id: str, until: datetime, **values: str) -> bool:
    if hold_of(session, item.about) is None:
        session.add(Hold(about=item.about, sort=item.sort))
    done = rows(session, how, its=item.about, who=person_id, until=until, now=now_of(session), **values)
    if done.rowcount == 1:
        _note(session, item.about, Kind.TAKEN if how is _TAKE else Kind.PUT_OFF, person_id, item.sort)
    return done.rowcount == 1


def _note(session: Session, about: str, kind: Kind, by: str, sort: str) -> None:
    """Who sees to what is written down like everything else staff do. A dead letter is no noun of ours."""
    events.note(session, NO_CASE if sort == Sort.DEAD_LETTER else about, kind, actor=by, code=sort)


def goes_on(session: Session, local: Local, about: str, person_id: str) -> None:
    """Whoever sees to it has looked at it again: her time begins anew."""
    now = now_of(session)
    rows(session, _GO_ON, its=about, who=person_id, now=now, until=local.calendar.add(now, TAKEN_FOR))


def let_go(session: Session, hold: Hold, *, by: str | None = None) -> None:
    """It is everybody's again, by her own word or by itself."""
    if by is not None:
        _note(session, hold.about, Kind.GIVEN_BACK, by, hold.sort)
    session.delete(hold)
    session.flush()


def of_holder(session: Session, person_id: str) -> list[Item]:
    """What she sees to and has not finished."""
    held, now = holds(session), now_of(session)
    return [item for item in of(session, person_id) if holder(held.get(item.about), now) == person_id]


def offer(session: Session, items: Iterable[Item], to: str) -> None:
    """She would hand these to a colleague, and sees to them until the colleague has said yes."""
    for item in items:
        hold = hold_of(session, item.about)
        if hold is not None and hold.taken_by is not None:
            hold.offered_to = to
            session.add(hold)
            _note(session, hold.about, Kind.HANDED_ON, hold.taken_by, hold.sort)
    session.flush()


def offered(session: Session, by: str, to: str) -> list[Item]:
    """What she would hand to this colleague, of what the colleague may see to."""
    held, now = holds(session), now_of(session)
    return [
        item
        for item in of(session, to)
        if (hold := held.get(item.about)) is not None and hold.offered_to == to and holder(hold, now) == by
    ]


def pass_on(session: Session, local: Local, items: Iterable[Item], to: str | None) -> None:
    """To the colleague who has said yes; or, for None, she keeps them, as the colleague has said no."""
    until = local.calendar.add(now_of(session), TAKEN_FOR)
    for item in items:
        hold = hold_of(session, item.about)
        if hold is not None:
            hold.offered_to = None
            if to is not None:
                hold.taken_by, hold.taken_until = to, until
                _note(session, hold.about, Kind.TAKEN, to, hold.sort)
            session.add(hold)
    session.flush()


def due(session: Session) -> list[str]:
    """What was seen to or put off until now."""
    return list(rows(session, _DUE, now=now_of(session)).scalars())


def moments(local: Local, item: Item, now: datetime) -> dict[str, datetime]:
    """Until when it can be put off: never an emergency, and nothing so long that a promise would lapse."""
    here, calendar = now.astimezone(local.tz), local.calendar
    afternoon = datetime.combine(here.date(), AFTERNOON, local.tz).astimezone(UTC)
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(), local.tz).astimezone(UTC)
    offered = {"hour": now + HOUR, "morning": calendar.next_open(tomorrow)}
    if calendar.is_open(afternoon):
        offered["afternoon"] = afternoon
    last = item.until - cases.LEAD if item.until is not None else None
    return {
        name: at
        for name, at in offered.items()
        if item.sort not in FIRST and at >= now + HOUR and (last is None or at <= last)
    }


def unposted(session: Session) -> list[str]:
    """What a group of the staff has not heard of, and what need not be remembered any more."""
    there = groups.bound(session)
    if not there:
        return []
    known = {one.about: one.sort for one in session.exec(select(Posted))}
    now = {item.about: item.sort.value for item in _for_groups(session, there)}
    return [about for about in dict.fromkeys([*now, *known]) if now.get(about) != known.get(about)]


def _for_groups(session: Session, there: set[str]) -> list[Item]:
    """What may be said in the groups of these communities; of two that are about one thing the most pressing comes last."""
    return [
        item
        for item in reversed(waiting(session))
        if item.sort not in NEVER_IN_A_GROUP and (item.for_all or community_of(session, item.area) in there)
    ]


def hear_all(session: Session) -> None:
    """A group that begins now is not told what waited before."""
    session.execute(delete(Posted))
    for about, item in {item.about: item for item in _for_groups(session, groups.bound(session))}.items():
        session.add(Posted(about=about, sort=item.sort.value))
    session.flush()


def posted(session: Session, about: str) -> Item | None:
    """Note that the group hears of it now. None where there is nothing to say, or not any more."""
    found = _for_groups(session, groups.bound(session))
    item, known = {one.about: one for one in found}.get(about), session.get(Posted, about)
    if item is None:
        if known is not None:
            session.delete(known)
    elif known is None or known.sort != item.sort:
        known = known or Posted(about=about, sort="")
        known.sort = item.sort.value
        session.add(known)
        session.flush()
        return item
    session.flush()
    return None


def forget(session: Session, person_id: str) -> None:
    """She sees to nothing any more."""
    hers = (_HOLDS.c.taken_by, _HOLDS.c.offered_to, _HOLDS.c.snoozed_by)
    rows(session, delete(_HOLDS).where(or_(*(column == person_id for column in hers))))
