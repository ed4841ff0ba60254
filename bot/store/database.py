"""The database and the keystore beside it: opened strictly, brought up to date at start. SQLite, or PostgreSQL by URL."""

from __future__ import annotations

import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any, cast

import alembic.command
import alembic.config
import psycopg
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.engine.characteristics import ConnectionCharacteristic
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import PoolProxiedConnection, StaticPool
from sqlmodel import create_engine

from privacy.keystore import KEYS, READS

KEYS_SCHEMA = "jinlin_keys"  # on PostgreSQL
FULL = 2  # what SQLite calls synchronous=FULL
BUSY = "busy_timeout=10000"  # milliseconds
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    BUSY,
)
KEYS_PRAGMAS = (
    "journal_mode=DELETE",  # what is erased lies in no log
    "synchronous=EXTRA",  # a commit stands even if power fails at once: the data relies on it
    "secure_delete=ON",
    BUSY,
)


SOON = {"durable": False}  # execution options of a transaction whose commit need not reach the disk by itself


class NoKeystore(Exception):
    """The data is here and its keys are not."""


def connect(url: str, *, guest: bool = False) -> Engine:
    """The engine for `sqlite:///path` or `postgresql+psycopg://…`. Statements in errors carry no values.

    A commit is on the disk when it returns, but for a transaction begun with SOON: that one gets there with the next that
    is, both or the earlier alone, for either database writes one log from front to end.

    Either keeps one connection: SQLite since two that write can lose a commit at a WAL reset (below 3.51.3), PostgreSQL since
    the session that leads is the one that writes (bot.store.leader). SQLite's file has mode 0600.

    A guest writes for a moment while the bot may run. It never checkpoints: that loss needs two checkpoints to meet
    (sqlite.org/wal.html#walresetbug), and so there is only one who makes any.
    """
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=1, max_overflow=0)
        event.listen(engine, "begin", _begin_at_leisure)
        return engine
    path = make_url(url).database
    if path and path != ":memory:":
        _private(Path(path))
    engine = _one_connection(url)
    event.listen(engine, "connect", _strict)
    if guest:
        event.listen(engine, "connect", _never_checkpoint)
    _begin_at_once(engine)
    return engine


def connect_keys(url: str) -> Engine:
    """The engine of the keystore of this database: a file beside it (mode 0600), or a schema of its own. Makes no table.

    Its transactions are short; a process that rotates has its own connection to it.
    """
    if (path := keys_path(url)) is None:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=1, max_overflow=0)
        event.listen(engine, "connect", _in_keys_schema)
        return engine
    _private(path)
    engine = _one_connection(f"sqlite:///{path}")
    event.listen(engine, "connect", _strict_keys)
    event.listen(engine, "begin", _begin_keys)
    return engine


def keys_path(url: str) -> Path | None:
    """Where the keystore of an SQLite database lies; None on PostgreSQL."""
    database = make_url(url).database
    if make_url(url).get_backend_name() != "sqlite" or not database:
        return None
    return Path(database).with_suffix(".keys.db")


def truncated_log(engine: Engine) -> bool:
    """Whether SQLite's log was written back and emptied; it is on the disk in any case. Waits for nobody.

    Outside of a transaction.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=0")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA {BUSY}")
    finally:
        connection.close()
    if busy:
        with Path(f"{engine.url.database}-wal").open("rb") as log:
            os.fsync(log.fileno())
    return not busy


def has_keys(keys: Engine) -> bool:
    """Whether the keystore is there, and not only an empty file or schema."""
    schema = KEYS_SCHEMA if keys.dialect.name == "postgresql" else None
    return inspect(keys).has_table(KEYS.name, schema=schema)


def _one_connection(url: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=StaticPool,
        pool_reset_on_return=None,  # every transaction is ended by name
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "reset", _ended)
    return engine


def _ended(connection: sqlite3.Connection, *_: Any) -> None:
    """A COMMIT that failed leaves SQLite's transaction open, which SQLAlchemy takes for ended."""
    if connection.in_transaction:
        connection.rollback()


def _private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _strict(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _strict_keys(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None
    for pragma in KEYS_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _in_keys_schema(connection: psycopg.Connection, _: Any) -> None:
    connection.execute(f"SET search_path TO {KEYS_SCHEMA}")
    connection.commit()


def _never_checkpoint(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA wal_autocheckpoint=0")


class _Durable(ConnectionCharacteristic):
    """NORMAL leaves out the fsync of a commit to the WAL, and nothing else (sqlite.org/pragma.html#pragma_synchronous)."""

    def set_characteristic(self, dialect: Dialect, dbapi_conn: Any, value: bool) -> None:
        dbapi_conn.execute(f"PRAGMA synchronous={'FULL' if value else 'NORMAL'}")

    def reset_characteristic(self, dialect: Dialect, dbapi_conn: Any) -> None:
        self.set_characteristic(dialect, dbapi_conn, True)

    def get_characteristic(self, dialect: Dialect, dbapi_conn: Any) -> bool:
        return bool(dbapi_conn.execute("PRAGMA synchronous").fetchone()[0] == FULL)


def _begin_at_once(engine: Engine) -> None:
    """Said by the dialect: a listener on the engine would be looked for at every statement, a third of what a small one costs."""
    dialect = cast(DefaultDialect, engine.dialect)
    dialect.do_begin = _immediate  # type: ignore[method-assign]  # where SQLAlchemy translates what the driver raises
    dialect.connection_characteristics = dialect.connection_characteristics.union({"durable": _Durable()})


def _immediate(connection: PoolProxiedConnection) -> None:
    connection.cursor().execute("BEGIN IMMEDIATE")


def _begin_keys(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_at_leisure(connection: Connection) -> None:
    if not connection.get_execution_options().get("durable", True):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def upgrade(url: str) -> None:
    """Run every migration that has not been run. Raises alembic.util.CommandError for a database of a newer version."""
    if not is_current(url):
        alembic.command.upgrade(_migrations(url), "head")


def is_current(url: str) -> bool:
    """Whether the database is there, with its keystore, and has had every migration. Makes nothing."""
    keys = keys_path(url)
    if keys is not None and not (keys.exists() and Path(make_url(url).database or "").exists()):
        return False
    engine = connect(url)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return revision == _head()


@cache  # what comes with the program does not change while it runs
def _head() -> str | None:
    return ScriptDirectory.from_config(_migrations("")).get_current_head()


def _migrations(url: str) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config
