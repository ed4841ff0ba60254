"""Staff look first."""

from __future__ import annotations

from sqlmodel import select

from bot.community.cases import Case, State
from tests.flows.test_claim import ask
from tests.town import Town


async def test_asked_back_and_answered(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await lin.taps("问清楚")
    await lin.says("灯有多高？")
    lin.hears("去问清楚")
    mei.hears("灯有多高")
    await mei.taps("回答")
    await mei.says("三米，我电话13812345678")
    mei.hears("灯坏了", "三米", "没有存")
    lin.hears("去问清楚")
    await mei.taps("就这样发")
    mei.hears("发过去了")
    lin.hears("三米")
    assert "13812345678" not in lin.everything
    await lin.taps("放行")
    lin.hears("已放行")


async def test_two_members_of_staff_decide_once(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    old = wu.button("不发")
    await lin.taps("放行")
    wu.has_heard("已放行")
    await wu.forges(old)
    assert "旧的" in wu.toast
    wu.hears("我接着问")  # as it stands now: let out, and there are few to ask


async def test_what_was_decided_meanwhile_is_not_asked_back(town: Town) -> None:
    """Let out by a colleague while she wrote; or a colleague was asked to decide, and she asks nothing any more."""
    lin, wu = await town.member("林站长"), await town.member("小吴")
    mei, wang = await ask(town), await ask(town, "王伯")
    await lin.starts()
    await lin.taps("待办", "1. YS-0001", "问清楚")
    await wu.starts()
    await wu.taps("待办", "1. YS-0001", "放行")
    await lin.says("灯有多高？")
    assert "灯有多高" not in mei.everything
    await lin.starts()
    await lin.taps("待办", "2. YS-0002", "问清楚")
    [asking] = [seen for seen in lin.phone.heard if "YS-0002" in seen.text][-1:]
    more = next(b.data for row in asking.buttons for b in row if "别的" in b.text and b.data)
    await lin.forges(more.replace("decide.more", "decide.second"))
    await lin.says("哪一层？")
    assert "哪一层" not in wang.everything
    async with town.store.transaction() as session:
        states = {case.number: case.state for case in session.exec(select(Case))}
    assert states == {1: State.OPEN, 2: State.RECEIVED}


async def test_a_request_of_ones_own_survives_a_card_in_between(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("王伯", area="b1")
    await lin.says("灯坏了 我够不着")
    await lin.taps("对", "明天")
    await mei.says("想请人教我用手机挂号")
    await mei.taps("对", "都行", "下一步", "不写门牌", "不要", "发出求助")
    await lin.taps("问清楚")
    await lin.says("哪家医院？")
    assert "哪家医院" in mei.everything
    lin.hears("记下了" if "记下了" in lin.last.text else "哪一片")


async def test_a_promise_nobody_kept_is_told_before_it_lapses(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await town.later(hours=8, minutes=35)
    assert lin.everything.count("YS-0001") >= 2
    await town.later(minutes=21)
    mei.hears("还没看完", "最晚")


async def test_the_queue(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    await ask(town, "王伯")
    await lin.starts()
    await lin.taps("待办")
    lin.hears("等着的 2 件", "1. 新求助 YS-0001 换灯泡灯管，等了")
    assert lin.last.labels[:2] == ["1. YS-0001", "2. YS-0002"]
    await lin.taps("YS-0002")
    lin.hears("王伯")
