"""Standing posts (岗位): what the neighbourhood offers at regular hours, who holds a place of it, and who waits for one.

A post stands as a proposal (of posts.toml, or of a neighbour), is opened by staff, and may be paused and closed. A neighbour
takes one of its places freely and lets it go freely (R3, R4); where all are taken she waits, in the order of time. `seat` is
which of the places she has: a unique index decides between two who want the last one. Its shifts are in bot.community.shifts.

stand: every post of posts.toml is there, as a proposal at least. propose: a neighbour's own idea, sealed until staff decide.
change: new terms, on the version that was seen. move: from one state to the next, likewise. take: a place, or the next in the
waiting list. leave: no trace, and the post is tended at once (due). offer: the free places go to who waits longest, one by
one. answered, passed: what became of such an offer. lacking: what staff have still to see of her before she may.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, Time, UniqueConstraint, bindparam, false, func, text, update
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import credentials, restrictions
from bot.community.items import Item, Sort
from bot.community.record import Moment, new_id, now_of, records, rows, table_of, vault_of
from bot.community.restrictions import May
from bot.data import Local
from bot.data.local import Credential, Kind, Offer, Risk
from bot.errors import OldButton
from privacy.opening import Words
from privacy.prepared import Prepared
from privacy.retention import rule
from privacy.sealed import Place, Sealed, SealedBytes

EVERY_WEEK = 0b11111
OFFER_LASTS = timedelta(days=1)
REMIND_AFTER = timedelta(weeks=1)  # staff are reminded of what was proposed
KEPT = rule("proposal").after
_DUE = text("due_at IS NOT NULL")


class State(StrEnum):
    """Where a post stands."""

    PROPOSED = "proposed"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


MOVES: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.OPEN, State.CLOSED}),
    State.OPEN: frozenset({State.PAUSED, State.CLOSED}),
    State.PAUSED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
}


class Holding(StrEnum):
    """How a member stands to a post: she holds a place, is offered one, or waits for it."""

    JOINED = "joined"
    OFFERED = "offered"
    WAITING = "waiting"


class Post(SQLModel, table=True):
    """One standing post. What is public of it is plain, in each language, and was typed by staff or stands in posts.toml.

    `days`: a bit for each weekday, Monday first; none: it is called when it is needed. `weeks`: a bit for each week of the
    month, the first first: the first Sunday is week one. `starts`: local time. `minutes`: how long a shift is. `cautions`:
    codes of what is told before (levels.toml). `insurance`: it must be insured; `insured_at`: staff said that it is. `words`:
    what a neighbour proposed. `hidden`: out of sight for who has no place in it, until staff show it again; its shifts go on.
    `due_at`: when its shifts and its waiting list are looked at next, or staff are reminded of it.
    """

    __tablename__ = "post"
    __table_args__ = (Index("post_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    number: int = Field(unique=True)
    code: str | None = Field(default=None, max_length=16, unique=True)
    kind: str = Field(max_length=24, index=True)
    name: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    note: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    place: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    days: int = 0
    weeks: int = EVERY_WEEK
    starts: time | None = Field(default=None, sa_type=Time)
    minutes: int = 0
    slots: int = 1
    credentials: str = Field(default="", max_length=120)
    cautions: str = Field(default="", max_length=80)
    insurance: bool = False
    insured_at: datetime | None = Field(default=None, sa_type=Moment)
    agreement: bool = False
    state: str = Field(default=State.PROPOSED, max_length=16)
    version: int = 1
    hidden: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    proposed_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    words: Sealed | None = Field(default=None, sa_type=SealedBytes)
    at: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)

    @property
    def on_call(self) -> bool:
        return self.days == 0


class PostMember(SQLModel, table=True):
    """Somebody who holds a place of a post or waits for one. Who lets it go has no row any more.

    `agreed_at`, `agreed_version`: when she accepted the terms, and which. `due_at`: when an offer is over, or her credential
    is looked at next.
    """

    __tablename__ = "post_member"
    __table_args__ = (
        UniqueConstraint("post_id", "person_id", name="post_member_once"),
        UniqueConstraint("post_id", "seat", name="post_member_seat"),
        Index("post_member_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    post_id: str = Field(foreign_key="post.id", max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    seat: int | None = None
    state: str = Field(default=Holding.JOINED, max_length=16)
    since: datetime = Field(sa_type=Moment)
    agreed_at: datetime | None = Field(default=None, sa_type=Moment)
    agreed_version: int | None = None
    due_at: datetime | None = Field(default=None, sa_type=Moment)


_POSTS, _MEMBERS = table_of(Post), table_of(PostMember)
_NOW = bindparam("now", type_=Moment())
_LATE = select(Post.id).where(col(Post.due_at).is_not(None), col(Post.due_at) <= _NOW)
_LISTED = Prepared(
    select(Post).where(col(Post.state).in_(bindparam("states", expanding=True))).order_by(col(Post.number))
)
_MEMBERS_LATE = select(PostMember.id).where(
    col(PostMember.due_at).is_not(None), col(PostMember.due_at) <= _NOW
)


# --- what a post is


def stand(session: Session, local: Local) -> None:
    """Every post of posts.toml has its row; one that is not there yet stands as a proposal."""
    known = set(session.exec(select(Post.code)))
    for offer in local.posts:
        if offer.code not in known:
            session.add(Post(number=_next(session), at=now_of(session), **_terms(offer)))
            session.flush()


def _terms(offer: Offer) -> dict[str, Any]:
    return {
        "code": offer.code,
        "kind": offer.kind,
        "name": dict(offer.name),
        "note": dict(offer.note),
        "place": dict(offer.place),
        "days": mask(offer.weekdays),
        "weeks": mask(week - 1 for week in offer.weeks) or EVERY_WEEK,
        "starts": offer.starts,
        "minutes": offer.minutes,
        "slots": offer.slots,
        "credentials": ",".join(offer.credentials),
        "cautions": ",".join(offer.risks),
        "insurance": offer.insurance,
        "agreement": offer.agreement,
    }


def mask(bits: Any) -> int:
    return sum(1 << bit for bit in set(bits))


def _next(session: Session) -> int:
    return (session.exec(select(func.max(Post.number))).one() or 0) + 1


def propose(session: Session, *, person_id: str, kind: str, words: str) -> Post:
    """A neighbour's own idea: her words are sealed under the post's key and go when staff have decided."""
    post_id = new_id()
    sealed = vault_of(session).seal(
        words, subject=post_id, data_class="story", place=Place("post", "words", post_id)
    )
    post = Post(
        id=post_id,
        number=_next(session),
        kind=kind,
        minutes=60,
        proposed_by=person_id,
        words=sealed,
        at=now_of(session),
        due_at=now_of(session) + REMIND_AFTER,
    )
    session.add(post)
    session.flush()
    return post


def suggest(session: Session, kind: Kind) -> Post:
    """A post for a kind of help that was missing: staff write the rest, and open it or not."""
    post = Post(
        number=_next(session),
        kind=kind.code,
        name=dict(kind.name),
        credentials=",".join(kind.credentials),
        cautions=",".join(kind.risks),
        minutes=60,
        at=now_of(session),
    )
    session.add(post)
    session.flush()
    return post


def words_of(post: Post) -> Words:
    """What a neighbour proposed, unopened; none where it stands in posts.toml or is decided."""
    return Words(
        post.words, post.id, "story", Place("post", "words", post.id), owner=post.proposed_by or post.id
    )


def get(session: Session, post_id: str) -> Post | None:
    return session.get(Post, post_id)


def numbered(session: Session, number: int) -> Post | None:
    """The post with the number said on the phone and printed on the poster."""
    return session.exec(select(Post).where(Post.number == number)).first()


def listed(session: Session, *states: State) -> list[Post]:
    """All posts in these states, by number."""
    return records(session, Post, _LISTED, states=states)


def shown(session: Session) -> list[Post]:
    """The open posts everybody may read of, by number."""
    return [post for post in listed(session, State.OPEN) if not post.hidden]


def in_sight(session: Session, post: Post, person_id: str | None) -> bool:
    """Whether this person may read it: what is hidden, only who has a place of it or waits for one."""
    holds = person_id is not None and member(session, post.id, person_id) is not None
    return post.state in (State.OPEN, State.PAUSED) and (holds or not post.hidden)


def of_kinds(session: Session, kinds: Collection[str]) -> list[Post]:
    """The open posts that offer one of these kinds of help, by number."""
    return [post for post in listed(session, State.OPEN) if post.kind in kinds]


def change(session: Session, post: Post, *, seen: int, **values: Any) -> None:
    """New terms, on the version that was seen. Raises OldButton when it has changed since."""
    changed = session.execute(
        update(Post)
        .where(col(Post.id) == post.id, col(Post.version) == seen)
        .values(**values, version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    session.refresh(post)
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        raise OldButton


def move(session: Session, post: Post, to: State, *, seen: int, **values: Any) -> None:
    """From the state it is in to the next; what was proposed is decided by it, and its words go.

    Raises OldButton when it has changed since, or this is no way to go.
    """
    if to not in MOVES[State(post.state)]:
        raise OldButton
    due_at = now_of(session) if to == State.OPEN else None
    forget_words(session, post)
    change(session, post, seen=seen, state=to.value, due_at=due_at, **values)


def forget_words(session: Session, post: Post) -> None:
    """What a neighbour proposed is gone for good."""
    if post.words is not None:
        vault_of(session).forget(post.id)
        post.words = post.proposed_by = None
        session.add(post)
        session.flush()


def missing(local: Local, post: Post) -> list[str]:
    """What must still be said before it can be opened: name, place, hours, insurance (R6)."""
    hours = post.on_call or (post.starts is not None and post.minutes > 0)
    insured = not needs_insurance(local, post) or post.insured_at is not None
    there = {"name": post.name, "place": post.place, "hours": hours, "insurance": insured}
    return [what for what, said in there.items() if not said]


def needs_insurance(local: Local, post: Post) -> bool:
    """R6: where somebody could be hurt, and where the community says so."""
    return post.insurance or any(risk.bodily for risk in risks_of(local, post))


def needs_agreement(local: Local, post: Post) -> bool:
    """R7: a page both sides accept, where the community says so and where somebody could be hurt."""
    return post.agreement or any(risk.bodily for risk in risks_of(local, post))


def risks_of(local: Local, post: Post) -> list[Risk]:
    return [local.risk(code) for code in _codes(post.cautions)]


def credentials_of(local: Local, post: Post) -> list[Credential]:
    """One of these staff must have seen; none: nothing is needed."""
    return [one for code in _codes(post.credentials) if (one := local.credential(code)) is not None]


def _codes(written: str) -> list[str]:
    return [code for code in written.split(",") if code]


def lacking(session: Session, local: Local, post: Post, person_id: str) -> list[Credential]:
    """Of which staff have still to see one before she may (R5); empty when one is live, or nothing is needed."""
    needed = credentials_of(local, post)
    today = now_of(session).astimezone(local.tz).date()
    codes = {one.code for one in needed}
    live = any(
        one.kind in codes and credentials.is_live(one, today)
        for one in credentials.of_person(session, person_id)
    )
    return [] if live else needed


def had_one(session: Session, needed: Collection[Credential], person_id: str) -> bool:
    """Whether staff have ever seen one of these of hers, though it is good no more."""
    codes = {one.code for one in needed}
    held = credentials.of_person(session, person_id)
    return any(one.kind in codes and one.state != credentials.Standing.DECLARED for one in held)


# --- who holds a place of it


def members(session: Session, post_id: str, *states: Holding) -> list[PostMember]:
    """Who holds a place, is offered one or waits, in the order of time; of these states where they are given."""
    found = select(PostMember).where(PostMember.post_id == post_id)
    if states:
        found = found.where(col(PostMember.state).in_(states))
    return list(session.exec(found.order_by(col(PostMember.since), col(PostMember.id))))


def member(session: Session, post_id: str, person_id: str) -> PostMember | None:
    return session.exec(
        select(PostMember).where(PostMember.post_id == post_id, PostMember.person_id == person_id)
    ).first()


def of_person(session: Session, person_id: str) -> list[PostMember]:
    """Where she holds a place or waits, in the order of time."""
    return list(
        session.exec(
            select(PostMember)
            .where(PostMember.person_id == person_id)
            .order_by(col(PostMember.since), col(PostMember.id))
        )
    )


def free(session: Session, post: Post) -> list[int]:
    """The places nobody has and nobody is offered."""
    taken = {one.seat for one in members(session, post.id)}
    return [seat for seat in range(post.slots) if seat not in taken]


def take(session: Session, post: Post, person_id: str, *, look_at: datetime) -> PostMember:
    """A place, or the end of the waiting list; the row she has where she has one. Raises Restricted.

    `look_at`: when her credential is looked at. She has read the terms as they are now. Nobody goes past who waits already.
    Between two who want the last place the unique index decides, and the other's tap is done anew.
    """
    known = member(session, post.id, person_id)
    if known is not None:
        return known
    restrictions.check(session, person_id, May.CLAIM)
    now, seats = now_of(session), free(session, post)
    straight = bool(seats) and not members(session, post.id, Holding.WAITING)
    one = PostMember(
        post_id=post.id,
        person_id=person_id,
        seat=seats[0] if straight else None,
        state=Holding.JOINED if straight else Holding.WAITING,
        since=now,
        agreed_at=now,
        agreed_version=post.version,
        due_at=look_at,
    )
    session.add(one)
    session.flush()
    return one


def agree(session: Session, post: Post, one: PostMember) -> None:
    """She has read the terms as they are now."""
    one.agreed_at, one.agreed_version = now_of(session), post.version
    session.add(one)
    session.flush()


def leave(session: Session, one: PostMember) -> None:
    """She lets it go: no reason, no trace; who waits is asked at once (the post is due)."""
    session.execute(delete(PostMember).where(col(PostMember.id) == one.id))
    session.expunge(one)
    tend_now(session, one.post_id)


def tend_now(session: Session, post_id: str) -> None:
    """Its shifts and its waiting list are looked at at once, where it is open."""
    rows(
        session,
        update(_POSTS)
        .where(_POSTS.c.id == bindparam("row"), _POSTS.c.state == State.OPEN.value)
        .values(due_at=bindparam("now", type_=Moment())),
        row=post_id,
        now=now_of(session),
    )


def offer(session: Session, post: Post, *, until: datetime) -> list[PostMember]:
    """The free places go to who waits longest; each is asked, and the place is kept for her until then."""
    waiting = members(session, post.id, Holding.WAITING)
    offered = []
    for seat, one in zip(free(session, post), waiting, strict=False):
        one.seat, one.state, one.due_at = seat, Holding.OFFERED.value, until
        session.add(one)
        offered.append(one)
    session.flush()
    return offered


def answered(session: Session, one: PostMember, *, look_at: datetime) -> None:
    """She takes the place that was offered. Raises OldButton when the offer is over."""
    _settle(session, one, state=Holding.JOINED.value, seat=one.seat, due_at=look_at, since=one.since)


def passed(session: Session, one: PostMember, *, look_at: datetime) -> None:
    """Not answered: the place goes on to the next, and she waits behind the others. Raises OldButton as answered does."""
    state, since = Holding.WAITING.value, now_of(session)
    _settle(session, one, state=state, seat=None, due_at=look_at, since=since)
    tend_now(session, one.post_id)


_SETTLE = (
    update(_MEMBERS)
    .where(_MEMBERS.c.id == bindparam("row"), _MEMBERS.c.state == Holding.OFFERED.value)
    .values({name: bindparam(f"new_{name}") for name in ("state", "seat", "due_at", "since")})
)


def _settle(session: Session, one: PostMember, **values: Any) -> None:
    done = rows(session, _SETTLE, row=one.id, **{f"new_{name}": value for name, value in values.items()})
    session.refresh(one)
    if done.rowcount != 1:
        raise OldButton


def look_again(session: Session, one: PostMember, at: datetime) -> None:
    one.due_at = at
    session.add(one)
    session.flush()


# --- timed work, and what is forgotten


def waiting(session: Session) -> list[Item]:
    """What neighbours proposed and staff have not decided."""
    found = select(Post).where(Post.state == State.PROPOSED, col(Post.words).is_not(None))
    return [Item(Sort.POST, one.id, one.at, "U4", for_all=True) for one in session.exec(found)]


def due(session: Session) -> list[str]:
    """The posts to be looked at now: their shifts and waiting list, or that nobody has decided on them."""
    return list(rows(session, _LATE, now=now_of(session)).scalars())


def members_due(session: Session) -> list[str]:
    """The members whose offer is over or whose credential is to be looked at now."""
    return list(rows(session, _MEMBERS_LATE, now=now_of(session)).scalars())


def member_by_id(session: Session, member_id: str) -> PostMember | None:
    return session.get(PostMember, member_id)


def proposed_by(session: Session, person_id: str) -> Sequence[Post]:
    """What she proposed and staff have not decided yet."""
    return session.exec(select(Post).where(Post.proposed_by == person_id).order_by(col(Post.number))).all()


def forget(session: Session, person_id: str) -> None:
    """Nobody can tell any more what she proposed, or that she held a place."""
    for post in proposed_by(session, person_id):
        forget_words(session, post)
    for one in of_person(session, person_id):
        leave(session, one)
