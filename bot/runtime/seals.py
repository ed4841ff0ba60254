"""Sealing of what passes through: JSON in, ciphertext bound to its row out; and chats as blind indexes."""

from __future__ import annotations

import json
from typing import Any

from bot.runtime.calls import is_private
from privacy.sealed import Place, Sealed
from privacy.vault import Vault

SUBJECT = "service"
DATA_CLASS = "traffic"


class Seals:
    """The vault as the runtime uses it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._chats: dict[int | str, int] = {}

    def close(self, table: str, row: str, value: Any) -> Sealed:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.close_text(table, row, text)

    def close_text(self, table: str, row: str, text: str) -> Sealed:
        # surrogatepass: a lone surrogate may stand in an update, and no update may be refused
        return self._vault.seal_bytes(
            text.encode("utf-8", "surrogatepass"),
            subject=SUBJECT,
            data_class=DATA_CLASS,
            place=Place(table, "payload", row),
        )

    def open(self, table: str, row: str, sealed: Sealed) -> Any:
        """Raises privacy.vault.SealBroken or KeyGone."""
        plain = self._vault.open_bytes(
            sealed, subject=SUBJECT, data_class=DATA_CLASS, place=Place(table, "payload", row)
        )
        return json.loads(plain.decode("utf-8", "surrogatepass"))

    def chat(self, chat_id: int | str) -> int:
        """The blind index of a chat, negative for groups and for what has a @name; 0 stands for no chat at all."""
        if chat_id == 0:
            return 0
        if chat_id not in self._chats:
            if len(self._chats) > 10_000:
                self._chats.clear()
            index = self._vault.index("chat", "id", str(chat_id)) or 1
            self._chats[chat_id] = index if is_private(chat_id) else -index
        return self._chats[chat_id]

    def digest(self, text: str) -> int:
        """A keyed fingerprint of an update's text."""
        return self._vault.index("inbox", "digest", text.encode("utf-8", "backslashreplace").decode())

    def key(self, part: str, key: str) -> int:
        return self._vault.index("persistence", part, key)
