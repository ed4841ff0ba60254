"""The database: opened strictly, brought up to date at start. SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool
from sqlmodel import create_engine

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "busy_timeout=10000",
)


SOON = {"durable": False}  # execution options of a transaction whose commit need not reach the disk by itself


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
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=StaticPool,
        pool_reset_on_return=None,  # every transaction is ended by name
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _strict)
    if guest:
        event.listen(engine, "connect", _never_checkpoint)
    event.listen(engine, "begin", _immediate)
    return engine


def _private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _strict(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _never_checkpoint(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA wal_autocheckpoint=0")


def _immediate(connection: Connection) -> None:
    """NORMAL leaves out the fsync of a commit to the WAL, and nothing else (sqlite.org/pragma.html#pragma_synchronous)."""
    level = "FULL" if _durable(connection) else "NORMAL"
    if connection.info.get("synchronous", "FULL") != level:
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.info["synchronous"] = level
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_at_leisure(connection: Connection) -> None:
    if not _durable(connection):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _durable(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("durable", True))


def upgrade(url: str) -> None:
    """Run every migration that has not been run. Raises alembic.util.CommandError for a database of a newer version."""
    alembic.command.upgrade(_migrations(url), "head")


def is_current(url: str) -> bool:
    """Whether the database is there and has had every migration. Makes nothing."""
    path = make_url(url).database
    if make_url(url).get_backend_name() == "sqlite" and not Path(path or "").exists():
        return False
    engine = connect(url)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return revision == ScriptDirectory.from_config(_migrations(url)).get_current_head()


def _migrations(url: str) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config
