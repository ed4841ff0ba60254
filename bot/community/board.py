"""The board: where the neighbourhood reads what concerns everybody. Of the ledger a line goes there for each day, once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from bot.community.record import Moment, now_of, table_of
from privacy import ledger


class Posting(SQLModel, table=True):
    """The note of this day (UTC, YYYY-MM-DD) was posted at this moment."""

    __tablename__ = "posting"

    day: str = Field(primary_key=True, max_length=10)
    at: datetime = Field(sa_type=Moment)


_POSTED = sa.select(table_of(Posting).c.day).where(table_of(Posting).c.day == sa.bindparam("day"))


def to_post(session: Session) -> list[str]:
    """The last day that has ended and on which something was said, where it has not been posted yet."""
    day = ledger.last_day(session, at=now_of(session))
    if day is None or session.connection().execute(_POSTED, {"day": day}).first() is not None:
        return []
    return [day]


def posted(session: Session, day: str) -> None:
    session.add(Posting(day=day, at=now_of(session)))
    session.flush()
