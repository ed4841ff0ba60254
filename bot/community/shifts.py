"""The shifts of a standing post: when they are, who comes, who is asked to step in, who was there.

A shift has `slots` places. `seat` is which of them somebody has: a unique index decides between two who want the last one.
Whoever is asked, or cannot come this time, has a row without a seat until the shift is over.

generate: the shifts of the coming weeks, as often as one likes; who holds a place of the post has one in each. reschedule:
after a change, what was joined is kept and moved to the nearest new time. call: a shift from now on, of a post that has no
hours. cancel: a post that rests or ends. take, decline, seek, confirm: one person and one shift; take raises PlacesTaken
where somebody was quicker. ask: she is asked whether she steps in. gaps: the shifts ahead with free places. arrive, go,
correct: at the post. finish: it is over, and of who came only what she agreed to have kept stays. coming: who comes
to the shifts ahead (weekly proposal, booking).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Index, UniqueConstraint, bindparam, delete, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import pairs, posts, restrictions, talents
from bot.community.posts import Holding, Post, PostMember
from bot.community.record import Moment, new_id, now_of, rows, table_of
from bot.community.restrictions import May
from bot.data import Local
from bot.errors import OldButton, PlacesTaken
from privacy import consent
from privacy.retention import rule

AHEAD = timedelta(weeks=4)
NEAR = timedelta(hours=48)  # a free place this close is known to staff
SOON = timedelta(weeks=1)  # for a free place this close somebody may be asked to step in
EARLY = timedelta(minutes=30)  # so long before it begins one can be there
LATE = timedelta(hours=2)  # so long after its end one can say that one has gone
HOUR = timedelta(hours=1)
BEFORE_QUIET = timedelta(hours=2)  # the evening before, a while before quiet hours
MOVES_BY = timedelta(weeks=1)  # what was joined moves with the schedule, but not into another week
CALLED = timedelta(hours=4)  # how long a called shift is, where the post does not say
KEPT = rule("rota").after
HOURS = "hours"  # the purpose
_DUE = text("due_at IS NOT NULL")


class ShiftState(StrEnum):
    """What became of a shift. Held: somebody was there."""

    OPEN = "open"
    HELD = "held"
    OVER = "over"
    CANCELLED = "cancelled"


class PlaceState(StrEnum):
    """How somebody stands to one shift: the last five have a seat."""

    ASKED = "asked"
    AWAY = "away"  # not this time
    JOINED = "joined"
    CONFIRMED = "confirmed"
    SEEKING = "seeking"  # she comes unless somebody steps in
    PRESENT = "present"
    DONE = "done"


COMING = (PlaceState.JOINED, PlaceState.CONFIRMED, PlaceState.SEEKING)
THERE = (PlaceState.PRESENT, PlaceState.DONE)


class Shift(SQLModel, table=True):
    """One time a post is held. `due_at`: when it is looked at next: for a gap, or because it is over."""

    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("post_id", "starts_at", name="shift_once"),
        Index("shift_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    post_id: str = Field(foreign_key="post.id", max_length=16)
    starts_at: datetime = Field(sa_type=Moment, index=True)
    ends_at: datetime = Field(sa_type=Moment)
    slots: int
    state: str = Field(default=ShiftState.OPEN, max_length=16)
    due_at: datetime | None = Field(default=None, sa_type=Moment)


class ShiftPlace(SQLModel, table=True):
    """One person and one shift. `due_at`: her next reminder. `arrived_at`, `left_at`: only with her yes to `hours`."""

    __tablename__ = "shift_place"
    __table_args__ = (
        UniqueConstraint("shift_id", "person_id", name="shift_place_once"),
        UniqueConstraint("shift_id", "seat", name="shift_place_seat"),
        Index("shift_place_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    shift_id: str = Field(foreign_key="shift.id", max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    seat: int | None = None
    state: str = Field(default=PlaceState.JOINED, max_length=16)
    at: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    arrived_at: datetime | None = Field(default=None, sa_type=Moment)
    left_at: datetime | None = Field(default=None, sa_type=Moment)


class Gap(NamedTuple):
    """A shift ahead with `free` places nobody has."""

    post: Post
    shift: Shift
    free: int


_SHIFTS, _PLACES = table_of(Shift), table_of(ShiftPlace)
_NOW = bindparam("now", type_=Moment())
_SHIFTS_DUE = select(Shift.id).where(col(Shift.due_at).is_not(None), col(Shift.due_at) <= _NOW)
_PLACES_DUE = select(ShiftPlace.id).where(col(ShiftPlace.due_at).is_not(None), col(ShiftPlace.due_at) <= _NOW)
_MOVE_PLACE = (
    update(_PLACES)
    .where(_PLACES.c.id == bindparam("row"), _PLACES.c.state.in_(bindparam("seen", expanding=True)))
    .values({name: bindparam(f"new_{name}") for name in ("state", "seat", "due_at")})
)


# --- when they are


def starts(local: Local, post: Post, since: datetime, until: datetime) -> list[datetime]:
    """When the shifts of a post begin, in UTC: at its local time on each of its days, whatever the clocks do meanwhile."""
    if post.on_call or post.starts is None:
        return []
    first, last = since.astimezone(local.tz).date(), until.astimezone(local.tz).date()
    at = [_instant(local, day, post.starts) for day in _days(first, last) if _falls_on(post, day)]
    return [moment for moment in at if since < moment <= until]


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _falls_on(post: Post, day: date) -> bool:
    return bool(post.days >> day.weekday() & 1 and post.weeks >> (day.day - 1) // 7 & 1)


def _instant(local: Local, day: date, at: time) -> datetime:
    """A time the clocks leave out in spring is as much later as they jump."""
    return datetime.combine(day, at, local.tz).astimezone(UTC)


def generate(session: Session, local: Local, post: Post) -> list[Shift]:
    """The shifts of the coming weeks are there, and whoever holds a place of the post has one in each. Returns the new ones."""
    now = now_of(session)
    known = {shift.starts_at: shift for shift in _ahead(session, post.id)}
    new = []
    for at in starts(local, post, now, now + AHEAD):
        shift = known.get(at)
        if shift is None:
            shift = known[at] = Shift(post_id=post.id, starts_at=at, ends_at=at, slots=post.slots)
            new.append(shift)
        elif shift.state == ShiftState.CANCELLED:
            new.append(shift)
        _set(session, local, post, shift, at)
    session.flush()
    for shift in known.values():
        if shift.state == ShiftState.OPEN:
            _place_members(session, local, shift)
    return new


def _set(session: Session, local: Local, post: Post, shift: Shift, at: datetime) -> None:
    fresh = shift.ends_at == shift.starts_at or shift.starts_at != at or shift.state != ShiftState.OPEN
    shift.starts_at, shift.ends_at = at, at + timedelta(minutes=post.minutes)
    shift.slots, shift.state = post.slots, ShiftState.OPEN.value
    if fresh:
        now = now_of(session)
        near = at - now <= NEAR
        shift.due_at = local.awake(now) if near else next_look(local, shift, now)
    session.add(shift)


def _place_members(session: Session, local: Local, shift: Shift) -> None:
    """Whoever holds a place of the post and has said nothing of this shift has one in it, as far as there are any."""
    known = {place.person_id for place in places(session, shift.id)}
    seats = free(session, shift)
    for member in posts.members(session, shift.post_id, Holding.JOINED):
        if member.person_id not in known and seats:
            seat = member.seat if member.seat in seats else seats[0]
            seats.remove(seat)
            _add(session, local, shift, member.person_id, PlaceState.JOINED, seat)


def reschedule(
    session: Session, local: Local, post: Post
) -> tuple[list[Shift], list[tuple[Shift, list[str]]]]:
    """After a change of the terms: what was joined moves to the nearest new time, what nobody joined is made anew.

    Returns the shifts that moved, and those that found no new time with the people who would have come. Everybody who comes to
    one that moved is to be asked whether it still suits.
    """
    now = now_of(session)
    left = starts(local, post, now, now + AHEAD)
    ahead = [shift for shift in _ahead(session, post.id) if shift.state == ShiftState.OPEN]
    ahead = [shift for shift in ahead if shift.starts_at not in left]
    left = [at for at in left if _at(session, post.id, at) is None]
    moved, cancelled = [], []
    for shift in ahead:
        near = sorted((abs(at - shift.starts_at), at) for at in left)
        if near and near[0][0] < MOVES_BY and people_of(session, shift, *COMING):
            at = near[0][1]
            left.remove(at)
            _set(session, local, post, shift, at)
            session.flush()
            for place in places(session, shift.id, *COMING):
                _move(
                    session,
                    place,
                    COMING,
                    PlaceState.JOINED,
                    place.seat,
                    reminder(session, local, shift, place),
                )
            moved.append(shift)
        else:
            cancelled.append((shift, cancel(session, shift)))
    generate(session, local, post)
    return moved, cancelled


def call(session: Session, local: Local, post: Post, many: int) -> Shift:
    """A shift from now on with so many places, of a post that has no hours of its own."""
    now = now_of(session)
    long = timedelta(minutes=post.minutes) or CALLED
    shift = Shift(post_id=post.id, starts_at=now, ends_at=now + long, slots=many, due_at=now + long + LATE)
    session.add(shift)
    session.flush()
    return shift


def cancel(session: Session, shift: Shift) -> list[str]:
    """It does not take place. Returns who would have come, to be told."""
    coming = people_of(session, shift, *COMING)
    session.execute(delete(ShiftPlace).where(col(ShiftPlace.shift_id) == shift.id))
    shift.state, shift.due_at = ShiftState.CANCELLED.value, None
    session.add(shift)
    session.flush()
    return coming


def cancel_all(session: Session, post: Post) -> list[str]:
    """The post rests or ends: nothing ahead takes place. Returns who would have come, each once."""
    coming: dict[str, None] = {}
    for shift in _ahead(session, post.id):
        if shift.state == ShiftState.OPEN:
            coming |= dict.fromkeys(cancel(session, shift))
    return list(coming)


def get(session: Session, shift_id: str) -> Shift | None:
    return session.get(Shift, shift_id)


def _at(session: Session, post_id: str, at: datetime) -> Shift | None:
    return session.exec(select(Shift).where(Shift.post_id == post_id, Shift.starts_at == at)).first()


def _ahead(session: Session, post_id: str) -> Sequence[Shift]:
    """What has not begun, in order of time."""
    return session.exec(
        select(Shift)
        .where(Shift.post_id == post_id, Shift.starts_at > now_of(session))
        .order_by(col(Shift.starts_at))
    ).all()


def ahead(session: Session, post_id: str) -> list[Shift]:
    """What takes place and is not over, in order of time."""
    return list(
        session.exec(
            select(Shift)
            .where(Shift.post_id == post_id, Shift.ends_at > now_of(session), Shift.state == ShiftState.OPEN)
            .order_by(col(Shift.starts_at))
        )
    )


# --- who comes


def places(session: Session, shift_id: str, *states: PlaceState) -> list[ShiftPlace]:
    """How everybody stands to this shift, in the order in which they came to it; of these states where they are given."""
    found = select(ShiftPlace).where(ShiftPlace.shift_id == shift_id)
    if states:
        found = found.where(col(ShiftPlace.state).in_(states))
    return list(session.exec(found.order_by(col(ShiftPlace.at), col(ShiftPlace.id))))


def people_of(session: Session, shift: Shift, *states: PlaceState) -> list[str]:
    return [place.person_id for place in places(session, shift.id, *states)]


def place_of(session: Session, shift_id: str, person_id: str) -> ShiftPlace | None:
    return session.exec(
        select(ShiftPlace).where(ShiftPlace.shift_id == shift_id, ShiftPlace.person_id == person_id)
    ).first()


def of_person(
    session: Session, person_id: str, *, since: datetime | None = None
) -> list[tuple[Shift, ShiftPlace]]:
    """Her shifts, in order of time; what ends after `since` where it is given."""
    found = select(Shift, ShiftPlace).join(ShiftPlace, col(ShiftPlace.shift_id) == col(Shift.id))
    found = found.where(ShiftPlace.person_id == person_id)
    if since is not None:
        found = found.where(Shift.ends_at > since, Shift.state == ShiftState.OPEN)
    return list(session.exec(found.order_by(col(Shift.starts_at))))


def free(session: Session, shift: Shift) -> list[int]:
    """The places nobody has."""
    taken = {place.seat for place in places(session, shift.id)}
    return [seat for seat in range(shift.slots) if seat not in taken]


def wanted(session: Session, shift: Shift) -> bool:
    """Whether somebody may step in: a place is free, or who has it would be glad of a deputy."""
    return bool(free(session, shift) or places(session, shift.id, PlaceState.SEEKING))


def is_on(session: Session, shift: Shift) -> bool:
    """Whether it still lies ahead or is going on."""
    return shift.state == ShiftState.OPEN and shift.ends_at > now_of(session)


def take(session: Session, local: Local, shift: Shift, person_id: str) -> tuple[ShiftPlace, str | None]:
    """She comes: a free place, or that of somebody who looks for a deputy, whose id is returned then, to be told.

    Raises Restricted, PlacesTaken when others were quicker, OldButton when it is over. Between two the unique index decides.
    """
    if not is_on(session, shift):
        raise OldButton
    place = place_of(session, shift.id, person_id)
    if place is not None and place.seat is not None:
        return place, None
    restrictions.check(session, person_id, May.CLAIM)
    seats, relieved = free(session, shift), None
    if not seats:
        relieved = _relieve(session, shift)
        seats = free(session, shift)
    if not seats:
        raise PlacesTaken
    if place is None:
        return _add(session, local, shift, person_id, PlaceState.CONFIRMED, seats[0]), relieved
    due_at = reminder(session, local, shift, place)
    _move(session, place, (PlaceState.ASKED, PlaceState.AWAY), PlaceState.CONFIRMED, seats[0], due_at)
    return place, relieved


def _relieve(session: Session, shift: Shift) -> str | None:
    for place in places(session, shift.id, PlaceState.SEEKING):
        _move(session, place, (PlaceState.SEEKING,), PlaceState.AWAY, None, None)
        return place.person_id
    return None


def confirm(session: Session, local: Local, shift: Shift, place: ShiftPlace) -> None:
    """She says that she comes. Raises OldButton when she has no place any more."""
    _move(session, place, COMING, PlaceState.CONFIRMED, place.seat, reminder(session, local, shift, place))


def seek(session: Session, local: Local, shift: Shift, place: ShiftPlace) -> None:
    """Somebody may step in for her; until then the place is hers. The shift is looked at at once."""
    _move(session, place, COMING, PlaceState.SEEKING, place.seat, reminder(session, local, shift, place))
    tend_now(session, shift)


def decline(session: Session, shift: Shift, place: ShiftPlace) -> None:
    """Not this time: the place is free again, and the shift is looked at at once. Raises OldButton when she is there already."""
    had = place.seat is not None
    _move(session, place, (PlaceState.ASKED, PlaceState.AWAY, *COMING), PlaceState.AWAY, None, None)
    if had:
        tend_now(session, shift)


def tend_now(session: Session, shift: Shift) -> None:
    if is_on(session, shift):
        shift.due_at = now_of(session)
        session.add(shift)
        session.flush()


def to_ask(session: Session, shift: Shift) -> list[str]:
    """Who could step in: who holds the post or waits for it and was not asked about this shift; in the order of time.

    Nobody who is kept apart from somebody there, or asked with her.

    Nobody while it lies more than a week ahead, unless somebody looks for a deputy, and nobody for a place of the post that is
    being offered.
    """
    free_now = len(free(session, shift)) - len(posts.members(session, shift.post_id, Holding.OFFERED))
    soon = shift.starts_at - now_of(session) <= SOON and free_now > 0
    if not soon and not places(session, shift.id, PlaceState.SEEKING):
        return []
    known = {place.person_id for place in places(session, shift.id)}
    members = posts.members(session, shift.post_id, Holding.JOINED, Holding.WAITING)
    return side_by_side(session, shift, [one.person_id for one in members if one.person_id not in known])


def single(session: Session, local: Local, post: Post, person_id: str) -> list[Shift]:
    """The shifts somebody may take one of without holding the post: a place is free that is offered to nobody.

    Where others wait for the post they are asked first, so only what is near is left to her. None where a page is to be agreed
    to (R7).
    """
    if posts.needs_agreement(local, post) or posts.member(session, post.id, person_id) is not None:
        return []
    waiting = bool(posts.members(session, post.id, Holding.WAITING))
    offered = len(posts.members(session, post.id, Holding.OFFERED))
    near = now_of(session) + (NEAR if waiting else AHEAD)
    return [
        shift
        for shift in ahead(session, post.id)
        if shift.starts_at <= near
        and len(free(session, shift)) > offered
        and place_of(session, shift.id, person_id) is None
        and side_by_side(session, shift, [person_id])
    ]


def side_by_side(session: Session, shift: Shift, person_ids: Sequence[str]) -> list[str]:
    """Of these, in their order, who may come to it without meeting anybody she is kept apart from."""
    there = {place.person_id for place in places(session, shift.id) if place.state != PlaceState.AWAY}
    chosen: list[str] = []
    for person_id in person_ids:
        if not pairs.at_odds(session, person_id) & {*there, *chosen}:
            chosen.append(person_id)
    return chosen


def ask(session: Session, shift: Shift, person_ids: Sequence[str]) -> None:
    """Note that they are asked about this shift, once. An ask has no end of its own but the shift's."""
    known = {place.person_id for place in places(session, shift.id)}
    for person_id in person_ids:
        if person_id not in known:
            session.add(
                ShiftPlace(shift_id=shift.id, person_id=person_id, state=PlaceState.ASKED, at=now_of(session))
            )
    session.flush()


