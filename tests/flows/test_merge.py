"""The same told twice: one goes on, both hear how it ends, and neither learns a word of the other's."""

from __future__ import annotations

from sqlmodel import select

from bot.community.cases import Case, State
from tests.flows.test_claim import ask
from tests.town import Neighbour, Town


async def states(town: Town) -> list[str]:
    async with town.store.transaction() as session:
        return [case.state for case in session.exec(select(Case).order_by(Case.number))]  # type: ignore[arg-type]


async def twice(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Wang tells what Mei has told already; staff put his to hers."""
    lin = await town.member("林站长")
    mei = await ask(town)
    wang = await town.newcomer("王伯", area="b2")
    await wang.says("灯坏了，我看不清")
    await wang.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    return mei, wang, lin


async def merged(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    mei, wang, lin = await twice(town)
    await lin.taps("别的", "并到另一件", "YS-0001")
    lin.has_heard("YS-0002 并到 YS-0001？", "看不清", "够不着")
    await lin.taps("是同一件，并了")
    return mei, wang, lin


async def test_he_hears_the_number_and_how_it_stands_and_no_word(either_town: Town) -> None:
    mei, wang, lin = await merged(either_town)
    wang.hears("YS-0001", "YS-0002", "正在看")
    for words in ("够不着", "李阿姨"):
        assert words not in wang.everything
    for words in ("看不清", "王伯", "YS-0002"):
        assert words not in mei.everything
    lin.has_heard("已并到另一件")
    assert await states(either_town) == [State.RECEIVED, State.MERGED]


async def test_he_hears_when_the_other_is_done(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    mei, wang, lin = await merged(town)
    await lin.starts()
    await lin.taps("待办", "1. YS-0001", "放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    assert "办好了" not in wang.last.text
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "办好了")
    await town.settle()
    wang.hears("并到的那件办好了", "没好就再发一次")
    before = wang.everything.count("并到的那件")
    await town.later(hours=24)
    assert wang.everything.count("并到的那件") == before
    assert "小陈" not in wang.everything


async def test_silence_or_a_withdrawal_is_not_told_as_done(town: Town) -> None:
    mei, wang, _ = await merged(town)
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    await town.settle()
    wang.hears("没有办成的消息", "再发一次")


async def test_into_one_that_goes_into_another(town: Town) -> None:
    mei, wang, lin = await merged(town)
    third = await ask(town, "张叔")
    await lin.starts()
    await lin.taps("待办", "1. YS-0001", "别的", "并到另一件", "YS-0003", "是同一件，并了")
    assert await states(town) == [State.MERGED, State.MERGED, State.RECEIVED]
    assert "结束" not in wang.last.text
    await third.starts()
    await third.taps("我的求助", "YS-0003", "撤回", "撤回")
    await town.settle()
    for one in (mei, wang):
        one.hears("没有办成的消息")


async def test_it_was_not_the_same_after_all(town: Town) -> None:
    mei, wang, _lin = await merged(town)
    wu = await town.member("小吴")
    await wang.taps("再看一次")
    await wu.taps("改过来", "不写，就这样")
    assert await states(town) == [State.RECEIVED, State.RECEIVED]
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    await town.settle()
    assert "并到的那件结束" not in wang.everything


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await ask(town)
    ann = await town.newcomer("Ann", "en", area="b2")
    await ann.says("my lamp is broken, I cannot reach it")
    await ann.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("Do not send", "Told already", "YS-0001", "The same, merge them")
    ann.hears("The same is being seen to already, as YS-0001")


async def test_only_staff_and_only_what_is_alike(town: Town) -> None:
    mei, wang, lin = await twice(town)
    far = await ask(town, "张叔", area="b3")
    await lin.taps("别的", "并到另一件")
    assert not any("YS-0001" in label for label in lin.last.labels)  # another block, another lamp
    begin = lin.button("返回").replace("review.look", "merge.begin")
    for somebody in (wang, far):
        await somebody.forges(begin)
        somebody.hears("不是给您的")
    async with town.store.transaction() as session:
        other = session.exec(select(Case).where(Case.number == 1)).one()
    await lin.forges(begin.replace("merge.begin", f"merge.into={other.id}"))
    assert await states(town) == [State.RECEIVED] * 3
    assert "同一件" not in mei.everything
