"""What people write is never in the log, not even in the most talkative."""

from __future__ import annotations

import logging

import pytest
from telegram.error import TelegramError

import run_bot
from bot.runtime.transport import AiohttpRequest
from tests.runtime.house import House
from tests.runtime.telegram import fails

CANARY = "canary-words"


async def test_nobodys_words_are_logged_at_debug(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setLevel(logging.NOTSET)
    run_bot.log("DEBUG")
    logging.getLogger("bot.anything").debug("ours are heard")
    house = House(sqlite_url)
    house.telegram.order("sendMessage", "timeout after", fails(400, f"Bad Request: {CANARY}"))
    for words in (CANARY, f"{CANARY} again"):
        house.telegram.writes(5, words)
    await house.settle()
    await house.later(60)
    house.store.close()
    with pytest.raises(TelegramError):
        AiohttpRequest.parse_json_payload(CANARY.encode())
    assert "ours are heard" in caplog.text
    assert "Telegram refused a sendMessage" in caplog.text
    assert CANARY not in caplog.text
