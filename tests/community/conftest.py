from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.town import Town


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """A neighbourhood on SQLite."""
    made = Town(sqlite_url)
    yield made
    made.close()


@pytest.fixture
def either_town(database_url: str) -> Iterator[Town]:
    """The same on SQLite and on PostgreSQL."""
    made = Town(database_url)
    yield made
    made.close()
