"""Nobody has taken it: the asking goes on, and staff can bring it to an end."""

from __future__ import annotations

from sqlmodel import select

from bot.community import cases, claims, events
from bot.community.events import Kind
from tests.flows.test_claim import approved
from tests.flows.test_promises import ask_for, until
from tests.town import Neighbour, Town


async def nobody(town: Town, when: str = "都行") -> tuple[Neighbour, Neighbour]:
    """Let out, and not taken by the promised time. It is 17:50."""
    lin = await town.member("林站长")
    mei = await ask_for(town, when)
    await lin.taps("放行")
    await until(town, 17, 50)
    mei.hears("还没有人接")
    lin.hears("没有人接")
    return mei, lin


async def history(town: Town) -> list[tuple[str, str | None]]:
    async with town.store.transaction() as session:
        [case] = session.exec(select(cases.Case)).all()
        return [(event.kind, event.code) for event in events.of_case(session, case.id)]


async def test_the_asking_goes_on_every_morning(town: Town) -> None:
    mei, _ = await nobody(town)
    chen = await town.volunteer("小陈")
    await until(town, 7, 55)
    assert "为什么问您" not in chen.everything
    await until(town, 8)
    chen.hears("为什么问您")
    zhao = await town.volunteer("小赵")
    await until(town, 8)
    zhao.hears("为什么问您")
    assert chen.everything.count("为什么问您") == 1
    await zhao.taps("我来", "确认接单")
    mei.hears("有人接了", "小赵")


async def test_staff_find_it_in_their_list_with_what_they_need_to_know(town: Town) -> None:
    _, lin = await nobody(town)
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    lin.hears("换灯泡灯管", "李阿姨", "5–8", "都行", "灯坏了", "没有人接")
    assert {"找到人了，由我们办", "办不了", "回话"} <= set(lin.last.labels)


async def test_found_by_staff_and_said_to_be_done(either_town: Town) -> None:
    town = either_town
    mei, lin = await nobody(town)
    wu = await town.member("小吴")
    await lin.taps("由我们办")
    lin.hears("由我们办", "处理好了")
    mei.hears("找到人了", "由我们来办")
    await mei.taps("看进度")
    mei.hears("工作人员找到人了")
    await wu.starts()
    await wu.taps("待办")
    wu.hears("都看过了")
    await until(town, 20, 51)
    mei.hears("轻轻问一声")
    await mei.taps("办好了")
    mei.hears("结束", "30 天")
    lin.hears("已经结束")
    assert ("handled", "self") in await history(town)
    assert (Kind.VERIFIED, None) in await history(town)


async def test_found_by_staff_and_not_done_after_all(town: Town) -> None:
    mei, lin = await nobody(town)
    await lin.taps("由我们办")
    await until(town, 20, 51)
    await mei.taps("还没有")
    mei.hears("已告诉工作人员")
    lin.hears("没有人接")
    await lin.taps("由我们办")
    await lin.taps("处理好了")
    mei.hears("工作人员已经处理")


async def test_found_by_staff_and_never_answered(town: Town) -> None:
    mei, lin = await nobody(town)
    await lin.taps("由我们办")
    for _ in range(4):
        await until(town, 20, 55)
    assert mei.everything.count("轻轻问一声") == 2
    mei.hears("先记作结束")
    assert (Kind.NO_ANSWER, None) in await history(town)


async def test_it_cannot_be_done_and_she_hears_so_with_what_else_there_is(either_town: Town) -> None:
    town = either_town
    mei, lin = await nobody(town)
    await lin.taps("办不了")
    lin.hears("已经结束")
    mei.hears("没能找到人", "0592")
    assert {"再发一次", "找工作人员"} <= set(mei.last.labels)
    assert ("closed", "explained") in await history(town)
    await mei.taps("再发一次")
    mei.hears("您要帮什么")


async def test_whoever_was_looking_at_it_hears_that_it_is_gone(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    await ask_for(town, "都行")
    await lin.taps("放行")
    await town.settle()
    await until(town, 17, 50)
    await chen.taps("我来")
    confirm = chen.button("确认接单")
    await lin.taps("由我们办")
    chen.hears("已经不用了")
    await chen.forges(confirm)
    assert "接上了" not in chen.everything
    async with town.store.transaction() as session:
        [case] = session.exec(select(cases.Case)).all()
        assert claims.live(session, case.id) is None


async def test_two_of_staff_decide_once(town: Town) -> None:
    await town.member("小吴")
    mei, lin = await nobody(town)
    ours, cannot = lin.button("由我们办"), lin.button("办不了")
    lin.phone.forge_callback(ours)
    lin.phone.forge_callback(cannot)
    await town.settle()
    assert "旧的" in lin.toast
    lin.hears("由我们办")
    assert "没能找到人" not in mei.everything
    await mei.forges(ours)
    mei.hears("不是给您的")


async def test_taken_meanwhile_it_is_not_staffs_to_decide(town: Town) -> None:
    mei, lin = await nobody(town)
    ours = lin.button("由我们办")
    chen = await town.volunteer("小陈")
    await until(town, 8)
    await chen.taps("我来", "确认接单")
    await lin.forges(ours)
    assert "旧的" in lin.toast
    lin.hears("有人接了")
    mei.hears("有人接了")


async def test_withdrawn_it_leaves_the_list(town: Town) -> None:
    mei, lin = await nobody(town)
    await mei.taps("不用了", "撤回")
    lin.hears("自己撤回")
    await lin.taps("看待办")
    lin.hears("都看过了")


async def test_a_time_gone_by_is_noticed_in_the_morning(town: Town) -> None:
    mei, _ = await approved(town)  # for tomorrow
    await until(town, 17, 50)
    mei.hears("还没有人接")
    await until(town, 8)
    assert "换到什么时候" not in mei.everything
    await until(town, 8)
    mei.hears("换到什么时候")
    assert mei.everything.count("换到什么时候") == 1


async def test_staff_are_asked_to_look_once_and_again_the_next_day(either_town: Town) -> None:
    town = either_town
    mei, lin = await nobody(town)
    by_staff = mei.button("让工作人员找")
    cards = lin.everything.count("没有人接")
    mei.phone.tap("让工作人员找")
    mei.phone.tap("让工作人员找")
    await town.settle()
    mei.hears("打电话去找")
    assert lin.everything.count("没有人接") == cards + 1
    await town.later(hours=25)
    await mei.forges(by_staff)
    mei.hears("打电话去找")
    assert lin.everything.count("没有人接") == cards + 2
