"""How far message ids have come. In private chats they count over the whole account, so the next one is higher."""

from __future__ import annotations

from typing import Any


class Highest:
    """The highest id of a private message known to this process; 0 before any."""

    def __init__(self) -> None:
        self.id = 0

    def saw(self, message_id: int) -> None:
        self.id = max(self.id, message_id)

    def saw_update(self, update: Any) -> None:
        """Whatever Telegram sent; only a message of a private chat tells something."""
        message = update.get("message") if isinstance(update, dict) else None
        chat = message.get("chat") if isinstance(message, dict) else None
        if isinstance(message, dict) and isinstance(chat, dict) and chat.get("type") == "private":
            number = message.get("message_id")
            self.saw(number if isinstance(number, int) and 0 < number < 2**31 else 0)
