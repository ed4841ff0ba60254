"""When the mediator and a side, or both, talk: she proposes, everybody asked says yes, and shortly before all are reminded.

A time lives while both accept who proposed it and nothing has come out yet: bot.community.mediations drops it with that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel, col, select

from bot.community import mediations
from bot.community.mediations import Mediation, NotBothAgreed
from bot.community.record import Moment, new_id, now_of, rows
from bot.community.stages import A, B, State, Who
from bot.data import Local
from bot.errors import OldButton

BEFORE = (timedelta(days=1), timedelta(hours=2))  # so long before it everybody is reminded
_DUE = sa.text("due_at IS NOT NULL")


class MediationTime(SQLModel, table=True):
    """For whom it is, and who comes. `due_at`: when everybody is reminded next."""

    __tablename__ = "mediation_time"
    __table_args__ = (Index("mediation_time_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    mediation_id: str = Field(foreign_key="mediation.id", max_length=16, index=True)
    at: datetime = Field(sa_type=Moment)
    with_a: bool
    with_b: bool
    yes_a: datetime | None = Field(default=None, sa_type=Moment)
    yes_b: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)


def propose(session: Session, one: Mediation, person_id: str, at: datetime, *sides: Who) -> MediationTime:
    """The mediator's proposal, her own yes in it. Raises OldButton for anybody else, and for a time gone by; NotBothAgreed."""
    if one.mediator_id != person_id or one.state != State.ACCEPTED or at <= now_of(session) or not sides:
        raise OldButton
    if not mediations.both_agree(session, one):
        raise NotBothAgreed
    return _keep(session, MediationTime(mediation_id=one.id, at=at, with_a=A in sides, with_b=B in sides))


def come(session: Session, local: Local, one: Mediation, time: MediationTime, person_id: str) -> bool:
    """One side comes. Returns whether everybody does now. Raises OldButton, also for who has said so before; NotBothAgreed."""
    side = mediations.side_of(one, person_id)
    said = time.yes_a if side is A else time.yes_b
    if (
        side is None
        or person_id not in asked(one, time)
        or said is not None
        or not _is_ahead(session, one, time)
    ):
        raise OldButton
    if not mediations.both_agree(session, one):
        raise NotBothAgreed
    setattr(time, f"yes_{side}", now_of(session))
    if is_fixed(time):
        time.due_at = _reminder(session, local, time)
    _keep(session, time)
    return is_fixed(time)


def refuse(session: Session, one: Mediation, time: MediationTime, person_id: str) -> None:
    """It does not suit one of those it is for, or the mediator, so it does not take place. Raises OldButton."""
    if person_id not in (*asked(one, time), one.mediator_id) or not _is_ahead(session, one, time):
        raise OldButton
    session.delete(time)
    session.flush()


def _keep(session: Session, time: MediationTime) -> MediationTime:
    session.add(time)
    session.flush()
    return time


def _is_ahead(session: Session, one: Mediation, time: MediationTime) -> bool:
    return time.mediation_id == one.id and one.state == State.ACCEPTED and time.at > now_of(session)


def asked(one: Mediation, time: MediationTime) -> list[str]:
    """The sides it is for."""
    both = ((one.a_id, time.with_a), (one.b_id, time.with_b))
    return [person_id for person_id, there in both if there and person_id is not None]


def is_fixed(time: MediationTime) -> bool:
    return (time.yes_a is not None or not time.with_a) and (time.yes_b is not None or not time.with_b)


def get(session: Session, time_id: str) -> MediationTime | None:
    return session.get(MediationTime, time_id)


def of(session: Session, one: Mediation) -> list[MediationTime]:
    """Those ahead, in order."""
    wanted = select(MediationTime).where(
        MediationTime.mediation_id == one.id, MediationTime.at > now_of(session)
    )
    return list(session.exec(wanted.order_by(col(MediationTime.at))))


# --- timed work


def _reminder(session: Session, local: Local, time: MediationTime) -> datetime | None:
    """A day before and two hours before, or once quiet hours are over; never too late for it."""
    moments = (local.awake(time.at - before) for before in BEFORE)
    return next((moment for moment in moments if now_of(session) < moment < time.at), None)


_TO_REMIND = select(MediationTime.id).where(
    col(MediationTime.due_at).is_not(None), col(MediationTime.due_at) <= sa.bindparam("now", type_=Moment())
)


def due(session: Session) -> list[str]:
    """Of which everybody is to be reminded now."""
    return list(rows(session, _TO_REMIND, now=now_of(session)).scalars())


def remind(session: Session, local: Local, time_id: str) -> tuple[Mediation, MediationTime] | None:
    """One of them, where it is still fixed and due, nobody sleeps and both still agree; and when it is due next is set."""
    time, now = get(session, time_id), now_of(session)
    one = mediations.get(session, time.mediation_id) if time is not None else None
    if time is None or one is None or time.due_at is None or time.due_at > now:
        return None
    awake = local.awake(now)
    asleep = now < awake < time.at
    time.due_at = awake if asleep else _reminder(session, local, time)
    _keep(session, time)
    if asleep or not _is_ahead(session, one, time) or not mediations.both_agree(session, one):
        return None
    return one, time
