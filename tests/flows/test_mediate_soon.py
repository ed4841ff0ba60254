"""A time that everybody has agreed to is told again, a day and two hours before, to each of them apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.community import people
from bot.community.mediation_times import MediationTime
from tests.flows.mediating import accepted, the_one
from tests.flows.test_my_data import erases_all, one_of
from tests.town import Neighbour, Town

SOON = "提醒一声"


async def fixed(
    town: Town, when: str = "周六上午十点", who: str = "both"
) -> tuple[Neighbour, Neighbour, Neighbour]:
    """It is Monday, nine in the morning."""
    mei, wang, _, chen = await accepted(town)
    await chen.forges(f"v1:mediator.meet={who}:{(await the_one(town)).id}:0")
    await chen.says(when)
    for one in (mei, wang) if who == "both" else (mei,) if who == "a" else (wang,):
        await one.taps("没有，我来")
    return mei, wang, chen


def times(*who: Neighbour) -> list[int]:
    return [one.everything.count(SOON) for one in who]


async def test_a_day_and_two_hours_before_each_is_told_apart(either_town: Town) -> None:
    town = either_town
    mei, wang, chen = await fixed(town)
    await town.later(hours=24 * 4)  # Friday, nine
    assert times(mei, wang, chen) == [0, 0, 0]
    await town.later(hours=1)
    for one in (mei, wang):
        one.hears(SOON, "明天 10:00", "老陈在", "等您", "两边一起谈")
        assert not any(name in one.last.text for name in ("李阿姨", "王叔"))
    chen.hears(SOON, "邻里协商 1 号", "两边一起来")
    await town.later(hours=22)
    assert times(mei, wang, chen) == [2, 2, 2]
    await town.later(hours=24)
    assert times(mei, wang, chen) == [2, 2, 2]


async def test_near_at_hand_there_is_one_reminder(town: Town) -> None:
    mei, wang, chen = await fixed(town, "今天下午四点")
    await town.later(hours=5)
    assert times(mei, wang, chen) == [1, 1, 1]
    await town.later(hours=24)
    assert times(mei, wang, chen) == [1, 1, 1]


async def test_who_is_not_asked_to_come_hears_nothing_of_it(town: Town) -> None:
    mei, wang, chen = await fixed(town, who="a")
    await town.later(hours=24 * 4 + 1)
    assert times(mei, wang, chen) == [1, 0, 1]
    mei.hears("只和您一个人谈")
    chen.hears("只有一边来")


async def test_nobody_is_reminded_before_everybody_has_said_yes(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    await chen.forges(f"v1:mediator.meet=both:{(await the_one(town)).id}:0")
    await chen.says("周六上午十点")
    await mei.taps("没有，我来")
    await town.later(hours=24 * 4 + 23)
    assert times(mei, wang, chen) == [0, 0, 0]


async def test_nobody_is_woken_for_it(town: Town) -> None:
    mei, *_ = await fixed(town, "周六上午九点")
    async with town.store.transaction() as session:
        time = session.exec(select(MediationTime)).one()
        time.at -= timedelta(
            minutes=30
        )  # two hours before it, and a day before that, people sleep or have just got up
        session.add(time)
    await town.later(hours=24 * 4)
    assert times(mei) == [1]  # a day before
    await town.later(hours=22)  # Saturday, seven
    assert times(mei) == [1]
    await town.later(hours=1)
    assert times(mei) == [2]


@pytest.mark.parametrize(
    "how", ["time_no", "time_off", "withdraw", "object", "erased", "afraid", "concluded"]
)
async def test_what_does_not_take_place_reminds_nobody(town: Town, how: str) -> None:
    mei, wang, chen = await fixed(town)
    one = await the_one(town)
    if how in ("time_no", "time_off"):
        who, other = (wang, "mediate.see") if how == "time_no" else (chen, "mediator.see")
        await who.forges(f"v1:{other}:{one.id}:0")
        who.hears("1. ", "说定了")
        await who.taps("第 1 个时间不行")
        mei.hears("有人来不了")
    elif how == "erased":
        await erases_all(mei)
    elif how == "concluded":
        await chen.forges(f"v1:mediator.outcome=agreed_oral:{one.id}:0")
        await chen.taps("两周后")
        wang.hears("约好的时间不用来了")
    else:
        choice = f"={one.mediator_id}" if how == "object" else ""
        await wang.forges(f"v1:mediate.{how}{choice}:{one.id}:0")
    await town.later(hours=24 * 5)
    assert times(mei, wang, chen) == [0, 0, 0]


@pytest.mark.parametrize("how", ["time_no", "past"])
async def test_what_could_not_be_sent_at_once_is_not_sent_once_it_is_off(town: Town, how: str) -> None:
    """The sender asks again whether it is still to come."""
    mei, *_ = await fixed(town)
    still = town.service.guards["time"]
    async with town.store.transaction() as session:
        time = session.exec(select(MediationTime)).one().id
        assert still(session, time)
    if how == "past":
        await town.later(hours=24 * 5 + 2)
    else:
        await mei.forges(f"v1:mediate.time_no={time}:{(await the_one(town)).id}:0")
    async with town.store.transaction() as session:
        assert not still(session, time)


async def test_the_reminder_in_english(town: Town) -> None:
    mei, wang, chen = await fixed(town)
    for one in (mei, chen):
        async with town.store.transaction() as session:
            people.update(session, one_of(session, one), language="en")
    await town.later(hours=24 * 4 + 1)
    mei.hears("A reminder", "老陈 expects you", "10:00")
    chen.hears("A reminder", "Both sides come together")
    await mei.taps("Not at that time")
    mei.hears("does not suit everybody")
    wang.hears("有人来不了")
