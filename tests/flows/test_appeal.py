"""Look again: another person of the staff decides, by a day that is told; where there is none, it is said so."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.community import appeals, staff
from bot.community.appeals import Appeal, Outcome
from bot.community.cases import Case, State
from bot.errors import OldButton
from tests.flows.test_claim import ask
from tests.flows.test_decide import only_case
from tests.flows.test_my_data import copied, erases_all, one_of, opened
from tests.flows.test_refer import referred
from tests.flows.test_restrict import restricts
from tests.town import Neighbour, Town


async def declined(town: Town, *others: str) -> tuple[Neighbour, Neighbour, list[Neighbour]]:
    """Lin has declined it; the others had no part."""
    lin = await town.member("林站长")
    members = [await town.member(name) for name in others]
    mei = await ask(town)
    await lin.taps("不发", "不能办", "借钱、募捐", "告诉邻居")
    return mei, lin, members


async def all_of(town: Town) -> list[Appeal]:
    async with town.store.transaction() as session:
        return list(session.exec(select(Appeal)))


async def test_somebody_else_upholds_it_and_says_why(either_town: Town) -> None:
    mei, lin, [wu] = await declined(either_town, "小吴")
    await mei.taps("再看一次")
    mei.hears("没有经手的工作人员", "后天 18:00")  # two working days
    wu.hears("请重新看 YS-0001", "借钱、募捐", "您没有经手")
    assert "请重新看" not in lin.everything
    await wu.taps("看原来的话")
    wu.hears("够不着")
    await wu.taps("维持")
    await wu.says("真的帮不了钱，来窗口，打 13812345678 也行")
    mei.hears("还是原来那样", "真的帮不了钱", "▇▇▇", "街道办事处", "0592-555 0190")
    wu.hears("已维持")
    assert (await only_case(either_town)).state == State.DECLINED
    [appeal] = await all_of(either_town)
    assert appeal.outcome == Outcome.UPHELD


async def test_words_written_as_her_role_ends_are_said_not_to_have_been_sent(town: Town) -> None:
    mei, _, [wu] = await declined(town, "小吴")
    await mei.taps("再看一次")
    await wu.taps("维持")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, wu).id)
    town.clock.advance(1)
    await wu.says("真的帮不了钱")
    wu.hears("您刚写的没有发出去")
    assert "按钮" not in wu.last.text
    assert "真的帮不了钱" not in mei.everything


async def test_somebody_else_finds_that_it_was_wrong(either_town: Town) -> None:
    mei, lin, [wu] = await declined(either_town, "小吴")
    await mei.taps("再看一次")
    await wu.taps("改过来", "不写，就这样")
    mei.has_heard("改过来了，接着办")
    assert (await only_case(either_town)).state == State.RECEIVED
    for member in (lin, wu):
        member.hears("够不着")
    await lin.taps("放行")
    assert (await only_case(either_town)).state == State.OPEN


async def test_in_english(town: Town) -> None:
    lin, wu = await town.member("Lin", "en"), await town.member("Wu", "en")
    ann = await town.newcomer("Ann", "en", area="b2")
    await ann.says("my lamp is broken, I cannot reach it")
    await ann.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("Do not send", "Cannot be done", "Advertising", "Tell the neighbour")
    await ann.taps("Look again")
    ann.hears("Somebody of the staff who did not decide YS-0001")
    await wu.taps("Change it")
    await wu.says("We read it too fast")
    ann.has_heard("looked again and changed it", "We read it too fast")


async def test_it_stands_in_the_queue_of_who_may_decide(town: Town) -> None:
    mei, lin, [wu] = await declined(town, "小吴")
    await mei.taps("再看一次")
    for member, sees in ((wu, True), (lin, False)):
        await member.starts()
        await member.taps("待办")
        assert ("请换人再看" in member.last.text) is sees
    await wu.taps("1. YS-0001")
    wu.hears("请重新看")
    await wu.taps("维持", "不写，就这样")
    await wu.starts()
    await wu.taps("待办")
    assert "请换人再看" not in wu.last.text


async def test_where_nobody_else_is_there_no_other_eyes_are_pretended(town: Town) -> None:
    mei, _, _ = await declined(town)
    await mei.taps("再看一次")
    mei.hears("不想糊弄您", "街道办事处", "0592-555 0190", "不归我们管")
    assert await all_of(town) == []


async def test_who_decided_and_others_cannot(town: Town) -> None:
    mei, lin, [wu] = await declined(town, "小吴")
    again = mei.button("再看一次")
    eve = await town.newcomer("伊芙")
    await eve.forges(again)
    eve.hears("不是给您的")
    await mei.taps("再看一次")
    keep = wu.button("维持")
    for somebody in (lin, mei, eve):
        await somebody.forges(keep)
        somebody.hears("不是给您的")
    await mei.forges(again)
    mei.hears("已经在重新看了")
    await wu.taps("维持", "不写，就这样")
    await wu.forges(keep)
    assert "旧的" in wu.toast
    await mei.forges(again)
    mei.hears("已经有另一位重新看过了", "街道办事处")
    assert len(await all_of(town)) == 1


async def test_the_first_to_decide_counts(either_town: Town) -> None:
    town = either_town
    mei, _, [wu, han] = await declined(town, "小吴", "小韩")
    await mei.taps("再看一次")
    await wu.taps("维持")
    await han.taps("改过来")
    await wu.says("看法一样")
    await han.says("我觉得可以发")
    assert "我觉得可以发" not in mei.everything
    async with town.store.transaction() as session:
        appeal = session.exec(select(Appeal)).one()
        with pytest.raises(OldButton):
            appeals.decide(session, appeal, Outcome.OVERTURNED, staff_id=one_of(session, han).id)
    assert (await only_case(town)).state == State.DECLINED


async def test_late_is_told_once_and_staff_every_day(town: Town) -> None:
    mei, lin, [wu] = await declined(town, "小吴")
    await mei.taps("再看一次")
    await town.later(hours=24 * 2 + 9)
    wu.hears("还没有答复", "请重新看 YS-0001")
    mei.hears("是我们不对", "街道办事处")
    for _ in range(3):
        await town.later(hours=24)
    assert mei.everything.count("过了答应您的时间") == 1
    assert wu.everything.count("还没有答复") == 4
    assert "还没有答复" not in lin.everything


async def test_referred_and_looked_at_again(town: Town) -> None:
    mei, _ = await referred(town)
    wu = await town.member("小吴")
    await mei.taps("再看一次")
    wu.hears("原来：转给物业")
    await wu.taps("改过来", "不写，就这样")
    assert (await only_case(town)).state == State.RECEIVED
    await town.later(hours=24 * 4)
    assert "有人理了吗" not in mei.everything


async def test_staff_ask_for_a_colleagues_eyes_after_deciding(town: Town) -> None:
    mei, lin, [wu, han] = await declined(town, "小吴", "小韩")
    await lin.taps("别的", "请同事再看")
    assert "请同事再看了" in lin.toast
    wu.hears("同事请您再看一眼")
    assert "重新看" not in mei.everything  # she hears of it only if something changes
    await wu.taps("维持")
    await wu.says("我也会这样定")
    lin.hears("同事看过了：维持", "我也会这样定")
    assert "我也会这样定" not in mei.everything
    await mei.taps("再看一次")  # which is still hers
    han.hears("邻居觉得不对")


async def test_what_gave_way_need_not_be_looked_at(either_town: Town) -> None:
    """A week is appealed; a month that two have agreed to takes its place before anybody looked."""
    town = either_town
    lin, wu = await town.member("林站长"), await town.member("小吴")
    chen = await town.volunteer("小陈")
    await ask(town)
    await restricts(town, lin, chen)
    await chen.taps("再看一次")
    keep = wu.button("维持")
    await wu.taps("改过来")  # begun, and overtaken
    await restricts(town, lin, chen, length="一个月")
    await wu.taps("同意")
    await wu.forges(keep)
    assert "旧的" in wu.toast
    await town.settle()
    chen.has_heard("那条限制已经不在了")
    wu.has_heard("不用再看了")
    assert chen.everything.count("重新看过了") == 0
    [appeal] = await all_of(town)
    assert (appeal.outcome, appeal.decided_by) == (Outcome.MOOT, None)
    await chen.starts()
    await chen.taps("我的资料", "看限制", "再看一次")  # the new one is looked at by nobody who agreed to it
    chen.hears("不想糊弄您")
    _, locked, key = await copied(town, chen)
    assert "限制已经没有了，不用看" in opened(locked, key)[0]


async def test_whose_words_are_gone_cannot_be_looked_at(town: Town) -> None:
    mei, _, _ = await declined(town, "小吴")
    again = mei.button("再看一次")
    await town.later(hours=24 * 31)
    await mei.forges(again)
    assert "旧的" in mei.toast
    assert await all_of(town) == []


async def test_half_a_year_after_it_was_decided_it_is_gone(either_town: Town) -> None:
    town = either_town
    mei, _, [wu] = await declined(town, "小吴")
    await mei.taps("再看一次")
    await wu.taps("维持", "不写，就这样")
    await town.later(hours=24 * 180 - 1)
    assert len(await all_of(town)) == 1
    await town.later(hours=1)
    assert await all_of(town) == []


async def test_who_leaves_takes_it_along(town: Town) -> None:
    mei, _, [wu] = await declined(town, "小吴")
    await mei.taps("再看一次")
    keep = wu.button("维持")
    await erases_all(mei)
    assert await all_of(town) == []
    await wu.forges(keep)
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state == State.DECLINED


async def test_however_many_wait_they_are_read_in_one_question(either_town: Town) -> None:
    town = either_town
    asked: list[str] = []
    neighbours = [await town.newcomer(f"邻居{n}", area="b2") for n in range(4)]
    async with town.store.transaction() as session:
        local = town.service.house.local
        for one in neighbours:
            appeals.submit(session, local, person_id=one_of(session, one).id, restriction_id="r")
    async with town.store.transaction() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *words: asked.append(words[2]))
        assert [item.area for item in appeals.waiting(session)] == ["b2"] * 4
        assert len(asked) == 1, asked
