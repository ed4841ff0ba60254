"""One leader per bot token: two processes polling one bot would answer everything twice."""

from __future__ import annotations

import fcntl
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.clock import Clock
from bot.store.store import Store

EVERY = 1.0  # seconds between tries to take over

_log = logging.getLogger(__name__)


@asynccontextmanager
async def leader(store: Store, name: str, clock: Clock) -> AsyncIterator[None]:
    """Wait until this process leads, and lead until leaving. The lock falls with the process, however that ends."""
    waiting = False
    acquire = _file_lock if store.engine.dialect.name == "sqlite" else _server_lock
    with acquire(store, name) as take:
        while not take():
            if not waiting:
                _log.info("another process serves this bot; standing by")
                waiting = True
            await clock.sleep(EVERY)
        yield


@contextmanager
def _file_lock(store: Store, name: str) -> Iterator[Callable[[], bool]]:
    path = make_url(store.url).database
    if not path or path == ":memory:":
        yield lambda: True
        return
    with Path(f"{path}.{name}.lock").open("w") as file:

        def take() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield take


@contextmanager
def _server_lock(store: Store, name: str) -> Iterator[Callable[[], bool]]:
    """An advisory lock of a session of its own; it falls with the connection."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

        def take() -> bool:
            return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar())

        yield take
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
