"""The pretend Telegram over HTTP, on this computer only: the Bot API for a bot, and a door for tests to hold the telephones.

`python -m bot.sandbox.server --port 8081 --token 1:test` serves the Bot API at http://127.0.0.1:8081/bot1:test/METHOD;
with `--telephones` also /sandbox/…, by which anybody on this computer holds every telephone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import SkippableClock
from bot.sandbox.errors import ApiError, bad
from bot.sandbox.faults import Broken
from bot.sandbox.model import Json, Upload
from bot.sandbox.phone import NoSuchButton, Phone
from bot.sandbox.world import World

HOST = "127.0.0.1"
ACTIONS = {
    "start",
    "send",
    "tap",
    "press",
    "send_contact",
    "send_location",
    "send_photo",
    "send_voice",
    "send_sticker",
    "send_document",
    "edit",
    "block",
    "unblock",
    "forge_callback",
    "read",
}


def create_app(
    world: World, extra_routes: Sequence[BaseRoute] = (), *, telephones: bool = False
) -> Starlette:
    """The Bot API of one world, and whatever else is to stand beside it.

    `telephones` opens the door for tests: whoever reaches the port holds every telephone, without a secret.
    """

    async def api(request: Request) -> Response:
        try:
            params, files = await _parameters(request)
            answer = await world.call(
                request.path_params["token"], request.path_params["method"], params, files
            )
        except ApiError as error:
            answer = error.body()
        except Broken as broken:
            if broken.how.startswith("timeout"):
                return _Silence(world.faults.silence)
            return _Cut(half=broken.how == "truncated")
        body = json.dumps(answer, ensure_ascii=False).encode()
        return Response(body, answer.get("error_code", 200), media_type="application/json")

    async def file(request: Request) -> Response:
        kept = next((f for f in world.files.values() if f.path == request.path_params["path"]), None)
        if kept is None or request.path_params["token"] != world.token:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(kept.data, media_type=kept.mime)

    async def act(request: Request) -> Response:
        if not _from_here(request):
            return Response(status_code=415)
        given: Json = await request.json()
        phone = world.phone(request.path_params["person"], given.pop("first_name", ""))
        try:
            done = perform(phone, request.path_params["action"], given)
        except (NoSuchButton, KeyError, TypeError, ValueError) as error:
            return JSONResponse({"ok": False, "why": str(error)}, 400)
        return JSONResponse({"ok": True, "result": done})

    async def view(request: Request) -> Response:
        return JSONResponse(world.phone(request.path_params["person"]).view())

    async def calls(request: Request) -> Response:
        return JSONResponse([{"method": m, "params": p, "result": r} for m, p, r in world.calls])

    async def state(request: Request) -> Response:
        if not _from_here(request):
            return Response(status_code=415)
        given: Json = await request.json()
        world.limits = given.get("limits", world.limits)
        world.record = given.get("record", world.record)
        for order in given.get("fail", []):
            world.faults.fail(**order)
        if "chaos" in given:
            world.faults.chaos(given["chaos"]["rate"], given["chaos"]["seed"])
        if given.get("calm"):
            world.faults.calm()
        if "duplicate" in given:
            world.faults.duplicate(given["duplicate"])
        if "skip" in given and isinstance(world.clock, SkippableClock):
            world.clock.skip(given["skip"])
        return JSONResponse({"pending": len(world.updates.pending), "confirmed": world.updates.confirmed})

    for_tests = [
        Route("/sandbox/phones/{person:int}", view),
        Route("/sandbox/phones/{person:int}/{action}", act, methods=["POST"]),
        Route("/sandbox/calls", calls),
        Route("/sandbox/state", state, methods=["POST"]),
    ]
    return Starlette(
        routes=[
            Route("/bot{token}/{method}", api, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", file),
            *(for_tests if telephones else ()),
            *extra_routes,
        ],
        # A stranger's name for this computer (DNS rebinding) would make a stranger's page the sandbox's own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"], www_redirect=False)],
    )


def _from_here(request: Request) -> bool:
    """A browser asks before it sends JSON to a foreign site, and is not answered; other kinds it just sends."""
    return request.headers.get("content-type", "").partition(";")[0] == "application/json"


def perform(phone: Phone, action: str, given: Json) -> Any:
    """What a telephone is told from outside. Raises KeyError for what no telephone can do, NoSuchButton, NotThere, TypeError."""
    if action not in ACTIONS:
        raise KeyError(action)
    return getattr(phone, action)(**given)


class _Cut(Response):
    """A connection that ends before the answer does."""

    def __init__(self, *, half: bool) -> None:
        super().__init__(b'{"ok":true,"resu' if half else b"")
        self.half = half

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        length = b"16" if self.half else b"1000"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        if self.half:
            await send({"type": "http.response.body", "body": self.body})
            return
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionResetError


class _Silence(Response):
    """A connection on which nothing comes, until the client gives up or so many seconds have passed."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self.seconds = seconds

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            await _Cut(half=False)(scope, receive, send)


async def _parameters(request: Request) -> tuple[Json, dict[str, bytes]]:
    """From the query, a form, JSON or multipart, as Telegram takes them. Raises ApiError."""
    params: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        return {**params, **_object(_decoded(await request.body()))}, {}
    if kind == "application/x-www-form-urlencoded":
        return {**params, **dict(parse_qsl(_decoded(await request.body()), keep_blank_values=True))}, {}
    files: dict[str, bytes] = {}
    if kind == "multipart/form-data":
        try:
            async with request.form() as form:
                for name, value in form.items():
                    if isinstance(value, str):
                        params[name] = value
                    else:
                        files[name] = Upload.called(value.filename, await value.read())
        except HTTPException:
            raise bad("can't parse form data headers") from None
    return params, files


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise bad("strings must be encoded in UTF-8") from None  # the wording from memory


def _object(body: str) -> Json:
    if body and not body.lstrip().startswith("{"):
        raise bad("JSON object expected")
    try:
        read: Json = json.loads(body or "{}")
    except (ValueError, RecursionError):
        raise bad("can't parse parameter value: Unexpected symbol") from None  # the real one names the place
    return read


class PortTaken(Exception):
    """Something else listens there."""


class LocalServer(uvicorn.Server):
    """Uvicorn beside the bot in one loop; the signals are the bot's. Raises PortTaken."""

    def __init__(self, app: Any, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, host=HOST, port=port, log_level="critical", access_log=False, timeout_graceful_shutdown=1
            )
        )
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise PortTaken from None

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


def main() -> None:
    reader = argparse.ArgumentParser(description="a pretend Telegram on this computer")
    reader.add_argument("--port", type=int, default=8081)
    reader.add_argument("--token", default="1:sandbox")
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--no-limits", action="store_true")
    reader.add_argument("--telephones", action="store_true")
    given = reader.parse_args()
    world = World(SkippableClock(), token=given.token, seed=given.seed)
    world.limits = not given.no_limits
    app = create_app(world, telephones=given.telephones)
    uvicorn.run(app, host=HOST, port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
