"""Both doors lead to the same world, and a stock bot cannot tell it from Telegram."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import HTTPXRequest

from bot.clock import SystemClock
from bot.sandbox.door import WorldRequest
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World

ME = 7


@asynccontextmanager
async def served() -> AsyncIterator[tuple[World, str]]:
    world = World(SystemClock())
    world.phone(ME, "Mei").start()
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    async with LocalServer(create_app(world), port).running():
        yield world, f"http://{HOST}:{port}"


async def test_a_stock_bot_runs_unchanged() -> None:
    async with served() as (world, address):
        builder = Application.builder().token(world.token).base_url(f"{address}/bot")
        application = builder.request(HTTPXRequest()).build()
        heard = asyncio.Event()

        async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
            assert update.message is not None
            await update.message.reply_text(update.message.text or "")
            if update.message.text == "hello":
                heard.set()

        application.add_handler(MessageHandler(filters.TEXT, echo))
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling(timeout=1)
            world.phone(ME).send("hello")
            await asyncio.wait_for(heard.wait(), 10)
            await application.updater.stop()
            await application.stop()
        assert world.phone(ME).last.text == "hello"


@pytest.mark.parametrize("door", ["wire", "process"])
async def test_both_doors_say_the_same(door: str) -> None:
    async with served() as (world, address):
        request = WorldRequest(world) if door == "process" else HTTPXRequest(read_timeout=2)
        async with Bot(world.token, base_url=f"{address}/bot", request=request) as bot:
            with pytest.raises(BadRequest, match="an't parse entities"):
                await bot.send_message(ME, "<b>", parse_mode="HTML")
            message = await bot.send_message(ME, "长短", parse_mode="HTML")
            assert message.text == "长短"
            voice = await bot.send_voice(ME, b"OggS")
            assert voice.voice is not None
            again = await bot.send_voice(ME, voice.voice.file_id)
            assert again.voice is not None
            world.faults.fail("429", retry_after=3)
            with pytest.raises(RetryAfter):
                await bot.send_message(ME, "x")
            for how in ("truncated", "reset_after"):
                world.faults.fail(how)
                with pytest.raises(TelegramError):
                    await bot.get_chat(ME)


async def test_a_file_can_be_fetched_and_a_stranger_gets_nothing() -> None:
    async with served() as (world, address):
        world.phone(ME).send_photo(data=b"picture")
        path = next(iter(world.files.values())).path
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{address}/file/bot{world.token}/{path}") as answer:
                assert await answer.read() == b"picture"
            async with session.get(f"{address}/file/bot2:x/{path}") as answer:
                assert answer.status == 404
            async with session.post(f"{address}/sandbox/phones/{ME}/fly", json={}) as answer:
                assert answer.status == 400
            async with session.post(f"{address}/sandbox/phones/{ME}/send", json={"text": "hi"}) as answer:
                assert (await answer.json())["ok"]
            async with session.get(f"{address}/sandbox/phones/{ME}") as answer:
                assert (await answer.json())["messages"][-1]["segments"] == [["hi", []]]
