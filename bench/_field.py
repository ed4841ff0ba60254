"""Two bots on the same ground: ours, and a stock polling bot that stores nothing, each a process of its own on one sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters

from bot.app import compose, open_store
from bot.clock import SystemClock
from bot.runtime.runtime import RuntimeSettings
from bot.runtime.transport import AiohttpRequest
from bot.sandbox.phone import Phone
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World
from privacy.keyring import Keyring

TOKEN = "1:sandbox"
LOOK = 0.001  # seconds between two looks at a telephone
PATIENCE = 60.0
Bot = Callable[[str, str], None]  # its API address, its database


def ours(api_url: str, url: str) -> None:
    """The whole service, sealed and durable, on SQLite with synchronous=FULL."""
    logging.disable(logging.CRITICAL)

    async def live() -> None:
        clock = SystemClock()
        store, _ = open_store(url, Keyring.ephemeral(seed=b"bench"), clock)
        settings = RuntimeSettings(TOKEN, api_url=api_url, limits=False)
        _, runtime = compose(store, clock, AiohttpRequest(), settings)
        await runtime.run()

    asyncio.run(live())


def stock(api_url: str, url: str) -> None:
    """run_polling and two handlers; nothing is stored."""
    logging.disable(logging.CRITICAL)
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("again", callback_data="again")]])

    async def echo(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "", reply_markup=keys)

    async def tapped(update: Update, context: Any) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer()

    application = Application.builder().token(TOKEN).base_url(f"{api_url}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(tapped))
    application.run_polling(stop_signals=None)


@contextlib.asynccontextmanager
async def field(bot: Bot) -> AsyncIterator[tuple[World, str]]:
    """A world with the bot in it, and the URL of its database."""
    world = World(SystemClock(), token=TOKEN)
    world.limits = world.record = False
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        async with LocalServer(create_app(world), port).running():
            process = processes.Process(target=bot, args=(f"http://{HOST}:{port}", url), daemon=True)
            process.start()
            while not world.updates.waiting:
                await asyncio.sleep(0.05)
            try:
                yield world, url
            finally:
                process.kill()
                await asyncio.to_thread(process.join)


async def until(true: Callable[[], bool]) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(LOOK)


async def taps(phone: Phone, *labels: str) -> None:
    """Tap each as soon as it is there."""
    for label in labels:
        await until(lambda label=label: any(label in text for text in _labels(phone)))  # type: ignore[misc]
        phone.tap(label)


async def says(phone: Phone, text: str, *, once: str) -> None:
    """Say it once these words are on the screen."""
    await until(lambda: bool(phone.heard) and once in phone.last.text)
    phone.send(text)


def _labels(phone: Phone) -> list[str]:
    return phone.last.labels if phone.heard else []