def _add(
    session: Session, local: Local, shift: Shift, person_id: str, state: PlaceState, seat: int
) -> ShiftPlace:
    place = ShiftPlace(shift_id=shift.id, person_id=person_id, seat=seat, state=state, at=now_of(session))
    place.due_at = reminder(session, local, shift, place)
    session.add(place)
    session.flush()  # the unique index decides between two at once
    return place


def _move(
    session: Session,
    place: ShiftPlace,
    seen: Sequence[PlaceState],
    to: PlaceState,
    seat: int | None,
    due_at: datetime | None,
) -> None:
    values = {"new_state": to.value, "new_seat": seat, "new_due_at": due_at}
    done = rows(session, _MOVE_PLACE, row=place.id, seen=[state.value for state in seen], **values)
    session.refresh(place)
    if done.rowcount != 1:
        raise OldButton


def reminder(session: Session, local: Local, shift: Shift, place: ShiftPlace) -> datetime | None:
    """When she is reminded next: the evening before and an hour before, never in quiet hours, hers or the neighbourhood's."""
    now, here = now_of(session), shift.starts_at.astimezone(local.tz)
    volunteer = talents.get(session, place.person_id)
    quiet_from = (volunteer.quiet_from if volunteer else None) or local.quiet_from
    quiet_until = (volunteer.quiet_until if volunteer else None) or local.quiet_until
    hers = replace(local, quiet_from=quiet_from, quiet_until=quiet_until)
    evening = _instant(local, here.date() - timedelta(days=1), quiet_from) - BEFORE_QUIET
    moments = [hers.awake(local.awake(moment)) for moment in (evening, shift.starts_at - HOUR)]
    return next((moment for moment in moments if now < moment < shift.starts_at), None)


