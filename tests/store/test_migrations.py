"""What the migrations build is what the models say, on both databases; and what must not be changed cannot be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import alembic.op
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import Session

from bot.store import database
from bot.store.database import connect, connect_keys, has_keys
from bot.store.models import metadata
from privacy import check, keystore, ledger
from privacy.sealed import Sealed

Index = tuple[str, tuple[str, ...], bool, str | None]
APPEND_ONLY = {
    "event": "INSERT INTO event (at, case_id, kind, channel) VALUES (CURRENT_TIMESTAMP, 'c', 'received', 'telegram')",
    "consent_event": (
        "INSERT INTO consent_event (id, person_id, purpose, scope, status, by, by_id, notice_version, language, way, at, "
        "prev, hash) VALUES (1, 'p', 'account', '', 'given', 'self', '', 1, 'zh', 'telegram', CURRENT_TIMESTAMP, '0', '1')"
    ),
    "access": (
        "INSERT INTO access (at, owner_id, reader_id, part, purpose, kind, case_id) "
        "VALUES (CURRENT_TIMESTAMP, 'p', 'q', 'moderator', 'moderate', 'story', 'c')"
    ),
    "ledger_note": "INSERT INTO ledger_note (day, lines, root) VALUES ('2026-03-02', 1, '0')",
}

_CASE = (
    "INSERT INTO help_case (id, number, person_id, state, version, skill, urgency, story, received_at, promised_at, reminders) "
    "VALUES ('{}', {}, 'p', '{}', 1, 'repairs', 'U3', CAST('{}' AS BLOB), '{} 00:00:00', '2026-11-02 10:00:00', 0)"
)
IN_USE = (
    "INSERT INTO person (id, telegram_index, telegram_id, language, simple, reachable, joined_at) "
    "VALUES ('p', 1, x'00', 'zh', false, true, '2026-11-01 00:00:00')",
    _CASE.format("c1", 1, "open", "one", "2026-11-01"),
    _CASE.format("c2", 2, "closed", "two", "2026-11-02"),
    "INSERT INTO consent_event (person_id, purpose, scope, given, notice_version, language, way, at) VALUES "
    "('p', 'pool', '', true, 1, 'zh', 'telegram', '2026-11-01 00:00:00.250000'), "
    "('p', 'pool', '', false, 1, 'zh', 'telegram', '2026-11-01 00:00:01.000000'), "
    "('q', 'pool', '', false, 1, 'en', 'telegram', '2026-11-01 00:00:02.000000'), "
    "('p', 'reveal', 'c1', true, 1, 'zh', 'telegram', '2026-11-01 00:00:03.000000'), "
    "('p', 'reveal', 'c1', false, 1, '', 'service', '2026-11-02 00:00:00.000000')",
    "INSERT INTO card (case_id, person_id, message_id, secret) VALUES ('c1', 'p', 7, false)",
)


def _predicate(options: Any) -> str | None:
    where = options.get("sqlite_where", options.get("postgresql_where"))
    if where is None:
        return None
    plain = str(where).replace("(", "").replace(")", "").replace("::text[]", "").replace("::text", "")
    plain = plain.replace("::character varying", "").replace("[]", "").replace('"', "")
    plain = plain.replace("= ANY ARRAY[", "IN ").replace("]", "")
    return plain.lower()


def _indexes_of_models(dialect: str) -> dict[str, set[Index]]:
    return {
        table.name: {
            (
                str(index.name),
                tuple(column.name for column in index.columns),
                bool(index.unique),
                _predicate({f"{dialect}_where": index.dialect_options[dialect]["where"]}),
            )
            for index in table.indexes
        }
        for table in metadata.tables.values()
    }


def _indexes_of_database(engine: sa.Engine) -> dict[str, set[Index]]:
    inspector = sa.inspect(engine)
    return {
        table: {
            (
                str(index["name"]),
                tuple(str(column) for column in index["column_names"]),
                bool(index["unique"]),
                _predicate(index.get("dialect_options", {})),
            )
            for index in inspector.get_indexes(table)
            if not index.get("duplicates_constraint")
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_tables_columns_and_types_are_those_of_the_models(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_database_in_use_loses_nothing_on_the_way(tmp_path: Path) -> None:
    """From 0001: the words stay where they are, those who refer to a case still find it, what had ended has a day."""
    url = f"sqlite:///{tmp_path / 'used.db'}"
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    config.attributes["url"] = url
    alembic.command.upgrade(config, "0001")
    engine = connect(url)
    with engine.begin() as connection:
        for statement in IN_USE:
            connection.execute(sa.text(statement))
    engine.dispose()
    database.upgrade(url)
    engine = connect(url)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, story, ended_at FROM help_case ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [("c1", b"one", None), ("c2", b"two", "2026-11-02 00:00:00")]
        assert connection.execute(sa.text("SELECT case_id FROM card")).scalars().all() == ["c1"]
        trails = connection.execute(sa.text("SELECT id, due, due_at FROM help_case ORDER BY id")).all()
        assert trails == [("c1", None, None), ("c2", "trail", "2027-05-01 00:00:00.000000")]
        seen = connection.execute(sa.text("SELECT seen_on = CURRENT_DATE, asked, stay_at FROM person")).all()
        assert seen == [(1, None, None)]
        assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
    with Session(engine) as session:
        lines = session.execute(sa.select(ledger.ConsentEvent).order_by(sa.text("id"))).scalars().all()
        assert [(line.id, line.status, line.by) for line in lines] == [
            (1, "given", "self"),
            (2, "withdrawn", "self"),
            (3, "refused", "self"),
            (4, "given", "self"),
            (5, "expired", "service"),
        ]
        assert lines[0].at == datetime(2026, 11, 1, microsecond=250000, tzinfo=UTC)
        assert check.wrong([line.rstrip() for line in ledger.export(session)], []) == []
    engine.dispose()


def test_the_keystore_is_what_its_models_say(database_url: str) -> None:
    keys = connect_keys(database_url)
    with keys.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, keystore.TABLES) == []
    assert has_keys(keys)
    keys.dispose()


KEY = {"subject": "p1", "data_class": "account", "kid": "0a1b2c3d", "wrapped": b"wrapped 1"}


def _keys_of(url: str) -> list[tuple[str, str, str, bytes]]:
    """Their ids set aside."""
    keys = connect_keys(url)
    with keys.connect() as connection:
        rows = connection.execute(sa.select(keystore.KEYS).order_by(keystore.KEYS.c.subject)).all()
    keys.dispose()
    assert len({row.id for row in rows}) == len(rows)
    assert all(re.fullmatch("[0-9a-f]{32}", row.id) for row in rows)
    return [(row.subject, row.data_class, row.kid, bytes(row.wrapped)) for row in rows]


def _tables(url: str) -> set[str]:
    engine = connect(url)
    tables = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return tables


def test_keys_in_use_move_into_the_keystore_however_often_it_is_begun(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after the copy is safe and before the old table is gone, it begins again and doubles nothing."""
    alembic.command.upgrade(database._migrations(empty_url), "0006")
    engine = connect(empty_url)
    old = sa.text("INSERT INTO subject_key VALUES (:subject, :data_class, :kid, :wrapped)")
    with engine.begin() as connection:
        connection.execute(old, [KEY, KEY | {"data_class": "contact"}])
    engine.dispose()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(alembic.op, "drop_table", stopped)
        with pytest.raises(KeyboardInterrupt):
            database.upgrade(empty_url)
    first = _keys_of(empty_url)
    assert [row[:2] for row in first] == [("p1", "account"), ("p1", "contact")]
    assert "subject_key" in _tables(empty_url)
    with engine.begin() as connection:
        connection.execute(old, KEY | {"subject": "p2", "wrapped": b"wrapped 2"})
    engine.dispose()
    database.upgrade(empty_url)
    assert _keys_of(empty_url) == [*first, ("p2", "account", "0a1b2c3d", b"wrapped 2")]
    assert "subject_key" not in _tables(empty_url)
    assert "erasure" in _tables(empty_url)


