"""The sandbox as one process: a pretend Telegram, the neighbourhood in it, the page, and the bot as it always runs."""

from __future__ import annotations

import logging
import secrets
import shutil
from pathlib import Path
from typing import Any

from bot.clock import SkippableClock
from bot.runtime.transport import AiohttpRequest
from bot.sandbox import insight, pages, town
from bot.sandbox.server import HOST, LocalServer, PortTaken, create_app
from bot.sandbox.world import World
from bot.serve import lead, opened
from bot.settings import Settings, SettingsWrong

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
    token = f"1:{secrets.token_urlsafe(24)}"  # of this start, so that no other site can speak as the bot
    world = World(clock, token=token)
    page = town.read(root / "templates")
    async with opened(own, token, clock, AiohttpRequest()) as (store, service, runtime):

        async def who_sees(language: str) -> list[dict[str, Any]]:
            async with store.transaction() as session:
                return insight.read(session, service.house, language)

        app = create_app(world, pages.routes(world, page, who_sees))
        try:
            server = LocalServer(app, settings.sandbox_port)
        except PortTaken:
            port = settings.sandbox_port
            raise SettingsWrong(f"SANDBOX_PORT: {port} is taken on this computer; set another") from None
        async with server.running():
            await town.settle(world, store, runtime, page)
            address = f"http://{HOST}:{settings.sandbox_port}/"
            _log.warning("the sandbox is open at %s (invented people, this computer only)", address)
            await lead(service, runtime)
