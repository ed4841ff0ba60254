"""Somebody asks for her mother or a neighbour, who is asked herself before anything goes out."""

from __future__ import annotations

import pytest

from bot.community import events
from bot.community.cases import State
from bot.community.events import Kind
from bot.understanding.kin import for_another
from tests.flows.test_my_data import only_case
from tests.town import Neighbour, Town


async def asked_for(town: Town, words: str = "我妈家灯坏了 够不着") -> Neighbour:
    mei = await town.newcomer("小美", area="b2")
    await mei.says(words)
    await mei.taps("对", "明天", "下一步")
    await mei.says("6栋302")
    await mei.taps("不要")
    return mei


async def sent(town: Town) -> Neighbour:
    mei = await asked_for(town)
    await mei.taps("是替别人求助")
    mei.hears("工作人员先问本人")
    await mei.says("李奶奶")
    await mei.says("0592-555 0142")
    assert "会先问过本人" in mei.last.labels
    mei.hears("替谁：李奶奶 0592-555 0142")
    await mei.taps("发出求助")
    mei.hears("工作人员先问本人")
    assert "就问附近" not in mei.last.text
    return mei


async def words_of(town: Town) -> list[tuple[str | None, str]]:
    case = await only_case(town)
    async with town.store.transaction() as session:
        found = events.of_case(session, case.id)
        return [(line.code, line.channel) for line in found if line.kind == Kind.HER_WORD]


async def test_nothing_goes_out_before_her_word(either_town: Town) -> None:
    town = either_town
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    mei = await sent(town)
    lin.has_heard("YS-0001 是替别人求助的", "李奶奶 0592-555 0142")
    await lin.taps("放行")
    assert "还没问过本人" in lin.toast
    await town.later(minutes=1)
    assert "灯坏了" not in chen.everything
    assert (await only_case(town)).state == State.RECEIVED
    await lin.taps("电话里愿意")
    assert "0592-555 0142" not in lin.everything
    mei.hears("YS-0001 问过本人了，愿意")
    await lin.taps("放行")
    await town.later(minutes=1)
    chen.has_heard("灯坏了")
    assert "李奶奶" not in chen.everything
    assert await words_of(town) == [("yes", "phone")]


async def test_her_no_ends_it(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await sent(town)
    yes = lin.button("电话里愿意")
    await lin.forges(lin.button("当面说不用"))
    mei.hears("YS-0001 问过本人了，先不用", "谢谢您惦记")
    assert (await only_case(town)).state == State.WITHDRAWN
    await lin.forges(yes)
    assert await words_of(town) == [("no", "visit")]


async def test_it_waits_in_the_queue_and_goes_with_the_need(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await sent(town)
    await lin.forges("v1:review.queue:-:0")
    assert "要转告的话" in lin.last.text
    await mei.says("/start")
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    await lin.forges("v1:review.queue:-:0")
    assert "要转告的话" not in lin.last.text
    await town.later(hours=24)
    assert await words_of(town) == []


async def test_it_is_offered_only_where_the_words_say_so_and_can_be_undone(town: Town) -> None:
    mei = await asked_for(town, "灯坏了 我够不着")
    assert "是替别人求助" not in mei.last.labels
    await mei.taps("改一处", "替谁求助")
    await mei.says("13812345678")
    mei.hears("像有号码")
    await mei.says("李奶奶")
    await mei.says("没有电话")
    mei.hears("这不像电话号码")
    await mei.says("0592-555 0142")
    await mei.taps("会先问过本人", "是我自己的事")
    assert "会先问过本人" not in mei.last.labels
    await mei.taps("发出求助")
    assert (await only_case(town)).whom is None


async def test_nobody_else_says_her_word(town: Town) -> None:
    lin, eve = await town.member("林站长"), await town.newcomer("路人")
    mei = await sent(town)
    for one in (eve, mei):
        await one.forges(lin.button("电话里愿意"))
    await lin.forges(lin.button("电话里愿意").replace("yes.phone", "yes.dream"))
    assert await words_of(town) == []


async def test_in_english(town: Town) -> None:
    lin, mei = await town.member("Lin", "en"), await town.newcomer("Mei", "en", area="b2")
    await mei.says("the lamp in my mother's kitchen is broken")
    await mei.taps("Yes", "Tomorrow", "Next")
    await mei.says("6-302")
    await mei.taps("No", "It is for somebody else")
    mei.hears("Staff ask them first")
    await mei.says("Granny Li")
    await mei.says("0592-555 0142")
    await mei.taps("Send")
    lin.has_heard("asked for somebody else", "Granny Li 0592-555 0142")


@pytest.mark.parametrize(
    ("words", "for_her"),
    [
        ("我妈腿脚不好，想找人陪看病", True),
        ("替隔壁王奶奶买点菜", True),
        ("帮我爸修一下水龙头", True),
        ("could somebody visit my mother", True),
        ("shopping for an elderly neighbour", True),
        ("灯坏了，我够不着", False),
        ("想请邻居帮忙搬东西", False),
        ("I cannot reach the lamp", False),
    ],
)
def test_words_that_ask_for_another(words: str, for_her: bool) -> None:
    assert for_another(words) is for_her
