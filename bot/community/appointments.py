"""A time at a post: who comes to ask something while the post is held.

A shift has a slot for each half hour. `at` is which of them somebody has: a unique index decides between two. Only what lies
ahead is kept; whether somebody came is noted nowhere.

for_kind: the open post one can go to with such a need. ahead, free: where there is a time left. take: a slot, or another one
instead of the one she has at this post. take_for: for somebody without a telephone. lost: what cannot take
place after all, to be told. of_shift: for who holds the post; whose each is, the gate opens while the shift runs and not
before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import people, posts, shifts
from bot.community.posts import Post
from bot.community.record import Moment, new_id, now_of, rows, table_of, vault_of
from bot.community.shifts import COMING, THERE, Shift, ShiftPlace, ShiftState
from bot.data import Local
from bot.errors import Refusal
from privacy.opening import Words
from privacy.sealed import Place, Sealed, SealedBytes

SLOT = timedelta(minutes=30)
AHEAD = timedelta(weeks=2)
HOUR = timedelta(hours=1)
LEAST = timedelta(minutes=10)  # so long before it one can still say that one comes
_DUE = text("due_at IS NOT NULL")


class SlotTaken(Refusal):
    """Somebody else was a moment quicker, or it is too late for this time."""

    text = "book.taken"


class Appointment(SQLModel, table=True):
    """Somebody comes to a shift of a post at this time. `due_at`: when she is reminded.

    Who has no telephone has no `person_id`; `name` is what she wishes to be called, `reach` how staff find her, if she said so.
    """

    __tablename__ = "appointment"
    model_config = {"arbitrary_types_allowed": True}
    __table_args__ = (
        UniqueConstraint("shift_id", "at", name="appointment_slot"),
        UniqueConstraint("shift_id", "person_id", name="appointment_once"),
        Index("appointment_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    shift_id: str = Field(foreign_key="shift.id", max_length=16)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    name: Sealed | None = Field(default=None, sa_type=SealedBytes)
    reach: Sealed | None = Field(default=None, sa_type=SealedBytes)
    at: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)


def is_bookable(local: Local, post: Post) -> bool:
    """Whether one can come to it with something of one's own (posts.toml), and it is open."""
    return post.state == posts.State.OPEN and any(
        offer.code == post.code and offer.booking for offer in local.posts
    )


def bookable(session: Session, local: Local) -> list[Post]:
    """The posts somebody can come to in the next weeks, by number."""
    found = [post for post in posts.shown(session) if is_bookable(local, post)]
    return [post for post in found if ahead(session, post)]


def for_kind(session: Session, local: Local, kind: str) -> Post | None:
    """The post one can go to with such a need, where there is a time left at one."""
    kinds = local.offers(kind)
    return next((post for post in bookable(session, local) if post.kind in kinds), None)


def ahead(session: Session, post: Post) -> list[Shift]:
    """The shifts of the next weeks to which somebody of the post comes and that have a time left, in order of time."""
    until = now_of(session) + AHEAD
    return [
        shift for shift, coming in shifts.coming(session, post.id, until) if coming and free(session, shift)
    ]


def slots(shift: Shift) -> list[datetime]:
    many = (shift.ends_at - shift.starts_at) // SLOT
    return [shift.starts_at + number * SLOT for number in range(many)]


def free(session: Session, shift: Shift) -> list[int]:
    """Which slots nobody has and are not too late."""
    taken = {one.at for one in of_shift(session, shift.id)}
    soonest = now_of(session) + LEAST
    return [number for number, at in enumerate(slots(shift)) if at not in taken and at >= soonest]


def of_shift(session: Session, shift_id: str) -> list[Appointment]:
    """In order of time."""
    return list(
        session.exec(
            select(Appointment).where(Appointment.shift_id == shift_id).order_by(col(Appointment.at))
        )
    )


def of_person(session: Session, person_id: str) -> list[Appointment]:
    """Hers, in order of time."""
    return list(
        session.exec(
            select(Appointment).where(Appointment.person_id == person_id).order_by(col(Appointment.at))
        )
    )


def get(session: Session, appointment_id: str) -> Appointment | None:
    return session.get(Appointment, appointment_id)


def at_post(session: Session, post_id: str, person_id: str) -> Appointment | None:
    """The one she has at this post."""
    return session.exec(
        select(Appointment)
        .join(Shift, col(Shift.id) == col(Appointment.shift_id))
        .where(Shift.post_id == post_id, Appointment.person_id == person_id)
    ).first()


