"""Timed work: each thing that is due in a transaction of its own; one that fails is tried again, and seen."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from telegram import Bot

from bot.runtime.service import Sweep
from tests.runtime.house import House

MINUTE = 60.0
DAY = 86_400.0


class Round:
    """A sweep through a few chats; those in `broken` raise after they were written to."""

    def __init__(self, house: House, *chats: int) -> None:
        self.chats = [str(chat) for chat in chats]
        self.broken: dict[str, Exception] = {}
        self.tried: list[str] = []
        house.service.sweeps = [Sweep("round", self.due, self.one)]

    def due(self, session: Session) -> Sequence[str]:
        if "due" in self.broken:
            raise self.broken["due"]
        return self.chats

    async def one(self, bot: Bot, item: str) -> None:
        self.tried.append(item)
        await bot.send_message(int(item), "due")
        if item in self.broken:
            raise self.broken[item]
        self.chats = [chat for chat in self.chats if chat != item]


async def failing(house: House) -> list[tuple[str, str, int]]:
    return [(one.item, one.error, one.tries) for one in await house.runtime.failures()]


async def test_one_that_fails_leaves_nothing_and_keeps_nobody_waiting(house: House) -> None:
    sweep = Round(house, 5, 6, 7)
    sweep.broken["6"] = KeyError("x")
    await house.settle()
    assert [house.telegram.texts(chat) for chat in (5, 6, 7)] == [["due"], [], ["due"]]
    assert await failing(house) == [("6", "KeyError", 1)]
    assert (await house.runtime.health()).failing == 1


async def test_it_is_tried_again_after_longer_and_longer_a_day_at_most(house: House) -> None:
    sweep = Round(house, 6)
    sweep.broken["6"] = KeyError("x")
    await house.settle()
    for tries, wait in enumerate((1, 4, 16, 64, 256, 1024, 1440, 1440), 1):
        await house.later(wait * MINUTE - 1)
        assert len(sweep.tried) == tries
        await house.later(1)
        assert len(sweep.tried) == tries + 1
    sweep.broken.clear()
    await house.later(DAY)
    assert house.telegram.texts(6) == ["due"]
    await house.settle()
    assert await failing(house) == []


async def test_a_new_process_which_may_be_mended_tries_at_once(house: House) -> None:
    sweep = Round(house, 6)
    sweep.broken["6"] = KeyError("x")
    for _ in range(4):
        await house.later(DAY)
    house.again()
    await house.settle()
    assert len(sweep.tried) == 5
    assert await failing(house) == [("6", "KeyError", 5)]


async def test_what_is_not_due_any_more_has_not_failed(house: House) -> None:
    sweep = Round(house, 6, 7)
    sweep.broken = {"6": KeyError("x"), "7": KeyError("x")}
    await house.settle()
    sweep.chats = ["7"]  # a person has seen to it
    await house.settle()
    assert await failing(house) == [("7", "KeyError", 1)]


async def test_a_sweep_that_cannot_say_what_is_due_is_seen_and_asked_again(house: House) -> None:
    sweep = Round(house, 6)
    other: list[str] = []

    async def good(bot: Bot, item: str) -> None:
        other.append(item)

    house.service.sweeps.append(Sweep("other", lambda session: ["it"], good))
    sweep.broken["due"] = KeyError("x")
    await house.settle()
    await house.settle()
    assert await failing(house) == [("", "KeyError", 2)]
    assert other == ["it", "it"]
    del sweep.broken["due"]
    await house.settle()
    assert house.telegram.texts(6) == ["due"]
    assert await failing(house) == []


async def test_trouble_of_the_database_is_no_failure(house: House) -> None:
    sweep = Round(house, 5, 6)
    sweep.broken["5"] = OperationalError("COMMIT", None, psycopg.errors.DiskFull())
    await house.settle()
    assert sweep.tried == ["5"]  # it is everybody's trouble
    sweep.broken.clear()
    await house.settle()
    assert house.telegram.texts(5) == house.telegram.texts(6) == ["due"]
    assert await failing(house) == []


async def test_a_failure_nobody_asks_for_any_more_goes_after_a_while(house: House) -> None:
    sweep = Round(house, 6)
    sweep.broken["6"] = KeyError("x")
    await house.settle()
    house.service.sweeps = []  # the next version has no such sweep
    await house.later(32 * DAY)
    assert await failing(house) == []
