"""The power fails: whatever was sent is still known to have been, though not every commit waits for the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlmodel import Session

from bot.runtime.tables import inbox
from tests.runtime.house import House

_ASKED = ("SHOW synchronous_commit", "off", "on"), ("PRAGMA synchronous", 1, 2)


class Disk:
    """What a power cut would leave of a SQLite database: its log, up to the last commit that was waited for."""

    def __init__(self, house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = Path(make_url(house.store.url).database or "")
        self._left = folder / "left.db"
        self._safe = 0
        self.found: list[str] = []  # what is left whenever something is sent
        waited, send = house.store.transaction, house.telegram.do_request

        @asynccontextmanager
        async def transaction(*, soon: bool = False) -> AsyncIterator[Session]:
            async with waited(soon=soon) as session:
                yield session
            if not soon:
                self._safe = self._log.stat().st_size

        async def do_request(url: str, *more: Any, **names: Any) -> tuple[int, bytes]:
            if url.endswith("/sendMessage"):
                self.found.append(self.after_a_cut())
            return await send(url, *more, **names)

        monkeypatch.setattr(house.store, "transaction", transaction)
        monkeypatch.setattr(house.telegram, "do_request", do_request)

    @property
    def _log(self) -> Path:
        return self._file.with_name(f"{self._file.name}-wal")

    def after_a_cut(self) -> str:
        """The states of the updates and of the messages."""
        self._left.write_bytes(self._file.read_bytes())
        log = self._left.with_name("left.db-wal")
        log.write_bytes(self._log.read_bytes()[: self._safe])
        left = sqlite3.connect(self._left)
        try:
            states = left.execute("SELECT state FROM inbox UNION ALL SELECT state FROM outbox").fetchall()
        finally:
            left.close()
            log.unlink(missing_ok=True)
        return " ".join(state for (state,) in states)


async def test_whatever_is_sent_survives_a_power_cut_with_what_led_to_it(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(sqlite_url)
    disk = Disk(house, tmp_path, monkeypatch)
    house.telegram.writes(5, "one")
    await house.settle()
    house.telegram.writes(5, "two")
    await house.settle()
    house.store.close()
    assert disk.found == ["done sending", "done done sent sending"]


async def test_an_update_that_the_cut_takes_back_is_handled_again(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: between the worker's commit and the sender's the log may end before the update."""
    house = House(sqlite_url)
    disk = Disk(house, tmp_path, monkeypatch)
    await house.runtime.start()
    house.telegram.writes(5, "one")
    await house.runtime.poller.step(0)
    await house.runtime.worker.step()
    left = disk.after_a_cut()
    done = [row.state for row in await house.rows(inbox)]
    house.store.close()
    assert (left, done) == ("new", ["done"])


async def test_only_a_transaction_that_may_wait_does(house: House) -> None:
    seen: list[Any] = []
    asked, behind, waits = _ASKED[house.store.engine.dialect.name == "sqlite"]
    for soon in (True, False, True):
        async with house.store.transaction(soon=soon) as session:
            seen.append(session.connection().exec_driver_sql(asked).scalar())
    assert seen == [behind, waits, behind]
