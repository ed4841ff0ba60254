"""While the worker has updates in hand, the others let work gather; but never for long."""

from __future__ import annotations

import asyncio

from bot.clock import ManualClock
from bot.runtime.waiting import Lull


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_nobody_waits_for_an_idle_worker() -> None:
    await asyncio.wait_for(Lull(ManualClock()).wait(60), 1)


async def test_work_gathers_until_the_worker_has_nothing_in_hand() -> None:
    lull = Lull(ManualClock())
    lull.over()
    waiting = [asyncio.create_task(lull.wait(60)) for _ in range(2)]
    await turns()
    assert not any(task.done() for task in waiting)
    lull.begins()
    await asyncio.wait_for(asyncio.gather(*waiting), 1)


async def test_a_worker_that_never_ends_holds_nobody_up_for_long() -> None:
    clock = ManualClock()
    lull = Lull(clock)
    lull.over()
    waiting = asyncio.create_task(lull.wait(1.0))
    await turns()
    clock.advance(0.9)
    await turns()
    assert not waiting.done()
    clock.advance(0.2)
    await asyncio.wait_for(waiting, 1)
