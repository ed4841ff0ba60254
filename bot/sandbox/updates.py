"""The queue of updates: kept until confirmed, handed out again until then, forgotten when too old."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.sandbox.errors import ApiError
from bot.sandbox.model import Json

LIFETIME = 86_400.0
TAP_LIFETIME = 150.0
LONGEST_POLL = 50
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True)
class Pending:
    id: int
    update: Json
    expires: float


class Updates:
    """What has happened and the bot has not yet confirmed."""

    def __init__(self, clock: Clock, first_id: int) -> None:
        self._clock = clock
        self._next_id = first_id
        self._pending: list[Pending] = []
        self._allowed: set[str] | None = None
        self._news = asyncio.Event()
        self._waiting: asyncio.Future[None] | None = None
        self.confirmed = 0

    def put(self, kind: str, payload: Json) -> None:
        if kind not in self._allowed if self._allowed is not None else kind in NOT_BY_DEFAULT:
            return
        lifetime = TAP_LIFETIME if kind == "callback_query" else LIFETIME
        update = {"update_id": self._next_id, kind: payload}
        self._pending.append(Pending(self._next_id, update, self._clock.monotonic() + lifetime))
        self._next_id += 1
        self._news.set()

    @property
    def waiting(self) -> bool:
        """Whether a poll is being held open."""
        return self._waiting is not None

    @property
    def pending(self) -> list[Json]:
        self._forget_old()
        return [waiting.update for waiting in self._pending]

    def allow(self, kinds: list[str] | None) -> None:
        if kinds is not None:
            self._allowed = set(kinds) or None

    @property
    def allowed(self) -> list[str] | None:
        return sorted(self._allowed) if self._allowed is not None else None

    def clear(self) -> None:
        self.confirmed += len(self._pending)
        self._pending.clear()

    def _forget_old(self) -> None:
        now = self._clock.monotonic()
        self._pending = [waiting for waiting in self._pending if waiting.expires > now]

    def _confirm(self, offset: int) -> None:
        before = len(self._pending)
        if offset < 0:
            self._pending = self._pending[offset:]
        elif offset <= self._next_id:  # an offset from the future is no confirmation
            self._pending = [waiting for waiting in self._pending if waiting.id >= offset]
        self.confirmed += before - len(self._pending)

    async def fetch(self, *, offset: int, limit: int, timeout: int) -> list[Json]:  # noqa: ASYNC109 - Telegram's word
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ApiError(409, CONFLICT))
        self._forget_old()
        self._confirm(offset)
        if not self._pending and timeout > 0:
            await self._wait(min(timeout, LONGEST_POLL))
            self._forget_old()
        limit = limit if 1 <= limit <= 100 else 100
        return [waiting.update for waiting in self._pending[:limit]]

    async def _wait(self, seconds: float) -> None:
        self._news.clear()
        ousted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = ousted
        news = asyncio.ensure_future(self._news.wait())
        late = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            waits: list[asyncio.Future[Any]] = [ousted, news, late]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            late.cancel()
            if self._waiting is ousted:
                self._waiting = None
            if not ousted.done():
                ousted.cancel()
        if not ousted.cancelled():
            ousted.result()
