"""One update, one transaction: failures leave nothing behind and block nobody."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from telegram import Update

from bot.runtime import points, worker
from bot.runtime.tables import inbox
from bot.runtime.trouble import is_trouble
from tests.runtime.house import House, No, echo
from tests.runtime.telegram import only


async def test_poison_is_laid_aside_and_the_good_ones_around_it_go_on(house: House) -> None:
    async def hear(update: Update, context: Any) -> None:
        await echo(update, context)
        assert update.message is not None
        if update.message.text == "poison":
            raise ValueError("poison")

    house.service.on_message = hear
    for chat, word in ((5, "a"), (6, "poison"), (7, "b"), (6, "after")):
        house.telegram.writes(chat, word)
    await house.settle()
    assert house.telegram.texts(5) == ["1 a"]
    assert house.telegram.texts(7) == ["1 b"]
    assert house.telegram.texts(6) == []  # order: what came after waits for it
    for wait in (1, 4, 16, 64):
        await house.later(wait)
    assert house.telegram.texts(6) == ["sorry", "1 after"]
    assert (await house.runtime.health()).dead == 1


async def test_a_dead_letter_can_be_replayed_when_the_fault_is_mended(house: House) -> None:
    async def broken(update: Update, context: Any) -> None:
        raise KeyError("x")

    house.service.on_message = broken
    house.telegram.writes(5, "hello")
    await house.settle()
    for wait in (1, 4, 16, 64):
        await house.later(wait)
    (letter,) = await house.runtime.dead_letters()
    assert (letter.error, letter.tries) == ("KeyError", worker.TRIES)
    house.service.on_message = echo
    await house.runtime.replay(letter.name)
    await house.settle()
    assert house.telegram.texts(5) == ["sorry", "1 hello"]
    with pytest.raises(LookupError):
        await house.runtime.replay(letter.name)


async def test_a_passing_fault_leaves_nothing_of_the_first_try(house: House) -> None:
    tries = 0

    async def once(update: Update, context: Any) -> None:
        nonlocal tries
        tries += 1
        await echo(update, context)
        if tries == 1:
            raise RuntimeError("passing")

    house.service.on_message = once
    house.telegram.writes(5, "hello")
    await house.settle()
    assert house.telegram.texts(5) == []
    await house.later(1)
    assert house.telegram.texts(5) == ["1 hello"]


async def test_a_refusal_is_told_and_everything_else_of_its_turn_undone(house: House) -> None:
    async def refuse(update: Update, context: Any) -> None:
        await echo(update, context)
        raise No

    house.service.on_message = refuse
    house.telegram.writes(5, "hello")
    await house.settle()
    house.service.on_message = echo
    house.telegram.writes(5, "again")
    await house.settle()
    assert house.telegram.texts(5) == ["no", "1 again"]
    assert [row.state for row in await house.rows(inbox)] == ["done", "done"]


@pytest.mark.parametrize("ending", ["silent", "refused", "failed", "answered"])
async def test_every_tap_is_answered_exactly_once(house: House, ending: str) -> None:
    async def tap(update: Update, context: Any) -> None:
        assert update.callback_query is not None
        if ending == "answered":
            await update.callback_query.answer("yes")
        if ending == "refused":
            raise No
        if ending == "failed":
            raise RuntimeError

    house.service.on_tap = tap
    house.telegram.taps(5, "v1:x")
    await house.settle()
    answers = only(house.telegram.accepted, "answerCallbackQuery")
    assert [answer["callback_query_id"] for answer in answers] == ["q1001"]


async def test_an_update_nobody_can_read_is_laid_aside_at_once(house: House) -> None:
    bad = {"update_id": 3, "callback_query": {"id": "1", "from": {"id": 5}}}
    house.telegram.push(bad, {"no": "id"}, "nonsense", 7)
    house.telegram.writes(5, "hello")
    await house.settle()
    assert house.telegram.texts(5) == ["1 hello"]
    assert [row.state for row in await house.rows(inbox)].count("dead") == 3 + 1


async def test_the_same_update_twice_is_one(house: House) -> None:
    update = house.telegram.writes(5, "hello")
    house.telegram.push(update)
    await house.settle()
    assert house.runtime.poller.repeats == 1
    house.again()
    house.telegram.push(update)
    await house.settle()
    assert house.runtime.poller.repeats == 1
    assert house.telegram.texts(5) == ["1 hello"]


async def test_an_update_that_ends_the_process_again_and_again_is_laid_aside(house: House) -> None:
    class Death(BaseException):
        pass

    async def die(update: Update, context: Any) -> None:
        assert update.message is not None
        if update.message.text == "die":
            raise Death
        await echo(update, context)

    house.service.on_message = die
    house.telegram.writes(5, "die")
    house.telegram.writes(6, "hello")
    for _ in range(worker.DEATHS + 1):  # the first death came unexpected
        with pytest.raises(Death):
            await house.settle()
        house.again()
    await house.settle()
    assert house.telegram.texts(5) == ["sorry"]
    assert house.telegram.texts(6) == ["1 hello"]


async def test_a_full_disk_costs_time_and_nothing_else(house: House) -> None:
    await house.settle()
    sqlite = await filled(house)
    for _ in range(40):
        house.telegram.writes(5, "x" * 4000)
    try:
        with pytest.raises(DBAPIError) as full:
            await house.settle()
    finally:
        points.arm(None)
    assert is_trouble(full.value)
    if sqlite:
        async with house.store.transaction() as session:
            session.connection().execute(text("PRAGMA max_page_count = 1000000"))
    await house.settle()
    assert (await house.runtime.health()).backlog == 0
    assert [row.tries for row in await house.rows(inbox)] == [0] * 40
    assert len(house.telegram.texts(5)) == 40


async def filled(house: House) -> bool:
    """No room is left: in SQLite really, on a server by its own error. True for SQLite."""

    def full(name: str) -> None:
        if name == "worker.before_commit":
            raise OperationalError("COMMIT", None, psycopg.errors.DiskFull())

    async with house.store.transaction() as session:
        connection = session.connection()
        if connection.dialect.name != "sqlite":
            points.arm(full)
            return False
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        return True


async def test_trouble_of_the_database_is_no_death(house: House) -> None:
    def full(name: str) -> None:
        if name == "worker.before_commit":
            raise OperationalError("COMMIT", None, psycopg.errors.DiskFull())

    await house.settle()
    house.telegram.writes(5, "hello")
    await house.runtime.poll()
    house.again()  # what it finds in the inbox may be what ended the last process
    await house.runtime.start()
    points.arm(full)
    try:
        for _ in range(worker.DEATHS + 2):
            with pytest.raises(DBAPIError):
                await house.runtime.work()
    finally:
        points.arm(None)
    await house.settle()
    assert house.telegram.texts(5) == ["1 hello"]