def gaps(session: Session, within: timedelta = NEAR) -> list[Gap]:
    """The shifts that begin within this time and have places nobody has, in order of time."""
    now = now_of(session)
    found = (
        select(Post, Shift)
        .join(Shift, col(Shift.post_id) == col(Post.id))
        .where(Shift.state == ShiftState.OPEN, Shift.starts_at > now, Shift.starts_at <= now + within)
        .order_by(col(Shift.starts_at))
    )
    gaps = [Gap(post, shift, len(free(session, shift))) for post, shift in session.exec(found)]
    return [gap for gap in gaps if gap.free]


def coming(session: Session, post_id: str, until: datetime) -> list[tuple[Shift, list[str]]]:
    """The shifts going on or beginning by then, with the people who come to each or are there."""
    return [
        (shift, people_of(session, shift, *COMING, *THERE))
        for shift in ahead(session, post_id)
        if shift.starts_at <= until
    ]


# --- at the post


def arrive(session: Session, shift: Shift, place: ShiftPlace) -> None:
    """She is there. When, is kept only with her yes to it. Raises OldButton outside of the time, or without a place."""
    now = now_of(session)
    if not shift.starts_at - EARLY <= now <= shift.ends_at:
        raise OldButton
    _move(session, place, COMING, PlaceState.PRESENT, place.seat, None)
    if keeps_hours(session, place.person_id):
        place.arrived_at = now
        session.add(place)
        session.flush()


