"""Both doors lead to the same world, and a stock bot cannot tell it from Telegram."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InputFile, Update
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.clock import SystemClock
from bot.runtime.transport import AiohttpRequest
from bot.sandbox import play
from bot.sandbox.door import WorldRequest
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World
from bot.settings import Settings

ME = 7
ROOT = Path(__file__).parent.parent.parent


@asynccontextmanager
async def served() -> AsyncIterator[tuple[World, str]]:
    world = World(SystemClock())
    world.phone(ME, "Mei").start()
    port = free_port()
    async with LocalServer(create_app(world, telephones=True), port).running():
        yield world, f"http://{HOST}:{port}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


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


@pytest.mark.parametrize(("how", "effect"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_a_client_that_waits_for_an_answer_in_vain_times_out(how: Any, effect: int) -> None:
    async with served() as (world, address):
        world.faults.fail(how, method="sendMessage")
        async with Bot(world.token, base_url=f"{address}/bot", request=HTTPXRequest()) as bot:
            began = time.monotonic()
            with pytest.raises(TimedOut):
                await bot.send_message(ME, "x", read_timeout=0.3)
            assert time.monotonic() - began >= 0.3
            assert len(world.phone(ME).heard) == effect
            await bot.send_message(ME, "y")
            world.faults.silence = 0.1
            world.faults.fail(how, method="sendMessage")
            with pytest.raises(NetworkError) as broken:
                await bot.send_message(ME, "z")
            assert not isinstance(broken.value, TimedOut)


async def test_what_cannot_be_read_is_a_bad_request_and_no_fault_of_the_server() -> None:
    async with served() as (world, address), aiohttp.ClientSession() as session:
        url = f"{address}/bot{world.token}/sendMessage"
        for body, words in [
            ("[]", "JSON object expected"),
            ('{"chat_id"', "can't parse parameter value"),
            ("{" + '"a":[' * 100_000, "can't parse parameter value"),
            (b'{"text": "\xff"}', "strings must be encoded in UTF-8"),
        ]:
            async with session.post(url, data=body, headers={"content-type": "application/json"}) as answer:
                assert answer.status == 400
                assert words in (await answer.json())["description"]
        multipart = {"content-type": "multipart/form-data; boundary=x"}
        async with session.post(url, data=b"--y", headers=multipart) as answer:
            assert (await answer.json())["error_code"] == 400
        form = {"content-type": "application/x-www-form-urlencoded"}
        async with session.post(url, data=b"text=\xff", headers=form) as answer:
            assert answer.status == 400


async def test_a_paper_keeps_its_name_through_both_doors() -> None:
    paper = {"document": InputFile(b"paper", filename="copy.jinlin"), "chat_id": ME}
    data = RequestData([RequestParameter.from_input(name, value) for name, value in paper.items()])
    async with served() as (world, address):
        world.phone(ME).start()
        for request, base in ((WorldRequest(world), "http://x"), (AiohttpRequest(), address)):
            await request.initialize()
            sent = await request.post(f"{base}/bot{world.token}/sendDocument", data)
            await request.shutdown()
            assert sent["document"]["file_name"] == "copy.jinlin"
            assert world.files[sent["document"]["file_id"]].data == b"paper"


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
            async with session.post(
                f"{address}/sandbox/phones/{ME}/send", json={"text": "hi", "to": -5}
            ) as answer:
                assert answer.status == 400
            async with session.get(f"{address}/sandbox/phones/{ME}") as answer:
                assert (await answer.json())["messages"][-1]["segments"] == [["hi", []]]


async def test_another_site_gets_nothing_from_the_test_routes_nor_by_another_name() -> None:
    async with served() as (world, address), aiohttp.ClientSession() as session:
        before = world.updates.pending
        act = f"{address}/sandbox/phones/{ME}/send"
        # What a browser sends to a foreign site without asking first.
        plain = {"content-type": "text/plain", "origin": "http://evil.example"}
        async with session.post(act, data='{"text": "hi"}', headers=plain) as answer:
            assert answer.status == 415
        async with session.post(f"{address}/sandbox/state", data="{}", headers=plain) as answer:
            assert answer.status == 415
        # A name of the attacker's that leads to this computer (DNS rebinding).
        evil = {"host": f"evil.example:{address.rpartition(':')[2]}"}
        async with session.post(act, json={"text": "hi"}, headers=evil) as answer:
            assert answer.status == 400
        assert world.updates.pending == before


async def test_what_make_run_opens_can_be_held_from_its_own_page_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, worlds = free_port(), []

    def app(world: World, *more: Any, **rest: Any) -> Any:
        worlds.append(world)
        return create_app(world, *more, **rest)

    async def lead(service: Any, runtime: Any) -> None:
        address = f"http://{HOST}:{port}"
        async with aiohttp.ClientSession() as session:
            for path in ("phones/5001", "calls"):
                async with session.get(f"{address}/sandbox/{path}") as answer:
                    assert answer.status == 404
            for path in ("phones/5001/send", "state"):
                async with session.post(f"{address}/sandbox/{path}", json={}) as answer:
                    assert answer.status == 404
            async with session.get(f"{address}/bot1:sandbox/getMe") as answer:
                assert answer.status == 401
            async with session.get(f"{address}/bot{worlds[-1].token}/getMe") as answer:
                assert answer.status == 200
            async with session.get(address, headers={"host": "evil.example"}) as answer:
                assert answer.status == 400
                assert "Invalid host" in await answer.text()
            async with session.get(address) as answer:
                assert answer.status == 200
        await runtime.wire.transport.shutdown()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(play, "create_app", app)
    monkeypatch.setattr(play, "lead", lead)
    for _ in range(2):
        await play.run(Settings(sandbox_port=port), ROOT)
    assert worlds[0].token != worlds[1].token
