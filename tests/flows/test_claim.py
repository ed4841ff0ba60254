"""Volunteers are asked, hold, confirm, hand back; and every way it can fail to be simple."""

from __future__ import annotations

from sqlmodel import select

from bot.community import disclosure, events
from bot.community.cases import Case
from tests.town import Neighbour, Town


async def ask(town: Town, name: str = "李阿姨", *, area: str = "b2") -> Neighbour:
    """A request for a small repair, sent."""
    mei = await town.newcomer(name, area=area)
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "下一步")
    await mei.says("6栋302")
    await mei.taps("不要", "发出求助")
    return mei


async def approved(town: Town, area: str = "b2") -> tuple[Neighbour, Neighbour]:
    lin = await town.member("林站长")
    mei = await ask(town, area=area)
    await lin.taps("放行")
    await town.settle()
    return mei, lin


async def test_two_tap_at_the_same_moment(either_town: Town) -> None:
    town = either_town
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    await approved(town)
    chen.phone.tap("我来")
    zhao.phone.tap("我来")
    await town.settle()
    texts = [chen.last.text, zhao.last.text]
    assert sum("先替您留" in text for text in texts) == 1
    winner, other = (chen, zhao) if "先替您留" in chen.last.text else (zhao, chen)
    other.hears("另一位邻居正在看")
    assert {"当替补", "我来", "看看别的"} <= set(other.last.labels)
    await winner.taps("确认接单")
    other.hears("接走")
    assert other.last.labels == ["当替补", "看看别的"]


async def test_three_are_asked_near_ones_first_and_told_why(town: Town) -> None:
    far = [await town.volunteer(f"远{i}", area="b3") for i in range(3)]
    near = [await town.volunteer(f"近{i}", area="b2") for i in range(2)]
    await approved(town, area="b1")
    asked_near = [one for one in near if "为什么问您" in one.everything]
    asked_far = [one for one in far if "为什么问您" in one.everything]
    assert (len(asked_near), len(asked_far)) == (2, 1)
    near[0].hears("您登记了「修小东西」", "住得近")
    assert "住得近" not in asked_far[0].everything


async def test_who_is_not_asked(town: Town) -> None:
    lin = await town.member("林站长")
    carrier = await town.volunteer("搬运", kind="搬")
    resting = await town.volunteer("歇着")
    await resting.starts()
    await resting.taps("我想帮忙", "歇一歇", "歇一星期")
    left = await town.volunteer("退了")
    await left.starts()
    await left.taps("我想帮忙", "退出", "退出")
    asker = await town.volunteer("李阿姨")
    await asker.says("灯坏了 我够不着")
    await asker.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()
    for one in (carrier, resting, left, asker):
        assert "为什么问您" not in one.everything


