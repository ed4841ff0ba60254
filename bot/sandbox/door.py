"""The way into the world from the same process: python-telegram-bot's own request, without a wire."""

from __future__ import annotations

import json
from typing import Any, cast

from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.sandbox.faults import Broken
from bot.sandbox.model import Upload
from bot.sandbox.world import World


class WorldRequest(BaseRequest):
    """Speaks to a World as HTTPXRequest speaks to Telegram, broken answers included."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    @property
    def read_timeout(self) -> float | None:
        return None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = None,
        write_timeout: ODVInput[float] = None,
        connect_timeout: ODVInput[float] = None,
        pool_timeout: ODVInput[float] = None,
    ) -> tuple[int, bytes]:
        """Raises TimedOut or NetworkError when a fault says so."""
        token, _, name = url.rpartition("/bot")[2].partition("/")
        params: dict[str, Any] = dict(request_data.json_parameters) if request_data else {}
        files = {
            key: Upload.called(value[0], cast(bytes, value[1]))
            for key, value in (request_data.multipart_data if request_data else {}).items()
        }
        try:
            answer = await self._world.call(token, name, params, files)
        except Broken as broken:
            if broken.how.startswith("timeout"):
                raise TimedOut from None
            if broken.how.startswith("reset"):
                raise NetworkError("the connection was reset") from None
            return 200, b'{"ok":true,"resu'
        return answer.get("error_code", 200), json.dumps(answer).encode()
