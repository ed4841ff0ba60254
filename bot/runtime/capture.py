"""Bot API calls become rows of the outbox in the open transaction; nothing leaves the house here."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from telegram.request import BaseRequest, RequestData

from bot.clock import Clock
from bot.runtime import calls, delivery
from bot.runtime.calls import Call, Uncapturable
from bot.runtime.seals import Seals
from bot.runtime.sending import Claimed
from bot.runtime.tables import outbox, runtime_state
from bot.store.store import Store
from privacy.prepared import Prepared

ANSWER_LASTS = 60.0  # seconds; Telegram drops an answer to an older tap ("query is too old")
BLOCK = 1000  # row ids taken from the database at once
# built once: building a statement costs more than running it
_KEEP = Prepared(outbox.insert())
_WAITING = Prepared(
    sa.select(outbox.c.method, outbox.c.payload).where(
        outbox.c.id == sa.bindparam("row"),
        outbox.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'blocked'")]),
        sa.not_(outbox.c.ambiguous),
        outbox.c.chat == sa.bindparam("there"),
    )
)


class RowIds:
    """Ids of outbox rows, rising and never used twice, for messages keep them as provisional ids."""

    KEY = "outbox_id"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next = 0
        self._end = 0

    def take(self, connection: Connection) -> int:
        if self._next >= self._end:
            self._reserve(connection)
        self._next += 1
        return self._next

    def _reserve(self, connection: Connection) -> None:
        known = connection.scalar(sa.select(runtime_state.c.value).where(runtime_state.c.key == self.KEY))
        if known is None:
            connection.execute(runtime_state.insert().values(key=self.KEY, value=BLOCK))
        else:
            connection.execute(
                runtime_state.update().where(runtime_state.c.key == self.KEY).values(value=known + BLOCK)
            )
        self._next, self._end = known or 0, (known or 0) + BLOCK
        self._store.after_rollback(self._give_back)

    def _give_back(self) -> None:
        self._next = self._end = 0


class _New(NamedTuple):
    """A row that is not written yet."""

    values: dict[str, Any]
    call: Call


class OutboxRequest(BaseRequest):
    """The network of the worker's bot. Reading from Telegram inside a transaction is refused."""

    def __init__(self, store: Store, seals: Seals, clock: Clock) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._ids = RowIds(store)
        self._new: dict[int, _New] = {}  # of the open transaction; written as it ends, in one statement
        self._cause: int | None = None
        self._taken = 0
        self.me: dict[str, Any] = {}  # what getMe said at start
        self.answered: set[str] = set()  # taps answered in this transaction
        self.committed: Callable[[Claimed], None] | None = None  # told of each answer to a tap

    def begin(self, cause: int | None) -> None:
        """A transaction starts; `cause` is the inbox row it handles."""
        self._cause = cause
        self._taken = 0
        self._new.clear()
        self.answered.clear()

    @property
    def taken(self) -> int:
        """How many rows this transaction has written."""
        return self._taken

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    @property
    def read_timeout(self) -> float | None:
        return None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        name = url.rsplit("/", 1)[1]
        result = self.me if name == "getMe" else self.capture(name, calls.call_of(request_data))
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def capture(self, method: str, call: Call) -> Any:
        """Keep the call; answer as Telegram would. Raises Uncapturable."""
        if method.startswith("get") or method in calls.SEVERAL:
            raise Uncapturable(f"{method} cannot be called inside a transaction: it needs Telegram's answer")
        parameters = call["parameters"]
        calls.check(method, parameters)
        if method == "answerCallbackQuery":
            self.answered.add(parameters["callback_query_id"])
        connection = self._store.current().connection()
        target = int(parameters.get("message_id", 0))
        if target < 0 and self._replaced(connection, method, -target, call):
            return True
        row = self._keep(connection, method, call)
        if method in calls.GIVES_MESSAGE:
            return self._message(-row, call)
        if method == "copyMessage":
            return {"message_id": -row}
        return True  # of an edit too, as for an inline message: nobody reads what it gives back

    def _keep(self, connection: Connection, method: str, call: Call) -> int:
        row = self._ids.take(connection)
        how = delivery.current()
        now = self._clock.now().timestamp()
        tap = method == "answerCallbackQuery"
        expires = how.expires_at.timestamp() if how.expires_at is not None else None
        values = {
            "id": row,
            "cause": self._cause,
            "chat": self._seals.chat(call["chat"] or 0),
            "method": method,
            "priority": delivery.TAP if tap else how.priority,
            "kind": "keep" if how.priority == delivery.NEWS else how.kind,
            "guard": None if tap else how.guard,
            "state": "pending",
            "tries": 0,
            "ambiguous": False,
            "floor": 0,
            "created_at": now,
            "due_at": now,
            "set_at": now,
            "expires_at": now + ANSWER_LASTS if tap else expires,
        }
        if not self._new:
            self._store.before_commit(self._write)
        self._new[row] = _New(values, call)
        self._taken += 1
        return row

    def _write(self) -> None:
        """Everything this transaction says, sealed."""
        for row, (values, call) in self._new.items():
            values["payload"] = self._seals.close(outbox.name, str(row), call)
            if values["method"] == "answerCallbackQuery" and self.committed is not None:
                self._store.after_commit(partial(self.committed, Claimed.fresh(values, call)))
        rows = [values for values, _ in self._new.values()]
        self._new.clear()
        if rows:
            self._store.current().connection().execute(_KEEP, rows)

    def _replaced(self, connection: Connection, method: str, row: int, call: Call) -> bool:
        """Whether the message still waited, and now says the new words instead of the old."""
        if row in self._new:
            return self._replaced_new(method, row, call)
        chat = self._seals.chat(call["chat"] or 0)
        waiting = connection.execute(_WAITING, {"row": row, "there": chat}).first()
        if waiting is None:
            return False
        if method == "deleteMessage":
            connection.execute(
                outbox.update()
                .where(outbox.c.id == row)
                .values(
                    state="cancelled", error="deleted", payload=None, settled_at=self._clock.now().timestamp()
                )
            )
            return True
        kept = cast(Call, self._seals.open(outbox.name, str(row), waiting.payload))
        if not _edit(waiting.method, kept["parameters"], method, call["parameters"]):
            return False
        values: dict[str, Any] = {"payload": self._seals.close(outbox.name, str(row), kept)}
        if (guard := delivery.current().guard) is not None:
            values["guard"] = guard
        connection.execute(outbox.update().where(outbox.c.id == row).values(**values))
        self._taken += 1
        return True

    def _replaced_new(self, method: str, row: int, call: Call) -> bool:
        """The same for a message of this very transaction."""
        if method == "deleteMessage":
            del self._new[row]
            return True
        values, kept = self._new[row]
        if not _edit(values["method"], kept["parameters"], method, call["parameters"]):
            return False
        values["guard"] = delivery.current().guard or values["guard"]
        return True

    def _message(self, message_id: int, call: Call) -> dict[str, Any]:
        """A message as Telegram would give it back, as far as anybody may rely on before it is sent."""
        chat = call["chat"] or 0
        shown = {name: call["parameters"][name] for name in ("text", "caption") if name in call["parameters"]}
        return {
            "message_id": message_id,
            "date": int(self._clock.now().timestamp()),
            "chat": {"id": chat, "type": "private" if calls.is_private(chat) else "supergroup", "title": ""},
            **shown,
        }


def _edit(kept_method: str, kept: dict[str, str], method: str, new: dict[str, str]) -> bool:
    """Bring an unsent message up to date. False for an edit that only a sent one can take."""
    part = {"editMessageText": "text", "editMessageCaption": "caption", "editMessageReplyMarkup": None}
    if method not in part or (method == "editMessageText" and kept_method != "sendMessage"):
        return False
    names = ["reply_markup"]
    if (words := part[method]) is not None:
        names += [words, "parse_mode", "entities", "link_preview_options"]
    for name in names:
        if name in new:
            kept[name] = new[name]
        else:
            kept.pop(name, None)
    return True
