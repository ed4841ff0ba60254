"""Consent lines say whose word it was and what became of it, and are bound into a chain.

The lines there are keep their numbers and their order; each gets the hash of the one before. A line that follows another is
never replaced either: SQLite would let INSERT OR REPLACE pass a trigger on DELETE.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from privacy.chain import START, digest

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    old = op.get_bind().execute(sa.text("SELECT * FROM consent_event ORDER BY id").columns(at=MOMENT))
    lines = _chained([dict(row) for row in old.mappings()])
    op.drop_table("consent_event")
    table = op.create_table(
        "consent_event",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("by", sa.String(16), nullable=False),
        sa.Column("by_id", sa.String(32), nullable=False),
        sa.Column("notice_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("prev"),
    )
    op.create_index("consent_of", "consent_event", ["person_id", "purpose", "scope"], unique=False)
    op.create_table(
        "ledger_note",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("lines", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", "lines"),
    )
    op.bulk_insert(table, lines)
    _append_only("consent_event", "id = NEW.id OR prev = NEW.prev")
    _append_only("ledger_note", "day = NEW.day AND lines = NEW.lines")


def _chained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    agreed: dict[tuple[str, str, str], bool] = {}
    prev, lines = START, []
    for row in rows:
        given = bool(row.pop("given"))
        of = (row["person_id"], row["purpose"], row["scope"])
        service = row["way"] == "service"
        ended = "expired" if service else "withdrawn" if agreed.get(of) else "refused"
        agreed[of] = given
        at = row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)
        line = {
            **row,
            "status": "given" if given else ended,
            "by": "service" if service else "self",
            "by_id": "",
            "at": at,
            "until": None,
            "prev": prev,
        }
        prev = line["hash"] = digest({**line, "at": _moment(at)}, prev)
        lines.append(line)
    return lines


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _append_only(table: str, same: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}")
        there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # names of our own
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {there} {refuse}")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
