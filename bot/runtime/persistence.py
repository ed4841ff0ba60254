"""Where people stand in their talks: PTB's persistence, written by the transaction of the update only.

PTB swallows what a persistence raises and writes it in tasks of its own, so every `update_…` here only takes
note; `drain` writes. A person's data is read when her update comes, so it is always what was last committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session
from telegram.ext import BasePersistence, PersistenceInput

from bot.clock import Clock
from bot.runtime.seals import Seals
from bot.runtime.tables import persistence as table
from privacy.prepared import Prepared
from privacy.retention import rule

Data = dict[str, Any]
DRAFTS_LAST = rule("draft").seconds  # after the last word
NEVER = 10.0**9  # seconds between PTB's own flushes
USER = "user"
# built once: building a statement costs more than running it
_KEPT = Prepared(
    sa.select(table.c.payload).where(
        table.c.part == sa.bindparam("of"),
        table.c.key == sa.bindparam("whose"),
        table.c.expires_at > sa.bindparam("now"),
    )
)
_PUT = {
    name: Prepared(
        (insert := dialect.insert(table)).on_conflict_do_update(
            index_elements=["part", "key"],
            set_={"expires_at": insert.excluded.expires_at, "payload": insert.excluded.payload},
        )
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


class TalkPersistence(BasePersistence[Data, Data, Data]):
    """Keeps `user_data` and the states of conversations, sealed; everything in them must be JSON."""

    def __init__(self, current: Callable[[], Session], seals: Seals, clock: Clock) -> None:
        super().__init__(
            store_data=PersistenceInput(bot_data=False, chat_data=False, callback_data=False),
            update_interval=NEVER,
        )
        self._current = current
        self._seals = seals
        self._clock = clock
        self._read: dict[int, str] = {}
        self._people: dict[int, Data] = {}
        self._states: dict[tuple[str, str], object] = {}

    def drain(self) -> None:
        """Write what changed into the open transaction. Raises TypeError for what is not JSON."""
        people, self._people = self._people, {}
        states, self._states = self._states, {}
        for user_id, data in people.items():
            text = json.dumps(data, ensure_ascii=False, sort_keys=True) if data else ""
            if text != self._read.get(user_id, ""):
                self._write(USER, str(user_id), json.loads(text) if text else None)
        for (name, key), state in states.items():
            self._write(_part(name), key, None if state is None else [json.loads(key), state])
        self._read.clear()

    def forget(self) -> None:
        """The transaction was rolled back: nothing of it is kept in memory."""
        self._people.clear()
        self._states.clear()
        self._read.clear()

    def _write(self, part: str, key: str, value: object) -> None:
        if value is None:
            drop(self._current(), self._seals, part, key)
        else:
            keep(self._current(), self._seals, part, key, value, self._clock.now().timestamp() + DRAFTS_LAST)

    async def refresh_user_data(self, user_id: int, user_data: Data) -> None:
        now = self._clock.now().timestamp()
        data = kept(self._current(), self._seals, USER, str(user_id), now) or {}
        self._read[user_id] = json.dumps(data, ensure_ascii=False, sort_keys=True) if data else ""
        user_data.clear()
        user_data.update(data)

    async def get_conversations(self, name: str) -> dict[Any, object]:
        part = _part(name)
        rows = (
            self._current()
            .connection()
            .execute(
                sa.select(table.c.key, table.c.payload).where(
                    table.c.part == part, table.c.expires_at > self._clock.now().timestamp()
                )
            )
        )
        opened = (self._seals.open(table.name, f"{part}:{row.key}", row.payload) for row in rows)
        return {tuple(key): state for key, state in opened}

    async def update_user_data(self, user_id: int, data: Data) -> None:
        self._people[user_id] = data

    async def update_conversation(
        self, name: str, key: tuple[int | str, ...], new_state: object | None
    ) -> None:
        self._states[name, json.dumps(key)] = new_state

    async def drop_user_data(self, user_id: int) -> None:
        self._people[user_id] = {}

    # What follows PTB asks for and is never used: only people and conversations are kept.

    async def get_user_data(self) -> dict[int, Data]:
        return {}

    async def get_chat_data(self) -> dict[int, Data]:
        return {}

    async def get_bot_data(self) -> Data:
        return {}

    async def get_callback_data(self) -> None:
        return None

    async def update_chat_data(self, chat_id: int, data: Data) -> None:
        """Chats keep nothing."""

    async def update_bot_data(self, data: Data) -> None:
        """The bot keeps nothing."""

    async def update_callback_data(self, data: object) -> None:
        """Callback data says everything itself."""

    async def drop_chat_data(self, chat_id: int) -> None:
        """Chats keep nothing."""

    async def refresh_chat_data(self, chat_id: int, chat_data: Data) -> None:
        """Chats keep nothing."""

    async def refresh_bot_data(self, bot_data: Data) -> None:
        """The bot keeps nothing."""

    async def flush(self) -> None:
        """The transaction of the update has written everything already."""


def keep(session: Session, seals: Seals, part: str, key: str, value: object, until: float) -> None:
    """Something that can be JSON, sealed, until a moment (seconds since 1970). Raises TypeError for what is not JSON."""
    connection, index = session.connection(), seals.key(part, key)
    payload = seals.close(table.name, f"{part}:{index}", value)
    write = _PUT[connection.dialect.name]
    connection.execute(write, {"part": part, "key": index, "expires_at": until, "payload": payload})


def kept(session: Session, seals: Seals, part: str, key: str, now: float) -> Any:
    """The same, opened; None when its time is over or there was nothing."""
    index = seals.key(part, key)
    payload = session.connection().scalar(_KEPT, {"of": part, "whose": index, "now": now})
    return None if payload is None else seals.open(table.name, f"{part}:{index}", payload)


def drop(session: Session, seals: Seals, part: str, key: str) -> None:
    """It is forgotten now."""
    there = sa.and_(table.c.part == part, table.c.key == seals.key(part, key))
    session.connection().execute(sa.delete(table).where(there))


def expire(session: Session, now: float) -> int:
    """Delete the talks nobody came back to, and whatever else is past its time. Returns how many."""
    done = session.connection().execute(sa.delete(table).where(table.c.expires_at <= now))
    return done.rowcount


def _part(name: str) -> str:
    return f"conversation:{name}"
