"""From Telegram into the inbox: committed first, confirmed after.

The offset lives in memory only. A process starts without one, gets whatever is not confirmed, and knows what
it had already.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.clock import Clock
from bot.runtime.highest import Highest
from bot.runtime.points import point
from bot.runtime.seals import Seals
from bot.runtime.tables import inbox
from bot.runtime.trouble import is_trouble
from bot.runtime.waiting import Lull, Signal, give_way
from bot.runtime.wire import Wire, pause
from bot.store.store import Store

BATCH = 100  # the most Telegram gives at once
CONFLICT = 3.0  # seconds; another process polls, and will be gone or will have won
SAME = 0.5  # seconds, when everything that came was known
SHORTEST, LONGEST = 0.2, 30.0  # seconds between failed polls
GATHER = 1.0  # seconds at most for which updates may gather while the worker has others in hand

_log = logging.getLogger(__name__)
_ONCE = ("source", "update_id", "digest")
_KEEP = {
    "postgresql": postgresql.insert(inbox).on_conflict_do_nothing(index_elements=_ONCE).returning(inbox.c.id),
    "sqlite": sqlite.insert(inbox).on_conflict_do_nothing(index_elements=_ONCE).returning(inbox.c.id),
}


class Poller:
    """Asks for updates, again and again."""

    def __init__(
        self,
        store: Store,
        seals: Seals,
        clock: Clock,
        wire: Wire,
        *,
        source: str,
        allowed: tuple[str, ...],
        news: Signal,
        lull: Lull,
        highest: Highest,
    ) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._wire = wire
        self._source = source
        self._allowed = json.dumps(allowed)
        self._news = news
        self._lull = lull
        self._highest = highest
        self._offset: int | None = None
        self._same = False
        self.last_poll: float | None = None  # when Telegram last answered, in seconds since 1970
        self.repeats = 0  # updates that came again

    async def run(self, seconds: float) -> None:
        """Poll until cancelled; what is not committed is not confirmed, so that may be at any instant."""
        wait = SHORTEST
        while True:
            try:
                if not await self.step(seconds) and self._same:
                    await self._clock.sleep(
                        SAME
                    )  # a server that does not hear our offset is not to be pressed
                wait = SHORTEST
                await self._lull.wait(GATHER)
            except RetryAfter as error:
                await self._clock.sleep(pause(error))
            except Conflict:
                _log.warning("another process polls for this bot")
                await self._clock.sleep(CONFLICT)
            except (TelegramError, DBAPIError) as error:
                if isinstance(error, DBAPIError) and not is_trouble(error):
                    raise
                _log.warning("polling failed (%s), once more in %.1f s", type(error).__name__, wait)
                await self._clock.sleep(wait)
                wait = min(wait * 2, LONGEST)

    async def step(self, seconds: float) -> int:
        """One poll of at most `seconds`. Returns how many came that are new. Raises TelegramError."""
        parameters: dict[str, Any] = {
            "timeout": int(seconds),
            "limit": BATCH,
            "allowed_updates": self._allowed,
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        updates = await self._wire.call("getUpdates", parameters, read_timeout=seconds + 10)
        self.last_poll = self._clock.now().timestamp()
        if not isinstance(updates, list):
            raise TelegramError("Invalid server response")
        self._same = False
        if not updates:
            return 0
        for update in updates:
            self._highest.saw_update(update)
        fresh = await self._keep(updates)
        self._same = fresh == 0
        self._confirm(updates)
        self._lull.over()
        self._news.set()
        await give_way()
        return fresh

    async def confirm(self) -> None:
        """Tell Telegram what is safe with us, so that whoever comes next is not given it again."""
        if self._offset is not None:
            parameters = {"offset": self._offset, "timeout": 0, "limit": 1}
            await self._wire.call("getUpdates", parameters, read_timeout=5)

    async def _keep(self, updates: list[Any]) -> int:
        now = self._clock.now().timestamp()
        async with self._store.transaction() as session:
            rows = [self._row(update, now) for update in updates]
            connection = session.connection()
            fresh = len(connection.execute(_KEEP[connection.dialect.name], rows).all())
            point("poller.before_commit")
        point("poller.after_commit")
        self.repeats += len(rows) - fresh
        return fresh

    def _row(self, update: Any, now: float) -> dict[str, Any]:
        text = json.dumps(update, ensure_ascii=False, separators=(",", ":"))
        digest = self._seals.digest(text)
        update_id = number_of(update)
        return {
            "source": self._source,
            "update_id": update_id,
            "digest": digest,
            "chat": self._seals.chat(chat_of(update)),
            "state": "new",
            "tries": 0,
            "deaths": 0,
            "received_at": now,
            "due_at": now,
            "payload": self._seals.close_text(inbox.name, row_name(self._source, update_id, digest), text),
        }

    def _confirm(self, updates: list[Any]) -> None:
        numbers = [number for update in updates if (number := number_of(update)) > 0]
        if numbers:
            self._offset = numbers[-1] + 1


def row_name(source: str, update_id: int, digest: int) -> str:
    """What binds a payload to its row of the inbox."""
    return f"{source}:{update_id}:{digest}"


def number_of(update: Any) -> int:
    """Its update_id, or -1 for something that has none."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and 0 < number < 2**62 else -1


def chat_of(update: Any) -> int:
    """The chat an update belongs to, whatever it is, or 0. Order is kept within a chat."""
    if not isinstance(update, dict):
        return 0
    for part in update.values():
        if not isinstance(part, dict):
            continue
        inner = part.get("message")
        for holder in (part, inner if isinstance(inner, dict) else {}):
            if (chat := _id(holder.get("chat"))) != 0:
                return chat
        if (person := _id(part.get("from"))) != 0:
            return person
    return 0


def _id(thing: Any) -> int:
    number = thing.get("id") if isinstance(thing, dict) else None
    return number if isinstance(number, int) and abs(number) < 2**62 else 0
