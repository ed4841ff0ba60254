"""`python -m bench latency`: from a tap to its answer, alone and at 30 updates a second, beside a stock bot that only answers."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

from bench._field import Bot, field, ours, stock, until
from bot.sandbox.phone import Phone
from bot.sandbox.world import World

RATE = 30.0  # updates a second
OTHERS = 30
WARM_UP = 10  # taps not measured


async def _tap(phone: Phone, label: str) -> float:
    """Milliseconds until the tap is answered."""
    began = time.perf_counter()
    phone.tap(label)
    query = phone.waiting[-1]
    await until(lambda: query.answered)
    return (time.perf_counter() - began) * 1000


async def _taps(world: World, count: int, first: str, label: str) -> list[float]:
    """The same button again and again; ours changes and keeps a setting each time."""
    phone = world.phone(50, "阿芳")
    phone.send(first)
    times = []
    for _ in range(count + WARM_UP):
        await until(lambda: bool(phone.heard) and any(label in shown for shown in phone.last.labels))
        times.append(await _tap(phone, label))
        await asyncio.sleep(0.01)
    return sorted(times[WARM_UP:])


async def _load(world: World) -> None:
    """Others write, thirty times a second."""
    number = 0
    while True:
        number += 1
        world.phone(1000 + number % OTHERS, "邻居").send("/help")
        await asyncio.sleep(1 / RATE)


async def _both(bot: Bot, count: int, first: str, label: str) -> list[list[float]]:
    async with field(bot) as (world, _):
        alone = await _taps(world, count, first, label)
        loading = asyncio.create_task(_load(world))
        loaded = await _taps(world, count, first, label)
        loading.cancel()
        return [alone, loaded]


def _at(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))], 2)


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench latency")
    reader.add_argument("--taps", type=int, default=300)
    given = reader.parse_args(argv)
    theirs = asyncio.run(_both(stock, given.taps, "again", "again"))
    own = asyncio.run(_both(ours, given.taps, "/settings", "大字简版"))
    figures: dict[str, float] = {}
    reach = []
    for index, when in enumerate(("alone", "at 30/s")):
        for name, times in (("ours", own[index]), ("stock", theirs[index])):
            figures[f"{name}, {when}, p50 ms"] = _at(times, 0.5)
            figures[f"{name}, {when}, p95 ms"] = _at(times, 0.95)
        ratio = round(_at(own[index], 0.95) / _at(theirs[index], 0.95), 2)
        reach.append({"what": f"p95 ours / stock, {when}", "value": ratio, "op": "<=", "limit": 2.0})
    return {"bench": "latency", "figures": figures, "reach": reach}
