"""A resident and her own request after it was sent."""

from __future__ import annotations

from sqlmodel import select

from bot.community.cases import Case
from tests.flows.test_claim import approved, ask
from tests.town import Neighbour, Town


async def nobody_came(town: Town) -> Neighbour:
    """A request that was let through and that nobody is there to take."""
    mei, _ = await approved(town)
    await town.later(hours=72)
    assert "换时间" in mei.last.labels
    return mei


async def test_her_requests_by_number_and_word(town: Town) -> None:
    mei = await ask(town)
    await mei.says("/start")
    await mei.taps("我的求助")
    assert any("YS-" in label for label in mei.last.labels)
    await mei.taps("YS-")
    mei.hears("工作人员还在看", "18:00 前")


async def test_another_time_asks_once_more(town: Town) -> None:
    mei = await nobody_came(town)
    chen = await town.volunteer("小陈")
    await mei.taps("换时间")
    await mei.says("后天上午九点")
    mei.hears("改好了", "09:00")
    await town.later(minutes=1)
    chen.hears("09:00")


async def test_a_time_said_in_two_ways_is_asked_back(town: Town) -> None:
    mei = await nobody_came(town)
    await mei.taps("换时间")
    await mei.says("后天三点")
    mei.hears("哪一个")
    await mei.taps("15:00")
    mei.hears("改好了", "15:00")


async def test_a_new_time_that_has_passed_today_is_offered_for_tomorrow(town: Town) -> None:
    mei = await nobody_came(town)
    await mei.taps("换时间")
    await mei.says("今天早上八点")
    mei.hears("今天的过了")
    await mei.says("不对")
    mei.hears("换到什么时候")
    await mei.says("8am")
    await mei.says("对")
    mei.hears("改好了")


async def test_a_time_nobody_understands_loses_nothing(town: Town) -> None:
    mei = await nobody_came(town)
    await mei.taps("换时间")
    await mei.says("等我孙子放假")
    mei.hears("没听懂")
    await mei.taps("明天")
    mei.has_heard("改好了")


async def test_a_forged_reading_of_the_time_is_asked_again(town: Town) -> None:
    mei = await nobody_came(town)
    await mei.taps("换时间")
    await mei.says("后天三点")
    await mei.forges(mei.button("15:00").replace("which_time=0", "which_time=7"))
    mei.hears("哪一个")


