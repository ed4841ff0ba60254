"""What the runtime keeps: what came, what is to be sent, where talks stand.

Instants are seconds since 1970 (UTC). A chat is a blind index, negative for groups; its real id stands only
inside sealed payloads. Rows of inbox and outbox lose their payload when they are done.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import SQLModel

from privacy.sealed import SealedBytes

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

inbox = sa.Table(
    "inbox",
    SQLModel.metadata,
    sa.Column("id", Big, primary_key=True, autoincrement=True),
    sa.Column("source", sa.String(32), nullable=False),  # which bot received it
    sa.Column("update_id", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.BigInteger, nullable=False),  # keyed, of the whole update
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # new, done, dead
    sa.Column("tries", sa.Integer, nullable=False),  # attempts that raised
    sa.Column("deaths", sa.Integer, nullable=False),  # attempts the process did not survive
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("error", sa.String(64)),
    sa.Column("payload", SealedBytes),
    sa.UniqueConstraint("source", "update_id", "digest", name="inbox_once"),
    sqlite_autoincrement=True,
)
NEW = sa.text("state = 'new'")
sa.Index("inbox_new", inbox.c.id, sqlite_where=NEW, postgresql_where=NEW)
DEAD = sa.text("state = 'dead'")
sa.Index("inbox_dead", inbox.c.id, sqlite_where=DEAD, postgresql_where=DEAD)
sa.Index("inbox_new_chat", inbox.c.chat, inbox.c.id, sqlite_where=NEW, postgresql_where=NEW)

outbox = sa.Table(
    "outbox",
    SQLModel.metadata,
    # given out by the runtime and never used twice: the provisional message id of a row is -id
    sa.Column("id", Big, primary_key=True, autoincrement=False),
    sa.Column("cause", sa.BigInteger),  # the inbox row it answers
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("method", sa.String(64), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("guard", sa.String(128)),
    # pending, sending, blocked (its chat is unreachable), sent, cancelled, expired, dead
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("ambiguous", sa.Boolean, nullable=False),  # it may have arrived already
    sa.Column(
        "floor", sa.BigInteger, nullable=False
    ),  # the highest message id known when it was first claimed
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("set_at", sa.Float, nullable=False, server_default="0"),  # when due_at was set
    sa.Column("expires_at", sa.Float),
    sa.Column("settled_at", sa.Float),
    sa.Column("error", sa.String(64)),
    sa.Column("payload", SealedBytes),
)
OPEN = sa.text("state IN ('pending', 'sending')")
sa.Index("outbox_open", outbox.c.priority, outbox.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
sa.Index("outbox_open_chat", outbox.c.chat, outbox.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
sa.Index("outbox_dead", outbox.c.id, sqlite_where=DEAD, postgresql_where=DEAD)
BLOCKED = sa.text("state = 'blocked'")
sa.Index("outbox_blocked", outbox.c.chat, sqlite_where=BLOCKED, postgresql_where=BLOCKED)

# what became of the provisional ids that conversations keep
message_map = sa.Table(
    "message_map",
    SQLModel.metadata,
    sa.Column(
        "provisional", Big, primary_key=True, autoincrement=False
    ),  # the id of the outbox row, positive
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("sent_at", sa.Float, nullable=False),
)

persistence = sa.Table(
    "persistence",
    SQLModel.metadata,
    sa.Column("part", sa.String(64), primary_key=True),  # "user", or "conversation:" and its name
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("payload", SealedBytes, nullable=False),
)
sa.Index("persistence_expiry", persistence.c.expires_at)

# timed work that failed (bot.runtime.failures)
failure = sa.Table(
    "failure",
    SQLModel.metadata,
    sa.Column("sweep", sa.String(64), primary_key=True),
    sa.Column("item", sa.String(64), primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("error", sa.String(64), nullable=False),
)

runtime_state = sa.Table(
    "runtime_state",
    SQLModel.metadata,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