def go(session: Session, shift: Shift, place: ShiftPlace) -> None:
    """She has gone. Raises OldButton when she never came, or long after."""
    now = now_of(session)
    if now > shift.ends_at + LATE:
        raise OldButton
    _move(session, place, (PlaceState.PRESENT,), PlaceState.DONE, place.seat, None)
    if place.arrived_at is not None:
        place.left_at = now
        session.add(place)
        session.flush()


def correct(session: Session, shift: Shift, place: ShiftPlace, *, there: bool) -> None:
    """Staff set right what was tapped or forgotten: she was there from beginning to end, or she was not.

    Raises OldButton when it stands so already.
    """
    to = PlaceState.DONE if there else PlaceState.AWAY
    if place.state == to:
        raise OldButton
    seat = place.seat if place.seat is not None else next(iter(free(session, shift)), None)
    _move(session, place, tuple(PlaceState), to, seat if there else None, None)
    kept = there and keeps_hours(session, place.person_id)
    place.arrived_at, place.left_at = (shift.starts_at, shift.ends_at) if kept else (None, None)
    if there and shift.state == ShiftState.OVER:
        shift.state = ShiftState.HELD.value
    session.add_all([place, shift])
    session.flush()


def keeps_hours(session: Session, person_id: str) -> bool:
    return consent.is_live(session, person_id=person_id, purpose=HOURS, at=now_of(session))


