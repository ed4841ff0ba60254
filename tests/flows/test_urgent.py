"""Danger in the words."""

from __future__ import annotations

import pytest

from tests.town import Town


@pytest.mark.parametrize(
    ("words", "number"),
    [("我妈摔了起不来 流血", "120"), ("楼道着火了", "119"), ("他要打死我", "110"), ("家里有煤气味", "119")],
)
async def test_numbers_at_once_staff_told_and_nobody_else(town: Town, words: str, number: str) -> None:
    lin = await town.member("林站长")
    chen = await town.volunteer("小陈")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says(words)
    mei.hears(number, "已通知工作人员", "不发给志愿者")
    lin.hears("马上看", words, "李阿姨")
    await town.later(hours=3)
    assert words not in chen.everything


@pytest.mark.parametrize(
    ("words", "numbers"),
    [("楼道着火了", "120、119。"), ("他要打死我", "120、110、12338。"), ("我不想活了", "120、110、12356。")],
)
async def test_staff_read_which_numbers_were_given(town: Town, words: str, numbers: str) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says(words)
    lin.hears(f"已给出 {numbers}没有发给志愿者。")
    await lin.starts()
    await lin.taps("待办", "1. YS-0001")
    lin.hears(f"已给出 {numbers}")


async def test_what_is_no_danger_is_heard_as_the_answer_it_was(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.says("我老伴摔倒起不来了")
    mei.hears("120")
    await mei.taps("不是急事")
    mei.hears("灯坏了", "我老伴摔倒起不来了")
    lin.hears("不是急事")
    await lin.taps("处理好了")


async def test_a_stranger_gets_the_numbers_too(town: Town) -> None:
    lin = await town.member("林站长")
    eve = town.stranger("路人")
    await eve.says("救命，楼上着火了")
    eve.hears("119")
    lin.hears("还没登记", "着火")


async def test_a_manner_of_speaking_is_no_alarm(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("急死我了找不到猫")
    assert "120" not in mei.last.text


async def test_danger_under_a_photo(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    mei.phone.send_photo("我妈晕倒了叫不醒")
    await town.settle()
    mei.hears("120", "已通知工作人员")
    assert "我妈晕倒了叫不醒" in lin.everything
    assert lin.last.kind == "photo"
    await mei.taps("不是急事")
    mei.hears("灯坏了", "我妈晕倒了叫不醒", "1 个")


async def test_danger_in_a_corrected_message(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    message = mei.phone.send("灯坏了 我够不着")
    await town.settle()
    mei.phone.edit(message, "我妈晕倒了，叫不醒")
    await town.settle()
    mei.hears("120")
    lin.hears("马上看", "我妈晕倒了，叫不醒", "YS-0001")


async def test_one_emergency_in_many_messages(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("我妈晕倒了", "叫不醒了", "快来人救命啊", "她没气了")
    cards = [seen for seen in lin.phone.heard if "马上看" in seen.text]
    assert len(cards) == 2
    lin.hears("YS-0001", "我妈晕倒了", "叫不醒了", "快来人救命啊", "她没气了")
    assert mei.everything.count("请马上打电话") == 4
    await lin.taps("处理好了")
    await mei.says("我妈又晕倒了")
    lin.hears("马上看", "YS-0002", "我妈又晕倒了")


async def test_danger_rings_again_after_a_quiet_hour(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("我妈晕倒了", "叫不醒了", "快来人救命啊")
    await town.later(hours=2)
    await mei.says("我妈又晕倒了，叫不醒")
    cards = [seen for seen in lin.phone.heard if "马上看" in seen.text]
    assert len(cards) == 3
    lin.hears("YS-0001", "我妈又晕倒了")


async def test_all_the_words_of_a_false_alarm_are_heard(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.says("我老伴摔倒起不来了", "一直流血")
    await mei.taps("不是急事")
    mei.hears("灯坏了", "我老伴摔倒起不来了", "一直流血")


async def test_nothing_written_is_nothing_to_go_on_with(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("厨房着火了")
    await mei.taps("已经打了")
    mei.hears("保持电话畅通")
    assert "接着写" not in mei.last.labels
    await mei.says("/report")
    await mei.starts()
    assert "没写完" not in mei.last.text
