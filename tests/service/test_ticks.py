"""What is asked every second must not take longer with every year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.town import Town

GROW = (
    "access",
    "ask",
    "card",
    "claim",
    "consent_event",
    "event",
    "help_case",
    "inbox",
    "message_map",
    "outbox",
    "person",
    "talent",
)
ENDS = "LIMIT"  # the oldest or the youngest, along the table itself


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    made = Town(sqlite_url)
    yield made
    made.close()


async def test_no_tick_reads_through_a_table_that_grows(town: Town) -> None:
    """SQLite uses an index of some rows only where a statement says their condition in the same words."""
    lin = await town.member("林")  # so that there is somebody to tell
    await lin.says("/help")
    asked: list[tuple[str, str, Any]] = []
    sweep = ""

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((sweep, statement, parameters))

    async with town.store.transaction() as session:
        sa.event.listen(town.store.engine, "before_cursor_execute", note)
        for one in town.service.sweeps:
            sweep = one.name
            one.due(session)
        sa.event.remove(town.store.engine, "before_cursor_execute", note)
        connection = session.connection()
        partial = set(
            connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
            ).scalars()
        )
        read = [
            (sweep, step, statement)
            for sweep, statement, parameters in asked
            for _, _, _, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if step.startswith("SCAN") and ENDS not in statement and not partial & {step.rpartition(" ")[2]}
        ]
    assert len({sweep for sweep, _, _ in asked}) > 40
    assert not [found for found in read if found[1].split()[1] in GROW]
