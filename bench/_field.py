"""Two bots on the same ground: ours, and a stock polling bot that stores nothing, each a process of its own on one sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters

from bot.app import compose, open_store
from bot.clock import SystemClock
from bot.runtime.runtime import RuntimeSettings
from bot.runtime.transport import AiohttpRequest
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World
from privacy.keyring import Keyring

TOKEN = "1:sandbox"
MORNING = 1  # o'clock, UTC: the neighbourhood is awake
LOOK = 0.001  # seconds between two looks at a telephone; a look costs time too
PATIENCE = 60.0
Bot = Callable[[str, str], None]  # its API address, its database


class Morning(SystemClock):
    """The machine's time, moved to nine in the morning of its day, for at night nobody is asked for a favour."""

    def __init__(self) -> None:
        now = super().now()
        self._moved = now.replace(hour=MORNING, minute=0, second=0) - now

    def now(self) -> datetime:
        return super().now() + self._moved


def keys() -> Keyring:
    return Keyring.ephemeral(seed=b"bench")


def ours(api_url: str, url: str) -> None:
    """The whole service, sealed and durable, on SQLite with synchronous=FULL."""
    logging.disable(logging.CRITICAL)

    async def live() -> None:
        clock = Morning()
        store, _ = open_store(url, keys(), clock)
        settings = RuntimeSettings(TOKEN, api_url=api_url, limits=False)
        _, runtime = compose(store, clock, AiohttpRequest(), settings)
        await runtime.run()

    asyncio.run(live())


def stock(api_url: str, url: str) -> None:
    """run_polling and two handlers; nothing is stored."""
    logging.disable(logging.CRITICAL)
    again = InlineKeyboardMarkup([[InlineKeyboardButton("again", callback_data="again")]])

    async def echo(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "", reply_markup=again)

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


async def until(true: Callable[[], bool], look: float = LOOK) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(look)
