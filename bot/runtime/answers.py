"""What became of a send, read from how Telegram answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.runtime.wire import never_left, pause

# The wording of tdlib/telegram-bot-api (Client.cpp)
SAME = ("message is not modified",)
NO_NEED = ("message to delete not found", "message can't be deleted")
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
LATE = ("query is too old", "query id is invalid", "query_id_invalid")
ENTITIES = ("can't parse entities", "can't parse message")
TOPIC = ("message thread not found", "topic_closed", "topic_deleted")
NOBODY = ("chat not found", "peer_id_invalid", "user not found")
BAD_ENTITIES = "bad entities"  # the error of what was sent as plain text instead
SHORTEST, LONGEST = 0.5, 60.0  # seconds between tries


@dataclass(frozen=True)
class Outcome:
    """`state` is that of the row from now on; `wait` the seconds before the next try.

    `ambiguous`: it may have arrived; `silent`: because no answer came. `halt`: the chat is to be left alone for `wait`;
    `stranger`: Telegram does not know our bot, so all chats are.
    """

    state: str
    error: str | None = None
    wait: float = 0.0
    message_id: int | None = None
    ambiguous: bool = False
    silent: bool = False
    halt: bool = False
    stranger: bool = False
    unreachable: bool = False
    moved_to: int | None = None
    alert: bool = False


def sent(result: Any) -> Outcome:
    number = result.get("message_id") if isinstance(result, dict) else None
    return Outcome("sent", message_id=number if isinstance(number, int) else None)


def refused(error: TelegramError, tries: int) -> Outcome:
    """What follows from an error. `tries` counts this one."""
    name = type(error).__name__
    again = min(LONGEST, SHORTEST * 2 ** min(tries, 10))
    if isinstance(error, RetryAfter):
        return Outcome("pending", error=name, wait=pause(error), halt=True)
    if isinstance(error, ChatMigrated):
        return Outcome("pending", error=name, moved_to=error.new_chat_id)
    if isinstance(error, Forbidden):
        return Outcome("cancelled", error=name, unreachable=True)
    if isinstance(error, BadRequest):
        return _bad(error.message.lower())
    if isinstance(error, InvalidToken):
        return Outcome("pending", error=name, wait=LONGEST, stranger=True, alert=True)
    unclear = not never_left(error)
    silent = unclear and isinstance(error, TimedOut)
    return Outcome("pending", error=name, wait=again, ambiguous=unclear, silent=silent)


def says(error: TelegramError, words: tuple[str, ...]) -> bool:
    return any(word in error.message.lower() for word in words)


def _bad(message: str) -> Outcome:
    def about(words: tuple[str, ...]) -> bool:
        return any(word in message for word in words)

    if about(SAME) or about(NO_NEED):
        return Outcome("sent")
    if about(LATE):
        return Outcome("expired", error="too late")
    if about(GONE):
        return Outcome("cancelled", error="message gone")
    if about(NOBODY):
        return Outcome("cancelled", error="chat not found", unreachable=True)
    return Outcome("dead", error="BadRequest", alert=True)
