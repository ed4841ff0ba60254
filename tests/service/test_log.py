"""What people write is never in the log, not even in the most talkative."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from telegram.error import TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

import run_bot
from bot.clock import ManualClock
from bot.runtime.transport import AiohttpRequest
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World
from tests.runtime.house import House, always
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


async def test_what_raises_is_logged_without_what_it_says(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Exceptions hold words: in their message, in the one they came from, in a value that was not valid."""

    class Heard(BaseModel):
        number: int

    async def fails_with(update: Any, context: Any) -> None:
        words = update.message.text
        try:
            {}[words]
        except KeyError as error:
            if words.endswith("again"):
                Heard.model_validate({"number": words})
            raise ValueError(words) from error

    async def sweep(bot: Any) -> None:
        raise RuntimeError(CANARY)

    run_bot.log("DEBUG")
    house = House(sqlite_url)
    house.service.on_message = fails_with
    house.service.sweeps.append(always(sweep))
    for chat, words in ((5, CANARY), (6, f"{CANARY} again")):
        house.telegram.writes(chat, words)
    await house.settle()
    house.store.close()
    for name in ("ValueError", "ValidationError", "RuntimeError", "fails_with"):
        assert name in caplog.text
    assert CANARY not in caplog.text


async def test_the_database_logs_no_values(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in an error, nor when every statement is logged."""
    house = House(database_url)
    with caplog.at_level(logging.DEBUG, logger="sqlalchemy.engine"):
        async with house.store.transaction() as session:
            session.connection().execute(sa.text("SELECT :words").bindparams(words=CANARY))
        with pytest.raises(DBAPIError) as raised:
            async with house.store.transaction() as session:
                session.connection().execute(sa.text("SELECT :words FROM nowhere").bindparams(words=CANARY))
    house.store.close()
    assert "SELECT" in caplog.text
    assert CANARY not in caplog.text + str(raised.value) + repr(raised.value)


async def test_the_wire_logs_neither_words_nor_the_token(caplog: pytest.LogCaptureFixture) -> None:
    run_bot.log("DEBUG")
    world = World(ManualClock(), token="1:secret-token")
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    request = AiohttpRequest()
    async with LocalServer(create_app(world), port).running():
        await request.initialize()
        address = f"http://{HOST}:{port}/bot1:secret-token/sendMessage"
        data = RequestData(
            [RequestParameter.from_input("chat_id", 5), RequestParameter.from_input("text", CANARY)]
        )
        with pytest.raises(TelegramError):
            await request.post(address, data)
        await request.shutdown()
    assert CANARY not in caplog.text
    assert "secret-token" not in caplog.text
