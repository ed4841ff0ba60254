"""The sandbox as one process: a pretend Telegram, the neighbourhood in it, the page, and the bot as it always runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn

from bot.clock import SkippableClock
from bot.runtime.transport import AiohttpRequest
from bot.sandbox import insight, pages, town
from bot.sandbox.server import HOST, create_app
from bot.sandbox.world import World
from bot.serve import lead, opened
from bot.settings import Settings, SettingsWrong

TOKEN = "1:sandbox"  # noqa: S105  invented
FOLDER = Path("var/sandbox")

_log = logging.getLogger(__name__)


async def run(settings: Settings, root: Path) -> None:
    """Until Ctrl+C. Starts afresh every time. Raises SettingsWrong when the port is taken."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    own = settings.model_copy(
        update={
            "database_url": f"sqlite:///{FOLDER}/jinlin.db",
            "keyring_file": FOLDER / "keys.json",
            "telegram_api_url": f"http://{HOST}:{settings.sandbox_port}",
        }
    )
    clock = SkippableClock()
    world = World(clock, token=TOKEN)
    page = town.read(root / "templates")
    async with opened(own, TOKEN, clock, AiohttpRequest()) as (store, service, runtime):

        async def who_sees(language: str) -> list[dict[str, Any]]:
            async with store.transaction() as session:
                return insight.read(session, service.house, language)

        server = _Server(create_app(world, pages.routes(world, page, who_sees)), settings.sandbox_port)
        async with server.running():
            await town.settle(world, store, runtime, page)
            address = f"http://{HOST}:{settings.sandbox_port}/"
            _log.warning("the sandbox is open at %s (invented people, this computer only)", address)
            await lead(service, runtime)


class _Server(uvicorn.Server):
    """Uvicorn beside the bot in one loop; the signals are the bot's."""

    def __init__(self, app: Any, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, host=HOST, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=1
            )
        )
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise SettingsWrong(f"SANDBOX_PORT: {port} is taken on this computer; set another") from None

        self._listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        serving = asyncio.create_task(self._serve())
        await self._listening.wait()
        try:
            yield
        finally:
            self.should_exit = True
            await serving
