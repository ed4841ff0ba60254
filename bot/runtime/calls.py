"""Bot API calls as they are kept: which give a message, which may be repeated, what Telegram would refuse."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

from telegram import InputFile
from telegram.error import BadRequest
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

# Limits of the Bot API (core.telegram.org/bots/api), lengths in UTF-16 units after parsing of entities
TEXT = 4096
CAPTION = 1024
ANSWER = 200
CALLBACK_DATA = 64  # bytes

_KINDS = (
    "Message Photo Voice Document Audio Video Animation VideoNote Sticker Location Venue Contact Poll Dice"
)
GIVES_MESSAGE = frozenset({"forwardMessage"} | {f"send{kind}" for kind in _KINDS.split()})
SEVERAL = frozenset({"sendMediaGroup", "forwardMessages", "copyMessages"})
NOT_REPEATABLE = GIVES_MESSAGE | {
    "copyMessage",
    "createForumTopic",
}  # everything else has the same effect twice
_TAG = re.compile(r"<[^>]*>")

Call = dict[
    str, Any
]  # {"chat": id, @name or None, "parameters": {name: text}, "files": {name: [name, base64, type]}}


class Uncapturable(BadRequest):
    """A handler asked for something that cannot wait for the commit, or that Telegram would refuse."""


def call_of(data: RequestData | None) -> Call:
    parameters = dict(data.json_parameters) if data is not None else {}
    chat = parameters.get("chat_id")
    named = chat is not None and chat.startswith("@")
    call: Call = {"chat": chat if chat is None or named else int(chat), "parameters": parameters}
    if data is not None and data.contains_files:
        call["files"] = {
            part: [name, base64.b64encode(_bytes(content)).decode(), kind]
            for part, (name, content, kind) in (data.multipart_data or {}).items()
        }
        if any("attach://" in value for value in parameters.values()):
            raise Uncapturable("a file is sent as a parameter of its own")
    return call


def request_of(parameters: dict[str, Any], files: dict[str, list[str]] | None = None) -> RequestData:
    """What the transport sends. Raises Uncapturable for a file that is not a parameter of its own."""
    sent = [
        # what is kept is text already; a look at what each might be costs more than to send it
        RequestParameter(name, value, None)
        if isinstance(value, str)
        else RequestParameter.from_input(name, value)
        for name, value in parameters.items()
    ]
    for name, (filename, content, _) in (files or {}).items():
        sent.append(
            RequestParameter.from_input(name, InputFile(base64.b64decode(content), filename=filename))
        )
    return RequestData(sent)


def is_private(chat: int | str | None) -> bool:
    """Whether a chat is that of one person; groups and channels have negative ids, or names."""
    return isinstance(chat, int) and chat > 0


def _bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else bytes(content.read())


def check(method: str, parameters: dict[str, str]) -> None:
    """Raises Uncapturable for what Telegram would answer with 400."""
    parsed = "parse_mode" in parameters
    most = ANSWER if method.startswith("answer") else TEXT
    for name, limit in (("text", most), ("caption", CAPTION)):
        if (text := parameters.get(name)) is not None and length(text, parsed) > limit:
            raise Uncapturable(f"{name} of {method} is over {limit} characters")
    if method == "sendMessage" and not parameters.get("text", "").strip():
        raise Uncapturable("message text is empty")
    if (markup := parameters.get("reply_markup")) is not None:
        for row in json.loads(markup).get("inline_keyboard", ()):
            for button in row:
                data = button.get("callback_data")
                if data is not None and not 1 <= len(data.encode()) <= CALLBACK_DATA:
                    raise Uncapturable("callback data is 1 to 64 bytes")


def length(text: str, parsed: bool) -> int:
    """UTF-16 units of a text as Telegram counts it, without its tags when it is HTML."""
    shown = html.unescape(_TAG.sub("", text)) if parsed else text
    return len(shown.encode("utf-16-le", "surrogatepass")) // 2
