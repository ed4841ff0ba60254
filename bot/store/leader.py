"""One leader per bot token: two processes polling one bot would answer everything twice."""

from __future__ import annotations

import fcntl
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError

from bot.clock import Clock
from bot.store.store import Store

EVERY = 1.0  # seconds between tries to take over

_log = logging.getLogger(__name__)


class LeadershipLost(Exception):
    """The session that held the lock is gone; another process may lead by now. Build everything anew and stand by."""


@asynccontextmanager
async def leader(store: Store, name: str, clock: Clock) -> AsyncIterator[None]:
    """Wait until this process leads, and lead until leaving. The lock falls with the process, however that ends.

    On PostgreSQL a transaction raises LeadershipLost once the session that leads was lost.
    """
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
    """An advisory lock of the one session that writes: no lock, no write. It falls with that session."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)

    def take() -> bool:
        try:
            with store.engine.connect() as connection:
                taken = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key})
                connection.commit()
        except (OperationalError, InterfaceError):  # the server is away for a while
            return False
        if taken:
            event.listen(store.engine, "connect", _lost)
        return bool(taken)

    try:
        yield take
    finally:
        if event.contains(store.engine, "connect", _lost):
            event.remove(store.engine, "connect", _lost)
        store.engine.dispose()


def _lost(*_: object) -> None:
    raise LeadershipLost
