"""A person can always be reached."""

from __future__ import annotations

import pytest

from bot.community import people, staff
from tests.flows.test_claim import ask
from tests.town import Town


async def test_words_there_and_back(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    mei.hears("工作人员电话", "110")
    await mei.says("楼下的灯箱挡路了")
    mei.hears("转给工作人员了")
    lin.hears("李阿姨", "灯箱挡路")
    await lin.taps("回话")
    await lin.says("下午就去看，谢谢您")
    mei.hears("下午就去看")
    await mei.taps("回一句")
    await mei.says("好的")
    lin.hears("好的")


async def test_from_the_middle_of_a_request_and_back_to_it(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "找工作人员")
    await mei.says("要带什么证件吗？")
    await mei.taps("说完了")
    mei.hears("什么时候方便")
    await mei.taps("明天")
    mei.hears("灯坏了")


async def test_nobody_on_duty_is_said_as_it_is(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    await mei.says("有人吗")
    assert "没有人在线上看" in mei.everything


async def test_a_stranger_may_write_too(town: Town) -> None:
    lin = await town.member("林站长")
    eve = town.stranger("路人")
    await eve.says("/staff", "你们几点上班？")
    lin.hears("还没登记", "几点上班")
    assert "回话" not in lin.last.labels


async def test_somebody_without_a_name_yet_is_answered_too(town: Town) -> None:
    lin = await town.member("林站长")
    eve = town.stranger("路人")
    await eve.says("/start")
    await eve.taps("请人帮忙", "同意", "找工作人员")
    await eve.says("你们几点上班？")
    lin.hears("一位邻居找工作人员", "几点上班")
    await lin.taps("回话")
    await lin.says("八点半")
    lin.hears("转给这位邻居了")
    eve.hears("八点半")


async def test_only_staff_may_answer(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    eve = await town.newcomer("路人")
    await mei.says("/staff", "我的事")
    await eve.forges(lin.button("回话"))
    assert "我的事" not in eve.everything
    await eve.says("我是工作人员")
    assert "我是工作人员" not in mei.everything


async def test_staff_who_left_cannot_finish_an_answer(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    data = lin.button("问清楚")
    await lin.forges(data.replace("review.ask_back", "talk.reply=case"))
    async with town.store.transaction() as session:
        person = people.find(session, lin.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    await lin.says("您家的事")
    assert "您家的事" not in mei.everything


async def test_too_long_is_asked_again(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "长" * 501)
    mei.hears("写短一点")
    await mei.says("短的")
    lin.hears("短的")


async def test_one_answer_in_three_messages_reaches_staff_whole(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("/staff", "我想问", "楼下的灯箱", "挡路了怎么办")
    for words in ("我想问", "楼下的灯箱", "挡路了怎么办"):
        lin.has_heard(words)
    mei.hears("这句也转过去了")
    assert "说完了" in mei.last.labels
    await mei.taps("说完了")
    mei.hears("都转到了")
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    assert "我够不着" not in lin.everything


@pytest.mark.parametrize("said", ["说完了", "that's all", "That’s all."])
async def test_all_said_can_be_said(town: Town, said: str) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "找工作人员")
    await mei.says("要带什么证件吗？", said)
    mei.hears("什么时候方便")
    assert said not in lin.everything


async def test_what_was_left_open_ends_by_itself(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("/staff", "我想问")
    await town.later(minutes=31)
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    await mei.says("/staff", "还有一件")
    await mei.starts()
    mei.hears("今天要做什么", "没写完的")
    await mei.taps("接着写")
    mei.hears("听起来是")
    assert "我够不着" not in lin.everything


async def test_staff_answer_in_two_messages(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "灯箱挡路了")
    await lin.taps("回话")
    await lin.says("下午就去看", "您在家吗")
    mei.has_heard("下午就去看", "您在家吗")
    await lin.taps("说完了")
    lin.hears("都转到了")


async def test_cancel_drops_the_words_to_staff_and_nothing_else(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "找工作人员")
    await mei.says("取消")
    mei.has_heard("这一句不要了")
    mei.hears("灯坏了", "下一步")
    await mei.says("/cancel")
    mei.hears("都丢掉了")


async def test_cancel_after_words_have_gone_does_not_say_they_are_dropped(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "找工作人员")
    await mei.says("要带什么证件吗？", "取消")
    mei.hears("什么时候方便")
    mei.has_heard("都转到了")
    assert "这一句不要了" not in mei.everything
    lin.hears("要带什么证件吗")
