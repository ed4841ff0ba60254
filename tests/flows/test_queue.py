"""What waits for staff: in order, seen to by one, put off and back by itself, and settled in two taps."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.community import people, queue, staff
from bot.community.cases import Case
from bot.community.items import Sort
from bot.community.staff import Role
from bot.runtime.seals import Seals
from bot.runtime.tables import inbox
from tests.flows.test_claim import ask
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town


async def the_case(town: Town, number: int = 1) -> Case:
    async with town.store.transaction() as session:
        return session.exec(select(Case).where(Case.number == number)).one()


async def opens_queue(lin: Neighbour, language: str = "zh") -> None:
    await lin.starts()
    await lin.taps("待办" if language == "zh" else "To review")


async def test_what_presses_comes_first_whoever_it_is(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    await town.later(hours=1)
    await ask(town, "王伯")
    wu = await town.newcomer("老吴")
    await wu.says("我妈摔倒了起不来，头上流血")
    await opens_queue(lin)
    lin.hears("等着的 3 件：急事 1、新求助 2")
    assert [line[:2] for line in lin.last.text.splitlines() if line[:2] in ("1.", "2.", "3.")] == [
        "1.",
        "2.",
        "3.",
    ]
    lin.hears("1. 急事 YS-0003", "2. 新求助 YS-0001 换灯泡灯管，等了 1 小时", "3. 新求助 YS-0002")


async def test_a_promise_about_to_lapse_goes_before_what_is_older(town: Town) -> None:
    await town.member("林站长")
    await ask(town)
    await ask(town, "王伯")
    async with town.store.transaction() as session:
        first, second = session.exec(select(Case).order_by(Case.number)).all()  # type: ignore[arg-type]  # a column
        second.promised_at = town.clock.now() + queue.SOON
        session.add(second)
        session.flush()
        assert [item.about for item in queue.waiting(session)] == [second.id, first.id]


async def test_one_sees_to_it_and_the_colleagues_read_so(either_town: Town) -> None:
    town = either_town
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await lin.taps("安排")
    lin.hears("没有人在跟")
    theirs = wu.button("安排").replace("arrange", "take")
    await lin.taps("我来跟")
    lin.hears("您在跟，到今天 13:0")
    wu.has_heard("林站长在跟")
    await wu.forges(theirs)
    wu.hears("林站长在跟")
    assert "我来跟" not in wu.last.labels
    await opens_queue(wu)
    wu.hears("林站长在跟")
    await lin.taps("交回大家")
    lin.hears("没有人在跟")
    await wu.forges(theirs)
    wu.hears("您在跟")


async def test_who_is_quiet_for_four_hours_of_work_has_it_no_more(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await lin.taps("安排", "我来跟")
    await town.later(hours=3)
    await lin.taps("打开")
    lin.hears("林站长在跟")
    await town.later(hours=3)
    assert "四个工作小时" not in lin.everything.replace("四个工作小时没动就", "")
    await town.later(hours=1, minutes=5)
    lin.has_heard("四个工作小时没有动，交回大家了")
    await opens_queue(wu)
    assert "在跟" not in wu.last.text


async def test_it_is_put_off_and_comes_back_by_itself(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await lin.taps("安排", "一小时后")
    lin.hears("放着", "10:0")
    await opens_queue(wu)
    wu.hears("都看过了", "另有 1 件放着")
    await wu.taps("看放着的")
    wu.hears("放着的 1 件", "YS-0001")
    await town.later(hours=1, minutes=1)
    lin.hears("时间到了", "YS-0001")
    await lin.taps("打开")
    lin.hears("答应了")
    await opens_queue(wu)
    wu.hears("等着的 1 件")


async def test_nothing_is_put_off_past_a_promise_and_no_emergency_at_all(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    case = await the_case(town)
    await lin.taps("安排")
    assert "明天一早" not in lin.last.labels  # promised for 18:00 today
    await lin.forges(f"v1:review.put_off=morning:{case.id}:0")
    lin.hears("没有人在跟")
    await town.later(hours=8)
    await lin.forges(f"v1:review.arrange:{case.id}:0")
    lin.hears("不能再放")
    wu = await town.newcomer("老吴")
    await wu.says("我妈摔倒了起不来，头上流血")
    await lin.taps("安排")
    lin.hears("急的不能放")
    urgent = await the_case(town, 2)
    await lin.forges(f"v1:review.put_off=hour:{urgent.id}:0")
    lin.hears("急的不能放")
    async with town.store.transaction() as session:
        assert queue.holds(session) == {}


async def test_what_was_put_off_as_one_sort_is_not_put_off_as_another(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    await lin.taps("安排", "一小时后")
    async with town.store.transaction() as session:
        [item] = queue.waiting(session)
        hold = queue.hold_of(session, item.about)
        assert queue.rests(hold, item, town.clock.now())
        assert not queue.rests(hold, item._replace(sort=Sort.WORRY), town.clock.now())


@pytest.mark.parametrize(
    "action", ["queue", "arrange", "take", "give_back", "put_off=hour", "letter", "let_lie", "replay"]
)
async def test_nobody_else_has_anything_from_it(town: Town, action: str) -> None:
    """A neighbour, a stranger, and who was of the staff until a moment ago."""
    lin = await town.member("林站长")
    mei = await ask(town)
    case = await the_case(town)
    async with town.store.transaction() as session:
        member = people.find(session, lin.phone.user.id)
        assert member is not None
        staff.end(session, member.id)
    for one in (mei, lin, await town.newcomer("Bo")):
        await one.forges(f"v1:review.{action}:{case.id if 'queue' not in action else '-'}:0")
        assert "YS-0001" not in one.toast
        assert "放着" not in one.last.text
        assert "在跟" not in one.last.text
        assert "等着的" not in one.last.text
    async with town.store.transaction() as session:
        assert queue.holds(session) == {}


async def test_who_asked_herself_does_not_find_it_in_her_list(town: Town) -> None:
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await lin.says("灯坏了 我够不着")
    await lin.taps("对", "明天", "1–4 栋", "下一步", "不写门牌", "不要", "发出求助")
    case = await the_case(town)
    await opens_queue(lin)
    lin.hears("都看过了")
    await lin.forges(f"v1:review.take:{case.id}:0")
    assert "旧的" in lin.toast
    await opens_queue(wu)
    wu.hears("新求助 YS-0001")


async def test_pages_of_six(town: Town) -> None:
    lin = await town.member("林站长")
    for name in ("王伯", "李姐", "小周", "小郑", "老冯", "老褚", "小卫"):
        await ask(town, name)
    await opens_queue(lin)
    lin.hears("等着的 7 件", "6. 新求助 YS-0006")
    assert "YS-0007" not in lin.last.text
    await lin.taps("往后看")
    lin.hears("7. 新求助 YS-0007")
    await lin.forges("v1:review.queue=99:-:0")
    lin.hears("7. 新求助 YS-0007")


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await ask(town)
    await opens_queue(lin, "en")
    lin.hears("1 waiting: New request 1", "1. New request YS-0001", "waiting 0 min")
    await lin.taps("YS-0001", "Arrange", "I'm on it")
    lin.hears("You are on it until")
    await lin.taps("Give it back", "In an hour")
    lin.hears("Put off until")
    await town.later(hours=1, minutes=1)
    lin.hears("What you put off is back")


async def test_after_a_bad_night_one_word_tells_of_all(town: Town) -> None:
    lin = await town.member("林站长")
    many = 11_000  # more than a statement of SQLite takes values for, at three for each
    row = {
        "source": "x",
        "digest": 1,
        "chat": 1,
        "state": "dead",
        "tries": 0,
        "deaths": 0,
        "received_at": 0.0,
        "due_at": 0.0,
    }
    async with town.store.transaction() as session:
        session.connection().execute(inbox.insert(), [row | {"update_id": 10**6 + n} for n in range(many)])
    await town.later(minutes=1)
    assert lin.everything.count("没处理成") == 1
    lin.hears(f"还有 {many - 1} 条")
    await opens_queue(lin)
    lin.hears(f"等着的 {many} 件")


async def test_what_could_not_be_handled_is_told_to_the_steward_and_she_sees_to_it(either_town: Town) -> None:
    """Her words are kept, she hears so, and staff read a number of them and nothing else."""
    town = either_town
    lin, fang = await town.member("林站长"), await town.newcomer("方管家")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, fang).id, Role.STEWARD)
    mei = await town.newcomer("小梅")
    before = len(lin.phone.heard)
    await lays_aside(town, mei)
    await town.settle()
    fang.hears("没处理成", "写了什么、是谁的，这里看不到", "inbox:")
    assert fang.last.labels == ["再试一次", "不用管了", "回首页"]  # the list is for who looks at needs
    assert len(lin.phone.heard) == before
    for _ in range(2):
        await lays_aside(town, mei)
    await town.later(minutes=30)
    assert fang.everything.count("没处理成") == 1  # once an hour, however many
    await town.later(minutes=31)
    assert fang.everything.count("没处理成") == 2
    fang.hears("还有 1 条")
    await fang.taps("不用管了")
    fang.hears("不再提了")
    async with town.store.transaction() as session:
        waits = [item.about for item in queue.waiting(session)]
        assert len(waits) == 2
    again = f"v1:review.replay:{waits[0]}:0"
    await mei.forges(again)
    mei.hears("不是给您的")
    await fang.forges(again)
    fang.hears("马上再试")
    await opens_queue(lin)
    lin.hears("等着的 2 件：没送到的消息 2")  # it cannot be read, so it is back
    await lin.taps("1. 没送到的消息", "不用管了", "看待办", "1. 没送到的消息", "不用管了", "看待办")
    lin.hears("都看过了")
    await fang.forges(again)
    fang.hears("不用再看")


async def lays_aside(town: Town, one: Neighbour) -> None:
    """Her last message, as if it could not be handled."""
    await one.says("/help")
    async with town.store.transaction() as session:
        connection = session.connection()
        row = connection.execute(sa.select(inbox).order_by(inbox.c.id.desc())).first()
        assert row is not None
        update = Seals(town.vault).close(inbox.name, str(row.id), {"update_id": row.update_id})
        connection.execute(
            inbox.update()
            .where(inbox.c.id == row.id)
            .values(state="dead", payload=update, error="ValueError")
        )


async def test_who_leaves_holds_nothing(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    await lin.taps("安排", "我来跟")
    async with town.store.transaction() as session:
        member = people.find(session, lin.phone.user.id)
        assert member is not None
        queue.forget(session, member.id)
        assert queue.holds(session) == {}
        assert staff.holds(session, member.id, Role.MODERATOR)
