"""One method of the Bot API called for real."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.runtime.calls import request_of
from bot.runtime.transport import NotSentError

os.environ.setdefault("PTB_TIMEDELTA", "true")  # spans of time as timedelta, which PTB will make the rule
NEVER_LEFT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})  # httpx's names for it


class Wire:
    """The Bot API of one bot over a transport. Raises telegram.error.TelegramError and nothing else."""

    def __init__(self, transport: BaseRequest, *, api_url: str, token: str) -> None:
        self.transport = transport
        self._address = f"{api_url.rstrip('/')}/bot{token}/"

    async def call(
        self,
        method: str,
        parameters: dict[str, Any] | None = None,
        files: dict[str, list[str]] | None = None,
        *,
        read_timeout: float | None = None,
    ) -> Any:
        data = request_of(parameters or {}, files)
        more = {} if read_timeout is None else {"read_timeout": read_timeout}
        try:
            return await self.transport.post(self._address + method, data, **more)
        except (AttributeError, KeyError, TypeError, ValueError):  # JSON, but not an answer of the Bot API
            raise TelegramError("Invalid server response") from None


def never_left(error: TelegramError) -> bool:
    """Whether the request surely did not reach the server."""
    return isinstance(error, NotSentError) or type(error.__cause__).__name__ in NEVER_LEFT


def pause(error: RetryAfter) -> float:
    """Seconds Telegram asks us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
