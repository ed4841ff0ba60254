"""`python -m bench update`: many whole requests at once, from /start to the receipt, beside a stock echo bot."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any

from bench._field import field, ours, says, stock, taps, until
from bot.sandbox.phone import Phone
from bot.sandbox.world import World

AT_ONCE = 40
ECHOES = 12  # messages of one person to the echo bot, about as many updates as a request has


async def _request(phone: Phone) -> None:
    phone.start()
    await taps(phone, "请人帮忙", "同意")
    await says(phone, "李阿姨", once="怎么称呼")
    await taps(phone, "买菜", "都行", "先不说")
    await says(phone, "两袋米", once="还要说明")
    await taps(phone, "下一步")
    await says(phone, "6栋302", once="门牌")
    await taps(phone, "不要", "发出求助")
    await until(lambda: "收到了" in phone.last.text)


async def _echoes(phone: Phone) -> None:
    for number in range(ECHOES):
        text = f"word {number}"
        phone.send(text)
        await until(lambda text=text: bool(phone.heard) and phone.last.text == text)  # type: ignore[misc]


async def _rate(world: World, people: int, live: Any) -> float:
    """Updates a second, `AT_ONCE` people at a time, after a warm-up."""
    await live(world.phone(9_000, "阿芳"))
    waiting = iter(range(10_000, 10_000 + people))

    async def one_after_another() -> None:
        for number in waiting:
            await live(world.phone(number, "阿芳"))

    before, began = world.updates.confirmed + len(world.updates.pending), time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    after = world.updates.confirmed + len(world.updates.pending)
    return (after - before) / (time.perf_counter() - began)


async def _measure(people: int) -> tuple[float, float]:
    async with field(stock) as (world, _):
        theirs = await _rate(world, people, _echoes)
    async with field(ours) as (world, _):
        own = await _rate(world, people, _request)
    return own, theirs


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench update")
    reader.add_argument("--people", type=int, default=200)
    given = reader.parse_args(argv)
    own, theirs = asyncio.run(_measure(given.people))
    return {
        "bench": "update",
        "figures": {"ours, updates/s": round(own, 1), "stock echo bot, updates/s": round(theirs, 1)},
        "reach": [{"what": "ours / stock", "value": round(own / theirs, 3), "op": ">=", "limit": 0.5}],
    }
