"""What was promised is kept, or told before it lapses; and nobody is asked for yesterday."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.flows.test_claim import approved, ask
from tests.town import Neighbour, Town

HERE = ZoneInfo("Asia/Shanghai")


async def until(town: Town, hour: int, minute: int = 0) -> None:
    """The next time it is this hour in Xiamen."""
    now = town.clock.now().astimezone(HERE)
    then = now.replace(hour=hour, minute=minute, second=0)
    while then <= now:
        then += timedelta(days=1)
    await town.later(minutes=(then - now) / timedelta(minutes=1))
    await town.settle()


async def ask_for(town: Town, when: str, name: str = "李阿姨") -> Neighbour:
    mei = await town.newcomer(name, area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对")
    if when in mei.last.labels:
        await mei.taps(when)
    else:
        await mei.says(when)
        await mei.taps("对")
    await mei.taps("下一步", "不写门牌", "不要", "发出求助")
    return mei


async def test_nobody_is_asked_to_come_yesterday(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await ask_for(town, "今天")
    await until(town, 8, 30)  # a day late
    await lin.taps("放行")
    await town.settle()
    assert "为什么问您" not in chen.everything
    mei.hears("说好的时间", "过了", "换到什么时候")
    lin.hears("说好的时间过了", "没有人接")
    await mei.taps("换时间", "明天")
    await town.settle()
    mei.hears("改好了")
    chen.hears("为什么问您", "11 月 25 日")


async def test_without_an_answer_she_is_asked_once_more_and_no_more(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask_for(town, "今天")
    await until(town, 8, 30)  # a day late
    await lin.taps("放行")
    for _ in range(6):
        await until(town, 10)
    assert mei.everything.count("换到什么时候") == 2
    await mei.starts()
    await mei.taps("我的求助", "YS-0001")
    mei.hears("等您说新的时间")


async def test_when_the_time_runs_out_those_asked_can_take_it_no_more(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await ask_for(town, "今天")
    await lin.taps("放行")
    await town.settle()
    take = chen.button("我来")
    await until(town, 23)
    town.clock.advance(2 * 3600)  # 01:00, before anybody looks
    chen.phone.forge_callback(take)
    await town.runtime.work()
    await town.settle()
    chen.hears("说好的时间过了")
    assert chen.last.labels == []
    await until(town, 8)
    mei.hears("换到什么时候")


async def test_now_is_worth_coming_for_within_the_hour(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await ask_for(town, "上午九点半")
    await town.later(minutes=45)
    await lin.taps("放行")
    await town.settle()
    chen.hears("为什么问您", "09:30")
    await town.later(minutes=50)
    await town.settle()
    mei.hears("换到什么时候")


async def test_the_first_tap_shows_for_when(town: Town) -> None:
    """Asked once a week at most, she holds an old card after the time has changed."""
    chen = await town.newcomer("小陈", area="b2")
    await chen.starts()
    await chen.taps("我想帮忙", "同意", "修", "就这些", "都行", "就这些", "1 次")
    await town.knows(chen, "known")
    mei, _ = await approved(town)
    chen.hears("11 月 24 日")
    await mei.taps("看进度", "换时间", "周末")
    await chen.taps("我来")
    chen.hears("15 分钟", "11 月 28 日")
    await chen.taps("确认接单")
    chen.hears("接上了", "11 月 28 日")


async def test_a_time_changed_under_a_hold_is_read_before_it_is_confirmed(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来")
    confirm = chen.button("确认接单")
    await mei.taps("看进度", "换时间", "周末")
    chen.hears("15 分钟", "11 月 28 日")
    await chen.forges(confirm)
    assert "旧的" in chen.toast
    assert "接上了" not in chen.everything
    await chen.taps("确认接单")
    chen.hears("接上了", "11 月 28 日")


async def test_a_hold_across_the_promise_is_told_before_it_lapses(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)  # until 18:00
    await until(town, 17, 45)
    await chen.taps("我来")
    await until(town, 17, 50)
    mei.hears("正在看", "18:20 前")
    await until(town, 18, 5)
    chen.hears("15 分钟到了")
    assert "还没有人接" not in mei.everything
    await until(town, 18, 11)
    mei.hears("还没有人接")


async def test_a_hold_across_the_promise_that_is_confirmed(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await until(town, 17, 49)
    await chen.taps("我来")
    await until(town, 17, 55)
    mei.hears("正在看")
    await chen.taps("确认接单")
    mei.hears("有人接了")
    assert "还没有人接" not in mei.everything


async def test_let_out_shortly_before_the_promise_there_is_time_to_ask(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await ask(town)
    await until(town, 17, 40)
    await lin.taps("放行")
    await town.settle()
    chen.hears("为什么问您")
    mei.hears("看过了", "明天 12:00 前")
    await until(town, 18, 5)
    assert "没有人接" not in lin.everything
    assert "还没有人接" not in mei.everything
    await until(town, 11, 55)
    mei.hears("还没有人接")


async def test_let_out_in_good_time_the_promise_stands_and_nothing_is_said(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await until(town, 15, 59)
    before = len(mei.phone.heard)
    await lin.taps("放行")
    assert len(mei.phone.heard) == before
    await until(town, 17, 50)
    mei.hears("还没有人接")


async def test_asked_back_and_unanswered_she_is_reminded_and_staff_look_again(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    mei = await ask(town)
    await until(town, 16)
    await lin.taps("问清楚")
    await lin.says("灯多高？")
    await lin.taps("看待办")
    lin.hears("都看过了")
    for _ in range(2):
        await until(town, 16)
        mei.hears("轻轻问一声", "回一句话")
    await until(town, 16)
    assert mei.everything.count("回一句话") == 2
    lin.hears("还没有回", "灯坏了")
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    lin.hears("还没有回")
    await mei.taps("回答")
    await mei.says("三米")
    await mei.taps("就这样发")
    mei.hears("发过去了", "明天 12:00 前")
    lin.hears("三米", "明天 12:00 前")
    await town.later(hours=1)
    assert "还没看完" not in mei.everything
    await lin.taps("放行")
    assert "看过了，接着问" not in mei.everything  # what she was just told still stands


async def test_what_was_asked_back_can_go_out_without_an_answer(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await ask_for(town, "都行")
    await lin.taps("问清楚")
    await lin.says("灯多高？")
    for _ in range(3):
        await until(town, 9)
    await until(town, 9, 1)
    await lin.taps("放行")
    await town.settle()
    mei.hears("看过了", "今天 18:00 前")
    chen.hears("为什么问您")


async def test_an_answer_at_once_leaves_the_promise_as_it_was(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("问清楚")
    await lin.says("灯多高？")
    await mei.taps("回答")
    await mei.says("三米")
    await mei.taps("就这样发")
    mei.hears("发过去了", "今天 18:00 前")
    await town.later(hours=30)
    assert "轻轻问一声" not in mei.everything
