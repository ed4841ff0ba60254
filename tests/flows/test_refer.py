"""Not ours: whose it is, how to reach them, and the day we ask whether they have answered."""

from __future__ import annotations

from sqlmodel import select

from bot.community import events
from bot.community.cases import Case, State
from bot.community.events import Kind
from tests.flows.test_claim import ask
from tests.flows.test_close import engaged
from tests.flows.test_decide import only_case
from tests.town import Neighbour, Town


async def referred(town: Town) -> tuple[Neighbour, Neighbour]:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("别的", "转给别处", "物业")
    lin.hears("物业", "0592-555 0160", "邻居会读到")
    await lin.taps("告诉邻居")
    return mei, lin


async def test_she_hears_whom_the_phone_and_when_we_ask(either_town: Town) -> None:
    mei, lin = await referred(either_town)
    mei.hears("物业", "0592-555 0160", "11 月 26 日", "再问您")
    assert mei.last.labels == ["办好了", "没有人理", "再看一次", "找工作人员"]
    lin.hears("已转给别的单位")
    await mei.starts()
    await mei.taps("我的求助", "YS-0001")
    mei.hears("归物业管", "0592-555 0160")
    await either_town.later(hours=24 * 3)
    mei.hears("有人理了吗")
    await mei.taps("办好了")
    case = await only_case(either_town)
    assert (case.state, case.reason) == (State.CLOSED, "property")


async def test_a_body_or_a_reason_nobody_wrote_is_an_old_button(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    await lin.taps("别的", "转给别处")
    to = lin.button("物业")
    for choice in ("property.xyz", "property.fundraising", "nobody"):
        await lin.forges(to.replace("=property", f"={choice}"))
        assert "旧的" in lin.toast
    assert (await only_case(town)).state == State.RECEIVED


async def test_nobody_answered_so_it_is_ours_again(town: Town) -> None:
    mei, lin = await referred(town)
    await town.later(hours=24 * 3)
    await mei.taps("没有人理")
    mei.hears("交回给工作人员", "前给您回音")
    lin.hears("转给过物业，没有人理", "够不着")
    assert (await only_case(town)).state == State.RECEIVED
    await lin.starts()
    await lin.taps("待办")
    assert "1. YS-0001" in lin.last.labels
    await lin.taps("YS-0001", "放行")
    assert (await only_case(town)).state == State.OPEN


async def test_silence_is_no_answer_and_never_counts_as_done(either_town: Town) -> None:
    mei, _ = await referred(either_town)
    await either_town.later(hours=24 * 3)
    for _ in range(4):
        await either_town.later(hours=24)
    assert mei.everything.count("有人理了吗") == 3
    mei.hears("不算办好")
    case = await only_case(either_town)
    async with either_town.store.transaction() as session:
        assert case.state == State.CLOSED
        assert events.happened(session, case.id, Kind.NO_ANSWER)
        assert not events.happened(session, case.id, Kind.VERIFIED)


async def test_she_would_rather_wait(town: Town) -> None:
    mei, _ = await referred(town)
    await town.later(hours=24 * 3)
    await mei.taps("还在等")
    mei.hears("11 月 29 日", "我没忘")
    await town.later(hours=24 * 2)
    assert mei.everything.count("有人理了吗") == 0
    await town.later(hours=24)
    mei.hears("有人理了吗")


async def test_as_suggested_in_two_taps_and_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    ann = await town.newcomer("Ann", "en", area="b2")
    await ann.says("the lift in our building is broken")
    await ann.taps("Ask neighbours anyway")
    for label in ("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request"):
        if any(label in one for one in ann.last.labels):
            await ann.taps(label)
    lin.hears("property office")
    await lin.taps("Pass it to them", "Tell the neighbour")
    ann.hears("property office", "0592-555 0160", "whether they answered")
    assert (await only_case(town)).state == State.REFERRED


async def test_who_was_on_the_way_hears_so_and_loses_the_door(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    chen.hears("6栋302")
    await lin.taps("别的", "转给别处", "燃气公司", "告诉邻居")
    chen.hears("不用您去了")
    assert "6栋302" not in chen.everything
    mei.hears("燃气公司", "0592-555 0180")
    await mei.taps("没有人理")
    await lin.taps("放行")
    await chen.starts()
    await chen.taps("看看谁要帮忙")
    assert any("YS-0001" in label for label in chen.last.labels), (chen.last.text, chen.last.labels)


async def test_only_staff_refer_and_only_she_answers(town: Town) -> None:
    lin, mei = await town.member("林站长"), await ask(town)
    await lin.taps("别的", "转给别处")
    to = lin.button("物业")
    eve = await town.newcomer("伊芙")
    for somebody in (eve, mei):
        await somebody.forges(to)
        somebody.hears("不是给您的")
    await lin.taps("物业", "告诉邻居")
    nobody = mei.button("没有人理")
    for somebody in (eve, lin):
        await somebody.forges(nobody)
        somebody.hears("不是给您的")
    await mei.taps("办好了")
    await mei.forges(nobody)
    assert "旧的" in mei.toast
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state == State.CLOSED
