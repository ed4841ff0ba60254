"""A resident says what she needs, in every way people do."""

from __future__ import annotations

import pytest

from tests.flows.test_claim import ask
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
    mei.hears("记下了。最像哪一样")
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


async def test_a_time_that_has_passed_today_is_offered_for_tomorrow(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了")
    await mei.taps("对")
    await mei.says("今天早上八点")
    mei.hears("今天的过了", "11 月 24 日（周二）")
    assert "改时间" in mei.last.labels
    await mei.says("对")
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


@pytest.mark.parametrize("what", ["要帮的事", "时间", "楼栋", "说明", "门牌", "电话"])
async def test_back_from_an_answer_to_be_changed_leaves_the_page_as_it_was(
    town: Town, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    mei = await _at_check(town)
    page = mei.last.text
    await mei.taps("改一处", what)
    await mei.says("返回")
    assert mei.last.text == page
    await mei.taps("改一处", what)
    await mei.says("返回", "返回")
    await mei.starts()
    await mei.taps("接着写")
    assert not caplog.records


async def test_the_story_is_told_anew_only_when_new_words_come(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.sends("photo")
    await mei.taps("下一步", "不写门牌", "不要", "改一处", "说明", "重写说明")
    mei.hears("才换掉")
    await mei.taps("不换了")
    mei.hears("灯坏了", "1 个")
    await mei.taps("重写说明", "返回", "重写说明")
    await mei.says("厨房吸顶灯", "三米高")
    mei.hears("厨房吸顶灯", "三米高")
    await mei.taps("下一步")
    mei.hears("请看一遍", "厨房吸顶灯", "三米高")
    assert "灯坏了" not in mei.last.text
    assert "照片" not in mei.last.text


async def test_another_need_brings_its_own_words(town: Town) -> None:
    mei = await _at_check(town)
    await mei.taps("改一处", "要帮的事")
    await mei.says("帮我搬沙发上楼")
    mei.hears("搬东西")
    await mei.taps("对")
    mei.has_heard("说明也换成刚写的这段")
    mei.hears("请看一遍", "搬东西", "帮我搬沙发上楼", "6栋302")
    assert "够不着" not in mei.last.text


async def test_more_words_about_the_same_need_join_it(town: Town) -> None:
    mei = await _at_check(town)
    await mei.taps("改一处", "要帮的事")
    await mei.says("厨房的灯泡要换")
    await mei.taps("对")
    mei.hears("请看一遍", "够不着", "厨房的灯泡要换")


async def test_a_street_may_be_kept_for_the_helper_as_a_door_is(town: Town) -> None:
    mei = await _at_details(town)
    await mei.says("药店在厦禾路123号")
    mei.hears("街道门牌", "留给接单那一位")
    await mei.taps("留给接单人", "下一步", "不要")
    mei.hears("药店在厦禾路▇▇▇", "门牌：123号")


async def test_words_beside_a_hidden_number_join_the_story(town: Town) -> None:
    mei = await _at_details(town)
    await mei.says("我电话13812345678", "是厨房的吸顶灯", "有三米高，6栋302")
    mei.hears("这句也记下了", "电话", "门牌")
    await mei.sends("photo")
    await mei.taps("留给接单人")
    mei.hears("是厨房的吸顶灯", "有三米高", "1 个")
    await mei.taps("下一步")
    mei.hears("请看一遍", "6栋302", "13812345678")


async def test_a_code_beside_a_door_is_not_kept(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await _at_details(town)
    await mei.says("我家302，门禁码1234#，门锁密码2580")
    mei.hears("门牌号", "门禁码或密码不留")
    await mei.taps("留给接单人", "下一步", "不要", "发出求助")
    for secret in ("1234#", "2580", "302"):
        assert secret not in lin.everything


async def test_a_door_in_three_lines(town: Town) -> None:
    mei = await _at_details(town)
    await mei.taps("下一步")
    await mei.says("6栋", "3单元", "302")
    mei.hears("门牌记成「6栋 3单元 302」", "打您电话吗")
    await mei.taps("不要")
    mei.hears("请看一遍", "6栋 3单元 302")


async def test_the_floor_of_a_door_is_never_part_of_the_story(town: Town) -> None:
    mei = await town.newcomer("Mei", "en", area="b2")
    await mei.says("my lamp is broken and I cannot reach it")
    await mei.taps("Yes", "Tomorrow", "Next")
    await mei.says("block 6, 302")
    await mei.taps("No, messages only")
    await mei.says("3rd floor")
    mei.hears("Door: block 6, 302 3rd floor")


async def test_a_door_in_two_lines_when_the_phone_is_known(town: Town) -> None:
    mei = await _at_details(town)
    await mei.says("电话13812345678")
    await mei.taps("留给接单人", "下一步")
    await mei.says("6栋", "302")
    mei.hears("请看一遍", "6栋 302")


async def test_a_question_is_no_door(town: Town) -> None:
    mei = await _at_details(town)
    await mei.taps("下一步")
    await mei.says("什么叫门牌？")
    mei.hears("门牌就是楼栋和房号")
    await mei.says("6栋302")
    await mei.taps("不要")
    mei.hears("请看一遍", "门牌：6栋302")


async def test_a_time_in_three_messages(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对")
    await mei.says("明天", "下午", "三点")
    mei.hears("时间记成「11 月 24 日（周二）15:00」，对吗")
    await mei.taps("对")
    mei.hears("灯坏了")
    assert "下午" not in mei.last.text
    await mei.taps("下一步", "不写", "不要")
    mei.hears("请看一遍", "15:00")


async def test_the_hour_follows_a_tapped_day(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    mei.hears("住哪一片")
    await mei.says("下午三点")
    mei.hears("时间记成", "15:00")
    await mei.says("对")
    mei.hears("住哪一片")


async def test_the_time_of_the_first_words_is_asked_back_and_not_asked_for(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("明天下午三点灯坏了，帮我换一下")
    await mei.taps("对")
    mei.hears("时间记成", "15:00")
    await mei.taps("改时间")
    mei.hears("什么时候方便")
    await mei.taps("周末")
    mei.hears("下一步" if "下一步" in mei.last.text else "记下了")


async def test_two_readings_of_the_time_in_the_first_words(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("明天3点来换灯泡")
    await mei.taps("对")
    mei.hears("哪一个")
    assert "15:00" in mei.last.labels[0]
    await mei.taps("15:00")
    mei.hears("记下了")


async def test_a_door_told_with_the_block_is_not_asked_for_again(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.says("我住6栋302")
    mei.hears("门牌号", "留给接单那一位")
    await mei.taps("留给接单人", "下一步")
    mei.hears("打您电话吗")
    await mei.taps("不要")
    mei.hears("请看一遍", "5–8", "6栋302")


async def test_a_voice_note_first_is_acknowledged(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.sends("voice")
    mei.hears("记下了。最像哪一样")
    mei = await town.newcomer("王阿姨", area="b2")
    await mei.says("想问一问有没有人会吹笛子")
    mei.hears("记下了。最像哪一样")


async def test_nothing_written_is_nothing_to_go_on_with(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.starts()
    await mei.taps("请人帮忙")
    await mei.starts()
    await mei.taps("请人帮忙")
    mei.hears("资料怎么用")
    await mei.taps("同意", "用「阿芳」")
    mei.hears("您要帮什么")


async def test_what_was_declined_is_changed_and_sent_again(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("不发", "不能办", "要付钱的活", "告诉邻居")
    await mei.taps("改了再发")
    mei.hears("灯坏了 我够不着", "下一步")
    await mei.taps("重写说明")
    await mei.says("只换一个灯泡")
    await mei.taps("下一步")
    mei.hears("写一下门牌")
    await mei.taps("不写门牌", "不要")
    mei.hears("请看一遍", "换灯泡灯管", "11 月 24 日", "5–8", "只换一个灯泡")
    assert "够不着" not in mei.last.text
    await mei.taps("发出求助")
    mei.hears("YS-0002")
    await mei.taps("改了再发")
    mei.hears("灯坏了 我够不着")


async def test_only_her_own_declined_request_is_taken_up_again(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    eve = await town.newcomer("伊芙")
    await eve.forges(mei.button("撤回").replace("follow.withdraw", "ask.resend"))
    eve.hears("不是给您的")
    await mei.forges(mei.button("撤回").replace("follow.withdraw", "ask.resend"))
    assert "旧的" in mei.toast
    await lin.taps("不发", "不能办", "要付钱的活", "告诉邻居")
    assert "改了再发" in mei.last.labels


async def test_a_typed_no_leaves_the_block_unsaid(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.says("不说")
    mei.hears("灯坏了")


async def test_a_day_that_has_passed_at_the_check_page_is_asked_again_and_nothing_is_lost(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "今天", "下一步", "不写门牌", "不要")
    await town.later(hours=30)
    await mei.taps("发出求助")
    mei.hears("赶不上了", "什么时候方便")
    await mei.taps("明天")
    mei.hears("请看一遍", "灯坏了", "11 月 25 日")
    await mei.taps("发出求助")
    mei.hears("收到了")


async def test_at_night_today_is_not_offered_and_not_taken(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对")
    today = mei.button("今天")
    await town.later(hours=12, minutes=30)
    await mei.forges(today)
    mei.hears("赶不上了", "明天 08:00 起才去问")
    assert "今天" not in mei.last.labels
    await mei.says("今晚十一点")
    await mei.taps("对")
    mei.hears("赶不上了")
    await mei.taps("明天")
    mei.hears("记下了")


async def test_let_out_at_night_both_sides_hear_when_neighbours_are_asked(town: Town) -> None:
    lin = await town.member("林站长")
    await town.volunteer("小陈")
    await town.later(hours=12, minutes=30)
    mei = await ask(town)
    await lin.taps("放行")
    lin.hears("夜里不问", "明天 08:00")
    await mei.taps("看进度")
    mei.hears("夜里不打扰邻居", "明天 08:00")


async def test_let_out_too_late_says_so(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "今天", "下一步", "不写门牌", "不要", "发出求助")
    await town.later(hours=12, minutes=30)
    await lin.taps("放行")
    lin.hears("赶不上说好的时间")
    await mei.taps("看进度")
    mei.hears("您换个时间吧")
    await mei.taps("换时间")
    assert "今天" not in mei.last.labels
    await mei.says("今晚十一点")
    mei.hears("赶不上了", "换到什么时候")
    await mei.taps("明天")
    mei.hears("改好了")
