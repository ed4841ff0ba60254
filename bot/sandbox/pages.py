"""The page: three telephones in the browser, on this computer only, with nothing fetched from elsewhere."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.clock import SkippableClock
from bot.sandbox import media
from bot.sandbox.phone import NoSuchButton
from bot.sandbox.server import perform
from bot.sandbox.world import World

FOLDER = Path(__file__).parent / "page"
LOOK_EVERY = 0.1  # seconds
AGAIN_AFTER = 500  # milliseconds until a page that lost its stream asks for it again
LONGEST_SKIP = 7 * 86_400
LARGEST = 8 * 2**20  # bytes of a chosen picture or sound
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MADE: dict[str, Callable[[], bytes]] = {"send_photo": media.picture, "send_voice": media.humming}
Json = dict[str, Any]


@dataclass(frozen=True)
class Behind:
    """What the page is told of the bot's own side, and what it may ask of the one who runs the sandbox."""

    who_sees: Callable[[str], Awaitable[Json]]
    until_morning: Callable[[], float]
    start_over: Callable[[], None]


def routes(world: World, page: Json, behind: Behind) -> list[BaseRoute]:
    """The page at `/`. Its acts carry a secret of this start, so that no other site can hold the telephones."""
    secret = secrets.token_urlsafe(16)
    start = secrets.token_urlsafe(6)  # tells a page that outlived its sandbox

    async def show(request: Request) -> Response:
        html = (FOLDER / "index.html").read_text(encoding="utf-8").replace("SECRET", secret)
        return HTMLResponse(html, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    async def state(request: Request) -> Response:
        language = "en" if request.query_params.get("language") == "en" else "zh"
        states = _states(world, {**page, "start": start}, behind, language, request)
        return StreamingResponse(states, media_type="text/event-stream")

    async def act(request: Request) -> Response:
        if not secrets.compare_digest(request.headers.get("x-sandbox", ""), secret):
            return JSONResponse({"why": "secret"}, 403)
        try:
            given = await request.json()
            if "skip" in given:
                _skip(world, given["skip"], behind)
            elif given.get("reset"):
                behind.start_over()
            else:
                perform(world.phone(int(given["person"])), given["do"], _with(given))
        except (NoSuchButton, KeyError, TypeError, ValueError):
            return JSONResponse({"why": "gone"}, 409)
        return JSONResponse({})

    async def file(request: Request) -> Response:
        kept = world.files.get(request.path_params["file"])
        if kept is None:
            return Response(status_code=404)
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox"}
        return Response(kept.data, media_type=media.kind_of(kept.data), headers=headers)

    return [
        Route("/", show),
        Route("/page/state", state),
        Route("/page/act", act, methods=["POST"]),
        Route("/page/file/{file}", file),
        Mount("/page", StaticFiles(directory=FOLDER)),
    ]


def _with(given: Json) -> Json:
    """What an action is given; a picture or sound is the chosen one or ours. Raises ValueError for one too large."""
    arguments: Json = dict(given.get("with", {}))
    made = MADE.get(given["do"])
    if made is not None and "data" in arguments:
        arguments["data"] = base64.b64decode(arguments["data"])
        if len(arguments["data"]) > LARGEST:
            raise ValueError("too large")
    elif made is not None:
        arguments["data"] = made()
    return arguments


def _skip(world: World, how_far: Any, behind: Behind) -> None:
    seconds = behind.until_morning() if how_far == "morning" else float(how_far)
    if isinstance(world.clock, SkippableClock):
        world.clock.skip(min(seconds, LONGEST_SKIP))


async def _states(
    world: World, page: Json, behind: Behind, language: str, request: Request
) -> AsyncIterator[str]:
    """One state whenever something has changed, and once a minute for the clock."""
    seen: tuple[int, int, int] | None = None
    yield f"retry: {AGAIN_AFTER}\n\n"
    while not await request.is_disconnected():
        now = (world.changes, world.now() // 60, sum(len(p.waiting) for p in world.phones.values()))
        if now != seen:
            seen = now
            whole = {
                "start": page["start"],
                "words": page[language],
                "language": language,
                "now": world.now(),
                "bot": world.bot["username"],
                "people": [
                    {**person, "role": person["role"][language], **world.phone(person["id"]).view()}
                    for person in page["person"]
                ],
                **await behind.who_sees(language),
            }
            yield f"data: {json.dumps(whole, ensure_ascii=False)}\n\n"
        await asyncio.sleep(LOOK_EVERY)
