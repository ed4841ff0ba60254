"""What time it is, and how to wait: the only place that asks the machine."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time everything else lives by; all instants are aware and in UTC."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class SkippableClock:
    """The machine's time plus what was skipped, so that a visitor need not wait for tomorrow."""

    def __init__(self) -> None:
        self.skipped = 0.0
        self._sleepers: set[asyncio.Future[None]] = set()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skipped)

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    async def sleep(self, seconds: float) -> None:
        due = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := due - self.monotonic()) > 0:
            loop = asyncio.get_running_loop()
            woken = loop.create_future()
            timer = loop.call_later(left, _wake, woken)
            self._sleepers.add(woken)
            try:
                await woken
            finally:
                timer.cancel()
                self._sleepers.discard(woken)

    def skip(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time is skipped forward only")
        self.skipped += seconds
        for sleeper in list(self._sleepers):
            _wake(sleeper)


class ManualClock:
    """A clock that stands still until it is advanced; nothing really waits."""

    def __init__(self, start: datetime | None = None) -> None:
        start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC) if start is None else start
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._start = start.astimezone(UTC)
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        await woken

    def advance(self, seconds: float) -> None:
        """Jump ahead and wake, in order, everybody whose time has come."""
        target = self._elapsed + _forward(seconds)
        while (due := self._next_due(target)) is not None:
            self._elapsed = max(self._elapsed, due)
            _wake(heapq.heappop(self._sleepers)[2])
        self._elapsed = target

    async def run(self, seconds: float, *, turns: int = 20) -> None:
        """Walk ahead from one sleeper to the next and let each act at its own moment.

        After each waking the event loop goes round `turns` times, so that the woken may act and sleep again.
        """
        target = self._elapsed + _forward(seconds)
        await _go_round(turns)
        while (due := self._next_due(target)) is not None:
            self._elapsed = max(self._elapsed, due)
            _wake(heapq.heappop(self._sleepers)[2])
            await _go_round(turns)
        self._elapsed = target

    @property
    def sleepers(self) -> int:
        return sum(not woken.done() for _, _, woken in self._sleepers)

    def next_due(self) -> float | None:
        """Seconds until the next sleeper wakes, if anybody sleeps."""
        due = self._next_due(float("inf"))
        return None if due is None else max(0.0, due - self._elapsed)

    def _next_due(self, limit: float) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():  # cancelled while asleep
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers and self._sleepers[0][0] <= limit else None


def _forward(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("time goes forward only")
    return seconds


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


async def _go_round(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
