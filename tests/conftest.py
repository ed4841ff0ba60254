"""Fixtures every test may use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.database import upgrade
from tests import browser, databases

REQUIRED = os.environ.get("JINLIN_CI") == "1"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is not None:
        browser.program()  # a test is skipped before anything of it has begun


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Postgres]:
    bin_ = databases.programs()
    if bin_ is None:
        if REQUIRED:
            pytest.fail(databases.MISSING)
        pytest.skip(databases.MISSING)
    server = databases.Postgres(bin_)
    yield server
    server.stop()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    return databases.sqlite_copy(sqlite_template, tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own in which nothing was set up, on each of the two."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: databases.Postgres = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of this test's own, on each of the two."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: databases.Postgres = request.getfixturevalue("postgres")
    url = server.fresh()
    yield url
    server.drop(url)
