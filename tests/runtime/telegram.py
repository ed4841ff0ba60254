"""A Telegram small enough to see through: a queue of updates, what was accepted, and faults on order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.clock import Clock
from bot.runtime.transport import NotSentError
from bot.runtime.waiting import Signal

Answer = tuple[int, dict[str, Any] | bytes]


def fails(code: int, description: str, **parameters: Any) -> Answer:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return code, body


class Telegram(BaseRequest):
    """`orders`: how the next calls end: an Answer, an error to raise, "timeout after", "reset before", "refused" or "truncated".

    An Event as an order holds the call until it is set, a number takes so many seconds of the clock; then it is answered, as
    with None at once.
    `deaf` is a server that does not hear what was confirmed; every message takes it `takes` seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.queue: list[dict[str, Any]] = []
        self.accepted: list[tuple[str, dict[str, str]]] = []
        self.messages: dict[tuple[int, int], str] = {}
        self.orders: dict[str, list[Any]] = {}
        self.polls = 0
        self.deaf = False
        self.takes = 0.0
        self.next_id = 100
        self._update = 0
        self._news = Signal(clock)

    # what people do

    def push(self, *updates: Any) -> None:
        self.queue.extend(updates)
        self._news.set()

    def writes(self, chat: int, text: str) -> dict[str, Any]:
        update = {**self._numbered(), "message": self._message(chat, text)}
        self.push(update)
        return update

    def taps(self, chat: int, data: str, message_id: int = 1) -> dict[str, Any]:
        number = self._numbered()
        query = {
            "id": f"q{number['update_id']}",
            "from": self._person(chat),
            "chat_instance": "1",
            "data": data,
            "message": {**self._message(chat, "card"), "message_id": message_id},
        }
        update = {**number, "callback_query": query}
        self.push(update)
        return update

    # what is asked of it

    def order(self, method: str, *answers: Any) -> None:
        self.orders.setdefault(method, []).extend(answers)

    def texts(self, chat: int | str) -> list[str]:
        """What was accepted for a chat, oldest first."""
        return [p["text"] for m, p in self.accepted if m == "sendMessage" and p["chat_id"] == str(chat)]

    def methods(self) -> list[str]:
        return [method for method, _ in self.accepted]

    # the wire

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        name = url.rsplit("/", 1)[1]
        parameters = dict(request_data.json_parameters) if request_data is not None else {}
        order = self.orders[name].pop(0) if self.orders.get(name) else None
        if order == "reset before":
            raise NetworkError("reset")
        if order == "refused":
            raise NotSentError("refused")
        if isinstance(order, Exception):
            raise order
        if isinstance(order, asyncio.Event):
            await order.wait()
        seconds = order if isinstance(order, float) else self.takes * name.startswith("send")
        if seconds > 0:
            await self._clock.sleep(seconds)
        if isinstance(order, tuple):
            code, body = order
            return code, body if isinstance(body, bytes) else json.dumps(body).encode()
        result = await self._answer(name, parameters)
        if order == "timeout after":
            raise TimedOut
        if isinstance(result, tuple):
            return result[0], json.dumps(result[1]).encode()
        body = json.dumps({"ok": True, "result": result}).encode()
        return 200, body[: len(body) // 2] if order == "truncated" else body

    async def _answer(self, name: str, p: dict[str, str]) -> Any:
        if name == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "B", "username": "b_bot"}
        if name == "getUpdates":
            return await self._updates(p)
        chat: int | str = p.get("chat_id", "0")
        if not str(chat).startswith("@"):
            chat = int(chat)
        if name.startswith("editMessage"):
            key = (chat, int(p["message_id"]))
            if key not in self.messages:
                return fails(400, "Bad Request: message to edit not found")
            if self.messages[key] == p.get("text"):
                return fails(400, "Bad Request: message is not modified")
            self.messages[key] = p.get("text", self.messages[key])
        self.accepted.append((name, p))
        if name.startswith("send"):
            self.next_id += 1
            self.messages[chat, self.next_id] = p.get("text", "")
            return {"message_id": self.next_id, "date": 1, "chat": {"id": chat, "type": "private"}}
        return True

    async def _updates(self, p: dict[str, str]) -> list[Any]:
        self.polls += 1
        offset = int(p.get("offset", 0))
        if not self.deaf:
            self.queue = [
                u for u in self.queue if not isinstance(u, dict) or u.get("update_id", offset) >= offset
            ]
        if not self.queue and int(p["timeout"]):
            await self._news.wait(float(p["timeout"]))
        return self.queue[: int(p["limit"])]

    def _numbered(self) -> dict[str, int]:
        self._update += 1
        return {"update_id": 1000 + self._update}

    def _message(self, chat: int, text: str) -> dict[str, Any]:
        return {
            "message_id": self._update,
            "date": 1_700_000_000,
            "chat": {"id": chat, "type": "private"},
            "from": self._person(chat),
            "text": text,
        }

    def _person(self, chat: int) -> dict[str, Any]:
        return {"id": chat, "is_bot": False, "first_name": "U"}


def only(calls: Iterable[tuple[str, dict[str, str]]], method: str) -> list[dict[str, str]]:
    return [parameters for name, parameters in calls if name == method]
