"""Who of the staff holds which role: given by another, from one day to another, in one community; and stepping aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from bot.community import cases, events, queue, restrictions, rules, staff
from bot.community.cases import Case
from bot.community.events import Event, Kind
from bot.community.items import Sort
from bot.community.record import gate_of
from bot.community.restrictions import May
from bot.community.staff import Duty, Role
from bot.data import Local, WrongData
from bot.errors import SameHand, StepAside
from bot.handlers.roles.conversation import beginning, ending
from privacy.opening import Closed
from tests.flows.test_claim import approved, ask
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town

LOCAL = Local.load()


async def begins(town: Town, name: str, role: Role, language: str = "zh") -> Neighbour:
    """Somebody with a code of the person who runs the service."""
    one = await town.newcomer(name, language)
    async with town.store.transaction() as session:
        code = staff.invite(session, role)
    await one.starts(f"staff-{code}")
    return one


async def code_from(giver: Neighbour, *taps: str) -> str:
    """What she sends to whom she names."""
    await giver.starts()
    await giver.taps("谁在做什么", "请一位来做", *taps)
    found = re.search(r"start=(staff-\S+)", giver.last.text)
    assert found is not None
    return found[1]


async def sees(who: Neighbour, line: str) -> None:
    """The card of one line of the list."""
    await who.starts()
    await who.taps("谁在做什么")
    number = re.search(rf"(\d+)\. {line}", who.last.text)
    assert number is not None, who.last.text
    await who.taps(f"看第 {number[1]} 位")


async def named(town: Town, giver: Neighbour, name: str, *taps: str) -> Neighbour:
    code = await code_from(giver, *taps)
    one = await town.newcomer(name)
    await one.starts(code)
    return one


async def roles_of(town: Town, who: Neighbour) -> list[tuple[str, str | None]]:
    """What she holds now, and whose word it was."""
    async with town.store.transaction() as session:
        now, hers = town.clock.now(), one_of(session, who).id
        lines = session.exec(select(Duty).where(Duty.person_id == hers).order_by(col(Duty.role)))
        return [
            (line.role, line.given_by)
            for line in lines
            if line.since <= now and (line.until is None or line.until > now)
        ]


async def lines_of(town: Town, who: Neighbour) -> list[tuple[str, str | None]]:
    async with town.store.transaction() as session:
        hers = one_of(session, who).id
        lines = session.exec(select(Event).where(Event.case_id == hers, Event.kind == Kind.ROLE))
        return [(line.code or "", line.actor_id) for line in lines]


async def test_the_first_begins_by_a_code_and_names_the_others(either_town: Town) -> None:
    town = either_town
    wang = await begins(town, "王主任", Role.STEWARD)
    wang.hears("您现在是云杉社区工作站的工作人员", "您是管家")
    assert await roles_of(town, wang) == [("moderator", None), ("steward", None)]
    code = await code_from(wang, "督导", "马上", "一年")
    wang.hears("2027 年 11 月 23 日", "只给一位用", "7 天")
    sun = town.stranger("孙老师")
    await sun.starts(code)  # she is told what is done with her data first
    sun.hears("资料怎么用")
    await sun.taps("同意")
    await sun.says("孙老师")
    sun.hears("您现在是云杉社区工作站的督导", "做到 2027 年 11 月 23 日")
    wang.hears("孙老师点开了您给的邀请，现在是「督导」")
    async with town.store.transaction() as session:
        wangs = one_of(session, wang).id
    assert await roles_of(town, sun) == [("supervisor", wangs)]
    assert await lines_of(town, sun) == [("given:supervisor", wangs)]
    await sun.starts()
    await sun.taps("谁在做什么")
    sun.hears("王主任 · 管家 · 没定到哪天", "孙老师 · 督导 · 到 2027 年 11 月 23 日（周二） · 王主任给的")
    assert "待办" not in sun.everything  # a supervisor reads no words (R18)
    eve = await town.newcomer("伊芙")
    await eve.starts(code)
    eve.hears("用过或过期")
    assert await roles_of(town, eve) == []


async def test_the_same_in_english(town: Town) -> None:
    grace = await begins(town, "Grace", Role.STEWARD, "en")
    await grace.starts()
    await grace.taps("Who does what", "Name somebody", "Mediator", "Next Monday", "Three months")
    grace.hears("Good for one person and for 7 days")
    found = re.search(r"start=(staff-\S+)", grace.last.text)
    assert found is not None
    tom = await town.newcomer("Tom", "en")
    await tom.starts(found[1])
    tom.hears("you are “Mediator” at", "It lasts until")
    grace.hears("Tom opened your invitation")
    await grace.taps("See")
    grace.hears("Tom · Mediator", "Given by Grace")
    await grace.taps("End it today")
    tom.hears("Your role “Mediator” has ended")


async def test_nobody_gives_herself_a_role(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    code = await code_from(wang, "调解", "马上", "一年")
    await wang.starts(code)
    wang.hears("自己不能给自己")
    assert ("mediator", None) not in await roles_of(town, wang)
    assert len(await roles_of(town, wang)) == 2
    li = await town.newcomer("李老师")  # the code is not lost by it
    await li.starts(code)
    li.hears("「调解」")
    await li.forges("v1:roles.give:-:0")
    li.hears("不是给您的")
    async with town.store.transaction() as session:
        mine = next(one.id for one in staff.of_community(session, "") if one.role == Role.STEWARD)
    await wang.forges(f"v1:roles.longer=year:{mine}:0")
    wang.hears("自己不能给自己")


async def test_who_supervises_never_handles(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    lin = await named(town, wang, "林站长", "看求助", "马上", "一年")
    code = await code_from(wang, "督导", "马上", "一年")
    await lin.starts(code)
    lin.hears("督导不办事")
    assert [role for role, _ in await roles_of(town, lin)] == ["moderator"]
    await sees(lin, "林站长 · 看求助")
    lin.hears("林站长 · 看求助", "王主任给的")
    await lin.taps("我不做了")
    lin.hears("结束了")
    wang.hears("林站长不做「看求助」了")
    await lin.starts(code)  # now she can
    lin.hears("督导")
    for role in ("看求助", "值班", "调解"):
        await lin.starts(await code_from(wang, role, "马上", "一个月"))
        lin.hears("督导不办事")
    await lin.starts(await code_from(wang, "管家", "马上", "一个月"))
    assert [role for role, _ in await roles_of(town, lin)] == ["steward", "supervisor"]


async def test_a_role_begins_and_ends_by_its_days(either_town: Town) -> None:
    town = either_town
    wang = await begins(town, "王主任", Role.STEWARD)
    lin = await named(town, wang, "林站长", "看求助", "下周一", "一个月")
    lin.hears("从 11 月 30 日（周一）", "做到 12 月 30 日")
    await lin.starts()
    assert "待办" not in lin.last.labels
    await lin.forges("v1:desk.begin:-:0")
    lin.hears("不是给您的")
    await town.later(hours=24 * 6 + 15)  # Monday, 0:00
    await lin.starts()
    await lin.taps("待办")
    await town.later(hours=24 * 16 + 22)  # 16 December, 22:00
    assert "做到" not in lin.last.text
    await town.later(hours=2)
    lin.hears("您的「看求助」做到 12 月 30 日", "请一位同事替您续上")
    wang.hears("林站长的「看求助」做到 12 月 30 日", "先问本人")
    assert lin.everything.count("请一位同事替您续上") == 1
    await town.later(hours=24 * 14)
    lin.hears("您的「看求助」到今天为止")
    await lin.forges("v1:desk.begin:-:0")
    lin.hears("不是给您的")
    assert [code for code, _ in await lines_of(town, lin)] == ["given:moderator", "over:moderator"]


async def test_a_colleague_makes_it_longer(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    lin = await named(town, wang, "林站长", "看求助", "马上", "三个月")
    await town.later(hours=24 * 79)
    wang.hears("林站长的「看求助」做到 2 月 23 日")
    await wang.taps("看看", "再做一年")
    wang.hears("到 2028 年 2 月 10 日")
    lin.hears("王主任请您接着做「看求助」，做到 2028 年 2 月 10 日")
    await town.later(hours=24 * 20)  # the first term is over, and nobody says so
    assert "到今天为止" not in lin.everything
    assert [role for role, _ in await roles_of(town, lin)] == ["moderator"]


async def test_it_ends_with_one_tap_and_old_cards_do_nothing(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    lin = await named(town, wang, "林站长", "看求助", "马上", "一年")
    mei = await ask(town)
    lin.hears("灯坏了")
    approve = lin.button("放行")
    await sees(wang, "林站长 · 看求助")
    old = wang.button("到今天为止")
    await wang.taps("到今天为止")
    lin.hears("您的「看求助」到今天为止", "您还是邻居")
    await lin.forges(approve)
    lin.hears("不是给您的")
    await lin.says("/roles")
    lin.hears("不是给您的")
    await wang.forges(old)
    assert "旧的" in wang.toast
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state == "received"
    assert "放行" not in mei.everything


async def test_somebody_is_always_left_to_name_others(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    await sees(wang, "王主任 · 管家")
    await wang.taps("我不做了")
    assert "先请一位管家或督导" in wang.toast
    assert ("steward", None) in await roles_of(town, wang)
    sun = await named(town, wang, "孙老师", "督导", "马上", "一年")
    async with town.store.transaction() as session:
        [steward] = [one.id for one in staff.of_community(session, "") if one.role == Role.STEWARD]
    await wang.forges(f"v1:roles.end:{steward}:0")
    wang.hears("结束了")
    sun.hears("王主任不做「管家」了")


async def test_a_code_is_void_with_the_role_of_whoever_gave_it(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    await named(town, wang, "孙老师", "督导", "马上", "一年")
    code = await code_from(wang, "看求助", "马上", "一年")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, wang).id)
    town.clock.advance(1)
    lin = await town.newcomer("林站长")
    await lin.starts(code)
    lin.hears("用过或过期")
    assert await roles_of(town, lin) == []


@pytest.mark.parametrize(
    "choice",
    ["", "king", "king.now.year", "moderator.now", "moderator.now.ever", "moderator.then.year", "a.b.c.d"],
)
async def test_what_stands_on_no_button_gives_no_role(town: Town, choice: str) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    async with town.store.transaction() as session:
        before = len(session.exec(select(staff.Invitation)).all())
    await wang.forges(f"v1:roles.code={choice}:-:0" if choice else "v1:roles.code:-:0")
    async with town.store.transaction() as session:
        assert len(session.exec(select(staff.Invitation)).all()) == before


def test_days_are_days_of_the_place() -> None:
    from tests.town import MORNING

    assert beginning(LOCAL, MORNING, "week").isoformat() == "2026-11-29T16:00:00+00:00"
    assert beginning(LOCAL, MORNING, "month").isoformat() == "2026-11-30T16:00:00+00:00"
    last = MORNING.replace(year=2027, month=1, day=31)
    assert ending(LOCAL, last, "month").isoformat() == "2027-02-28T15:59:00+00:00"
    assert ending(LOCAL, last.replace(month=12), "quarter").isoformat() == "2028-03-31T15:59:00+00:00"


# --- membership of a group is no role


async def test_a_member_of_the_staff_group_who_is_no_staff_gets_nothing(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    lin = await town.member("林站长")
    eve = await town.newcomer("伊芙")
    group = town.world.group("工作人员", (lin.phone.user.id, eve.phone.user.id))
    await ask(town)
    async with town.store.transaction() as session:
        case_id = session.exec(select(Case)).one().id
    said = {"chat_id": group.id, "text": "YS-0001", "reply_markup": {"inline_keyboard": [[]]}}
    answer = await town.world.call(town.world.token, "sendMessage", said)
    shown = answer["result"]["message_id"]
    caplog.set_level("INFO", "bot.dispatch")
    for action in (
        "review.approve",
        "review.look",
        "review.phone",
        "desk.open",
        "roles.list",
        "talk.reply=case",
    ):
        eve.phone.forge_callback(f"v1:{action}:{case_id}:1", shown, to=group)
        eve.phone.forge_callback(f"v1:{action}:{case_id}:1")
        lin.phone.forge_callback(f"v1:{action}:{case_id}:1", shown, to=group)  # not even staff, in a group
        await town.settle()
    assert "灯坏了" not in eve.everything
    assert {seen.text for seen in eve.phone.sees(group)} == {"YS-0001"}
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state == "received"
    assert sum("refused (NotYours)" in line.message for line in caplog.records) == 18
    assert "伊芙" not in caplog.text


# --- several communities


EAST = 'community = "east"\n'


@pytest.fixture
def two(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    """Blocks 9 to 12 are a community of their own, in the same instance."""
    folder = tmp_path / "data"
    copytree(Path("bot/data"), folder)
    file = folder / "community.toml"
    words = file.read_text(encoding="utf-8").replace('code = "b3"\n', 'code = "b3"\n' + EAST)
    words += '\n[[community]]\ncode = "east"\nname = {zh = "东区", en = "East"}\n'
    file.write_text(words, encoding="utf-8")
    town = Town(sqlite_url, community=folder)
    yield town
    town.close()


async def of(town: Town, name: str, role: Role, community: str) -> Neighbour:
    one = await town.newcomer(name)
    async with town.store.transaction() as session:
        code = staff.invite(session, role, community=community)
    await one.starts(f"staff-{code}")
    return one


async def test_staff_of_another_community_hear_and_do_nothing(two: Town) -> None:
    lin, dong = await of(two, "林站长", Role.MODERATOR, ""), await of(two, "东站长", Role.MODERATOR, "east")
    mei = await ask(two, "李阿姨")
    lin.hears("灯坏了")
    assert "灯坏了" not in dong.everything
    async with two.store.transaction() as session:
        case = session.exec(select(Case)).one()
        meis = one_of(session, mei).id
    for action in (
        "review.look",
        "review.approve",
        "decide.reason=money",
        "refer.to=police",
        "review.phone",
        "talk.reply=case",
    ):
        await dong.forges(f"v1:{action}:{case.id}:{case.version}")
        dong.hears("不是给您的")
    for action in ("desk.open", "quiet.begin=person", "credential.of"):
        await dong.forges(f"v1:{action}:{meis}:0")
        dong.hears("不是给您的")
    await dong.forges("v1:review.queue:-:0")
    assert "YS-0001" not in dong.last.text
    await lin.forges("v1:review.queue:-:0")
    lin.hears("YS-0001")
    await dong.starts()
    await dong.taps("替邻居办")
    for words in ("李阿姨", "YS-0001"):
        await dong.says(words)
        dong.hears("没有找到")
    async with two.store.transaction() as session:
        found = cases.get(session, case.id)
        assert found is not None
        with pytest.raises(Closed):
            gate_of(session).open(
                session, cases.story_of(found), reader=one_of(session, dong).id, case=case.id
            )
        assert gate_of(session).open(
            session, cases.story_of(found), reader=one_of(session, lin).id, case=case.id
        )
    await ask(two, "张叔", area="b3")
    dong.hears("灯坏了")
    await dong.taps("放行")
    async with two.store.transaction() as session:
        second = cases.numbered(session, 2)
        assert second is not None
        assert second.state != "received"
    assert "YS-0002" not in lin.everything


async def test_who_moves_away_is_looked_after_there_from_now_on(two: Town) -> None:
    lin, dong = await of(two, "林站长", Role.MODERATOR, ""), await of(two, "东站长", Role.MODERATOR, "east")
    mei = await two.newcomer("李阿姨", area="b2")
    await at_desk(lin, "李阿姨")
    await lin.taps("改楼栋", "9–12 栋")
    mei.hears("改了楼栋")
    lin.hears("这位邻居现在归东区的工作人员照看", "已经接下的求助")
    await lin.taps("再办一位")
    await lin.says("李阿姨")
    lin.hears("没有找到")
    await at_desk(dong, "李阿姨")
    dong.hears("李阿姨", "9–12 栋")
    await dong.taps("改楼栋", "不留楼栋")  # who says nothing of where she lives is the house's
    dong.hears("现在归云杉社区工作站的工作人员照看")
    await dong.taps("回首页")
    dong.hears("今天要做什么")
    await at_desk(lin, "李阿姨")
    lin.hears("没有说楼栋")


@pytest.mark.parametrize(("area", "theirs"), [("b3", "东站长"), ("b2", "林站长"), (None, "林站长")])
async def test_what_is_about_somebody_waits_where_she_lives_and_nowhere_else(
    two: Town, area: str | None, theirs: str
) -> None:
    lin, dong = await of(two, "林站长", Role.MODERATOR, ""), await of(two, "东站长", Role.MODERATOR, "east")
    wu, han = await of(two, "小吴", Role.MODERATOR, ""), await of(two, "小韩", Role.MODERATOR, "east")
    mei = await two.newcomer("李阿姨", area=area)
    await mei.says("/staff")
    await mei.says("楼道的灯谁管")
    await mei.says("/complain")
    await mei.says("上次没有人理我")
    await mei.taps("交上去")
    async with two.store.transaction() as session:
        person, here = one_of(session, mei), one_of(session, wu if theirs == "林站长" else han).id
        restrictions.restrict(
            session, person_id=person.id, what=May.ASK, rule="respect", length="month", staff_id=here
        )
        sorts = {Sort.MESSAGE, Sort.COMPLAINT, Sort.RESTRICTION}
        for member, name in ((lin, "林站长"), (dong, "东站长")):
            waits = {item.sort for item in queue.of(session, one_of(session, member).id)}
            assert waits == (sorts if name == theirs else set())
    hears, not_hers = (lin, dong) if theirs == "林站长" else (dong, lin)
    card = hears.button("回话")
    await not_hers.forges(card)
    not_hers.hears("不是给您的")
    assert "楼道的灯" not in not_hers.everything


async def test_who_writes_and_is_not_known_is_the_houses(two: Town) -> None:
    lin, dong = await of(two, "林站长", Role.MODERATOR, ""), await of(two, "东站长", Role.MODERATOR, "east")
    bo = two.stranger("Bo")
    await bo.says("/staff")
    await bo.says("我刚搬来")
    lin.has_heard("我刚搬来")
    async with two.store.transaction() as session:
        [item] = queue.of(session, one_of(session, lin).id)
        assert queue.of(session, one_of(session, dong).id) == []
    await dong.forges(f"v1:talk.look:{item.about}:0")
    dong.hears("不是给您的")
    await lin.forges(f"v1:talk.look:{item.about}:0")
    lin.hears("我刚搬来")


async def test_each_community_enters_its_own(two: Town) -> None:
    dong = await of(two, "East staff", Role.MODERATOR, "east")
    for name, blocks in (("李奶奶", "9–12 栋"), ("王奶奶", "不留楼栋")):
        await dong.starts()
        await dong.taps("替邻居办")
        await dong.says(name)
        await dong.taps("登记这位邻居", blocks, "说中文", "当面同意")
        dong.hears("归云杉社区工作站的工作人员照看" if name == "王奶奶" else "留哪个电话")
    await dong.taps("再办一位")
    await dong.says("李奶奶")
    dong.hears("怎么跟您说的")


async def test_each_community_names_its_own(two: Town) -> None:
    wang, dong = await of(two, "王主任", Role.STEWARD, ""), await of(two, "东主任", Role.STEWARD, "east")
    await wang.starts()
    await wang.taps("谁在做什么")
    assert "东主任" not in wang.everything
    await dong.starts()
    await dong.taps("谁在做什么", "请一位来 · 东区", "看求助", "马上", "一年")
    code = re.search(r"start=(staff-\S+)", dong.last.text)
    assert code is not None
    li = await two.newcomer("李老师")
    await li.starts(code[1])
    async with two.store.transaction() as session:
        [duty] = [
            one for one in staff.of_community(session, "east") if one.person_id == one_of(session, li).id
        ]
    for action in ("one", "end", "longer=year"):
        await wang.forges(f"v1:roles.{action}:{duty.id}:0")
        wang.hears("不是给您的")
    await wang.forges("v1:roles.code=moderator.now.year:east:0")
    wang.hears("不是给您的")


def test_an_area_of_a_community_nobody_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    copytree(Path("bot/data"), folder)
    file = folder / "community.toml"
    words = file.read_text(encoding="utf-8")
    file.write_text(words.replace('code = "b3"\n', 'code = "b3"\n' + EAST), encoding="utf-8")
    with pytest.raises(WrongData, match="east"):
        Local.load(folder)


# --- stepping aside, and another hand


async def test_stepping_aside_asks_for_no_reason_and_closes_the_case_to_her(either_town: Town) -> None:
    town = either_town
    lin, chen = await town.member("林站长"), await town.member("陈老师")
    mei = await ask(town)
    lin.hears("灯坏了")
    approve = lin.button("放行")
    await lin.taps("别的", "这件和我有关")
    lin.hears("不用说是什么关系")
    await lin.taps("我回避")
    lin.hears("YS-0001 您回避了", "由别的同事来办")
    assert "灯坏了" not in lin.everything
    assert "回避" not in chen.everything + mei.everything
    await lin.forges(approve)
    lin.hears("要由别的同事来看")
    async with town.store.transaction() as session:
        case, lins = session.exec(select(Case)).one(), one_of(session, lin)
        with pytest.raises(StepAside):
            rules.staff_case(session, lins, case.id)
        with pytest.raises(Closed):
            gate_of(session).open(session, cases.story_of(case), reader=lins.id, case=case.id)
        assert [one.id for one in rules.staff_for(session, case)] == [one_of(session, chen).id]
    await lin.forges("v1:review.queue:-:0")
    assert "YS-0001" not in lin.last.text
    await chen.taps("放行")
    before = lin.everything
    await mei.taps("撤回", "撤回")
    assert lin.everything == before


async def test_what_she_had_in_hand_is_everybodys_again(town: Town) -> None:
    lin, chen = await town.member("林站长"), await town.member("陈老师")
    await ask(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
    await lin.forges(f"v1:review.take:{case.id}:0")
    await lin.forges(f"v1:roles.aside_yes:{case.id}:0")
    async with town.store.transaction() as session:
        assert queue.hold_of(session, case.id) is None
        [item] = queue.of(session, one_of(session, chen).id)
        assert item.about == case.id
        assert queue.of(session, one_of(session, lin).id) == []


async def test_where_all_step_aside_somebody_is_asked_to_name_one(town: Town) -> None:
    lin = await town.member("林站长")
    sun = await begins(town, "孙老师", Role.SUPERVISOR)
    await ask(town)
    await lin.taps("别的", "这件和我有关", "我回避")
    lin.hears("现在没有别的同事能看这件", LOCAL.phone)
    sun.hears("YS-0001 没有工作人员能看")
    assert "灯坏了" not in sun.everything


async def test_nobody_looks_over_what_she_handled(town: Town) -> None:
    mei, lin = await approved(town)
    chen = await town.member("陈老师")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        with pytest.raises(SameHand):
            rules.another_hand(session, case, one_of(session, lin))
        rules.another_hand(session, case, one_of(session, chen))
        rules.another_hand(session, case, one_of(session, lin), Kind.DECLINED)
        rules.another_hand(session, case, one_of(session, mei))
        events.note(session, case.id, Kind.HANDLED, actor=one_of(session, chen).id)
        with pytest.raises(SameHand):
            rules.another_hand(session, case, one_of(session, chen))


async def test_who_is_gone_holds_no_role_and_her_name_is_nowhere(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    sun = await named(town, wang, "孙老师", "督导", "马上", "一年")
    await wang.says("/mydata")
    await wang.taps("删除", "全部删除")
    await sun.says("/roles")
    sun.hears("孙老师 · 督导")
    assert "王主任" not in sun.last.text
    await sees(sun, "孙老师 · 督导")
    sun.hears("一位同事给的")


async def test_codes_are_kept_as_hashes(town: Town) -> None:
    wang = await begins(town, "王主任", Role.STEWARD)
    code = (await code_from(wang, "看求助", "马上", "一年")).removeprefix("staff-")
    async with town.store.transaction() as session:
        kept = session.execute(sa.text("SELECT * FROM invitation")).all()
    assert code not in str(kept)
