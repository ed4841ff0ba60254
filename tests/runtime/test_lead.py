"""Before the work begins: standing by, and reaching Telegram. A stop is heard there too."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telegram import Update
from telegram.error import InvalidToken

from bot.runtime import letters
from bot.store.leader import leader
from bot.store.store import Store
from tests.runtime.house import House, echo
from tests.runtime.telegram import fails


async def _turns() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_stop_is_heard_while_another_process_leads(house: House) -> None:
    other = Store(house.store.url, house.clock)
    other.vault = house.store.vault
    async with leader(other, "1", house.clock):
        running = asyncio.create_task(house.runtime.run())
        await _turns()
        house.runtime.stop()
        await asyncio.wait_for(running, 5)
    other.close()
    assert house.telegram.methods() == []


@pytest.mark.parametrize("how", ["reset", "hangs"])
async def test_a_stop_is_heard_while_telegram_cannot_be_reached(house: House, how: str) -> None:
    house.telegram.order("getMe", *["reset before"] * 100)
    if how == "hangs":
        forever = asyncio.Event()
        house.telegram.do_request = lambda *_, **__: forever.wait()  # type: ignore[method-assign, assignment, return-value]
    running = asyncio.create_task(house.runtime.run())
    await _turns()
    house.runtime.stop()
    await asyncio.wait_for(running, 5)
    async with leader(house.store, "1", house.clock):  # and whoever stands by can take over
        pass


async def test_a_stop_before_the_start_is_heard(house: House) -> None:
    house.runtime.stop()
    await asyncio.wait_for(house.runtime.run(), 5)


async def test_a_token_telegram_does_not_know_ends_the_start(house: House) -> None:
    house.telegram.order("getMe", fails(401, "Unauthorized"))
    with pytest.raises(InvalidToken):
        await house.runtime.run()


async def test_a_replay_by_the_operator_is_seen_by_a_process_that_is_idle(house: House) -> None:
    async def broken(update: Update, context: Any) -> None:
        raise KeyError

    house.service.on_message = broken
    house.telegram.order("sendMessage", fails(400, "Bad Request: something new"))
    house.telegram.writes(5, "hello")
    running = asyncio.create_task(house.runtime.run())
    await house.clock.run(120, turns=200)
    assert house.telegram.texts(5) == []
    house.service.on_message = echo
    async with house.store.transaction() as session:  # as another process does it: nobody is woken
        for letter in letters.dead(session):
            letters.replay(session, letter.name, house.clock.now().timestamp())
    await house.clock.run(30, turns=200)
    assert sorted(house.telegram.texts(5)) == ["1 hello", "sorry"]
    house.runtime.stop()
    await house.clock.run(10, turns=200)
    await running
