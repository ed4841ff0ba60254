"""A line of consent whose time is over may be emptied; and a line of what happened is not replaced either.

The one change the database lets through: number, prev and hash stay, all else goes, 1095 days after what the line says has
ended, by the age of the ledger's own youngest line; of one use always the oldest word first, so that no yes is left without what
ended it. SQLite would let INSERT OR REPLACE pass a trigger on DELETE, which is closed for `event` too.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from privacy.chain import FORGOTTEN

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
USE = "other.person_id = OLD.person_id AND other.purpose = OLD.purpose AND other.scope = OLD.scope"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER consent_event_no_update")
        _loosen_on_sqlite()
    else:
        op.execute("DROP TRIGGER consent_event_append_only ON consent_event")
        op.alter_column("consent_event", "at", existing_type=MOMENT, nullable=True)
    _index("consent_over", "at", "status <> 'given'")
    _index("consent_until", "until", "until IS NOT NULL")
    op.create_table(
        "posting",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    if sqlite:
        _on_sqlite()
    else:
        _on_postgresql()


def _loosen_on_sqlite() -> None:
    """SQLite cannot loosen a column: another takes its place."""
    op.add_column("consent_event", sa.Column("moment", MOMENT, nullable=True))
    op.execute("UPDATE consent_event SET moment = at")
    op.execute("ALTER TABLE consent_event DROP COLUMN at")
    op.execute("ALTER TABLE consent_event RENAME COLUMN moment TO at")


def _index(name: str, column: str, only: str) -> None:
    where = sa.text(only)
    op.create_index(name, "consent_event", [column], unique=False, sqlite_where=where, postgresql_where=where)


def _on_sqlite() -> None:
    limit = "(SELECT julianday(at, '-1095 days') FROM consent_event ORDER BY id DESC LIMIT 1)"
    allowed = _allowed(lambda moment: f"julianday({moment}) <= {limit}", "IS")
    refuse = "BEGIN SELECT RAISE(ABORT, 'consent_event is append-only'); END"
    op.execute(
        f"CREATE TRIGGER consent_event_no_update BEFORE UPDATE ON consent_event WHEN NOT ({allowed}) {refuse}"
    )
    there = "WHEN EXISTS (SELECT 1 FROM event WHERE id = NEW.id)"
    refuse = "BEGIN SELECT RAISE(ABORT, 'event is append-only'); END"
    op.execute(f"CREATE TRIGGER event_no_replace BEFORE INSERT ON event {there} {refuse}")


def _on_postgresql() -> None:
    limit = "(SELECT at - interval '1095 days' FROM consent_event ORDER BY id DESC LIMIT 1)"
    allowed = _allowed(lambda moment: f"{moment} <= {limit}", "IS NOT DISTINCT FROM")
    op.execute(
        "CREATE OR REPLACE FUNCTION consent_event_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF ({allowed}) THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'consent_event is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_event_append_only BEFORE DELETE OR TRUNCATE ON consent_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION consent_event_append_only()"
    )
    op.execute(
        "CREATE TRIGGER consent_event_kept BEFORE UPDATE ON consent_event "
        "FOR EACH ROW EXECUTE FUNCTION consent_event_kept()"
    )


def _allowed(is_over: Callable[[str], str], same: str) -> str:
    """Whether a change is the one that is let through; what is not known (NULL) is not."""
    kept = [f"NEW.{column} {same} OLD.{column}" for column in ("id", "prev", "hash")]
    emptied = [
        f'NEW."{column}" {same} {_literal(value)}' for column, value in FORGOTTEN.items() if column != "at"
    ]
    words = f"SELECT 1 FROM consent_event AS other WHERE {USE}"  # noqa: S608  # names of our own
    first = f"NOT EXISTS ({words} AND other.id < OLD.id)"
    followed = f"EXISTS ({words} AND other.id > OLD.id AND {is_over('other.at')})"
    ended = f"(OLD.status <> 'given' OR {is_over('OLD.until')} OR {followed})"
    rules = [*kept, *emptied, f"NEW.at {same} NULL", is_over("OLD.at"), first, ended]
    return f"coalesce({' AND '.join(rules)}, false)"


def _literal(value: object) -> str:
    return "NULL" if value is None else repr(value)