def test_data_set_up_anew_beside_a_keystore_takes_nothing_out_of_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    keys = connect_keys(url)
    keystore.TABLES.create_all(keys)
    with keys.begin() as connection:
        connection.execute(keystore.KEYS.insert(), KEY | {"id": "f" * 32, "wrapped": Sealed(b"wrapped 1")})
    keys.dispose()
    database.upgrade(url)
    assert len(_keys_of(url)) == 1


def test_indexes_are_those_of_the_models_predicates_included(database_url: str) -> None:
    engine = connect(database_url)
    assert _indexes_of_database(engine) == _indexes_of_models(engine.dialect.name)
    engine.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_history(database_url: str, table: str, change: str) -> None:
    engine = connect(database_url)
    column = {"event": "kind", "consent_event": "purpose", "ledger_note": "root", "access": "purpose"}[table]
    with engine.begin() as connection:
        connection.execute(sa.text(APPEND_ONLY[table]))
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.execute(sa.text(change.format(table, column)))
    with engine.connect() as connection:
        assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 1
    engine.dispose()


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
def test_what_happened_is_not_replaced(database_url: str, verb: str) -> None:
    """SQLite's REPLACE deletes the old line past every trigger on DELETE."""
    engine = connect(database_url)
    if engine.dialect.name != "sqlite":
        verb = "INSERT"
    with engine.begin() as connection:
        connection.execute(sa.text(APPEND_ONLY["event"]))
        number = connection.scalar(sa.text("SELECT id FROM event"))
    again = APPEND_ONLY["event"].replace("INSERT", verb).replace("(at,", "(id, at,")
    again = again.replace("VALUES (", f"VALUES ({number}, ").replace("'received'", "'closed'")
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=r"append-only|duplicate key"):
        connection.execute(sa.text(again))
    with engine.connect() as connection:
        assert connection.scalars(sa.text("SELECT kind FROM event")).all() == ["received"]
    engine.dispose()


def test_triggers_stand_on_exactly_the_append_only_tables(database_url: str) -> None:
    engine = connect(database_url)
    query = (
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    )
    with engine.connect() as connection:
        assert set(connection.scalars(sa.text(query))) == set(APPEND_ONLY)
    engine.dispose()
