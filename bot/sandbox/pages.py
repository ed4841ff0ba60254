"""The page: three telephones in the browser, on this computer only, with nothing fetched from elsewhere."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.clock import SkippableClock
from bot.sandbox.phone import NoSuchButton
from bot.sandbox.server import perform
from bot.sandbox.world import World

FOLDER = Path(__file__).parent / "page"
LOOK_EVERY = 0.1  # seconds
LONGEST_SKIP = 7 * 86_400
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Insight = Callable[[str], Awaitable[list[dict[str, Any]]]]


def routes(world: World, page: dict[str, Any], insight: Insight) -> list[BaseRoute]:
    """The page at `/`. Its acts carry a secret of this start, so that no other site can hold the telephones."""
    secret = secrets.token_urlsafe(16)

    async def show(request: Request) -> Response:
        html = (FOLDER / "index.html").read_text().replace("SECRET", secret)
        return HTMLResponse(html, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    async def state(request: Request) -> Response:
        language = "en" if request.query_params.get("language") == "en" else "zh"
        return StreamingResponse(
            _states(world, page, insight, language, request), media_type="text/event-stream"
        )

    async def act(request: Request) -> Response:
        given = await request.json()
        if not secrets.compare_digest(request.headers.get("x-sandbox", ""), secret):
            return JSONResponse({"why": "secret"}, 403)
        if "skip" in given:
            if isinstance(world.clock, SkippableClock):
                world.clock.skip(min(float(given["skip"]), LONGEST_SKIP))
            return JSONResponse({})
        try:
            perform(world.phone(int(given["person"])), given["do"], given.get("with", {}))
        except (NoSuchButton, KeyError, TypeError, ValueError):
            return JSONResponse({"why": "gone"}, 409)
        return JSONResponse({})

    return [
        Route("/", show),
        Route("/page/state", state),
        Route("/page/act", act, methods=["POST"]),
        Mount("/page", StaticFiles(directory=FOLDER)),
    ]


async def _states(
    world: World, page: dict[str, Any], insight: Insight, language: str, request: Request
) -> AsyncIterator[str]:
    """One state whenever something has changed, and once a minute for the clock."""
    seen: tuple[int, int, int] | None = None
    while not await request.is_disconnected():
        now = (world.changes, world.now() // 60, sum(len(p.waiting) for p in world.phones.values()))
        if now != seen:
            seen = now
            whole = {
                "words": page[language],
                "language": language,
                "now": world.now(),
                "people": [
                    {**person, "role": person["role"][language], **world.phone(person["id"]).view()}
                    for person in page["person"]
                ],
                "insight": await insight(language),
            }
            yield f"data: {json.dumps(whole, ensure_ascii=False)}\n\n"
        await asyncio.sleep(LOOK_EVERY)
