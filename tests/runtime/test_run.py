"""The loops together: started, stopped in good order, handed over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telegram import Update

from bot.runtime import points
from bot.runtime.tables import inbox, outbox
from tests.runtime.house import House, echo
from tests.runtime.telegram import fails


async def until_heard(house: House, chat: int, number: int) -> None:
    """Go round until so many messages arrived; the clock stands still, so nothing can be waited for."""
    for _ in range(3000):
        if len(house.telegram.texts(chat)) >= number:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"heard only {house.telegram.texts(chat)}")


async def test_a_stop_finishes_what_is_in_hand_and_tells_telegram_what_is_safe(house: House) -> None:
    async def stop_meanwhile(update: Update, context: Any) -> None:
        await echo(update, context)
        house.runtime.stop()
        await asyncio.sleep(0)

    house.service.on_message = stop_meanwhile
    for word in ("a", "b", "c"):
        house.telegram.writes(5, word)
    await house.runtime.run()
    handled = [row.state for row in await house.rows(inbox)]
    assert handled[0] == "done"
    assert "new" in handled
    assert "sending" not in [row.state for row in await house.rows(outbox)]
    assert house.telegram.queue == []  # what is safe here is not given to the next one
    house.service.on_message = echo
    house.again()
    await house.settle()
    assert house.telegram.texts(5) == ["1 a", "2 b", "3 c"]


async def test_the_loops_wake_each_other_without_the_clock(house: House) -> None:
    house.telegram.writes(5, "hello")
    running = asyncio.create_task(house.runtime.run())
    await until_heard(house, 5, 1)
    house.runtime.stop()
    await running
    assert house.telegram.texts(5) == ["1 hello"]


async def test_a_loop_that_breaks_ends_the_process_loudly(house: House) -> None:
    def broken(name: str) -> None:
        if name == "sender.before_claim":
            raise ZeroDivisionError

    points.arm(broken)
    try:
        with pytest.raises(ZeroDivisionError):
            await house.runtime.run()
    finally:
        points.arm(None)


async def test_polling_survives_what_telegram_answers(house: House) -> None:
    house.telegram.order(
        "getUpdates",
        fails(500, "Internal Server Error"),
        fails(429, "Too Many Requests: retry after 3", retry_after=3),
        fails(409, "Conflict: terminated by other getUpdates request"),
        (502, b"<html>"),
        (200, b'{"ok":tr'),
        (200, b'{"ok":true}'),
        "timeout after",
        "reset before",
    )
    house.telegram.order(
        "getMe", fails(429, "Too Many Requests: retry after 1", retry_after=1), "reset before"
    )
    house.telegram.writes(5, "hello")
    running = asyncio.create_task(house.runtime.run())
    await house.clock.run(60, turns=400)
    await until_heard(house, 5, 1)
    house.runtime.stop()
    await running
    assert house.telegram.texts(5) == ["1 hello"]


@pytest.mark.parametrize("name", points.POINTS)
async def test_a_process_that_ends_at_any_point_loses_and_doubles_nothing(house: House, name: str) -> None:
    class Killed(BaseException):
        pass

    def kill(here: str) -> None:
        if here == name:
            points.arm(None)
            raise Killed

    async def sweep(bot: Any) -> None:
        """Nothing is due."""

    house.service.sweeps = [sweep]
    house.telegram.writes(5, "hello")
    points.arm(kill)
    try:
        await house.settle()
    except BaseException as error:
        if not isinstance(error, Killed):
            raise
    finally:
        points.arm(None)
    house.again()
    await house.settle()
    await house.later(60)
    said = house.telegram.texts(5)
    assert said[0].endswith("1 hello")
    assert all(words.startswith("↻") for words in said[1:])
    assert [row.state for row in await house.rows(inbox)] == ["done"]
