"""`python -m bench latency`: from a tap to its answer, alone and at 30 updates a second, beside a stock bot that only answers."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

from bench._field import field, ours, stock, until
from bot.sandbox.phone import Phone
from bot.sandbox.world import World

RATE = 30.0  # updates a second
OTHERS = 30
WARM_UP = 30  # taps not measured
IN_A_ROW = 40  # taps of one bot before it is the other's turn
WHEN = ("alone", "at 30/s")
LABELS = {"stock": "again", "ours": "大字简版"}  # the button tapped


async def _tap(phone: Phone, label: str) -> float:
    """Milliseconds until the tap is answered."""
    began = time.perf_counter()
    phone.tap(label)
    query = phone.waiting[-1]
    await until(lambda: query.answered)
    return (time.perf_counter() - began) * 1000


async def _taps(world: World, count: int, label: str) -> list[float]:
    """The same button again and again; ours changes and keeps a setting each time."""
    phone = world.phone(50, "阿芳")
    times = []
    for _ in range(count):
        await until(lambda: bool(phone.heard) and any(label in shown for shown in phone.last.labels))
        times.append(await _tap(phone, label))
        await asyncio.sleep(0.01)
    return times


async def _load(world: World) -> None:
    """Others write, thirty times a second."""
    number = 0
    while True:
        number += 1
        world.phone(1000 + number % OTHERS, "邻居").send("/help")
        await asyncio.sleep(1 / RATE)


async def _both(rounds: int) -> dict[str, list[float]]:
    """Turn by turn, so that whatever else the machine does falls on both."""
    times: dict[str, list[float]] = {f"{name}, {when}": [] for when in WHEN for name in LABELS}
    async with field(stock) as (theirs, _), field(ours) as (own, _):
        worlds = {"stock": theirs, "ours": own}
        for name, label in LABELS.items():
            worlds[name].phone(50, "阿芳").send("/settings")
            await _taps(worlds[name], WARM_UP, label)
        for _ in range(rounds):
            for when in WHEN:
                for name, label in LABELS.items():
                    loading = asyncio.create_task(_load(worlds[name])) if when != "alone" else None
                    times[f"{name}, {when}"] += await _taps(worlds[name], IN_A_ROW, label)
                    if loading is not None:
                        loading.cancel()
    return times


def _at(times: list[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))], 2)


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench latency")
    reader.add_argument("--rounds", type=int, default=10)
    times = asyncio.run(_both(reader.parse_args(argv).rounds))
    figures: dict[str, float] = {}
    for name, list_ in times.items():
        figures[f"{name}, p50 ms"] = _at(list_, 0.5)
        figures[f"{name}, p95 ms"] = _at(list_, 0.95)
    reach = []
    for when in WHEN:
        ratio = figures[f"ours, {when}, p95 ms"] / figures[f"stock, {when}, p95 ms"]
        reach.append(
            {"what": f"p95 ours / stock, {when}", "value": round(ratio, 2), "op": "<=", "limit": 2.0}
        )
    return {"bench": "latency", "figures": figures, "reach": reach}
