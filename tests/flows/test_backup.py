"""Whoever comes a moment late may stand by; she is told the truth at every step."""

from __future__ import annotations

from sqlmodel import select

from bot.community.cases import Case
from tests.flows.test_approval import clinic, speaks
from tests.flows.test_claim import approved
from tests.town import Neighbour, Town


async def standing_by(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """The resident, who holds it, and who stands by."""
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    mei, _ = await approved(town)
    await chen.taps("我来")
    await zhao.taps("我来")
    zhao.hears("另一位邻居正在看", "15 分钟")
    await zhao.taps("当替补")
    zhao.hears("您是 YS-0001 的替补", "空出来先问您")
    return mei, chen, zhao


async def test_the_first_who_stands_by_is_asked_before_anybody_else(either_town: Town) -> None:
    town = either_town
    mei, chen, zhao = await standing_by(town)
    wu = await town.volunteer("小吴")
    await chen.taps("放弃")
    await town.settle()
    zhao.hears("空出来了，您是替补，先问您", "15 分钟")
    assert "为什么问您" not in wu.everything
    await zhao.taps("确认接单")
    mei.hears("有人接了", "小赵")


async def test_who_does_not_answer_gives_way_to_the_next(town: Town) -> None:
    _, chen, zhao = await standing_by(town)
    wu = await town.volunteer("小吴")
    await chen.taps("放弃")
    await town.settle()
    await town.later(minutes=11)
    zhao.hears("还剩 5 分钟")
    assert "确认接单" in zhao.last.labels
    await town.later(minutes=5)
    zhao.hears("15 分钟到了")
    await town.settle()
    wu.hears("为什么问您")


async def test_a_hold_is_reminded_of_once_and_then_over(town: Town) -> None:
    chen = await town.volunteer("小陈")
    await approved(town)
    await chen.taps("我来")
    await town.later(minutes=9)
    assert "还剩 5 分钟" not in chen.everything
    await town.later(minutes=1)
    chen.hears("还剩 5 分钟")
    await town.later(minutes=4)
    assert chen.everything.count("还剩 5 分钟") == 1
    await town.later(minutes=1)
    chen.hears("15 分钟到了")
    assert chen.last.labels == ["我来"]


async def test_when_it_is_taken_she_need_not_wait_and_is_first_when_it_comes_back(town: Town) -> None:
    mei, chen, zhao = await standing_by(town)
    await chen.taps("确认接单")
    zhao.hears("有人确认去了", "先忙您的")
    await chen.taps("去不了了", "临时有事")
    await town.settle()
    zhao.hears("空出来了，您是替补")
    await zhao.taps("确认接单")
    mei.hears("有人接了", "小赵")


async def test_after_it_was_taken_one_can_still_stand_by_and_is_free_at_the_end(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    mei, _ = await approved(town)
    await chen.taps("我来", "确认接单")
    zhao.hears("被另一位邻居接走了")
    await zhao.taps("当替补")
    zhao.hears("有人确认去了", "再先问您")
    await mei.taps("办好了")
    zhao.hears("结束了", "不用当替补了")


async def test_withdrawn_while_somebody_stands_by(town: Town) -> None:
    mei, _, zhao = await standing_by(town)
    await mei.taps("看进度", "撤回", "撤回")
    zhao.hears("已经不用了")


async def test_two_stand_by_and_no_more(either_town: Town) -> None:
    town = either_town
    people = [await town.volunteer(name) for name in ("小陈", "小赵", "小吴", "小孙")]
    await approved(town)  # three are asked
    [fourth] = [one for one in people if "灯坏了" not in one.everything]
    people = [*(one for one in people if one is not fourth), fourth]
    await fourth.starts()
    await fourth.taps("看看谁要帮忙", "看 YS-0001")
    await people[0].taps("我来")
    for one in people[1:]:
        await one.taps("我来", "当替补")
    people[1].hears("您是 YS-0001 的替补")
    people[2].hears("您是 YS-0001 的替补")
    people[3].hears("替补也够了")
    await people[1].taps("不当替补了")
    people[1].hears("没关系")
    await people[0].taps("放弃")
    await town.settle()
    people[2].hears("空出来了，您是替补")


async def test_another_time_leaves_her_place_and_she_reads_it_first(town: Town) -> None:
    mei, chen, zhao = await standing_by(town)
    await mei.taps("看进度", "换时间", "周末")
    await chen.taps("放弃")
    await town.settle()
    zhao.hears("空出来了，您是替补", "11 月 28 日")


async def test_nobody_is_woken_to_stand_in(town: Town) -> None:
    _, chen, zhao = await standing_by(town)
    await chen.taps("确认接单")
    await town.later(hours=13)  # 22:00
    await chen.taps("去不了了", "不想说")
    assert "空出来了" not in zhao.everything
    await town.later(hours=10)
    zhao.hears("空出来了，您是替补")


async def test_an_old_button_of_who_came_late_finds_it_free(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    await approved(town)
    await chen.taps("我来")
    await zhao.taps("我来")
    await chen.taps("放弃")
    await zhao.taps("当替补")
    assert "旧的" in zhao.toast
    await zhao.taps("我来", "确认接单")
    zhao.hears("接上了")


async def test_while_the_asker_thinks_the_next_one_hears_so(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈", "陪看病"), await town.volunteer("小赵", "陪看病")
    mei, _ = await clinic(town)
    await chen.taps("我来", "确认接单")
    await zhao.taps("我来")
    zhao.hears("另一位邻居愿意去", "等对方点头")
    await zhao.taps("当替补")
    await mei.taps("换一位")
    await town.settle()
    zhao.hears("空出来了，您是替补")
    await zhao.taps("确认接单")
    mei.hears("小赵", "愿意来")


async def test_whoever_has_her_hands_full_is_passed_over(town: Town) -> None:
    _, chen, zhao = await standing_by(town)
    await town.newcomer("王伯", area="b2")
    wang = await town.newcomer("老王", area="b2")
    await wang.says("灯坏了 我够不着")
    await wang.taps("对", "都行", "下一步", "不写门牌", "不要", "发出求助")
    lin = await town.member("小林")
    await lin.starts()
    await lin.taps("待办", "YS-0002", "放行")
    await town.settle()
    await zhao.starts()
    await zhao.taps("看看谁要帮忙", "看 YS-0002", "我来", "确认接单")
    zhao.hears("接上了", "YS-0002")
    await chen.taps("放弃")
    await town.settle()
    assert "空出来了" not in zhao.everything


async def test_in_english(town: Town) -> None:
    chen, zhao = (
        await town.volunteer("Chen", "Small repairs", "en"),
        await town.volunteer("Zhao", "Small repairs", "en"),
    )
    await speaks(town, chen, "mandarin", "english")
    await speaks(town, zhao, "mandarin", "english")
    mei, _ = await approved(town)
    await chen.taps(chen.last.labels[0])
    await zhao.taps(zhao.last.labels[0])
    zhao.hears("Will you stand by?")
    await zhao.taps("Stand by")
    zhao.hears("you stand by for YS-0001", "until then you are free")
    await town.later(minutes=11)
    chen.hears("5 more minutes")
    await town.later(minutes=5)
    zhao.hears("YS-0001 is free", "15 minutes to decide")
    await zhao.taps("Confirm")
    mei.hears("有人接了", "Zhao")


async def test_who_stands_by_is_not_woken_for_what_is_urgent_unless_she_said_so(town: Town) -> None:
    _, chen, zhao = await standing_by(town)
    await chen.taps("确认接单")
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        case.urgency = "U1"
    await town.later(hours=16)  # one in the night
    await chen.taps("去不了了", "不想说")
    await town.settle()
    assert "空出来了" not in zhao.everything


async def test_pressed_twice_she_stands_by_as_before(town: Town) -> None:
    chen, zhao, wu = [await town.volunteer(name) for name in ("小陈", "小赵", "小吴")]
    await approved(town)
    await chen.taps("我来")
    await zhao.taps("我来", "当替补")
    await wu.taps("我来")
    stand_by = wu.button("当替补")
    await wu.forges(stand_by)
    await wu.forges(stand_by)
    assert "够了" not in wu.last.text
