"""Nothing outlives its rule (privacy/data/retention.toml): scenes by the clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.community import people, quiet, staff, staying, talents
from bot.community.cases import Case, State
from bot.community.people import Person
from bot.runtime.seals import Seals
from bot.store.models import metadata
from privacy import consent
from privacy.consent import By, Status
from tests.flows.test_care import SCHOOL, sent, told
from tests.flows.test_claim import approved, ask
from tests.flows.test_close import engaged
from tests.flows.test_complain import complained
from tests.flows.test_desk import at_desk
from tests.flows.test_keeping import finished
from tests.flows.test_my_data import copied, one_of, only_case, opened
from tests.town import Neighbour, Town

POOL, ACCOUNT, OVER = "还愿意帮忙吗", "还留着您的登记吗", "删好了"
TABLES = metadata.tables


async def rows(town: Town, table: str, *where: Any) -> list[Any]:
    async with town.store.transaction() as session:
        return list(session.execute(sa.select(TABLES[table]).where(*where)).all())


async def days(town: Town, many: float) -> None:
    await town.later(hours=24 * many)


async def person(town: Town, who: Neighbour) -> Person | None:
    async with town.store.transaction() as session:
        return people.find(session, who.phone.user.id)


async def nothing_failed(town: Town) -> None:
    assert await rows(town, "failure") == []


async def talks(town: Town, part: str = "user") -> int:
    return len(await rows(town, "persistence", TABLES["persistence"].c.part == part))


# Talks, keys, letters


async def test_an_unfinished_answer_is_forgotten_after_a_week(either_town: Town) -> None:
    town = either_town
    mei = await town.newcomer("李阿姨")
    await mei.says("灯坏了 我够不着")
    await days(town, 7 - 1 / 24)
    assert await talks(town) == 1
    await town.later(hours=1)
    assert await talks(town) == 0


async def test_the_passphrase_of_a_copy_is_gone_after_a_day_whether_she_looks_or_not(
    either_town: Town,
) -> None:
    town = either_town
    mei = await town.newcomer("李阿姨")
    await copied(town, mei)
    show = mei.button("看密码")
    await town.later(hours=23)
    await mei.says("/help")  # she goes on talking, which keeps a talk but no key
    await mei.forges(show)
    assert "密码：" in mei.toast
    assert await talks(town, "copy_key") == 1
    await town.later(hours=1)
    assert await talks(town, "copy_key") == 0
    await mei.forges(show)
    assert "忘了" in mei.toast


async def test_a_passphrase_past_its_time_is_not_shown_even_when_the_sweep_is_late(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await copied(town, mei)
    show = mei.button("看密码")
    town.clock.advance(24 * 3600)
    mei.phone.forge_callback(show)
    await town.runtime.poll()
    await town.runtime.work()
    assert await talks(town, "copy_key") == 1
    await town.settle()
    assert "忘了" in mei.toast


async def test_at_the_desk_it_is_gone_after_an_hour(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    await town.newcomer("李阿姨")
    await at_desk(lin, "李阿姨")
    await lin.taps("给副本", "看密码")
    show = lin.button("看密码")
    await town.later(minutes=59)
    await lin.forges(show)
    assert "密码：" in lin.toast
    await town.later(minutes=1)
    await lin.forges(show)
    assert "忘了" in lin.toast
    await town.later(minutes=10)  # the sweep comes so often
    assert await talks(town, "desk_key") == 0


async def test_who_leaves_takes_her_passphrase_along(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await copied(town, mei)
    await mei.says("/mydata")
    await mei.taps("删除", "全部删除")
    mei.hears(OVER)
    assert await talks(town, "copy_key") == 0


async def test_what_waits_for_somebody_unreachable_loses_its_words_after_thirty_days(
    either_town: Town,
) -> None:
    """Chen has blocked the bot with Mei's door on his screen; however late he comes back, it vanishes, and no word comes."""
    town = either_town
    mei, chen, _ = await engaged(town)
    assert "6栋302" in chen.everything
    chen.phone.block()
    await town.settle()
    await mei.taps("不用了", "撤回")
    blocked = TABLES["outbox"].c.state == "blocked"
    waiting = await rows(town, "outbox", blocked)
    assert {row.method for row in waiting} == {"sendMessage", "editMessageText", "deleteMessage"}
    await days(town, 30 - 1 / 24)
    assert await rows(town, "outbox", blocked) == waiting
    assert "YS-0001" in "".join(await words(town, waiting))
    await town.later(hours=1)
    left = await rows(town, "outbox", blocked)
    assert {row.method for row in left} == {"editMessageText", "deleteMessage"}
    assert set(await words(town, left)) == {
        "这条放得太久，内容已经删去。\nThis waited too long; its words were erased."
    }
    await town.later(minutes=10)
    assert await rows(town, "outbox", blocked) == left  # once is enough
    dropped = await rows(town, "outbox", TABLES["outbox"].c.state == "cancelled")
    assert {row.payload for row in dropped} == {None}
    chen.phone.unblock()
    await town.settle()
    assert "6栋302" not in chen.everything
    chen.has_heard("内容已经删去")
    await nothing_failed(town)


