"""Violence, or harm to a child: few read it, nobody it is about hears of it, and one tap takes it off the screen."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import events, holdings, staff
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.reports import Report
from bot.community.staff import Role
from privacy import access_log
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town

WORDS = "三楼那家昨晚又打孩子了"


async def on_duty(town: Town, name: str, role: Role = Role.DUTY, language: str = "zh") -> Neighbour:
    one = await town.newcomer(name, language)
    async with town.store.transaction() as session:
        code = staff.invite(session, role)
    await one.starts(f"staff-{code}")
    return one


async def told(one: Neighbour, who: str = "一位大人", words: str = WORDS, how: str = "交上去") -> None:
    await one.says("/report")
    await one.taps(who)
    await one.says(words)
    await one.taps(how)


async def steps(town: Town) -> list[str | None]:
    async with town.store.transaction() as session:
        report = session.exec(select(Report)).one()
        return [line.code for line in events.of_case(session, report.id) if line.kind == Kind.HARM]


async def test_only_who_is_on_duty_reads_it(either_town: Town) -> None:
    town = either_town
    lin, wang = await on_duty(town, "林站长"), await town.member("王姐")
    chen, mei = await town.volunteer("小陈"), await town.newcomer("李阿姨")
    await told(mei)
    mei.hears("收到，H-0001", "110", "12338", "12110")
    lin.hears("H-0001 要您马上看")
    assert "打孩子" not in lin.everything  # the alert carries nothing
    await lin.taps("打开")
    lin.hears("关于一位大人", WORDS, "不调解", "收到")
    assert "林站长" not in mei.everything
    for other in (wang, chen):
        assert "H-0001" not in other.everything
        for data in (
            lin.button("报了警"),
            lin.button("结案"),
            lin.button("报了警").replace("did=police", "look"),
        ):
            await other.forges(data)
        assert WORDS not in other.everything
        assert "H-0001" not in other.everything
    assert await steps(town) == ["received", "opened"]
    async with town.store.transaction() as session:
        report = session.exec(select(Report)).one()
        [line] = access_log.of(session, report.id)
        assert (line.reader_id, line.part, line.kind) == (one_of(session, lin).id, "guard", "report")
        assert session.exec(select(Case)).all() == []  # words of danger make no case that all of staff see


async def test_it_stands_on_top_of_the_queue_of_who_looks_after_it_alone(town: Town) -> None:
    lin, wang = await on_duty(town, "林站长"), await town.member("王姐")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "几点开门？")
    await mei.says("/cancel")
    await told(mei)
    for one in (lin, wang):
        await one.forges("v1:review.queue:-:0")
    assert "要紧的举报" in lin.last.text
    assert lin.last.text.index("要紧的举报") < lin.last.text.index("留言")
    assert "举报" not in wang.last.text


async def test_of_a_child_nobody_reads_alone(either_town: Town) -> None:
    town = either_town
    lin, wang = await on_duty(town, "林站长"), await town.member("王姐")
    mei = await town.newcomer("李阿姨")
    await told(mei, "一个孩子")
    mei.hears("12355")
    await lin.taps("打开")
    lin.hears("关于一个孩子", "不一个人看", "必须报警")
    assert WORDS not in lin.everything
    look = lin.button("结案").replace("reasons", "look")
    await lin.taps("请另一位同意")
    wang.hears("林站长要打开 H-0001", "您看不到内容")
    agree = wang.button("同意")
    await lin.forges(agree)  # not one's own
    await lin.forges(look)
    assert WORDS not in lin.everything
    await wang.taps("同意")
    assert WORDS not in wang.everything
    await lin.taps("打开")
    lin.has_heard(WORDS)
    await town.later(hours=25)
    await lin.forges(look)
    assert "不一个人看" in lin.last.text


async def test_with_nobody_else_there_the_numbers_are_said(town: Town) -> None:
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await told(mei, "一个孩子")
    await lin.taps("打开")
    lin.hears("现在没有第二位", "12355")
    await lin.taps("请另一位同意")
    assert "没有第二位" in lin.toast


async def test_who_stays_unnamed_is_unknown(either_town: Town) -> None:
    town = either_town
    lin, mei, eve = await on_duty(town, "林站长"), await town.newcomer("李阿姨"), town.stranger("路人")
    await told(mei, how="不留称呼交上去")
    mei.hears("我们不知道您是谁")
    await lin.taps("打开")
    assert "请来电话" not in lin.last.labels
    await eve.says("/start")
    await told(eve)
    eve.hears("H-0002", "我们不知道您是谁")
    async with town.store.transaction() as session:
        assert [one.person_id for one in session.exec(select(Report))] == [None, None]
        meis = one_of(session, mei).id
        assert [line for line in session.exec(select(events.Event)) if line.actor_id == meis] == []
        assert access_log.of(session, meis) == []


async def test_about_staff_only_the_supervisors_hear(town: Town) -> None:
    lin, zhou = await on_duty(town, "林站长"), await on_duty(town, "周督导", Role.SUPERVISOR)
    mei = await town.newcomer("李阿姨")
    await mei.says("/report")
    await mei.taps("我自己")
    await mei.says("值班的那个人拉我")
    await mei.taps("说的是工作人员")
    mei.hears("只给督导看", "街道办事处")
    await mei.taps("交上去")
    assert "H-0001" not in lin.everything
    await zhou.taps("打开")
    zhou.hears("值班的那个人拉我")


async def test_one_tap_takes_it_off_the_screen(town: Town) -> None:
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    before = [seen.id for seen in mei.phone.screen]
    await told(mei)
    await mei.taps("收起来")
    [home] = [seen for seen in mei.phone.screen if seen.id not in before]  # hers are gone too
    assert home.text == "李阿姨，今天要做什么？"
    await lin.taps("打开", "请来电话")
    assert mei.last.text == "您方便的时候，给云杉社区工作站来个电话：0592-555 0100。"
    await mei.says("/mydata")
    assert "H-0001" not in mei.everything
    async with town.store.transaction() as session:
        holding = holdings.of(session, one_of(session, mei))
    assert (holding.cases, holding.messages, holding.complaints) == ([], [], [])


async def test_put_away_half_written_nothing_is_left(town: Town) -> None:
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await mei.says("/staff", "我想问", "/report")
    await mei.taps("我自己")
    await mei.says(WORDS)
    await mei.taps("收起来")
    await mei.says("灯坏了")
    assert WORDS not in lin.everything
    assert "打孩子" not in mei.everything


async def test_what_is_written_before_it_is_asked_for_is_kept(town: Town) -> None:
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await mei.says("/report", WORDS, "就在刚才")
    mei.hears("记下了", "还没有交上去")
    await mei.taps("一位大人", "交上去")
    mei.hears("H-0001")
    await lin.taps("打开")
    lin.has_heard(WORDS, "就在刚才")


async def test_more_of_it_goes_to_the_same_few(town: Town) -> None:
    lin, wang = await on_duty(town, "林站长"), await town.member("王姐")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    await mei.taps("有人被打、被欺负", "一位大人")
    await mei.says(WORDS)
    await mei.taps("交上去")
    await mei.says("今天早上还有哭声")
    mei.hears("点「交上去」才送到")
    await mei.taps("交上去")
    mei.hears("H-0002")
    await lin.taps("打开")
    lin.has_heard("今天早上还有哭声")
    assert "哭声" not in wang.everything


async def test_what_was_done_is_noted_with_its_time_and_it_is_closed(either_town: Town) -> None:
    town = either_town
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await told(mei)
    await lin.taps("打开", "报了警")
    lin.hears("什么时候报的警")
    await lin.says("今天 8:30")
    lin.hears("报了警", "08:30")
    await lin.taps("报了主管部门", "刚才")
    await lin.taps("和本人谈过", "刚才")
    close = lin.button("结案")
    await lin.taps("结案", "交给警方了")
    lin.hears("H-0001 结了")
    await lin.forges(close.replace("reasons", "close=wish"))
    assert await steps(town) == ["received", "opened", "police", "agency", "spoke", "closed:police"]


async def test_it_rings_every_hour_until_somebody_opens_it(town: Town) -> None:
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await told(mei)
    for rings in (2, 3):
        await town.later(hours=1)
        assert lin.everything.count("要您马上看") == rings
    await lin.taps("打开")
    rung = lin.everything.count("要您马上看")
    await town.later(hours=5)
    assert lin.everything.count("要您马上看") == rung


async def test_three_years_after_it_was_closed_the_words_are_gone(either_town: Town) -> None:
    town = either_town
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await told(mei)
    await lin.taps("打开", "结案", "看过，人平安")
    async with town.store.transaction() as session:
        report = session.exec(select(Report)).one()
        report.due_at = town.clock.now()
        assert report.closed_at is not None
        session.add(report)
    await town.later(minutes=1)
    async with town.store.transaction() as session:
        assert session.exec(select(Report)).all() == []


async def test_who_told_it_may_leave_and_what_was_told_stays(town: Town) -> None:
    lin, mei = await on_duty(town, "林站长"), await town.newcomer("李阿姨")
    await told(mei)
    await mei.says("/mydata")
    await mei.taps("删除", "全部删除")
    async with town.store.transaction() as session:
        assert session.exec(select(Report)).one().person_id is None
    await lin.taps("打开")
    lin.hears(WORDS)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MODERATOR])
async def test_without_anybody_on_duty_the_next_look_after_it(town: Town, role: Role) -> None:
    lin, mei = await on_duty(town, "林站长", role), await town.newcomer("李阿姨")
    await told(mei)
    await lin.taps("打开")
    lin.hears(WORDS)


async def test_with_nobody_at_all_it_is_said_and_it_waits(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await told(mei)
    mei.hears("现在没有负责的人在线上", "110")
    lin = await on_duty(town, "林站长")
    await town.later(hours=1)
    await lin.taps("打开")
    lin.hears(WORDS)


async def test_in_english(town: Town) -> None:
    lin = await on_duty(town, "Lin", language="en")
    mei = await town.newcomer("Mei", "en")
    await told(mei, "Myself", "he hit me again", "Send")
    mei.hears("Received, H-0001", "12338")
    await lin.taps("Open")
    lin.hears("told by the person", "he hit me again")
    async with town.store.transaction() as session:
        assert len(session.exec(select(Person)).all()) == 2
