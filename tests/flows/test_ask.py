"""A resident says what she needs, in every way people do."""

from __future__ import annotations

import pytest

from tests.town import Neighbour, Town


async def _at_details(town: Town) -> Neighbour:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    mei.hears("还要说明什么" if "还要" in mei.last.text else "记下了")
    return mei


async def _at_check(town: Town) -> Neighbour:
    mei = await _at_details(town)
    await mei.taps("下一步")
    await mei.says("6栋302")
    await mei.taps("可以")
    await mei.sends("contact")
    mei.hears("请看一遍", "6栋302", "+86138")
    return mei


async def test_by_buttons_alone(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.starts()
    await mei.taps("请人帮忙", "买菜", "都行", "先不说", "没有了", "不写门牌", "不要")
    mei.hears("请看一遍", "买菜", "都行", "没有说", "门牌：不给", "电话：不给")
    await mei.taps("发出求助")
    mei.hears("收到了", "YS-0001", "工作人员看过", "18:00")


async def test_three_messages_for_one_answer(town: Town) -> None:
    mei = await _at_details(town)
    await mei.says("厨房的", "吸顶灯", "有三米高")
    mei.hears("厨房的", "吸顶灯", "有三米高")
    await mei.taps("下一步", "不写门牌", "不要")
    mei.hears("厨房的", "吸顶灯", "有三米高")


async def test_voice_and_a_photo_of_paper_reach_staff(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.sends("voice")
    mei.hears("您要帮什么")
    await mei.taps("修小东西", "今天")
    await mei.sends("photo")
    mei.hears("2 个")
    await mei.taps("下一步", "不写门牌", "不要", "发出求助")
    assert [seen.kind for seen in lin.phone.heard[-2:]] == ["voice", "photo"]


@pytest.mark.parametrize("what", ["sticker", "location", "document"])
async def test_what_cannot_be_read_loses_nothing(town: Town, what: str) -> None:
    mei = await _at_details(town)
    await mei.says("吸顶灯")
    await mei.sends(what)
    mei.hears("前面写的都还在")
    await mei.taps("接着写")
    mei.hears("吸顶灯")


async def test_a_phone_number_is_hidden_and_dropped_if_she_likes(town: Town) -> None:
    mei = await _at_details(town)
    await mei.says("打我电话13812345678")
    mei.hears("电话", "藏起来")
    await mei.taps("删掉")
    mei.hears("▇▇▇")
    assert "13812345678" not in mei.last.text
    await mei.taps("下一步", "不写门牌")
    mei.hears("可以打您电话吗")


async def test_what_was_kept_is_not_asked_again(town: Town) -> None:
    mei = await _at_details(town)
    await mei.says("6栋302，电话13812345678")
    await mei.taps("留给接单人", "下一步")
    mei.hears("请看一遍", "6栋302", "13812345678")


async def test_somebody_elses_card_is_not_taken(town: Town) -> None:
    mei = await _at_details(town)
    await mei.taps("下一步", "不写门牌", "可以")
    mei.phone.send_contact("+8613900000000")
    await town.settle()
    mei.hears("别人的名片")
    await mei.says("13812345678")
    mei.hears("请看一遍", "13812345678")


@pytest.mark.parametrize(
    ("what", "answer", "shows"),
    [
        ("要帮的事", ["搬东西"], "搬东西"),
        ("时间", ["都行"], "都行"),
        ("楼栋", ["9–12 栋"], "9–12"),
        ("门牌", ["不写门牌"], "门牌：不给"),
        ("电话", ["不要"], "电话：不给"),
    ],
)
async def test_one_answer_is_changed_and_the_others_stay(
    town: Town, what: str, answer: list[str], shows: str
) -> None:
    mei = await _at_check(town)
    before = set(mei.last.text.splitlines())
    await mei.taps("改一处", what, *answer)
    mei.hears("请看一遍", shows)
    assert len(before - set(mei.last.text.splitlines())) == 1


async def test_back_goes_one_question_back_and_keeps_the_answers(town: Town) -> None:
    mei = await _at_check(town)
    await mei.taps("改一处", "返回")
    mei.hears("请看一遍", "6栋302")


async def test_an_unclear_time_is_asked_back(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了")
    await mei.taps("对")
    await mei.says("二十五点")
    mei.hears("没听懂")
    await mei.says("明天3点")
    mei.hears("哪一个")
    await mei.taps("15:00")
    mei.hears("记下了")


async def test_cancel_drops_it_and_says_so(town: Town) -> None:
    mei = await _at_check(town)
    await mei.says("/cancel")
    mei.hears("丢掉")
    await mei.says("/cancel")
    mei.hears("没有写到一半")


async def test_an_unfinished_request_is_offered_again(town: Town) -> None:
    mei = await _at_check(town)
    await mei.starts()
    mei.hears("没写完")
    await mei.taps("请人帮忙")
    mei.hears("没写完")
    await mei.taps("接着写")
    mei.hears("请看一遍", "6栋302")


async def test_a_person_can_be_asked_in_the_middle(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await _at_details(town)
    await mei.taps("找工作人员")
    mei.hears("0592-555 0100")
    await mei.says("我不会写字，能打给我吗")
    lin.hears("我不会写字", "李阿姨")
    assert "转给工作人员" in mei.everything
    await mei.taps("说完了", "下一步")
    await lin.taps("回话")
    await lin.says("马上打给您")
    assert "马上打给您" in mei.everything


async def test_a_restart_between_any_two_steps_changes_nothing(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    steps = ["请人帮忙", "买菜", "明天", "5–8", "没有了", "不写门牌", "不要", "发出求助"]
    await mei.starts()
    for step in steps:
        town.restart()
        await mei.taps(step)
    mei.hears("收到了", "YS-0001")


async def test_a_greeting_is_no_request(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("你好")
    mei.hears("今天要做什么")


async def test_the_first_words_of_a_stranger_are_kept_until_she_has_agreed(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.says("家里灯坏了，够不着")
    mei.hears("资料怎么用")
    await mei.taps("同意", "用「阿芳」")
    mei.hears("听起来是", "修小东西")


async def test_five_thousand_characters(town: Town) -> None:
    mei = await _at_details(town)
    mei.phone.send("长" * 4000)
    await town.settle()
    mei.hears("太长")
    await mei.says("短的")
    mei.hears("短的")