async def words(town: Town, waiting: list[Any]) -> list[str]:
    """What these rows of the outbox would say."""
    seals = Seals(town.vault)
    async with town.store.transaction():
        calls = [seals.open("outbox", str(row.id), row.payload) for row in waiting]
    assert not any("reply_markup" in call["parameters"] for call in calls if "放得太久" in str(call))
    return [call["parameters"]["text"] for call in calls if "text" in call["parameters"]]


async def test_an_edit_nobody_can_apply_any_more_goes_too(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    chen.phone.block()
    await town.settle()
    await mei.taps("不用了", "撤回")
    await days(town, 401)
    assert await rows(town, "outbox", TABLES["outbox"].c.state == "blocked") == []


async def test_dead_letters_and_traces_go(either_town: Town) -> None:
    town = either_town
    await town.newcomer("李阿姨")
    inbox, outbox = TABLES["inbox"], TABLES["outbox"]
    for table in ("inbox", "outbox"):
        kept = await rows(town, table)
        assert [row.payload for row in kept] == [None] * len(kept) != []
    for table in (inbox, outbox):
        async with town.store.transaction() as session:
            one = sa.select(sa.func.min(table.c.id)).scalar_subquery()
            session.execute(table.update().where(table.c.id == one).values(state="dead"))
    await days(town, 8)
    for table in ("inbox", "outbox"):
        assert len(await rows(town, table)) > 1
    await town.later(hours=1)
    for table in ("inbox", "outbox"):
        assert [row.state for row in await rows(town, table)] == ["dead"]
    await days(town, 22)
    for table in ("inbox", "outbox"):
        assert await rows(town, table) == []
    assert await rows(town, "message_map") != []
    await days(town, 400 - 30)
    assert await rows(town, "message_map") == []


async def test_an_invitation_is_void_after_a_week(either_town: Town) -> None:
    town = either_town
    eve = await town.newcomer("伊芙")
    codes = []
    for _ in range(2):
        async with town.store.transaction() as session:
            codes.append(staff.invite(session))
    await days(town, 7 - 1 / 24)
    await eve.starts(f"staff-{codes[0]}")
    eve.hears("工作人员")
    await town.later(hours=1)
    await eve.starts(f"staff-{codes[1]}")
    eve.hears("用过或过期")


async def test_who_held_a_role_is_forgotten_three_years_after_its_end(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    await town.member("陈老师")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    await days(town, 1095 - 1 / 24)
    assert len(await rows(town, "duty")) == 2
    await town.later(hours=1)
    [left] = await rows(town, "duty")
    assert left.until is None


# Cases


async def test_what_is_told_of_a_child_is_gone_after_seven_days(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    mei = await told(town, SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    await lin.taps("由我们办")
    await mei.taps("办好了")
    await days(town, 7 - 1 / 24)
    assert (await only_case(town)).minor is not None
    await town.later(hours=1)
    assert (await only_case(town)).minor is None


async def trail(town: Town) -> dict[str, int]:
    return {table: len(await rows(town, table)) for table in ("ask", "claim", "card")}


async def test_half_a_year_later_nobody_can_tell_who_helped(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await finished(town)
    thanks = mei.button("说谢谢")
    he = await town.volunteer("小何")
    await ask(town, "王伯")
    await lin.taps("放行")
    await town.settle()
    await he.taps("我来", "确认接单")
    before = await trail(town)
    assert (before["ask"], before["claim"]) == (2, 2)  # Chen rests
    await days(town, 180 - 1 / 24)
    assert (await trail(town))["claim"] == 2
    await town.later(hours=1)
    async with town.store.transaction() as session:
        ended, other = session.exec(select(Case).order_by(Case.number)).all()  # type: ignore[arg-type]
        for table in ("ask", "claim", "card"):
            left = {row.case_id for row in session.execute(sa.select(TABLES[table])).all()}
            assert ended.id not in left
            assert other.id in left
        assert (ended.state, ended.story, ended.due, ended.due_at) == (State.CLOSED, None, None, None)
    for who, action in (
        (mei, "close.thanks"),
        (mei, "close.worry"),
        (mei, "follow.card"),
        (chen, "meet.card"),
    ):
        await who.forges(thanks.replace("close.thanks", action))
    for action in ("review.look", "close.settle", "review.write"):
        await lin.forges(thanks.replace("close.thanks", action))
    _, locked, key = await copied(town, chen)
    assert opened(locked, key)[1]["helped"] == []
    await mei.says("/mydata")
    await mei.taps("谁看过")
    assert "小陈" not in mei.last.text
    await nothing_failed(town)


async def test_while_a_complaint_is_open_who_helped_stays_known(either_town: Town) -> None:
    town = either_town
    mei, _, wu = await complained(town)
    await mei.taps("不用了", "撤回")
    await days(town, 182)
    assert (await trail(town))["claim"] == 1
    await wu.taps("回复")
    await wu.says("问过了，他记错了日子")
    await days(town, 1)
    assert await trail(town) == {"ask": 0, "claim": 0, "card": 0}
    await nothing_failed(town)


async def test_what_staff_take_up_again_has_no_end_to_count_from(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await lin.taps("别的", "邻居去世了", "弄错了，恢复")
    case = await only_case(town)
    assert (case.ended_at, case.due) == (None, "review")
    assert mei.last


# People


async def pool_of(town: Town, who: Neighbour) -> tuple[bool, str | None, str]:
    """Whether she is in the pool, and the last word on it with whose it was."""
    async with town.store.transaction() as session:
        her = one_of(session, who)
        lines = [line for line in consent.history(session, person_id=her.id) if line.purpose == "pool"]
        return talents.get(session, her.id) is not None, lines[-1].status, lines[-1].by


async def test_a_volunteer_long_gone_is_asked_once_and_then_leaves_the_pool(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    await days(town, 365 - 2 / 24)
    assert POOL not in chen.everything
    await town.later(hours=2)
    chen.hears(POOL, "没有回音，就当您退出")
    await days(town, 14 - 1 / 24)
    assert (await pool_of(town, chen))[0]
    assert chen.everything.count(POOL) == 1
    await town.later(hours=2)
    await town.later(hours=1)
    assert chen.everything.count("退出人才库了") == 1
    assert await pool_of(town, chen) == (False, Status.EXPIRED, By.SERVICE)
    await chen.forges(chen.button("还在"))
    chen.hears("退出人才库了")
    await days(town, 100)
    assert chen.everything.count(POOL) == 1
    await nothing_failed(town)


@pytest.mark.parametrize("how", ["taps", "writes", "comes", "comes back"])
async def test_whatever_she_does_is_an_answer(town: Town, how: str) -> None:
    chen, lin = await town.volunteer("小陈"), await town.member("林站长")
    if how == "comes back":
        chen.phone.block()
        await town.settle()
    await days(town, 365)
    if how == "taps":
        await chen.taps("还在")
        chen.hears("一切照旧")
    elif how == "writes":
        await chen.says("你好")
    elif how == "comes":
        await at_desk(lin, "小陈")
    else:
        chen.phone.unblock()
        await town.settle()
    her = await person(town, chen)
    assert her is not None
    assert (her.seen_on, her.asked, her.stay_at) == (town.clock.now().date(), None, None)
    await days(town, 364)
    assert (await pool_of(town, chen))[0]
    assert chen.everything.count(POOL) == (how in ("writes", "comes"))  # a tap redraws the question
    await days(town, 1)
    chen.hears(POOL)


async def test_to_block_us_is_no_sign_of_staying(town: Town) -> None:
    chen = await town.volunteer("小陈")
    await days(town, 365)
    chen.phone.block()
    await town.settle()
    her = await person(town, chen)
    assert her is not None
    assert (her.reachable, her.asked) == (False, "pool")
    await days(town, 15)
    assert not (await pool_of(town, chen))[0]


async def test_she_leaves_at_once_if_she_says_so(town: Town) -> None:
    chen = await town.volunteer("小陈")
    await days(town, 366)
    await chen.taps("退出", "退出")
    assert await pool_of(town, chen) == (False, Status.WITHDRAWN, By.SELF)


async def test_what_she_was_asked_is_asked_of_her_no_more(town: Town) -> None:
    """Silent for a year, she is still asked to help; when she leaves, her card says so."""
    chen = await town.volunteer("小陈")
    await days(town, 365)
    await days(town, 13)
    await approved(town)
    chen.has_heard("我够不着")
    await days(town, 1)
    chen.has_heard("您退出了，这件不用您管了")
    assert "我够不着" not in chen.everything


async def test_nobody_is_asked_at_night(town: Town) -> None:
    chen = await town.volunteer("小陈")
    town.clock.advance(3600 * 24 * 365 + 3600 * 13)  # 22:00, and the bot wakes up only now
    await town.settle()
    await town.later(hours=9)
    assert POOL not in chen.everything
    await town.later(hours=1)
    chen.hears(POOL)


async def test_who_has_not_been_here_for_two_years_is_asked_once_and_then_erased(either_town: Town) -> None:
    town = either_town
    mei, _, lin = await finished(town)
    async with town.store.transaction() as session:
        meis = one_of(session, mei).id
    await days(town, 730 - 2 / 24)
    assert ACCOUNT not in mei.everything
    await town.later(hours=2)
    mei.hears(ACCOUNT)
    await days(town, 30 - 1 / 24)
    assert await person(town, mei) is not None
    assert mei.everything.count(ACCOUNT) == 1
    await town.later(hours=2)
    mei.hears(OVER, meis)
    assert await person(town, mei) is None
    async with town.store.transaction() as session:
        gone = people.get(session, meis)
        assert (gone.name, gone.seen_on, gone.asked, gone.stay_at) == (None, None, None, None)
        lines = {line.purpose: line for line in consent.history(session, person_id=meis)}
        assert {(lines[one].status, lines[one].by) for one in ("account", "telegram")} == {
            ("expired", "service")
        }
    assert ACCOUNT not in lin.everything
    await mei.forges("v1:stay.yes=account:-:0")
    assert await person(town, mei) is None
    await mei.starts()
    mei.hears("可以请邻居搭把手")
    await nothing_failed(town)


async def test_she_keeps_it_or_has_it_erased_at_once(town: Town) -> None:
    mei, wu = await town.newcomer("李阿姨"), await town.newcomer("吴叔")
    await days(town, 730)
    await mei.taps("留着")
    mei.hears("一切照旧")
    await wu.taps("删掉", "全部删除")
    wu.hears(OVER)
    await days(town, 31)
    assert await person(town, mei) is not None
    assert await person(town, wu) is None


async def test_who_is_awaited_is_not_asked(town: Town) -> None:
    """A case that lives, a role, a complaint without an answer; who is quiet has a rule of her own."""
    mei, lin, wu = await complained(town)
    li = await ask(town, "王伯")
    died = await town.newcomer("刘奶奶")
    await lin.forges(lin.button("放行").split(":")[0] + ":x:0")
    async with town.store.transaction() as session:
        session.execute(TABLES["help_case"].update().values(due_at=None, due=None))
        session.execute(TABLES["complaint"].update().values(due_at=None))
        people.update(session, one_of(session, died), quiet_since=town.clock.now() + timedelta(days=700))
    await days(town, 731)
    assert ACCOUNT not in mei.everything + lin.everything + wu.everything + li.everything + died.everything
    async with town.store.transaction() as session:
        assert staying.is_awaited(session, one_of(session, mei))
        assert not staying.is_awaited(session, one_of(session, died))
        assert one_of(session, died).asked is None


async def test_who_dies_while_she_is_asked_keeps_the_time_of_her_family(town: Town) -> None:
    """And when it was a mistake, her silence of that time counts for nothing."""
    mei, lin = await town.newcomer("李阿姨"), await town.member("林站长")
    await days(town, 730)
    mei.hears(ACCOUNT)
    async with town.store.transaction() as session:
        quiet.mark(session, one_of(session, mei), actor=one_of(session, lin).id)
    await days(town, 31)
    async with town.store.transaction() as session:
        quiet.undo(session, town.service.house.local, one_of(session, mei), actor=one_of(session, lin).id)
    await days(town, 1)
    assert await person(town, mei) is not None


async def test_who_is_awaited_by_then_is_not_erased(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await days(town, 730)
    mei.hears(ACCOUNT)
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, mei).id, staff.Role.MODERATOR)
    await days(town, 31)
    her = await person(town, mei)
    assert her is not None
    assert her.asked is None
    assert OVER not in mei.everything


async def test_that_she_was_here_is_noted_once_a_month_at_most(either_town: Town) -> None:
    town = either_town
    mei = await town.newcomer("李阿姨")
    seen = {}
    for day in (0, 29, 30, 31, 60):
        await days(town, day - max(seen, default=0))
        await mei.says("/help")
        her = await person(town, mei)
        assert her is not None
        seen[day] = her.seen_on
    first = date(2026, 11, 23)
    assert seen == {
        0: first,
        29: first,
        30: first + timedelta(days=30),
        31: first + timedelta(days=30),
        60: first + timedelta(days=60),
    }


async def test_after_older_data_was_restored_nobodys_silence_counts(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await days(town, 730)
    async with town.store.transaction() as session:
        staying.ask_anew(session)
    await days(town, 29)
    assert mei.everything.count(ACCOUNT) == 2
    await days(town, 2)
    assert await person(town, mei) is not None