async def test_withdrawn_before_anybody_saw_it(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await mei.taps("撤回")
    mei.hears("真的撤回")
    await mei.taps("不撤了")
    mei.hears("工作人员还在看")
    await mei.taps("撤回", "撤回")
    mei.hears("撤回了")
    assert "放行" not in lin.last.labels


async def test_an_answer_too_long_is_asked_again(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("问清楚")
    await lin.says("灯有多高？")
    await mei.taps("回答")
    await mei.says("长" * 501)
    mei.hears("写短一点")
    await mei.says("三米")
    await mei.taps("就这样发")
    mei.hears("发过去了")
    lin.hears("三米")


async def _asked_back(town: Town) -> tuple[Neighbour, Neighbour]:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.says("来的人自己开门，钥匙在花盆下面")
    await mei.taps("下一步", "让工作人员看看", "发出求助")
    await lin.taps("问清楚")
    await lin.says("请去掉钥匙放在哪")
    await mei.taps("回答")
    return mei, lin


async def test_what_staff_ask_to_take_out_can_be_taken_out(town: Town) -> None:
    mei, lin = await _asked_back(town)
    await mei.says("好，去掉吧")
    mei.hears("灯坏了", "钥匙在花盆下面", "好，去掉吧")
    lin.hears("去问清楚")
    await mei.taps("重写这段")
    mei.hears("原来那段还在")
    await mei.says("厨房的灯坏了，够不着，电话13812345678")
    mei.hears("厨房的灯坏了", "▇▇▇", "没有存")
    assert "花盆" not in mei.last.text
    lin.hears("去问清楚")
    await mei.taps("就这样发")
    lin.hears("厨房的灯坏了")
    assert "花盆" not in lin.last.text
    await lin.taps("放行")
    lin.hears("已放行")


async def test_an_answer_in_several_messages_and_back_from_writing_anew(town: Town) -> None:
    mei, lin = await _asked_back(town)
    await mei.says("三米高", "有梯子")
    mei.hears("灯坏了", "三米高", "有梯子")
    await mei.taps("重写这段", "返回")
    mei.hears("灯坏了", "三米高", "有梯子")
    await mei.taps("就这样发")
    lin.hears("灯坏了", "三米高", "有梯子")


async def test_an_answer_to_what_was_decided_meanwhile_shows_how_it_stands(town: Town) -> None:
    mei, lin = await _asked_back(town)
    await mei.says("三米高")
    await lin.taps("看待办")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        case_id, version = case.id, case.version
    await lin.forges(f"v1:review.approve:{case_id}:{version}")
    await mei.taps("就这样发")
    mei.hears("正在问附近的邻居")
    await mei.says("/cancel")
    mei.hears("没有写到一半")


async def test_nobody_elses_request(town: Town) -> None:
    mei = await ask(town)
    eve = await town.newcomer("路人")
    for label in ("撤回", "看进度"):
        await eve.forges(mei.button(label))
        eve.hears("不是给您的")
    assert "李阿姨" not in eve.everything
    await mei.taps("看进度")
    mei.hears("工作人员还在看")


async def test_a_new_time_chosen_while_somebody_takes_it_changes_nothing(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await mei.taps("看进度", "换时间")
    await chen.taps("我来", "确认接单")
    await mei.says("后天上午十点")
    mei.has_heard("时间没有改", "11 月 24 日", "刚才有人接了")
    mei.hears("小陈已接单")
    assert "换个人" in mei.last.labels
    await town.later(hours=6)
    assert chen.everything.count("为什么问您") == 0  # her card is the one with the door
    await chen.taps("办好了")
    mei.hears("小陈说办好了")
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")  # the talk was over


async def test_a_day_tapped_too_late_changes_nothing_either(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await mei.taps("看进度", "换时间")
    weekend = mei.button("周末")
    await chen.taps("我来", "确认接单")
    await mei.forges(weekend)
    mei.has_heard("时间没有改")
    mei.hears("小陈已接单")


async def test_who_only_held_it_is_told_of_no_door(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来")
    await mei.taps("撤回", "撤回")
    chen.hears("已经不用了")
    assert "门牌" not in chen.last.text


async def test_any_time_reads_as_a_sentence(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对")
    await mei.says("随便什么时候都可以")
    mei.hears("时间记成「都行」，对吗")
    await mei.taps("对", "下一步", "不写", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    mei.hears("志愿者小陈会来，时间：都行。")


async def test_a_corrected_message_is_to_be_sent_anew(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    message = mei.phone.send("灯坏了 我够不着")
    await town.settle()
    mei.phone.edit(message, "灯和锁都坏了")
    await town.settle()
    mei.hears("改过的消息我不算数")


async def test_an_answer_not_sent_is_gone_on_with(town: Town) -> None:
    mei, lin = await _asked_back(town)
    await mei.says("三米高")
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "回答")
    mei.hears("灯坏了", "三米高")
    await mei.taps("就这样发")
    lin.hears("三米高")


async def test_an_answer_not_sent_outlives_another_time_for_another_need(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("放行")
    await mei.says("水龙头漏水")
    await mei.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    await lin.taps("问清楚")
    await lin.says("哪个水龙头？")
    await mei.taps("回答")
    await mei.says("厨房的")
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "换时间", "都行")
    await mei.starts()
    await mei.taps("我的求助", "YS-0002", "回答")
    mei.hears("水龙头漏水", "厨房的")