def take(session: Session, local: Local, shift: Shift, number: int, person_id: str) -> Appointment:
    """This slot is hers, instead of the one she has at this post. Raises SlotTaken.

    Between two the unique index decides, and the other's tap is done anew.
    """
    if number not in free(session, shift):
        raise SlotTaken
    mine = at_post(session, shift.post_id, person_id) or Appointment(
        shift_id=shift.id, person_id=person_id, at=shift.starts_at
    )
    mine.shift_id, mine.at = shift.id, slots(shift)[number]
    mine.due_at = _reminder(session, local, mine.at)
    session.add(mine)
    session.flush()
    return mine


def take_for(session: Session, shift: Shift, number: int, *, name: str, reach: str) -> Appointment:
    """This slot is for somebody without a telephone. Raises SlotTaken as take does."""
    if number not in free(session, shift):
        raise SlotTaken
    one = Appointment(shift_id=shift.id, at=slots(shift)[number])
    for column, words in (("name", name), ("reach", reach)):
        if words:
            place = Place("appointment", column, one.id)
            sealed = vault_of(session).seal(words, subject=one.id, data_class="name", place=place)
            setattr(one, column, sealed)
    session.add(one)
    session.flush()
    return one


def name_of(session: Session, one: Appointment) -> Words:
    """What whoever comes is called, unopened."""
    if one.person_id is not None:
        return people.name_of(people.get(session, one.person_id))
    return Words(one.name, one.id, "name", Place("appointment", "name", one.id), owner=one.id)


def reach_of(one: Appointment) -> Words:
    """How staff find who has no telephone, unopened."""
    return Words(one.reach, one.id, "name", Place("appointment", "reach", one.id), owner=one.id)


def cancel(session: Session, one: Appointment) -> None:
    """It never was."""
    session.delete(one)
    session.flush()
    if one.person_id is None:
        vault_of(session).forget(one.id)


def _reminder(session: Session, local: Local, at: datetime) -> datetime | None:
    """An hour before, or in the morning; none where that is past, or where she would be too late."""
    moment = local.awake(at - HOUR)
    return moment if now_of(session) < moment < at else None


# --- timed work


_NOW = sa.bindparam("now", type_=Moment())
_TO_REMIND = select(Appointment.id).where(
    col(Appointment.due_at).is_not(None), col(Appointment.due_at) <= _NOW
)
_NOBODY = ~sa.exists().where(
    col(ShiftPlace.shift_id) == col(Shift.id),
    col(ShiftPlace.state).in_([state.value for state in (*COMING, *THERE)]),
)
_OUTSIDE = (col(Appointment.at) < col(Shift.starts_at)) | (col(Appointment.at) >= col(Shift.ends_at))
_LOST = (
    select(Appointment.id)
    .join(Shift, col(Shift.id) == col(Appointment.shift_id))
    .where(col(Appointment.at) > _NOW, (col(Shift.state) != ShiftState.OPEN.value) | _OUTSIDE | _NOBODY)
)
_PAST = select(Appointment.id).where(col(Appointment.at) <= _NOW)


def due(session: Session) -> list[str]:
    """Who is to be reminded now."""
    return list(rows(session, _TO_REMIND, now=now_of(session)).scalars())


def reminded(session: Session, one: Appointment) -> None:
    one.due_at = None
    session.add(one)
    session.flush()


def is_held(session: Session, shift: Shift) -> bool:
    """Whether somebody of the post comes."""
    return bool(shifts.people_of(session, shift, *COMING, *THERE))


def lost(session: Session) -> list[str]:
    """What cannot take place: the shift is called off, is at another time now, or nobody of the post comes any more."""
    return list(rows(session, _LOST, now=now_of(session)).scalars())


def past(session: Session) -> list[str]:
    """Whose time is over: nobody knows any more that it was."""
    return list(rows(session, _PAST, now=now_of(session) - SLOT).scalars())


def forget(session: Session, person_id: str) -> None:
    session.execute(delete(Appointment).where(col(Appointment.person_id) == person_id))


# --- who may read whose each is

_A, _S, _P = table_of(Appointment), table_of(Shift), table_of(ShiftPlace)


def receiving(
    reader: sa.BindParameter[str], owner: sa.BindParameter[str], now: sa.BindParameter[datetime]
) -> sa.Exists:
    """As part of another question: whether the reader holds a place of a shift going on now, and the owner comes to it."""
    return sa.exists(
        sa.select(_A.c.id)
        .join(_S, _S.c.id == _A.c.shift_id)
        .join(_P, _P.c.shift_id == _S.c.id)
        .where(
            sa.or_(_A.c.person_id == owner, _A.c.id == owner),  # who has no telephone has no other name here
            _P.c.person_id == reader,
            _P.c.seat.is_not(None),
            _S.c.starts_at <= now,
            _S.c.ends_at > now,
        )
    )
