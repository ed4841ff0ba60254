"""The tick: sweeps ask the database what is due. APScheduler keeps the time and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC

import sqlalchemy as sa
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session
from telegram import Bot

from bot.clock import Clock
from bot.runtime import persistence
from bot.runtime.capture import OutboxRequest
from bot.runtime.points import point
from bot.runtime.tables import inbox, message_map, outbox
from bot.runtime.trouble import is_trouble
from bot.runtime.waiting import Signal, give_way
from bot.store.store import Store

EVERY = 1.0  # seconds
KEEP = (
    8 * 86_400.0
)  # seconds the traces of what was handled stay, against repeats (Telegram keeps updates for one day)
KEEP_DEAD = 30 * 86_400.0  # seconds a dead letter can be replayed
KEEP_IDS = 400 * 86_400.0  # seconds a message can still be found by its provisional id
CLEAN_EVERY = 600.0  # seconds

_log = logging.getLogger(__name__)


class Ticker:
    """Runs the sweeps, each in a transaction of its own; one that fails does not keep the others."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        request: OutboxRequest,
        sweeps: Callable[[], list[Callable[[Bot], Awaitable[None]]]],
        bot: Callable[[], Bot],
        *,
        sent: Signal,
    ) -> None:
        self._store = store
        self._clock = clock
        self._request = request
        self._sweeps = sweeps
        self._bot = bot
        self._sent = sent
        self._cleaned = float("-inf")
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self.failures = 0

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick, "interval", seconds=EVERY, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Every sweep once."""
        for sweep in self._sweeps():
            await give_way()
            try:
                async with self._store.transaction():
                    self._request.begin(None)
                    await sweep(self._bot())
                    point("ticker.before_commit")
                    taken = self._request.taken
                if taken:
                    self._sent.set()
            except Exception as error:
                self.failures += 1
                if not is_trouble(error):
                    _log.error("a sweep failed: %s", type(error).__name__)
        if self._clock.monotonic() - self._cleaned >= CLEAN_EVERY:
            await self._clean()

    async def _clean(self) -> None:
        try:
            async with self._store.transaction() as session:
                clean(session, self._clock.now().timestamp())
        except Exception as error:
            self.failures += 1
            _log.error("cleaning failed: %s", type(error).__name__)
        else:
            self._cleaned = self._clock.monotonic()


def clean(session: Session, now: float) -> None:
    """Let go of what nobody needs any more."""
    connection = session.connection()
    persistence.expire(session, now)
    done = inbox.c.state == sa.literal_column("'done'")
    dead = inbox.c.state == sa.literal_column("'dead'")
    connection.execute(sa.delete(inbox).where(done, inbox.c.received_at < now - KEEP))
    connection.execute(sa.delete(inbox).where(dead, inbox.c.received_at < now - KEEP_DEAD))
    settled = outbox.c.settled_at
    connection.execute(sa.delete(outbox).where(settled < now - KEEP, outbox.c.state != "dead"))
    connection.execute(sa.delete(outbox).where(settled < now - KEEP_DEAD))
    connection.execute(sa.delete(message_map).where(message_map.c.sent_at < now - KEEP_IDS))