async def test_a_hold_without_a_second_tap_comes_back(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    await approved(town)
    await chen.taps("我来")
    await town.later(minutes=16)
    chen.hears("15 分钟到了")
    await zhao.taps("我来", "确认接单")
    zhao.hears("接上了")


async def test_letting_go_and_taking_it_after_all(town: Town) -> None:
    chen = await town.volunteer("小陈")
    await approved(town)
    await chen.taps("我来", "放弃")
    chen.hears("放回去")
    await chen.taps("还是我来", "确认接单")
    chen.hears("接上了", "6栋302")


async def test_no_is_answered_kindly_and_one_other_is_asked_at_once(either_town: Town) -> None:
    town = either_town
    volunteers = [await town.volunteer(f"近{i}") for i in range(5)]
    await approved(town)

    def asked() -> list[Neighbour]:
        heard = ("为什么问您", "没关系", "不再问")
        return [one for one in volunteers if any(words in one.everything for words in heard)]

    first = asked()
    assert len(first) == 3
    await first[0].taps("这次不行")
    first[0].hears("没关系")
    assert len(asked()) == 4
    await first[1].taps("今天别再问")
    first[1].hears("今天不再问")
    assert len(asked()) == 5
    await first[2].taps("这次不行")
    assert len(asked()) == 5


async def test_handing_back_takes_the_door_away_and_goes_on(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来", "确认接单")
    zhao = await town.volunteer("小赵")
    assert "6栋302" in chen.everything
    await chen.taps("去不了了", "临时有事")
    assert "6栋302" not in chen.everything
    chen.has_heard("已交回")
    mei.hears("来不了了", "不用重说")
    assert "临时" not in mei.everything
    await town.settle()
    zhao.hears("为什么问您")
    await zhao.taps("我来", "确认接单")
    zhao.hears("6栋302")
    mei.hears("有人接了", "小赵")


async def test_somebody_else_if_she_wishes(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来", "确认接单")
    await mei.taps("换个人", "换一位")
    mei.hears("正在问别的邻居")
    chen.hears("不用您去了")
    assert "6栋302" not in chen.everything


async def test_nobody_found_is_told_before_the_promise_lapses(town: Town) -> None:
    mei, lin = await approved(town)
    await town.later(hours=8, minutes=55)  # 17:55; the promise was 18:00
    mei.hears("还没有人接", "换个时间")
    assert {"换时间", "让工作人员找", "不用了"} <= set(mei.last.labels)
    lin.hears("没有人接")
    await mei.taps("让工作人员找")
    mei.hears("打电话去找")
    chen = await town.volunteer("小陈")
    await town.later(hours=15)
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "换时间", "都行")
    mei.hears("改好了", "都行")
    await town.settle()
    chen.hears("为什么问您")


async def test_withdrawn_while_a_helper_is_on_her_way(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来", "确认接单", "出发了")
    await mei.taps("看进度", "撤回", "撤回")
    mei.hears("撤回了", "给出去的门牌和电话都收回了")
    chen.hears("不用您去了", "门牌和电话已收回")
    assert "6栋302" not in chen.everything


async def test_nothing_is_said_to_be_taken_back_that_was_not_given(town: Town) -> None:
    mei, chen = await _without_a_door(town)
    await chen.taps("去不了了", "临时有事")
    chen.has_heard("已交回，YS-0001")
    await chen.starts()
    await mei.taps("看进度", "撤回", "撤回")
    mei.hears("撤回了，YS-0001")
    for one in (mei, chen):
        assert "收回" not in one.everything


async def test_what_nobody_has_seen_is_not_said_to_be_taken_back(town: Town) -> None:
    mei, _ = await approved(town)
    await mei.taps("撤回", "撤回")
    assert "收回" not in mei.last.text


async def test_withdrawn_while_volunteers_are_asked(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await mei.taps("撤回", "撤回")
    chen.hears("已经不用了")
    assert chen.last.labels == []


async def test_nobody_is_asked_at_night(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    await town.later(hours=13)  # 22:00
    await ask(town)
    await lin.taps("放行")
    await town.settle()
    assert "为什么问您" not in chen.everything
    await town.later(hours=10, minutes=5)
    chen.hears("为什么问您")


async def _without_a_door(town: Town) -> tuple[Neighbour, Neighbour]:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    return mei, chen


async def test_the_door_is_given_once_somebody_comes_and_taken_back_at_the_end(town: Town) -> None:
    mei, chen = await _without_a_door(town)
    assert "门牌" not in chen.last.text
    await mei.taps("给门牌")
    mei.hears("只给接单那一位看")
    await mei.says("6栋", "302")
    mei.hears("门牌是「6栋 302」")
    assert "302" not in chen.everything
    await mei.taps("给")
    mei.hears("小陈看得到门牌了")
    chen.hears("李阿姨给了门牌：6栋 302")
    await chen.taps("看这件事")
    chen.hears("门牌：6栋 302")
    assert await _door_was_agreed_to(town)
    await mei.taps("看进度")
    assert "给门牌" not in mei.last.labels
    await chen.taps("办好了")
    await mei.taps("办好了")
    assert "6栋 302" not in chen.everything
    assert not await _door_was_agreed_to(town)


async def _door_was_agreed_to(town: Town) -> bool:
    """There is a consent to show it, for this case, and a line that it was shown."""
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        kinds = [event.kind for event in events.of_case(session, case.id)]
        return disclosure.is_agreed(session, case) and "disclosed" in kinds


async def test_a_door_written_anew_or_not_at_all(town: Town) -> None:
    mei, chen = await _without_a_door(town)
    await mei.taps("给门牌")
    await mei.says("哪里填？")
    mei.hears("写一下门牌")
    await mei.says("6栋302")
    await mei.taps("重写")
    await mei.says("5栋101")
    mei.hears("「5栋101」")
    await mei.says("不对", "不写了吧，不用")
    await mei.says("/start")
    assert "5栋101" not in chen.everything
    assert "302" not in chen.everything


async def test_a_door_for_who_has_gone_is_shown_to_nobody(town: Town) -> None:
    mei, chen = await _without_a_door(town)
    await mei.taps("给门牌")
    await mei.says("6栋302")
    await chen.taps("去不了了", "临时有事")
    await mei.taps("给")
    mei.has_heard("正在问附近的邻居")
    assert "302" not in chen.everything
    await mei.says("/cancel")
    mei.hears("没有写到一半")


async def test_only_the_asker_gives_the_door(town: Town) -> None:
    mei, chen = await _without_a_door(town)
    give = mei.button("给门牌")
    eve = await town.newcomer("伊芙")
    for one in (eve, chen):
        await one.forges(give)
        one.hears("不是给您的")
