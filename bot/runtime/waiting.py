"""Waiting for something to happen, or for a time to pass, whichever comes first."""

from __future__ import annotations

import asyncio

from bot.clock import Clock

LONGEST_WAIT = 900.0  # seconds; a due time further off was set before the clock went back

LOOK = 15.0  # seconds
TURNS = 4  # of the loop: aiohttp writes a request in its third


async def give_way() -> None:
    """Let what is under way go on first: an answer leaves before anything new is begun."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class Signal:
    """Something may be there to do."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None) -> None:
        """Until it is set, `seconds` at most, and never longer than LOOK: another process may have put something back."""
        await _until(self._event, LOOK if seconds is None else min(seconds, LOOK), self._clock)
        self._event.clear()


class Lull:
    """Whether the worker has nothing in hand. While it has, the others let work gather: a transaction each costs too much."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()
        self._event.set()

    def over(self) -> None:
        self._event.clear()

    def begins(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until there is one, `seconds` at most."""
        await _until(self._event, seconds, self._clock)


async def _until(event: asyncio.Event, seconds: float, clock: Clock) -> None:
    if event.is_set():
        return
    waits: list[asyncio.Task[object]] = [
        asyncio.create_task(event.wait()),
        asyncio.create_task(clock.sleep(seconds)),
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