# --- timed work, and what is forgotten


def due(session: Session) -> list[str]:
    """The shifts to be looked at now: a gap that is near, over, or kept long enough."""
    return list(rows(session, _SHIFTS_DUE, now=now_of(session)).scalars())


def places_due(session: Session) -> list[str]:
    """Whoever is to be reminded now."""
    return list(rows(session, _PLACES_DUE, now=now_of(session)).scalars())


def place_by_id(session: Session, place_id: str) -> ShiftPlace | None:
    return session.get(ShiftPlace, place_id)


def reminded(session: Session, local: Local, shift: Shift, place: ShiftPlace) -> None:
    """She was; when next is noted."""
    place.due_at = reminder(session, local, shift, place)
    session.add(place)
    session.flush()


def next_look(local: Local, shift: Shift, now: datetime) -> datetime:
    """When it is looked at next: a week and two days before it begins, not at night, and when it is over."""
    end = shift.ends_at + LATE
    looks = [local.awake(shift.starts_at - before) for before in (SOON, NEAR)]
    return min(next((at for at in looks if at > now), end), end)


def finish(session: Session, shift: Shift) -> None:
    """It is over.

    Nobody can tell any more who was asked or could not; who held a place is kept a while, to spread the next ones.
    """
    here = places(session, shift.id, *THERE)
    for place in here:
        place.state = PlaceState.DONE.value
        session.add(place)
    passing = [PlaceState.ASKED.value, PlaceState.AWAY.value]
    session.execute(
        delete(ShiftPlace).where(col(ShiftPlace.shift_id) == shift.id, col(ShiftPlace.state).in_(passing))
    )
    shift.state = (ShiftState.HELD if here else ShiftState.OVER).value
    shift.due_at = shift.ends_at + KEPT
    session.add(shift)
    session.flush()


