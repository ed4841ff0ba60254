"""Timed work that failed: tried again after longer and longer, and shown by the doctor as long as it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from bot.runtime.tables import failure

WAIT = 60.0  # seconds after the first failure, four times as long after each further one
LONGEST = 86_400.0
ALL = ""  # the item of a sweep that cannot say what is due

_WAITING = sa.select(failure.c.sweep, failure.c.item, failure.c.due_at)
Waiting = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Failure:
    """`item` is what the sweep calls it, a case's id for instance."""

    sweep: str
    item: str
    error: str
    tries: int


def waiting(session: Session) -> Waiting:
    """When what has failed may be tried again, by sweep and item."""
    found: Waiting = {}
    for row in session.connection().execute(_WAITING):
        found.setdefault(row.sweep, {})[row.item] = row.due_at
    return found


def to_try(session: Session, failed: Waiting, sweep: str, due: Sequence[str], now: float) -> list[str]:
    """What of all that is due may be tried now. What is not due any more has not failed."""
    again = failed.get(sweep, {})
    if gone := again.keys() - set(due):
        session.connection().execute(
            sa.delete(failure).where(failure.c.sweep == sweep, failure.c.item.in_(gone))
        )
    return [item for item in due if again.get(item, now) <= now]


def note(session: Session, sweep: str, item: str, error: str, now: float) -> None:
    connection = session.connection()
    this = (failure.c.sweep == sweep, failure.c.item == item)
    tries = (connection.scalar(sa.select(failure.c.tries).where(*this)) or 0) + 1
    again = now + min(LONGEST, WAIT * 4 ** min(tries - 1, 10))
    connection.execute(sa.delete(failure).where(*this))
    connection.execute(
        failure.insert().values(sweep=sweep, item=item, tries=tries, due_at=again, error=error[:64])
    )


def try_all(session: Session, now: float) -> None:
    """A new process may be mended."""
    session.connection().execute(failure.update().values(due_at=now))


def every(session: Session) -> list[Failure]:
    found = session.connection().execute(sa.select(failure).order_by(failure.c.sweep, failure.c.item)).all()
    return [Failure(row.sweep, row.item, row.error, row.tries) for row in found]
