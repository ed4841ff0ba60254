"""When the office opens and when it closes: what is told once on every day that staff are there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlmodel import Field, Session, SQLModel

from bot.community.record import Moment, now_of, rows, table_of
from bot.data import Local

BEFORE_CLOSING = timedelta(minutes=20)


class Moments(StrEnum):
    """The two moments of a working day."""

    OPENS = "opens"
    CLOSES = "closes"


class Office(SQLModel, table=True):
    """When one of the two comes next. There are two rows."""

    __tablename__ = "office"

    id: str = Field(primary_key=True, max_length=8)
    due_at: datetime = Field(sa_type=Moment)


_OFFICES = table_of(Office)
_COMING = select(_OFFICES.c.id).where(_OFFICES.c.due_at > bindparam("now"))


def due(session: Session) -> list[str]:
    """Which of the two has come; both before the first day."""
    coming = set(rows(session, _COMING, now=now_of(session)).scalars())
    return [moment.value for moment in Moments if moment not in coming]


def comes(session: Session, local: Local, moment: Moments) -> bool:
    """It has come, and the next one is noted. False the first time, which nobody has waited for, and where it was hours ago."""
    row, now = session.get(Office, moment), now_of(session)
    came = row is not None and row.due_at <= now < row.due_at + timedelta(hours=3)
    row = row or Office(id=moment, due_at=now)
    row.due_at = _next(local, moment, now)
    session.add(row)
    session.flush()
    return came


def _next(local: Local, moment: Moments, now: datetime) -> datetime:
    here = now.astimezone(local.tz)
    day = here.date() if local.calendar.works_on(here.date()) else local.calendar.next_day(here.date())
    while True:
        opens, closes = local.calendar.hours_on(day)[0][0], local.calendar.hours_on(day)[-1][1]
        at = _at(local, day, opens) if moment is Moments.OPENS else _at(local, day, closes) - BEFORE_CLOSING
        if at > now:
            return at
        day = local.calendar.next_day(day)


def _at(local: Local, day: date, at: time) -> datetime:
    return datetime.combine(day, at, local.tz).astimezone(UTC)


def end_of_day(local: Local, now: datetime) -> datetime:
    """The midnight after this moment, where the neighbourhood is."""
    return _at(local, now.astimezone(local.tz).date() + timedelta(days=1), time())
