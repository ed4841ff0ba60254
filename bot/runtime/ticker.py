"""The tick: sweeps ask the database what is due. APScheduler keeps the time and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC

import sqlalchemy as sa
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from telegram import Bot

from bot.clock import Clock
from bot.runtime import failures, persistence
from bot.runtime.capture import OutboxRequest
from bot.runtime.points import point
from bot.runtime.service import Sweep
from bot.runtime.tables import failure, inbox, message_map, outbox
from bot.runtime.trouble import is_trouble, where
from bot.runtime.waiting import Signal, give_way
from bot.store.store import Store
from privacy import erasures
from privacy.retention import rule

EVERY = 1.0  # seconds
KEEP = rule("traces").seconds  # of what was handled, against repeats (Telegram keeps updates for one day)
KEEP_DEAD = rule("dead_letter").seconds  # so long a dead letter can be replayed
KEEP_IDS = rule("message_id").seconds  # so long a message can be found by its provisional id
CLEAN_EVERY = 600.0  # seconds

_log = logging.getLogger(__name__)


class Ticker:
    """Runs the sweeps; whatever fails keeps nothing else from being done."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        request: OutboxRequest,
        sweeps: Callable[[], Sequence[Sweep]],
        bot: Callable[[], Bot],
        *,
        fade: Callable[[Session, float], None],
        sent: Signal,
    ) -> None:
        self._store = store
        self._clock = clock
        self._request = request
        self._sweeps = sweeps
        self._bot = bot
        self._fade = fade
        self._sent = sent
        self._cleaned = float("-inf")
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick, "interval", seconds=EVERY, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def begin(self) -> None:
        """Before the first tick of a process."""
        async with self._store.transaction() as session:
            failures.try_all(session, self._now())

    async def tick(self) -> None:
        """Everything that is due, once."""
        try:
            left = self._sweeps()
            while left:
                sweep, items, left = await self._next(left)
                for item in items:
                    await self._one(sweep, item)
            if self._clock.monotonic() - self._cleaned >= CLEAN_EVERY:
                await self._clean()
        except DBAPIError as error:
            if not is_trouble(error):
                raise
            _log.warning("the database is in trouble (%s)", type(error.orig).__name__)

    async def _next(self, sweeps: Sequence[Sweep]) -> tuple[Sweep, list[str], Sequence[Sweep]]:
        """The first of these with something to do, what it is, and those after it. Mostly nothing is due, so one question
        after the other is asked in one transaction, up to the first that has an answer.
        """
        await give_way()
        place = 0
        try:
            async with self._store.transaction() as session:
                failed = failures.waiting(session)
                for place, sweep in enumerate(sweeps):
                    items = failures.to_try(session, failed, sweep.name, sweep.due(session), self._now())
                    if items:
                        return sweep, items, sweeps[place + 1 :]
        except Exception as error:
            if is_trouble(error):
                raise
            await self._failed(sweeps[place], failures.ALL, error)
        return sweeps[place], [], sweeps[place + 1 :]

    async def _one(self, sweep: Sweep, item: str) -> None:
        await give_way()
        try:
            async with self._store.transaction(soon=True):
                self._request.begin(None)
                await sweep.one(self._bot(), item)
                point("ticker.before_commit")
                taken = self._request.taken
        except Exception as error:
            if is_trouble(error):
                raise
            await self._failed(sweep, item, error)
        else:
            if taken:
                self._sent.set()

    async def _failed(self, sweep: Sweep, item: str, error: Exception) -> None:
        name = type(error).__name__
        _log.error("%s failed for %s: %s\n%s", sweep.name, item or "all", name, where(error))
        async with self._store.transaction() as session:
            failures.note(session, sweep.name, item, name, self._now())

    async def _clean(self) -> None:
        async with self._store.transaction() as session:
            clean(session, self._now())
            self._fade(session, self._now())
            erasures.expire(session.connection(), self._store.today())
        self._store.keystore.destroy()
        self._cleaned = self._clock.monotonic()

    def _now(self) -> float:
        return self._clock.now().timestamp()


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
    blocked = outbox.c.state == sa.literal_column("'blocked'")  # what they would change is not found any more
    connection.execute(sa.delete(outbox).where(blocked, outbox.c.created_at < now - KEEP_IDS))
    connection.execute(sa.delete(message_map).where(message_map.c.sent_at < now - KEEP_IDS))
    connection.execute(
        sa.delete(failure).where(failure.c.due_at < now - KEEP_DEAD)
    )  # of a sweep that is no more
