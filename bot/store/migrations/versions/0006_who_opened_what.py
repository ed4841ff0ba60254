"""A log of who opened whose words: lines are only added, and none goes before it is 1095 days older than the youngest.

The age is measured by the log itself, not by a clock: the service has its own, and the database another.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("reader_id", sa.String(32), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("access_by", "access", ["reader_id", "at"], unique=False)
    op.create_index("ix_access_owner_id", "access", ["owner_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'access is append-only'); END"
    young = "julianday(OLD.at) > (SELECT julianday(at) - 1095 FROM access ORDER BY id DESC LIMIT 1)"
    op.execute(f"CREATE TRIGGER access_no_update BEFORE UPDATE ON access {refuse}")
    op.execute(f"CREATE TRIGGER access_no_delete BEFORE DELETE ON access WHEN {young} {refuse}")
    there = (
        "WHEN EXISTS (SELECT 1 FROM access WHERE id = NEW.id)"  # INSERT OR REPLACE passes a trigger on DELETE
    )
    op.execute(f"CREATE TRIGGER access_no_replace BEFORE INSERT ON access {there} {refuse}")


def _on_postgresql() -> None:
    refuse = "RAISE EXCEPTION 'access is append-only';"
    young = "OLD.at > (SELECT at - interval '1095 days' FROM access ORDER BY id DESC LIMIT 1)"
    op.execute(
        "CREATE OR REPLACE FUNCTION access_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {refuse} END $$"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION access_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {young} THEN {refuse} END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER access_append_only BEFORE UPDATE OR TRUNCATE ON access "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_append_only()"
    )
    op.execute(
        "CREATE TRIGGER access_kept BEFORE DELETE ON access FOR EACH ROW EXECUTE FUNCTION access_kept()"
    )
