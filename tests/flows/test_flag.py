"""Something breaks a rule: whoever was shown it says so, staff look, both sides hear, and never who said so."""

from __future__ import annotations

from sqlmodel import select

from bot.community.flags import Flag
from tests.flows.test_claim import approved, ask
from tests.flows.test_close import engaged
from tests.flows.test_my_data import erases_all
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
    lin.hears("Somebody flags", "put nobody in danger")
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
