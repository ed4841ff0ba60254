"""A need is not let out as it stands: why, in which words, what comes next; a colleague decides; it is hidden, not deleted."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import events
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.data import Local
from tests.flows.test_claim import approved, ask
from tests.town import Neighbour, Town

LOCAL = Local.load()


async def only_case(town: Town) -> Case:
    async with town.store.transaction() as session:
        return session.exec(select(Case)).one()


async def waiting(town: Town, *staff: str) -> tuple[Neighbour, list[Neighbour]]:
    """A need just sent, and who of the staff sees it."""
    members = [await town.member(name) for name in staff or ("林站长",)]
    return await ask(town), members


async def test_declined_with_a_reason_and_a_way_on(either_town: Town) -> None:
    mei, [lin] = await waiting(either_town)
    await lin.taps("不发", "不能办", "借钱、募捐")
    lin.hears("YS-0001 不发", "临时救助")  # the words are read before they go
    assert "没有发出去" not in mei.everything
    await lin.taps("告诉邻居")
    lin.hears("原因会告诉对方")
    mei.hears("没有发出去", "手头困难，工作人员可以陪您申请临时救助")
    assert mei.last.labels == ["改了再发", "请工作人员问救助", "再看一次"]
    case = await only_case(either_town)
    assert (case.state, case.reason) == (State.DECLINED, "money")


async def test_in_english_and_in_own_words_without_numbers(town: Town) -> None:
    lin = await town.member("Lin", "en")
    ann = await town.newcomer("Ann", "en", area="b2")
    await ann.says("my lamp is broken, I cannot reach it")
    await ann.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("Do not send", "Cannot be done", "Paid work")
    lin.hears("will read", "Help between neighbours is unpaid")
    await lin.says("Come by the office, or call Wu on 13812345678")
    lin.hears("Come by the office, or call Wu on ▇▇▇")
    await lin.taps("Tell the neighbour")
    ann.hears("was not sent out", "Come by the office")
    assert "13812345678" not in ann.everything


@pytest.mark.parametrize("code", [one.code for one in LOCAL.reasons if one.effect == "hold"])
async def test_a_word_is_changed_and_it_comes_back(town: Town, code: str) -> None:
    reason = LOCAL.reason(code)
    assert reason is not None
    mei, [lin] = await waiting(town)
    await lin.taps("不发", "请邻居改一改", reason.name["zh"], "告诉邻居")
    lin.hears("请邻居改")
    mei.hears(reason.said["zh"][:12])
    assert mei.last.labels == ["改一改", "撤回", "找工作人员"]
    await mei.starts()
    await mei.taps("我的求助", "YS-0001")
    mei.hears(reason.said["zh"][:12])  # it is still to be read, though nothing but the code was kept
    await mei.taps("改一改")
    await mei.says("想换一个灯泡，要用梯子")
    await mei.taps("就这样发")
    lin.hears("想换一个灯泡", "YS-0001")
    assert "够不着" not in lin.last.text
    case = await only_case(town)
    assert (case.state, case.reason) == (State.RECEIVED, None)


@pytest.mark.parametrize("code", [one.code for one in LOCAL.reasons if one.effect == "keep"])
async def test_what_is_not_listed_staff_see_to(town: Town, code: str) -> None:
    reason = LOCAL.reason(code)
    assert reason is not None
    chen = await town.volunteer("小陈")
    mei, [lin] = await waiting(town)
    await lin.taps("不发", "不公开，我们办", reason.name["zh"], "告诉邻居")
    mei.hears(reason.said["zh"][:12])
    assert {"再看一次", "找工作人员"} <= set(mei.last.labels)
    for _ in range(7):
        await town.later(hours=24)
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "还没有")
    await town.later(hours=48)
    assert "够不着" not in chen.everything
    await lin.starts()
    await lin.taps("待办", "1. YS-0001")
    lin.hears("由我们办")
    case = await only_case(town)
    assert (case.state, case.reason) == (State.HANDLED, code)
    async with town.store.transaction() as session:
        assert events.code_of(session, case.id, Kind.KEPT) == code


def test_every_reason_says_first_what_can_be_done() -> None:
    """No sentence begins with a no, and none ends without a way on."""
    for reason in LOCAL.reasons:
        assert not reason.said["zh"].startswith(("不能", "这里不", "我们不", "抱歉")), reason.code
        assert reason.effect == "merge" or reason.next, reason.code
    old = {"money", "paid", "licence", "minor", "others", "person", "quarrel", "advert", "unlawful"}
    assert old <= {reason.code for reason in LOCAL.reasons}  # lines written before still say what they said


async def test_a_colleague_decides_what_she_was_asked_to(either_town: Town) -> None:
    _, [lin, wu] = await waiting(either_town, "林站长", "小吴")
    approve = lin.button("放行")
    await lin.taps("别的", "请同事看")
    lin.hears("由同事来定")
    wu.has_heard("林站长请您来定 YS-0001")
    await lin.forges(approve)
    assert "由同事来定" in lin.toast
    assert (await only_case(either_town)).state == State.RECEIVED
    await wu.taps("放行")
    assert (await only_case(either_town)).state == State.OPEN


async def test_who_is_alone_decides_herself(town: Town) -> None:
    _, [lin] = await waiting(town)
    await lin.taps("别的", "请同事看")
    assert "没有别的同事在班" in lin.toast
    await lin.taps("返回", "放行")
    assert (await only_case(town)).state == State.OPEN


async def test_hidden_at_once_and_let_out_again(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    take = chen.button("我来")
    await lin.taps("别的", "先收起来", "说到别人")
    chen.hears("这件先不看了")
    assert "够不着" not in chen.last.text
    mei.hears("先收起来了", "只说事情就能发")
    await chen.forges(take)
    assert (await only_case(town)).state == State.RECEIVED
    await lin.taps("放行")
    await chen.starts()  # he is left in peace after the first asking, and may look himself
    await chen.taps("看看谁要帮忙", "YS-0001", "我来", "确认接单")
    assert (await only_case(town)).state == State.ENGAGED


async def test_nobody_else_decides_and_nothing_old_does(town: Town) -> None:
    mei, [lin] = await waiting(town)
    await lin.taps("不发", "不能办")
    reason = lin.button("借钱、募捐")
    for somebody in (mei, await town.newcomer("伊芙")):
        await somebody.forges(reason)
        somebody.hears("不是给您的")
    await lin.taps("借钱、募捐")
    send = lin.button("告诉邻居")
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    await lin.forges(send)
    assert "没有发出去" not in mei.everything
    assert (await only_case(town)).state == State.WITHDRAWN
