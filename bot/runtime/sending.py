"""One message on its way: for the first time, as a marked repeat, looked for first, or as plain text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram.error import BadRequest, NetworkError, TelegramError

from bot.runtime import answers, calls
from bot.runtime.answers import Outcome
from bot.runtime.calls import Call
from bot.runtime.highest import Highest
from bot.runtime.wire import Wire
from privacy.sealed import Sealed

PROBES = 40  # message ids looked at above the highest known
MOST_PROBES = 400  # and below it, when it has risen since the send
PROBE_TRIES = 3
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Claimed:
    """A row of the outbox that this process is to send now."""

    id: int
    chat: int
    method: str
    priority: int
    kind: str
    tries: int  # with this one
    ambiguous: bool
    floor: int
    call: Call
    payload: Sealed
    neighbours: frozenset[int] | None = (
        None  # other messages of ours where it may be; None: not to be looked for
    )

    @classmethod
    def fresh(cls, values: dict[str, Any], call: Call) -> Claimed:
        """A row as it was just written, on its first way out."""
        names = ("id", "chat", "method", "priority", "kind", "ambiguous", "floor", "payload")
        return cls(**{name: values[name] for name in names}, tries=1, call=call)

    @property
    def gives_message(self) -> bool:
        return self.method in calls.GIVES_MESSAGE or self.method == "copyMessage"

    @property
    def reference(self) -> str:
        """A short name of the message, the same in every copy of it."""
        return f"{self.id:X}"


class Sending:
    """Knows how a row becomes a call. Never raises for what Telegram answers."""

    def __init__(self, wire: Wire, repeated: Callable[[str, str], str], highest: Highest) -> None:
        self._wire = wire
        self._repeated = repeated
        self._highest = highest

    async def send(self, claimed: Claimed) -> Outcome:
        parameters = dict(claimed.call["parameters"])
        try:
            if claimed.ambiguous and claimed.method in calls.NOT_REPEATABLE:
                if claimed.neighbours is not None:
                    found = await self._find(claimed, claimed.neighbours, parameters)
                    if found is not None:
                        return found
                await self._mark(claimed, parameters)  # not found is not proof: its id may lie further off
            return answers.sent(await self._call(claimed, parameters))
        except TelegramError as error:
            if isinstance(error, BadRequest) and answers.says(error, answers.ENTITIES):
                return await self._plainly(claimed, parameters)
            if answers.says(error, answers.TOPIC) and parameters.pop("message_thread_id", None):
                return await self._outside(claimed, parameters)
            return answers.refused(error, claimed.tries)

    async def _call(self, claimed: Claimed, parameters: dict[str, str]) -> Any:
        return await self._wire.call(claimed.method, parameters, claimed.call.get("files"))

    async def _mark(self, claimed: Claimed, parameters: dict[str, str]) -> None:
        """Say that she may have had this already; what carries no words is announced by a message."""
        name = "text" if "text" in parameters else "caption"
        limit = calls.TEXT if name == "text" else calls.CAPTION
        if claimed.method == "sendMessage" or claimed.method in _CAPTIONED:
            words = parameters.get(name, "")
            shown = words if "parse_mode" in parameters else html.escape(words, quote=False)
            marked = self._repeated(shown, claimed.reference)
            if calls.length(marked, parsed=True) > limit:
                mark = calls.length(self._repeated("", claimed.reference), parsed=True)
                short = html.unescape(_TAG.sub("", shown))[: (limit - mark) // 2]
                marked = self._repeated(html.escape(short, quote=False), claimed.reference)
            parameters[name] = marked
            parameters["parse_mode"] = "HTML"
            parameters.pop("entities", None)
            parameters.pop("caption_entities", None)
        else:
            announced = {
                "chat_id": parameters["chat_id"],
                "text": self._repeated("", claimed.reference),
                "parse_mode": "HTML",
            }
            await self._wire.call("sendMessage", announced)

    async def _find(
        self, claimed: Claimed, neighbours: frozenset[int], parameters: dict[str, str]
    ) -> Outcome | None:
        """The message where it may be, found by an edit that changes nothing. None when it is not there.

        A bot edits only its own messages; all others of ours there are known and left out, so nothing else is
        touched. That ids follow one another is not documented; hence a setting.
        """
        edit: dict[str, Any] = {name: parameters[name] for name in _SAME if name in parameters}
        markup = json.loads(parameters.get("reply_markup", "{}"))
        if "inline_keyboard" in markup:
            edit["reply_markup"] = parameters["reply_markup"]
        last = max(claimed.floor, min(self._highest.id, claimed.floor + MOST_PROBES)) + PROBES
        for number in sorted(set(range(claimed.floor + 1, last + 1)) - neighbours):
            if await self._is_ours({**edit, "message_id": number}):
                return Outcome("sent", message_id=number)
        return None

    async def _is_ours(self, edit: dict[str, Any], tries: int = PROBE_TRIES) -> bool:
        """Whether the edit finds its message. One that got lost is repeated: to begin the search anew would cost more."""
        try:
            await self._wire.call("editMessageText", edit)
        except BadRequest as error:
            return answers.says(error, answers.SAME)
        except NetworkError:
            if tries == 1:
                raise
            return await self._is_ours(edit, tries - 1)
        return True

    async def _outside(self, claimed: Claimed, parameters: dict[str, str]) -> Outcome:
        """The topic is closed or gone: the group hears it all the same."""
        try:
            return answers.sent(await self._call(claimed, parameters))
        except TelegramError as error:
            return answers.refused(error, claimed.tries)

    async def _plainly(self, claimed: Claimed, parameters: dict[str, str]) -> Outcome:
        """Telegram could not read our HTML: the words go out without it, and we want to know."""
        for name in ("text", "caption"):
            if name in parameters:
                parameters[name] = html.unescape(_TAG.sub("", parameters[name]))
        parameters.pop("parse_mode", None)
        try:
            outcome = answers.sent(await self._call(claimed, parameters))
        except TelegramError as error:
            return answers.refused(error, claimed.tries)
        return Outcome("sent", error=answers.BAD_ENTITIES, message_id=outcome.message_id, alert=True)


_SAME = ("chat_id", "text", "parse_mode")
_CAPTIONED = frozenset(
    f"send{kind}" for kind in ("Photo", "Voice", "Document", "Audio", "Video", "Animation")
)
