"""The weekly proposal: who is asked to take a shift of next week that is still empty, and what nobody could be found for.

On Thursday, and after every answer, whoever could is weighed by bot.matching.shifts and a few are asked; each has 48 hours. What
stays empty is told to staff at once, who can ask everybody: then it is an ordinary need in the name of the one who asked. Unless
staff say no it goes out by itself two days before.

due, work: the whole of it. look_again: the rest is solved anew at once. answered: a yes or a no. told: staff know of a gap.
opened: everybody is asked. to_open: whose time to be asked about has come. to_settle: a need whose shift has changed, or a
shift whose need has been claimed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import credentials, people, posts, record, shifts, talents
from bot.community.cases import ASKING, LOOKING, Case, State
from bot.community.claims import Ask
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.posts import Post
from bot.community.record import Moment, now_of, rows
from bot.community.shifts import PlaceState, Shift, ShiftPlace, ShiftState
from bot.community.talents import Talent, Volunteer
from bot.data import Local
from bot.matching import eligibility
from bot.matching.shifts import Member, Why, propose
from bot.matching.shifts import Shift as Empty
from bot.understanding.route import BY_STAFF
from privacy import consent
from privacy.prepared import Prepared

THURSDAY, HOUR = 3, 10  # of the week, and of the day, local time
TO_CONFIRM = timedelta(hours=48)
BEFORE = timedelta(hours=12)  # an answer is needed so long before the shift begins
LEAST = timedelta(hours=2)  # for less than this nobody is asked any more
TO_REFUSE = timedelta(hours=2)  # so long staff have at least to say that everybody is not to be asked
LATELY = timedelta(weeks=4)
OF_POSTS_ALONE = (
    1  # so many more shifts a week for who holds a post and is not in the pool, where she said her own number
)
TOGETHER = frozenset({"pair", "minor", "lift"})  # cautions of levels.toml whose rule asks for two


class ProposalWeek(SQLModel, table=True):
    """When the shifts that are still empty are looked at next. There is one row."""

    __tablename__ = "proposal_week"

    id: str = Field(default="week", primary_key=True, max_length=8)
    due_at: datetime = Field(sa_type=Moment)


class Proposal(SQLModel, table=True):
    """Somebody who is asked to take a shift, and by when she says so. Gone with her answer, or with the time."""

    __tablename__ = "proposal"

    shift_id: str = Field(foreign_key="shift.id", primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=16, index=True)
    until: datetime = Field(sa_type=Moment, index=True)


class ShiftGap(SQLModel, table=True):
    """Places of a shift nobody could be found for, as staff were told. `due_at`: when everybody is asked unless staff say no."""

    __tablename__ = "shift_gap"

    shift_id: str = Field(foreign_key="shift.id", primary_key=True, max_length=16)
    places: int
    due_at: datetime | None = Field(default=None, sa_type=Moment, index=True)


class ShiftNeed(SQLModel, table=True):
    """A need that was made of a gap, and who came to the shift by it. A shift with more gaps has one after the other."""

    __tablename__ = "shift_need"

    case_id: str = Field(foreign_key="help_case.id", primary_key=True, max_length=16)
    shift_id: str = Field(foreign_key="shift.id", max_length=16, index=True)
    taken_by: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)


@dataclass(frozen=True)
class Asked:
    """Somebody to ask, and why her: she is on this post, or has said that she helps with it and can then."""

    person_id: str
    post: Post
    shift: Shift
    until: datetime
    member: bool


@dataclass(frozen=True)
class Empties:
    """A shift with places nobody is asked for any more, and why. `alone`: one person is there where two should be.

    `out`: when everybody is asked unless staff say no.
    """

    post: Post
    shift: Shift
    places: int
    why: Why
    alone: bool
    out: datetime | None


@dataclass(frozen=True)
class Work:
    """What one look at the week has brought: whom to ask, what staff must hear."""

    asked: list[Asked] = field(default_factory=list)
    empty: list[Empties] = field(default_factory=list)


# --- the week


_NOW = sa.bindparam("now", type_=Moment())
_LATE = select(Proposal.shift_id).where(Proposal.until <= _NOW).limit(1)


def due(session: Session) -> list[str]:
    """One item, where the week is to be looked at."""
    week, now = session.get(ProposalWeek, "week"), now_of(session)
    late = rows(session, _LATE, now=now).first()
    return ["week"] if week is None or week.due_at <= now or late is not None else []


def work(session: Session, local: Local) -> Work:
    """Look at the shifts that are still empty: note who is asked, and what nobody could be found for. Nobody is woken for it."""
    now = now_of(session)
    week = session.get(ProposalWeek, "week")
    if week is None:  # a new neighbourhood begins with its first Thursday
        session.add(ProposalWeek(due_at=_thursday(local, now) + timedelta(weeks=1)))
        session.flush()
        return Work()
    session.execute(delete(Proposal).where(col(Proposal.until) <= now))
    if week.due_at == _thursday(local, now):  # every Thursday staff hear of all that is empty
        session.execute(sa.update(ShiftGap).values(places=0))
    awake = local.awake(now)
    week.due_at = awake if awake > now else _thursday(local, now) + timedelta(weeks=1)
    session.add(week)
    session.flush()
    return Work() if awake > now else _solve(session, local, _until(local, now))


def look_again(session: Session) -> None:
    """Something has changed: the rest is solved anew at once."""
    week = session.get(ProposalWeek, "week")
    if week is not None:
        week.due_at = now_of(session)
        session.add(week)
        session.flush()


def _thursday(local: Local, now: datetime) -> datetime:
    """The last Thursday at ten."""
    here = now.astimezone(local.tz)
    day = here.date() - timedelta(days=(here.weekday() - THURSDAY) % 7)
    at = datetime.combine(day, time(HOUR), local.tz)
    return at if at <= here else at - timedelta(weeks=1)


def _until(local: Local, now: datetime) -> datetime:
    """The end of the week that follows the last Thursday."""
    monday = _thursday(local, now).date() - timedelta(days=THURSDAY) + timedelta(weeks=2)
    return datetime.combine(monday, time(), local.tz)


def _solve(session: Session, local: Local, until: datetime) -> Work:
    empty = _empty(session, until)
    if not empty:
        return Work()
    problem = _Problem(session, local, [shift for _, shift, _ in empty])
    needs = [problem.shift(post, shift, free) for post, shift, free in empty]
    could = problem.members(empty)
    proposal = propose(needs, could)
    found = Work()
    for post, shift, _ in empty:
        by = min(now_of(session) + TO_CONFIRM, shift.starts_at - BEFORE)
        by = max(by, now_of(session) + LEAST)
        for person_id in proposal.people[shift.id]:
            session.add(Proposal(shift_id=shift.id, person_id=person_id, until=by))
            found.asked.append(Asked(person_id, post, shift, by, (post.id, person_id) in problem.on_post))
        shifts.ask(session, shift, proposal.people[shift.id])
    by_id = {shift.id: (post, shift) for post, shift, _ in empty}
    for gap in proposal.gaps:
        post, shift = by_id[gap.shift_id]
        if _is_news(session, shift, gap.places):
            out = told(session, local, shift, gap.places)
            there = shift.slots - gap.places
            alone = there == 1 and shift.slots > 1 and _is_for_two(post)
            found.empty.append(Empties(post, shift, gap.places, gap.why, alone, out))
    session.flush()
    return found


def _empty(session: Session, until: datetime) -> list[tuple[Post, Shift, int]]:
    """The shifts of this time with places nobody comes to and nobody is asked for, in order of time."""
    now = now_of(session)
    found = []
    for gap in shifts.gaps(session, within=until - now):
        asked = session.exec(select(Proposal.person_id).where(Proposal.shift_id == gap.shift.id)).all()
        if gap.shift.starts_at > now + LEAST and gap.free > len(asked) and gap.post.state == posts.State.OPEN:
            found.append((gap.post, gap.shift, gap.free - len(asked)))
    return found


def _is_news(session: Session, shift: Shift, places: int) -> bool:
    """Whether staff hear of it now: once a week, and again when it has become more; not while everybody is asked."""
    known = session.get(ShiftGap, shift.id)
    return (known is None or known.places < places) and not is_asking(session, shift.id)


def _is_for_two(post: Post) -> bool:
    return bool(TOGETHER & set(post.cautions.split(",")))


class _Problem:
    """What the solver is asked: the empty shifts, and everybody who could."""

    def __init__(self, session: Session, local: Local, empty: list[Shift]) -> None:
        self.session, self.local = session, local
        self.now = now_of(session)
        self.on_post: set[tuple[str, str]] = set()
        self._empty = empty

    def shift(self, post: Post, shift: Shift, free: int) -> Empty:
        needed = frozenset(one.code for one in posts.credentials_of(self.local, post))
        nobody = (
            len(shifts.free(self.session, shift)) == shift.slots
        )  # one who is there makes two with the first
        return Empty(shift.id, shift.starts_at, shift.ends_at, free, 0, needed, nobody and _is_for_two(post))

    def members(self, empty: list[tuple[Post, Shift, int]]) -> list[Member]:
        ticked: dict[str, set[str]] = {}
        for post, shift, _ in empty:
            hers = set(shifts.to_ask(self.session, shift))
            self.on_post |= {(post.id, person_id) for person_id in hers}
            known = {place.person_id for place in shifts.places(self.session, shift.id)}
            could = sorted(
                hers | (self._of_pool(post, shift) - known), key=lambda one: (_tie(shift, one), one)
            )
            for person_id in shifts.side_by_side(self.session, shift, could):
                ticked.setdefault(person_id, set()).add(shift.id)
        asked = people.those(self.session, sorted(ticked))
        return [
            self._member(one, ticked[one.id])
            for one in asked
            if one.reachable and one.quiet_since is None and not self._rests(one.id)
        ]

    def _rests(self, person_id: str) -> bool:
        """By her own word, if she is in the talent pool too."""
        volunteer = talents.get(self.session, person_id)
        if volunteer is None:
            return False
        paused = volunteer.paused_until is not None and volunteer.paused_until > self.now
        return paused or not volunteer.on_duty

    def _of_pool(self, post: Post, shift: Shift) -> set[str]:
        """Who helps with this, can then, and wants to be asked. Where a page is to be agreed to, only who has (R7)."""
        if posts.needs_agreement(self.local, post):
            return set()
        hours = _parts(self.local, shift)
        found = self.session.exec(
            select(Volunteer)
            .join(Talent, col(Talent.person_id) == col(Volunteer.person_id))
            .where(
                col(Talent.kind).in_(self.local.offers(post.kind)),
                col(Volunteer.on_duty),
                col(Volunteer.hours).op("&")(hours) == hours,
                col(Volunteer.paused_until).is_(None) | (col(Volunteer.paused_until) <= self.now),
            )
        )
        return {one.person_id for one in found if self._agreed(one.person_id)}

    def _agreed(self, person_id: str) -> bool:
        return consent.is_live(self.session, person_id=person_id, purpose="pool", at=self.now)

    def _member(self, person: Person, ticked: set[str]) -> Member:
        hers = [
            (shift, place)
            for shift, place in shifts.of_person(self.session, person.id)
            if place.seat is not None
        ]
        asked = self.session.exec(select(Proposal.shift_id).where(Proposal.person_id == person.id)).all()
        busy = [shift for shift, _ in hers] + [
            shift for shift_id in asked if (shift := shifts.get(self.session, shift_id)) is not None
        ]
        free = {
            one.id
            for one in self._empty
            if one.id in ticked and not any(_clash(one, other) for other in busy)
        }
        today = self.now.astimezone(self.local.tz).date()
        live = frozenset(
            one.kind
            for one in credentials.of_person(self.session, person.id)
            if credentials.is_live(one, today)
        )
        lately = sum(shift.ends_at > self.now - LATELY for shift, _ in hers)
        answered = sum(
            place.at > self.now - timedelta(weeks=1)
            and place.state in (PlaceState.AWAY, PlaceState.CONFIRMED)
            for _, place in shifts.of_person(self.session, person.id)
        )  # an answer ends the question, not the week
        return Member(person.id, frozenset(free), self._most(person.id, len(asked) + answered), lately, live)

    def _most(self, person_id: str, asked: int) -> int:
        """As often as she wants to be asked in a week, less what she was asked in this one."""
        volunteer = talents.get(self.session, person_id)
        if volunteer is None:
            return max(0, OF_POSTS_ALONE - asked)
        since = self.now - timedelta(weeks=1)
        lately = self.session.exec(
            select(sa.func.count()).select_from(Ask).where(Ask.person_id == person_id, Ask.asked_at > since)
        ).one()
        return max(0, volunteer.asks_a_week - lately - asked)


def _tie(shift: Shift, person_id: str) -> int:
    """Of two who are kept apart now the one may be asked, now the other."""
    return zlib.crc32(f"{shift.id}:{person_id}".encode())


def _clash(one: Shift, other: Shift) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _parts(local: Local, shift: Shift) -> int:
    """The parts of the week it runs through."""
    return eligibility.parts_of(shift.starts_at.astimezone(local.tz), shift.ends_at.astimezone(local.tz))


# --- an answer


def of(session: Session, shift_id: str, person_id: str) -> Proposal | None:
    return session.get(Proposal, (shift_id, person_id))


def answered(session: Session, shift_id: str, person_id: str) -> None:
    """She has said yes or no, or is asked no more."""
    session.execute(
        delete(Proposal).where(col(Proposal.shift_id) == shift_id, col(Proposal.person_id) == person_id)
    )


def forget(session: Session, person_id: str) -> None:
    """Nobody can tell any more what she was asked, nor which shift she took."""
    session.execute(delete(Proposal).where(col(Proposal.person_id) == person_id))
    session.execute(sa.update(ShiftNeed).where(col(ShiftNeed.taken_by) == person_id).values(taken_by=None))


# --- what nobody could be found for


def told(session: Session, local: Local, shift: Shift, places: int) -> datetime | None:
    """Staff hear of it. Returns when everybody is asked unless they say no: by day, and while there is time to say no.

    Their no stands until there are more. Never where staff choose who comes, or a page is to be agreed to before.
    """
    gap = session.get(ShiftGap, shift.id) or ShiftGap(shift_id=shift.id, places=0)
    if places > gap.places:
        at = local.awake(max(shift.starts_at - shifts.NEAR, now_of(session) + TO_REFUSE))
        goes_out = at < shift.starts_at - LEAST and _is_for_everybody(session, local, shift)
        gap.places, gap.due_at = places, at if goes_out else None
        session.add(gap)
        session.flush()
    return gap.due_at


def _is_for_everybody(session: Session, local: Local, shift: Shift) -> bool:
    post = posts.get(session, shift.post_id)
    assert post is not None  # noqa: S101  a foreign key
    return local.kind(post.kind).approval != BY_STAFF and not posts.needs_agreement(local, post)


def out_of_itself(session: Session, shift_id: str) -> datetime | None:
    """When everybody is asked unless staff say no; None where they have, or it is as good as too late."""
    gap = session.get(ShiftGap, shift_id)
    return gap.due_at if gap is not None else None


def not_asked(session: Session, shift_id: str) -> None:
    """Staff would rather not ask everybody; they still can."""
    session.execute(sa.update(ShiftGap).where(col(ShiftGap.shift_id) == shift_id).values(due_at=None))


_TO_OPEN = select(ShiftGap.shift_id).where(col(ShiftGap.due_at) <= _NOW)


def to_open(session: Session) -> list[str]:
    """Shifts nobody could be found for, about which everybody is to be asked now."""
    return list(rows(session, _TO_OPEN, now=now_of(session)).scalars())


def filled(session: Session, shift_id: str) -> None:
    """Somebody comes: should she not after all, staff hear of it again."""
    session.execute(sa.update(ShiftGap).where(col(ShiftGap.shift_id) == shift_id).values(places=0))


def waiting(session: Session) -> list[Item]:
    """Shifts ahead to which nobody comes, and about which everybody will be asked unless staff say no; the last to begin last."""
    asked = (
        select(ShiftNeed.shift_id)
        .join(Case, col(Case.id) == col(ShiftNeed.case_id))
        .where(_in(ASKING), _in(LOOKING) | col(ShiftNeed.taken_by).is_(None))
    )
    found = (
        select(Shift)
        .join(ShiftGap, col(ShiftGap.shift_id) == col(Shift.id))
        .where(
            ShiftGap.places > 0,
            col(ShiftGap.due_at).is_not(None),
            Shift.state == ShiftState.OPEN,
            Shift.starts_at > now_of(session),
            col(Shift.slots) > _SEATS,
            col(Shift.id).not_in(asked),
        )
    )
    return [
        Item(Sort.GAP, one.id, one.starts_at, "U4", until=one.starts_at, for_all=True)
        for one in session.exec(found)
    ]


def is_asking(session: Session, shift_id: str) -> bool:
    """Whether a need was made of it that still looks for somebody, or whose claim is not a place yet."""
    found = (
        select(Case.id)
        .join(ShiftNeed, col(ShiftNeed.case_id) == col(Case.id))
        .where(ShiftNeed.shift_id == shift_id, _in(ASKING), _in(LOOKING) | col(ShiftNeed.taken_by).is_(None))
    )
    return session.exec(found).first() is not None


def need(session: Session, case_id: str) -> ShiftNeed | None:
    return record.get(session, ShiftNeed, case_id)


def opened(session: Session, shift_id: str, case: Case) -> None:
    """Everybody is asked: the shift and the need belong together from now on."""
    session.add(ShiftNeed(case_id=case.id, shift_id=shift_id))
    not_asked(session, shift_id)
    session.flush()


_HAVE_ANSWERED = Prepared(
    select(ShiftPlace.person_id)
    .join(ShiftNeed, col(ShiftNeed.shift_id) == col(ShiftPlace.shift_id))
    .where(ShiftNeed.case_id == sa.bindparam("case"), ShiftPlace.state != PlaceState.ASKED.value)
)


def have_answered(session: Session, case_id: str) -> set[str]:
    """Where the need is one of a shift: who comes to it, or has said that she does not."""
    return set(rows(session, _HAVE_ANSWERED, case=case_id).scalars())


def came_by(session: Session, one: ShiftNeed, person_id: str | None) -> None:
    """Who has a place by this need; nobody, when she has given it back."""
    one.taken_by = person_id
    session.add(one)
    session.flush()


_SEATS = (
    sa.select(sa.func.count())
    .where(col(ShiftPlace.shift_id) == col(Shift.id), col(ShiftPlace.seat).is_not(None))
    .scalar_subquery()
)


def _in(states: Iterable[State]) -> sa.ColumnElement[bool]:
    return col(Case.state).in_([state.value for state in states])


_LOOKING, _OFF = _in(LOOKING), col(Shift.state) == ShiftState.CANCELLED
_NEEDLESS = (col(Shift.slots) <= _SEATS) | (col(Shift.state) != ShiftState.OPEN)
_TO_SETTLE = (
    select(ShiftNeed.case_id)
    .join(Shift, col(Shift.id) == col(ShiftNeed.shift_id))
    .join(Case, col(Case.id) == col(ShiftNeed.case_id))
    .where(
        (_in(ASKING) & ~_LOOKING & (col(ShiftNeed.taken_by).is_(None) | _OFF))
        | (_LOOKING & (col(ShiftNeed.taken_by).is_not(None) | _NEEDLESS))
    )
)


def to_settle(session: Session) -> list[str]:
    """Needs that were claimed or given back, or are needed no more because somebody else comes or nobody does."""
    return list(rows(session, _TO_SETTLE).scalars())


_OF_SHIFT: tuple[type[Proposal | ShiftGap | ShiftNeed], ...] = (Proposal, ShiftGap, ShiftNeed)
_OVER = sa.union(
    *(
        select(table.shift_id)
        .join(Shift, col(Shift.id) == col(table.shift_id))
        .where(col(Shift.ends_at) <= _NOW)
        for table in _OF_SHIFT
    )
)


def outlived(session: Session) -> list[str]:
    """Shifts that are over and of which something is still noted here."""
    return sorted(rows(session, _OVER, now=now_of(session)).scalars())


def over(session: Session, shift_id: str) -> None:
    """Nothing of it is noted any more."""
    for table in _OF_SHIFT:
        session.execute(delete(table).where(col(table.shift_id) == shift_id))