def fade(session: Session, shift: Shift) -> None:
    """Kept long enough: who held it goes, but for what a volunteer has agreed to have kept for herself."""
    session.execute(
        delete(ShiftPlace).where(col(ShiftPlace.shift_id) == shift.id, col(ShiftPlace.arrived_at).is_(None))
    )
    shift.due_at = None
    session.add(shift)
    session.flush()


def leave(session: Session, member: PostMember, *, begun: bool = True) -> None:
    """She lets the post go, with all that lies ahead of it; no trace but that the shifts are open again.

    `begun`: what is going on and she has not come to, too.
    """
    now = now_of(session)
    for shift, place in of_person(session, member.person_id, since=now):
        hers = shift.post_id == member.post_id and place.state not in THERE
        if hers and (begun or shift.starts_at > now):
            _drop(session, shift, place)
    posts.leave(session, member)


def leave_all(session: Session, person_id: str) -> None:
    """She lets every post go, and every shift she would have come to."""
    for member in posts.of_person(session, person_id):
        leave(session, member)
    for shift, place in of_person(session, person_id, since=now_of(session)):
        if place.state not in THERE:
            _drop(session, shift, place)


def _drop(session: Session, shift: Shift, place: ShiftPlace) -> None:
    session.delete(place)
    session.flush()
    tend_now(session, shift)


def forget_hours(session: Session, person_id: str) -> None:
    """When she was at which shift is kept no more."""
    session.execute(
        update(ShiftPlace).where(col(ShiftPlace.person_id) == person_id).values(arrived_at=None, left_at=None)
    )
    session.execute(
        delete(ShiftPlace).where(
            col(ShiftPlace.person_id) == person_id,
            col(ShiftPlace.shift_id).in_(
                select(Shift.id).where(col(Shift.due_at).is_(None), Shift.state != ShiftState.OPEN)
            ),
        )
    )


def forget(session: Session, person_id: str) -> None:
    """Nobody can tell any more that she held a post, or was at a shift."""
    leave_all(session, person_id)
    posts.forget(session, person_id)
    session.execute(delete(ShiftPlace).where(col(ShiftPlace.person_id) == person_id))
