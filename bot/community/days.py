"""The days staff enter: a holiday of their own, a Saturday that is worked. They come before what calendar.toml says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from sqlmodel import Date, Field, Session, SQLModel, col, delete, select

from bot.community import events
from bot.community.events import NO_CASE, Kind
from bot.community.office import Office
from bot.data.calendar import Span


class OfficeDay(SQLModel, table=True):
    """One day with hours of its own; `hours`: as 08:00-12:00,14:30-17:30, empty where nobody is there. Of nobody."""

    __tablename__ = "office_day"

    day: date = Field(primary_key=True, sa_type=Date)
    hours: str = Field(max_length=40)


def every(session: Session) -> dict[date, tuple[Span, ...]]:
    """All of them, those gone by too: what was due then is reckoned by them."""
    return {
        one.day: _spans(one.hours) for one in session.exec(select(OfficeDay).order_by(col(OfficeDay.day)))
    }


def enter(session: Session, days: Mapping[date, tuple[Span, ...]], *, by: str) -> None:
    """These days have these hours from now on; none: closed."""
    for day, spans in days.items():
        session.merge(OfficeDay(day=day, hours=_written(spans)))
        events.note(session, NO_CASE, Kind.DAYS, actor=by, code=f"{'open' if spans else 'closed'}:{day}")
    _look_anew(session)


def remove(session: Session, day: date, *, by: str) -> None:
    """It is as calendar.toml has it."""
    session.execute(delete(OfficeDay).where(col(OfficeDay.day) == day))
    events.note(session, NO_CASE, Kind.DAYS, actor=by, code=f"as_usual:{day}")
    _look_anew(session)


def _look_anew(session: Session) -> None:
    """When the office opens and closes next was noted by the hours before."""
    session.execute(delete(Office))
    session.flush()


def _written(spans: tuple[Span, ...]) -> str:
    return ",".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans)


def _spans(written: str) -> tuple[Span, ...]:
    pairs = (one.split("-") for one in written.split(",") if one)
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs)
