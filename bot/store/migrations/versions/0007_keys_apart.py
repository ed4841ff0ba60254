"""Data keys leave for a database of their own, and what is erased is remembered for as long as backups live.

The keys are safe over there before the table here goes: what stops in between begins again. They are added to what the
keystore holds and nothing is taken out of it: it may be the right one, beside data that was set up anew by mistake.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from bot.store.database import connect_keys

revision = "0007"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "jinlin_keys"  # on PostgreSQL


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    rows = op.get_bind().execute(sa.text("SELECT subject, data_class, kid, wrapped FROM subject_key"))
    _move([dict(row) for row in rows.mappings()])
    op.drop_table("subject_key")


def _move(rows: list[dict[str, Any]]) -> None:
    table = sa.Table(
        "subject_key",
        sa.MetaData(),
        sa.Column("subject", sa.String(32), primary_key=True),
        sa.Column("data_class", sa.String(16), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("kid", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    )
    keys = connect_keys(context.config.attributes["url"])
    try:
        with keys.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            table.create(connection, checkfirst=True)
            there = {tuple(row) for row in connection.execute(sa.select(table.c.subject, table.c.data_class))}
            news = [row for row in rows if (row["subject"], row["data_class"]) not in there]
            if news:
                connection.execute(table.insert(), [row | {"id": _id(row)} for row in news])
    finally:
        keys.dispose()


def _id(row: dict[str, Any]) -> str:
    """The same for every copy of the database from before, so that an erasure finds the key in whichever is restored."""
    return hashlib.sha256(f"{row['subject']} {row['data_class']}".encode()).hexdigest()[:32]
