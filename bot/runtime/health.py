"""How the runtime is, in numbers without anybody's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.runtime.answers import BAD_ENTITIES
from bot.runtime.tables import failure, inbox, outbox


@dataclass(frozen=True)
class Health:
    """Ages in seconds, None where there is nothing that could have one."""

    backlog: int  # updates not handled yet
    oldest: float | None
    waiting: int  # messages not sent yet
    oldest_waiting: float | None
    dead: int  # dead letters, in and out
    failing: int  # timed work that is due and fails
    unreachable: int  # chats for which messages are kept
    alerts: int  # messages that went out without their HTML, since Telegram could not read it
    since_poll: float | None


def measure(session: Session, *, now: float, last_poll: float | None) -> Health:
    connection = session.connection()

    def one(query: Any) -> Any:
        return connection.execute(query).one()

    def count(column: sa.ColumnElement[bool]) -> int:
        return int(connection.scalar(sa.select(sa.func.count()).where(column)) or 0)

    new = inbox.c.state == sa.literal_column("'new'")
    opened = outbox.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'sending'")])
    blocked = outbox.c.state == sa.literal_column("'blocked'")
    backlog, received = one(sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).where(new))
    waiting, created = one(sa.select(sa.func.count(), sa.func.min(outbox.c.created_at)).where(opened))
    chats = connection.scalar(sa.select(sa.func.count(outbox.c.chat.distinct())).where(blocked))
    dead = sa.literal_column("'dead'", sa.String)
    return Health(
        backlog=backlog,
        oldest=None if received is None else now - received,
        waiting=waiting,
        oldest_waiting=None if created is None else now - created,
        dead=count(inbox.c.state == dead) + count(outbox.c.state == dead),
        failing=int(connection.scalar(sa.select(sa.func.count()).select_from(failure)) or 0),
        unreachable=chats or 0,
        alerts=count(outbox.c.error == BAD_ENTITIES),
        since_poll=None if last_poll is None else now - last_poll,
    )
