"""What waits is told in the morning, and what is not finished is handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.community import office, queue
from bot.community.office import Moments
from tests.flows.test_claim import ask
from tests.flows.test_complain import complained
from tests.flows.test_queue import the_case
from tests.town import Neighbour, Town


def mornings(lin: Neighbour) -> int:
    return lin.everything.count("早上好")


async def test_in_the_morning_each_of_the_staff_hears_what_waits_oldest_first(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await town.later(hours=8)
    await ask(town)  # 17:00
    await town.later(hours=1)
    wang = await town.newcomer("王伯")
    await wang.says("我妈摔倒了起不来，头上流血")
    await town.later(hours=13, minutes=55)
    assert mornings(lin) == 0
    await town.later(minutes=10)
    for one in (lin, wu):
        assert mornings(one) == 1
        one.has_heard(
            "早上好，等着的 2 件：急事 1、新求助 1",
            "今天要给回音的 1 件",
            "1. 新求助 YS-0001",
            "2. 急事 YS-0002",
        )
    await town.later(hours=5)
    assert mornings(lin) == 1


async def test_what_is_over_its_time_is_not_counted_as_of_today(town: Town) -> None:
    _, _, wu = await complained(town)  # promised by Monday, 09:00
    await town.later(hours=24 * 6)
    await town.later(hours=23.5)
    wu.has_heard("今天要给回音的 1 件")
    assert "已经过了" not in wu.everything
    heard = len(wu.phone.heard)
    await town.later(hours=24)
    [morning] = [seen.text for seen in wu.phone.heard[heard:] if "早上好" in seen.text]
    assert "答应的时间已经过了的 1 件" in morning
    assert "今天要给回音" not in morning


async def test_nothing_is_said_where_nothing_waits_or_all_is_put_off(town: Town) -> None:
    lin = await town.member("林站长")
    await town.later(hours=24)
    assert mornings(lin) == 0


async def test_no_morning_on_a_day_the_office_is_closed(town: Town) -> None:
    """The community's own calendar says when it opens next."""
    local, now = town.service.house.local, town.clock.now()
    tomorrow = now.astimezone(local.tz).date() + timedelta(days=1)
    closed = replace(local, calendar=replace(local.calendar, closed=frozenset({tomorrow})))
    for where, days in ((local, 1), (closed, 2)):
        async with town.store.transaction() as session:
            assert not office.comes(session, where, Moments.OPENS)
            opens = session.get(office.Office, "opens")
            assert opens is not None
            assert opens.due_at == now + timedelta(
                days=days, hours=-1
            )  # it is nine now, and it opens at eight


async def test_what_is_not_finished_is_handed_to_a_colleague_who_says_yes(either_town: Town) -> None:
    town = either_town
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await ask(town, "王伯")
    for number in (1, 2):
        case = await the_case(town, number)
        await lin.forges(f"v1:review.take:{case.id}:0")
    await lin.starts()
    await lin.taps("待办", "交班")
    lin.hears("您在跟的还有 2 件", "YS-0001", "YS-0002")
    await lin.taps("小吴")
    lin.hears("2 件，问小吴接不接")
    wu.hears("林站长交班", "YS-0001")
    await wu.taps("我接")
    wu.hears("2 件由您跟了")
    lin.hears("小吴接了您的 2 件")
    again = (
        wu.button("我接")
        if "我接" in wu.last.labels
        else f"v1:duty.accept:{(await the_case(town)).person_id}:0"
    )
    await wu.forges(again)
    assert "旧的" in wu.toast
    await lin.starts()
    await lin.taps("待办")
    lin.hears("小吴在跟")
    assert "交班" not in lin.last.labels


async def test_who_still_has_something_is_not_sent_home(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await ask(town, "王伯")
    await lin.forges(f"v1:review.take:{(await the_case(town, 1)).id}:0")
    await lin.starts()
    await lin.taps("待办", "交班", "小吴")
    await lin.forges(f"v1:review.take:{(await the_case(town, 2)).id}:0")
    await wu.taps("我接")
    lin.hears("小吴接了您的 1 件", "还有 1 件在您这里")
    assert "可以下班" not in lin.last.text
    await lin.taps("看还有哪些")
    lin.hears("您在跟的还有 1 件", "YS-0002")


async def test_a_colleague_who_cannot_leaves_it_where_it_is_and_it_goes_back_to_all(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await lin.taps("安排", "我来跟")
    await lin.starts()
    await lin.taps("待办", "交班", "小吴")
    await wu.taps("接不了")
    lin.hears("小吴接不了那 1 件，还在您这里")
    await lin.taps("交回大家")
    lin.hears("1 件交回大家了")
    async with town.store.transaction() as session:
        assert queue.holds(session) == {}


async def test_before_closing_only_who_sees_to_something_is_asked(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await town.later(hours=7)
    await ask(town)
    await lin.taps("安排", "我来跟")
    await town.later(hours=1, minutes=45)  # 17:45
    lin.has_heard("交班：您在跟的还有 1 件")
    assert "交班：" not in wu.everything


@pytest.mark.parametrize("action", ["over", "hand_to=x", "to_all", "accept", "decline"])
async def test_nobody_else_hands_anything_over(town: Town, action: str) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("安排", "我来跟")
    await mei.forges(f"v1:duty.{action}:-:0")
    mei.hears("不是给您的")
    async with town.store.transaction() as session:
        assert len(queue.holds(session)) == 1


async def test_nobody_hands_it_to_herself_or_takes_what_was_not_offered(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await lin.taps("安排", "我来跟")
    async with town.store.transaction() as session:
        [hold] = queue.holds(session).values()
        giver = hold.taken_by
    await lin.forges(f"v1:duty.hand_to={giver}:-:0")
    lin.hears("您在跟的还有 1 件")
    await wu.forges(f"v1:duty.accept:{giver}:0")
    assert "旧的" in wu.toast


async def test_in_english(town: Town) -> None:
    lin, wu = await town.member("Lin", "en"), await town.member("Wu", "en")
    await town.later(hours=8)
    await ask(town)
    await lin.taps("Arrange", "I'm on it")
    await town.later(minutes=45)
    lin.has_heard("Hand-over: 1 that you are on")
    await lin.taps("Wu")
    wu.hears("goes off duty and asks you to take 1")
    await wu.taps("I take it")
    lin.hears("Wu took your 1")
    await town.later(hours=14, minutes=20)
    lin.has_heard("Good morning, 1 waiting", "Wu is on it")
