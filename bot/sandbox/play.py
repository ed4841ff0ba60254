"""The sandbox as one process: a pretend Telegram, the neighbourhood in it, the page, and the bot as it always runs."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.app import Jinlin
from bot.clock import SkippableClock
from bot.data import Local
from bot.runtime.runtime import Runtime
from bot.runtime.transport import AiohttpRequest
from bot.sandbox import insight, pages, town
from bot.sandbox.server import HOST, LocalServer, PortTaken, create_app
from bot.sandbox.world import World
from bot.serve import lead, opened
from bot.settings import Settings, SettingsWrong
from bot.store.store import Store

FOLDER = Path("var/sandbox")
MORNING = time(9, 30)  # local; staff are there and volunteers may be asked

_log = logging.getLogger(__name__)


async def run(settings: Settings, root: Path) -> None:
    """Until Ctrl+C. Starts afresh every time, and whenever the visitor asks. Raises SettingsWrong when the port is taken."""
    sandbox = Sandbox(settings, root)
    await sandbox.run()
    while sandbox.again:
        sandbox = Sandbox(settings, root)
        await sandbox.run()


class Sandbox:
    """One start: its own clock, world and files."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.port = settings.sandbox_port
        self.folder = FOLDER / str(self.port)
        self.settings = settings.model_copy(
            update={
                "database_url": f"sqlite:///{self.folder}/jinlin.db",
                "keyring_file": self.folder / "keys.json",
                "keyring_passphrase": None,
                "erasures_file": self.folder / "erased",
                "notice_chat": "",
                "telegram_api_url": f"http://{HOST}:{self.port}",
            }
        )
        self.token = (
            f"1:{secrets.token_urlsafe(24)}"  # of this start, so that no other site can speak as the bot
        )
        self.again = False
        self.clock = SkippableClock()
        self.world = World(self.clock, token=self.token)
        self.page = town.read(root / "templates")
        self.inside: asyncio.Future[tuple[Store, Jinlin, Runtime]] = asyncio.Future()

    async def run(self) -> None:
        """Take the port first: whoever comes second leaves the files of the first alone."""
        behind = pages.Behind(self.who_sees, self.until_morning, self.start_over)
        app = create_app(self.world, pages.routes(self.world, self.page, behind))
        try:
            server = LocalServer(app, self.port)
        except PortTaken:
            raise SettingsWrong(f"SANDBOX_PORT: {self.port} is taken on this computer; set another") from None
        async with server.running():
            shutil.rmtree(self.folder, ignore_errors=True)
            logging.getLogger("privacy.keyring").setLevel(logging.ERROR)  # throw-away keys: keep no copy
            async with opened(self.settings, self.token, self.clock, AiohttpRequest()) as inside:
                store, service, runtime = inside
                self.clock.skip(seconds_until(MORNING, self.clock.now(), service.house.local))
                await town.settle(self.world, store, runtime, self.page)
                self.inside.set_result(inside)
                _log.warning(
                    "the sandbox is open at http://%s:%s/ (invented people, this computer only)",
                    HOST,
                    self.port,
                )
                await lead(service, runtime)
        if not self.again:
            with suppress(OSError):
                shutil.rmtree(self.folder)

    async def who_sees(self, language: str) -> dict[str, Any]:
        store, service, _ = await asyncio.shield(self.inside)
        telephones = [person["id"] for person in self.page["person"]]
        async with store.transaction() as session:
            return insight.read(session, service.house, language, telephones)

    def until_morning(self) -> float:
        _, service, _ = self.inside.result()
        return seconds_until(MORNING, self.clock.now(), service.house.local)

    def start_over(self) -> None:
        _, _, runtime = self.inside.result()
        self.again = True
        runtime.stop()


def seconds_until(moment: time, now: datetime, local: Local) -> float:
    """Until the next time the neighbourhood's clocks show this."""
    here = now.astimezone(local.tz)
    day = here.date() + timedelta(days=here.time() >= moment)
    return (datetime.combine(day, moment, local.tz) - here).total_seconds()
