"""Dead letters: what was laid aside, so that it blocks nothing, and can be tried again."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from bot.runtime.tables import inbox, outbox

_DEAD_IN = inbox.c.state == sa.literal_column("'dead'")
_DEAD_OUT = outbox.c.state == sa.literal_column("'dead'")
_CAME, _WENT = inbox.c, outbox.c  # never what they say: that is long, sealed, and read by nobody here
_DEAD = {
    "inbox": sa.select(_CAME.id, _CAME.error, _CAME.tries, _CAME.received_at)
    .where(_DEAD_IN)
    .order_by(_CAME.id),
    "outbox": sa.select(_WENT.id, _WENT.error, _WENT.tries, _WENT.created_at)
    .where(_DEAD_OUT)
    .order_by(_WENT.id),
}


@dataclass(frozen=True)
class Letter:
    """`name` is what `replay` takes; `at` seconds since 1970."""

    name: str
    error: str | None
    tries: int
    at: float


def dead(session: Session) -> list[Letter]:
    connection = session.connection()
    return [
        Letter(f"{name}:{number}", error, tries, at)
        for name, wanted in _DEAD.items()
        for number, error, tries, at in connection.execute(wanted)
    ]


def replay(session: Session, name: str, now: float) -> None:
    """Put it back where it came from. Raises LookupError when there is no such letter any more."""
    table, _, number = name.partition(":")
    if table not in ("inbox", "outbox") or not number.isdecimal():
        raise LookupError(f"no dead letter is called {name}")
    if table == "inbox":
        again = (
            inbox.update()
            .where(inbox.c.id == int(number), _DEAD_IN, inbox.c.payload.is_not(None))
            .values(state="new", tries=0, deaths=0, due_at=now, error=None)
        )
    else:
        again = (
            outbox.update()
            .where(outbox.c.id == int(number), _DEAD_OUT, outbox.c.payload.is_not(None))
            .values(state="pending", tries=0, due_at=now, set_at=now, settled_at=None, error=None)
        )
    if session.connection().execute(again).rowcount != 1:
        raise LookupError(f"no dead letter is called {name}")
