"""What the runtime lets go of when somebody leaves for good."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from bot.runtime.persistence import USER
from bot.runtime.seals import Seals
from bot.runtime.tables import inbox, message_map, outbox, persistence

_WAITS = outbox.c.state.in_(["pending", "blocked", "dead"])
_CAME = (
    inbox.update()
    .where(inbox.c.chat == sa.bindparam("whose"), inbox.c.payload.is_not(None), inbox.c.state != "new")
    .values(state="done", payload=None)
)
# What covers or deletes a message of hers: a door of somebody else's vanishes from her chat however late she comes back.
_COVERS = (outbox.c.kind == "keep") & (outbox.c.priority == 1) & (outbox.c.state != "dead")
_TO_SEND = (
    outbox.update()
    .where(
        _WAITS,
        ~_COVERS,
        (outbox.c.chat == sa.bindparam("whose")) | outbox.c.guard.in_(sa.bindparam("guards", expanding=True)),
    )
    .values(state="cancelled", payload=None, settled_at=sa.bindparam("now"), error="left")
)
_ON_ITS_WAY = (
    outbox.update()
    .where(outbox.c.chat == sa.bindparam("whose"), outbox.c.state == "sending")
    .values(expires_at=sa.bindparam("now"))
)
_LATELY = (
    sa.select(message_map.c.message_id)
    .where(message_map.c.chat == sa.bindparam("whose"), message_map.c.sent_at > sa.bindparam("since"))
    .order_by(message_map.c.sent_at)
)
_TALK = sa.delete(persistence).where(persistence.c.part == USER, persistence.c.key == sa.bindparam("whose"))


def forget(session: Session, seals: Seals, chat_id: int, guards: Sequence[str], now: float) -> None:
    """Her updates, what waits to be sent to her or says something under one of these guards, and her talk.

    What is on its way is not tried again. What is new is handled in its turn, as a stranger's, and loses its words by that. What
    this transaction says or takes back is sent, so the ids of her messages stay until they are swept with all others: no word is
    in them. `now`: seconds since 1970.
    """
    session.flush()
    connection, chat = session.connection(), seals.chat(chat_id)
    connection.execute(_CAME, {"whose": chat})
    connection.execute(_TO_SEND, {"whose": chat, "guards": list(guards), "now": now})
    connection.execute(_ON_ITS_WAY, {"whose": chat, "now": now})
    connection.execute(_TALK, {"whose": seals.key(USER, str(chat_id))})


def lately(session: Session, seals: Seals, chat_id: int, since: float) -> list[int]:
    """Every message of ours that came into this chat since then (seconds since 1970)."""
    whose = {"whose": seals.chat(chat_id), "since": since}
    return list(session.connection().execute(_LATELY, whose).scalars())
