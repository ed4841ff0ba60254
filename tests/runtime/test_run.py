"""The loops together: started, stopped in good order, handed over."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import Bot, Update

from bot.runtime import points
from bot.runtime.tables import inbox, outbox, runtime_state
from tests.runtime.house import House, always, echo
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
    house.telegram.order("getUpdates", None, asyncio.Event())  # the poll that would have told never arrives
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

    killed = False

    def kill(here: str) -> None:
        nonlocal killed
        if here == name:
            points.arm(None)
            killed = True
            raise Killed

    async def sweep(bot: Bot) -> None:
        """What is due is said once: a row that is kept tells that it was."""
        connection = house.store.current().connection()
        said = runtime_state.c.key == "said"
        if connection.scalar(sa.select(runtime_state.c.value).where(said)) is None:
            connection.execute(runtime_state.insert().values(key="said", value=1))
            await bot.send_message(6, "due")

    house.service.sweeps = [always(sweep)]
    house.telegram.writes(5, "hello")
    points.arm(kill)
    try:
        await house.settle()
    except BaseException as error:
        if not isinstance(error, Killed):
            raise
    finally:
        points.arm(None)
    assert killed
    house.again()
    await house.settle()
    await house.later(60)
    for chat, words in ((5, "1 hello"), (6, "due")):
        said = house.telegram.texts(chat)
        assert said[0].endswith(words)
        assert all(again.startswith("↻") for again in said[1:])
    assert [row.state for row in await house.rows(inbox)] == ["done"]


async def test_a_warm_hand_over_under_load_is_felt_by_nobody(house: House) -> None:
    """One process leads and another stands by while people write; then the first stops, and the next, and the next."""
    house.telegram.takes = 0.4  # something is always under way
    chats, every = range(1, 6), 0.13
    written: dict[int, list[str]] = {chat: [] for chat in chats}

    async def write() -> None:
        for number in itertools.count(1):
            chat = chats[number % len(chats)]
            written[chat].append(f"{len(written[chat]) + 1} word{number}")
            house.telegram.writes(chat, f"word{number}")
            await house.clock.sleep(every)

    def heard() -> int:
        return sum(len(house.telegram.texts(chat)) for chat in chats)

    runtime, life = house.runtime, asyncio.create_task(house.runtime.run())
    writing = asyncio.create_task(write())
    stores = []
    repeats = 0
    try:
        for _ in range(4):
            store, next_runtime = house.beside()
            stores.append(store)
            next_life = asyncio.create_task(next_runtime.run())
            before = heard()
            await house.clock.run(7.3, turns=100)
            assert heard() > before + 20
            assert next_runtime.poller.last_poll is None  # it stands by
            runtime.stop()
            await house.clock.run(3, turns=100)
            assert life.done()
            await life
            repeats += runtime.poller.repeats
            runtime, life = next_runtime, next_life
        writing.cancel()
        await house.clock.run(20, turns=100)
        runtime.stop()
        await house.clock.run(3, turns=100)
        assert life.done()
        await life
    finally:
        for task in (writing, life, next_life):
            task.cancel()
        await asyncio.gather(writing, life, next_life, return_exceptions=True)
        for store in stores:
            store.close()
    assert {chat: house.telegram.texts(chat) for chat in chats} == written  # nothing lost, doubled or marked
    assert repeats + runtime.poller.repeats == 0  # what was safe was not even given again
    assert {row.state for row in await house.rows(inbox)} == {"done"}
    assert {(row.state, row.tries, row.ambiguous) for row in await house.rows(outbox)} == {("sent", 1, False)}
