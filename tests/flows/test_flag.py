"""Something breaks a rule: whoever was shown it says so, staff look, both sides hear, and never who said so."""

from __future__ import annotations

from sqlmodel import select

from bot.community.flags import Flag
from tests.flows.test_claim import approved, ask
from tests.flows.test_close import engaged
from tests.flows.test_my_data import erases_all
from tests.flows.test_post import opened
from tests.town import Neighbour, Town


async def all_of(town: Town) -> list[Flag]:
    async with town.store.transaction() as session:
        return list(session.exec(select(Flag)))


async def flagged(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Chen was asked about it, and says it does not keep to a rule."""
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    await chen.taps("举报", "不说别人的私事")
    return mei, chen, lin


async def test_staff_agree_and_both_sides_hear(either_town: Town) -> None:
    mei, chen, lin = await flagged(either_town)
    chen.hears("谢谢您说一声", "看完告诉您")
    lin.hears("有人举报 YS-0001", "不打听、不外传", "卡片上的话")
    assert "不打听" not in mei.everything
    assert "小陈" not in lin.last.text
    await lin.taps("是，告诉对方")
    mei.hears("YS-0001 里写的", "不打听、不外传", "怎么改就好")
    assert "小陈" not in mei.everything
    chen.hears("已跟对方讲明白")


async def test_staff_find_no_breach_and_the_author_never_hears(town: Town) -> None:
    mei, chen, lin = await flagged(town)
    before = mei.everything
    await lin.taps("不算")
    chen.hears("没有碰到规矩", "没有告诉对方")
    assert mei.everything == before


async def test_it_stands_in_the_queue_until_somebody_has_looked(town: Town) -> None:
    _, _, lin = await flagged(town)
    await lin.starts()
    await lin.taps("待办")
    lin.hears("举报")
    await lin.taps("1. YS-0001", "不算")
    await lin.starts()
    await lin.taps("待办")
    assert "举报" not in lin.last.text


async def test_words_between_the_two_and_the_rule_named_after(either_town: Town) -> None:
    mei, chen, lin = await engaged(either_town)
    await chen.taps("说句话")
    await chen.says("把你银行卡给我看看")
    await mei.taps("举报")
    lin.hears("银行卡")
    await mei.taps("碰到哪一条", "不谈钱")
    await lin.taps("来处理")
    lin.hears("不收钱、不借钱", "我们没有存")
    await lin.taps("是，告诉对方")
    chen.hears("您说的话", "不收钱、不借钱", "别的照常")
    assert "李阿姨" not in chen.last.text
    mei.hears("已跟对方讲明白")
    await lin.taps("限制这位")
    lin.hears("小陈先不能做什么")


async def test_where_no_rule_was_named_staff_name_one(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("说句话")
    await chen.says("你真烦")
    await mei.taps("举报")
    await lin.taps("来处理", "是，告诉对方", "好好说话")
    chen.hears("不骂人")


async def test_in_english(town: Town) -> None:
    ann = await town.volunteer("Ann", "Small repairs", language="en")
    ann_too = await town.newcomer("Bo", "en", area="b2")
    lin = await town.member("Lin", "en")
    await ann_too.says("my lamp is broken, I cannot reach it")
    await ann_too.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("Approve and ask")
    await town.settle()
    await ann.taps("Report", "Nobody in danger")
    lin.hears("Flagged:", "put nobody in danger")
    await lin.taps("Yes, tell them")
    ann_too.hears("put nobody in danger", "Tell staff")
    ann.hears("spoken to them")


async def test_said_twice_it_is_one_and_others_say_nothing(town: Town) -> None:
    mei, chen, lin = await flagged(town)
    begin = chen.button("举报")
    await chen.forges(begin)
    await chen.taps("好好说话")
    assert len(await all_of(town)) == 1
    eve = await town.newcomer("伊芙")
    for somebody in (mei, eve):
        await somebody.forges(begin)
        somebody.hears("不是给您的")
    agree = lin.button("是，告诉对方")
    for somebody in (mei, chen, eve):
        await somebody.forges(agree)
        somebody.hears("不是给您的")
    await lin.taps("不算")
    await lin.forges(agree)
    assert "旧的" in lin.toast


async def test_half_a_year_later_it_is_gone(either_town: Town) -> None:
    town = either_town
    _, _, lin = await flagged(town)
    await lin.taps("不算")
    await town.later(hours=24 * 180 - 1)
    assert len(await all_of(town)) == 1
    await town.later(hours=1)
    assert await all_of(town) == []


async def test_it_goes_with_either_of_the_two(town: Town) -> None:
    mei, chen, _ = await flagged(town)
    await erases_all(chen)
    assert await all_of(town) == []
    await ask(town, "王伯")
    assert "不打听" not in mei.everything


# --- posts: what everybody may read of them, and what a neighbour proposed


async def reads(one: Neighbour, name: str = "手机课堂") -> None:
    await one.starts()
    await one.taps("岗位", name)


async def a_page_flagged(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Mei reads the page Lin has opened, and says which rule it breaks; Zhao is of the staff too."""
    lin, zhao = await opened(town), await town.member("赵主任")
    mei = await town.newcomer("李阿姨")
    await reads(mei)
    await mei.taps("举报", "不说别人的私事")
    return mei, lin, zhao


async def test_the_page_of_a_post_is_flagged_hidden_and_shown_again(either_town: Town) -> None:
    town = either_town
    mei, lin, zhao = await a_page_flagged(town)
    mei.hears("谢谢您说一声")
    zhao.hears("有人举报 「手机课堂」", "不打听、不外传", "岗位那一页")
    assert "李阿姨" not in zhao.last.text
    assert "有人举报" not in lin.everything
    await zhao.taps("是，告诉对方")
    lin.hears("「手机课堂」 那一页是您写的", "不打听、不外传")
    assert "李阿姨" not in lin.last.text
    mei.hears("「手机课堂」 您说的那句", "已跟对方讲明白")
    await zhao.taps("看这个岗位", "先收起来")
    zhao.hears("先收起来了")
    await mei.starts()
    await mei.taps("岗位")
    assert "手机课堂" not in mei.last.text
    await zhao.taps("再给大家看")
    await reads(mei)
    mei.hears("手机课堂")


async def test_who_hid_a_page_and_showed_it_again_has_not_written_it(town: Town) -> None:
    lin, zhao = await opened(town), await town.member("赵主任")
    mei = await town.newcomer("李阿姨")
    await reads(zhao)
    await zhao.taps("管这个岗位", "先收起来", "再给大家看")
    await reads(mei)
    await mei.taps("举报", "不说别人的私事")
    zhao.hears("有人举报 「手机课堂」")
    await zhao.taps("是，告诉对方")
    lin.hears("那一页是您写的")


async def test_what_is_hidden_opens_for_nobody_but_who_holds_it(town: Town) -> None:
    lin, chen = await opened(town), await town.volunteer("小陈")
    mei = await town.newcomer("李阿姨")
    await reads(mei)
    join, flag = mei.button("我来担任"), mei.button("举报")
    await reads(chen)
    await chen.taps("我来担任", "同意")
    await lin.taps("先收起来")
    for data in (join, flag):
        await mei.forges(data)
        mei.hears("现在没有开着")
    await mei.starts("p-1")
    assert "举报" not in mei.last.labels
    await chen.starts()
    await chen.taps("岗位", "我的班", "手机课堂")
    chen.hears("您担任着")


async def test_with_one_of_the_staff_alone_she_looks_at_her_own_page(town: Town) -> None:
    lin, mei = await opened(town), await town.newcomer("李阿姨")
    await reads(mei)
    await mei.taps("举报", "好好说话")
    lin.hears("有人举报 「手机课堂」")
    await lin.taps("不算")
    mei.hears("没有碰到规矩")
    await lin.starts()
    await lin.taps("待办")
    assert "举报" not in lin.last.text


async def test_where_nobody_wrote_it_nobody_is_said_to_know(town: Town) -> None:
    lin = await opened(town)
    mei = await town.newcomer("小梅")
    await reads(mei)
    await mei.taps("举报", "说真话")
    await lin.taps("是，告诉对方")
    lin.hears("没有写的人可告诉")
    mei.hears("工作人员看过了，会改")


async def test_what_a_neighbour_proposed_is_flagged_by_staff_and_she_hears_which_rule(
    either_town: Town,
) -> None:
    town = either_town
    lin, zhao, wu = await town.member("林站长"), await town.member("赵主任"), await town.newcomer("老吴")
    await wu.starts()
    await wu.taps("岗位", "提一个岗位")
    await wu.says("替大家去问三楼那家欠了多少钱")
    await wu.taps("交上去")
    await lin.taps("看一看", "举报", "不说别人的私事")
    lin.hears("谢谢您说一声")
    zhao.hears("提议", "邻居提的那一句")
    agree = zhao.button("是，告诉对方")
    for one in (wu, lin):
        await one.forges(agree)
        one.hears("不是给您的")
    await zhao.taps("是，告诉对方")
    wu.hears("您提的岗位", "不打听、不外传", "怎么改就好")
    assert "林站长" not in wu.last.text
    await wu.forges(f"v1:flag.begin:{zhao.button('看这个岗位').split(':')[2]}:1")
    wu.hears("不是给您的")


async def test_a_page_in_english(town: Town) -> None:
    await opened(town)
    zhao, ann = await town.member("Zhao", "en"), await town.newcomer("Ann", "en")
    await reads_en(ann)
    await ann.taps("Report", "Nobody in danger")
    zhao.hears("Flagged: “Phone class”", "put nobody in danger", "the page of the post")
    await zhao.taps("Yes, tell them")
    ann.hears("“Phone class”", "spoken to them")
    await zhao.taps("See this post", "Hide it for now")
    zhao.hears("hidden for now")


async def reads_en(one: Neighbour) -> None:
    await one.starts()
    await one.taps("Posts", "Phone class")


async def test_an_idea_in_english(town: Town) -> None:
    lin, zhao = await town.member("Lin", "en"), await town.member("Zhao", "en")
    ann = await town.newcomer("Ann", "en")
    await ann.starts()
    await ann.taps("Posts", "Propose")
    await ann.says("asking everybody upstairs what they owe")
    await ann.taps("Hand it in")
    await lin.taps("Read it", "Report", "Nobody in danger")
    zhao.hears("It is about a neighbour's idea")
    await zhao.taps("Yes, tell them")
    ann.hears("Your idea for a post breaks this rule", "Tell staff")
    assert "Lin" not in ann.last.text
