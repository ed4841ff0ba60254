"""Standing posts: taken and let go freely, their shifts kept weeks ahead, somebody steps in; opened and changed by staff."""

from __future__ import annotations

import inspect
import io
import json
import zipfile
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from bot.community import (
    copying,
    credentials,
    erasing,
    events,
    holdings,
    parting,
    people,
    posts,
    quiet,
    shifts,
)
from bot.community.credentials import Standing
from bot.community.events import Kind
from bot.community.posts import Holding, Post, PostMember, State
from bot.community.shifts import PlaceState, Shift, ShiftPlace, ShiftState
from bot.community.talents import Volunteer
from privacy import archive
from tests.town import Neighbour, Town

THURSDAY = 78  # hours from Monday 09:00 to the phone class, Thursday 15:00


async def opened(town: Town, name: str = "手机课堂") -> Neighbour:
    """A member of staff, who has opened this post of posts.toml."""
    lin = await town.member("林站长")
    await manages(lin, name)
    if "保险办好了" in lin.last.labels:
        await lin.taps("保险办好了")
    await lin.taps("开放")
    return lin


async def manages(lin: Neighbour, name: str) -> None:
    await lin.starts()
    await lin.taps("岗位", "管岗位")
    while not any(name in label for label in lin.last.labels):
        await lin.taps("再看几个")
    await lin.taps(name)


async def takes(one: Neighbour, name: str = "手机课堂") -> None:
    await one.starts()
    await one.taps("岗位", name)
    await one.taps("我来候补" if "我来候补" in one.last.labels else "我来担任")
    await one.taps("同意")


async def sees_shift(one: Neighbour, number: int = 0) -> None:
    """One of her shifts, by its place in the list."""
    await one.starts()
    await one.taps("岗位", "我的班")
    label = [label for label in one.last.labels if "11 月" in label or "12 月" in label][number]
    await one.taps(label)


async def change(town: Town, name: str, **values: object) -> None:
    """Directly: another number of places, say."""
    async with town.store.transaction() as session:
        posts.stand(session, town.service.house.local)
        post = session.exec(select(Post).where(Post.code == name)).one()
        posts.change(session, post, seen=post.version, **values)


async def rows(town: Town, model: type[Any]) -> list[Any]:
    async with town.store.transaction() as session:
        found = session.exec(select(model)).all()
        session.expunge_all()
        return list(found)


async def person_of(town: Town, one: Neighbour) -> str:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        return person.id


# --- taking one


async def test_a_post_is_opened_taken_and_its_shifts_are_kept(either_town: Town) -> None:
    town = either_town
    await opened(town)
    chen = await town.volunteer("小陈")
    await chen.starts()
    await chen.taps("岗位")
    chen.hears("手机课堂", "11 月 26 日（周四）15:00–16:30", "空 4 个名额")
    await chen.taps("手机课堂")
    chen.hears("每周四 15:00–16:30", "活动室", "不代操作转账")
    await chen.taps("我来担任")
    chen.hears("免费帮忙", "随时能放下")
    assert await rows(town, PostMember) == []
    await chen.taps("同意，我来")
    chen.hears("有您了", "11 月 26 日（周四）15:00–16:30", "前一晚")
    assert [shift.starts_at.isoformat() for shift in await rows(town, Shift)] == [
        f"2026-{day}T07:00:00+00:00" for day in ("11-26", "12-03", "12-10", "12-17")
    ]
    assert len(await rows(town, ShiftPlace)) == 4
    await chen.taps("我的班")
    chen.hears("手机课堂", "12 月 17 日")


async def test_the_same_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await lin.starts()
    await lin.taps("Posts", "Manage posts", "Phone class", "Open it")
    lin.hears("Phone class", "open")
    chen = await town.volunteer("Chen", "Small repairs", "en")
    await chen.starts()
    await chen.taps("Posts", "Phone class", "I'll take it")
    chen.hears("every Thursday, 15:00–16:30", "Activity room", "no gifts")
    await chen.taps("I agree")
    chen.hears("Thu 26 Nov, 15:00–16:30")
    await town.later(hours=THURSDAY - 20)
    chen.hears("15:00 tomorrow", "Are you coming?")
    await chen.taps("I'm coming")
    chen.hears("see you then")
    await town.later(hours=20)
    await chen.taps("My shifts", "Thu 26 Nov", "I'm here")
    chen.hears("You are here")
    await chen.taps("I'm going")
    chen.hears("this one is done")
    await chen.starts()
    await chen.taps("Posts", "Phone class", "Let this post go")
    chen.hears("free for somebody else")


async def test_only_who_agreed_to_be_asked_holds_a_post(town: Town) -> None:
    await opened(town)
    mei = await town.newcomer("小梅")
    await mei.starts()
    await mei.taps("岗位", "手机课堂", "我来担任")
    mei.hears("我想帮忙")
    await mei.forges(await forged(town, "post.agree"))
    assert await rows(town, PostMember) == []


async def forged(town: Town, action: str, code: str = "P-PHONE") -> str:
    async with town.store.transaction() as session:
        post = session.exec(select(Post).where(Post.code == code)).one()
        return f"v1:{action}:{post.id}:{post.version}"


async def test_a_licence_must_have_been_seen_and_be_live(town: Town) -> None:
    """R5, on the card and behind it."""
    await opened(town, "法律援助岗")
    chen = await town.volunteer("小陈")
    await chen.starts()
    await chen.taps("岗位", "法律援助岗", "我来担任")
    chen.hears("律师证", "不拍照")
    await chen.taps("见面和看证", "我还有别的", "律师证", "我有，请看一眼")
    chen.hears("等工作人员看")
    await chen.forges(await forged(town, "post.agree", "P-LAW"))
    assert await rows(town, PostMember) == []
    await town.knows(chen, "lawyer")
    await takes(chen, "法律援助岗")
    chen.hears("有您了")


async def test_what_could_hurt_is_not_opened_before_it_is_insured(town: Town) -> None:
    """R6: nor by a forged tap; adults only; the risks and their rules are read first (R9)."""
    lin = await town.member("林站长")
    await manages(lin, "小修小补日")
    lin.hears("还没说办好", "开之前还缺：保险")
    assert "开放" not in lin.last.labels
    await lin.forges(await forged(town, "post.open", "P-FIX"))
    assert {post.state for post in await rows(town, Post)} == {State.PROPOSED}
    await lin.taps("保险办好了", "开放")
    chen = await town.volunteer("小陈")
    await chen.starts()
    await chen.taps("岗位", "小修小补日")
    chen.hears("每月第一、三个周日", "先断电", "有意外保险")
    await chen.taps("我来担任")
    chen.hears("要满 18 岁", "约定", "第 3 版")
    await chen.taps("我满 18 岁，同意")
    chen.hears("12 月 6 日（周日）09:00–12:00")
    [member] = await rows(town, PostMember)
    assert (member.agreed_version, member.agreed_at) == (3, town.clock.now())


async def test_terms_that_changed_while_she_read_are_read_again(town: Town) -> None:
    await opened(town)
    chen = await town.volunteer("小陈")
    await chen.starts()
    await chen.taps("岗位", "手机课堂", "我来担任")
    await change(town, "P-PHONE", place={"zh": "大厅", "en": "Hall"})
    await chen.taps("同意，我来")
    assert "旧的" in chen.toast
    assert await rows(town, PostMember) == []


async def test_two_reach_for_the_last_place(either_town: Town) -> None:
    town = either_town
    await change(town, "P-PHONE", slots=1)
    await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    for one in (chen, bo):
        await one.starts()
        await one.taps("岗位", "手机课堂", "我来担任")
    chen.phone.tap("同意，我来")
    bo.phone.tap("同意，我来")
    await town.settle()
    states = {member.state: member.seat for member in await rows(town, PostMember)}
    assert states == {Holding.JOINED: 0, Holding.WAITING: None}
    assert sorted("有您了" in one.last.text for one in (chen, bo)) == [False, True]


async def test_the_database_refuses_a_place_twice(either_town: Town) -> None:
    """Whatever two processes think, the unique index decides."""
    town = either_town
    await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    await takes(chen)
    bo_id = await person_of(town, bo)
    post, shift = (await rows(town, PostMember))[0].post_id, (await rows(town, ShiftPlace))[0].shift_id
    again = PostMember(post_id=post, person_id=bo_id, seat=0, since=town.clock.now())
    there = ShiftPlace(shift_id=shift, person_id=bo_id, seat=0, at=town.clock.now())
    for row in (again, there):
        with pytest.raises(IntegrityError):
            await add(town, row)
    assert len(await rows(town, PostMember)) == 1


async def add(town: Town, row: PostMember | ShiftPlace) -> None:
    async with town.store.transaction() as session:
        session.add(row)


# --- letting it go, and who waits


async def full(town: Town, waiting: int = 1) -> list[Neighbour]:
    """A post of one place, with who holds it and who waits."""
    await change(town, "P-PHONE", slots=1)
    await opened(town)
    names = ["小陈", "小波", "小蔡"][: waiting + 1]
    everybody = [await town.volunteer(name) for name in names]
    for one in everybody:
        await takes(one)
        await town.later(minutes=1)
    return everybody


async def test_letting_a_post_go_leaves_no_trace_and_the_next_is_asked(town: Town) -> None:
    chen, bo, cai = await full(town, 2)
    bo.hears("候补", "您是头一位")
    cai.hears("前面有 1 位")
    chen_id = await person_of(town, chen)
    await chen.starts()
    await chen.taps("岗位", "手机课堂", "放下这个岗位")
    chen.hears("放下了", "随时再来")
    await town.later(minutes=1)
    assert chen_id not in {row.person_id for row in await rows(town, PostMember)}
    assert chen_id not in {row.person_id for row in await rows(town, ShiftPlace)}
    bo.hears("有名额了", "按先后问到您", "明天 09:0")
    assert "有名额了" not in cai.everything
    await bo.taps("我来担任")
    bo.hears("有您了", "11 月 26 日")
    assert "有名额了" not in cai.everything


async def test_an_offer_nobody_answers_goes_on(town: Town) -> None:
    chen, bo, cai = await full(town, 2)
    await chen.starts()
    await chen.taps("岗位", "手机课堂", "放下这个岗位")
    await town.later(minutes=1)
    old = bo.button("我来担任")
    await town.later(hours=25)
    bo.hears("先问下一位", "还在候补")
    await town.settle()
    cai.hears("有名额了")
    await bo.forges(old)
    assert "旧的" in bo.toast
    await cai.taps("我来担任")
    cai.hears("有您了")


async def test_at_night_nobody_is_offered_a_place(town: Town) -> None:
    chen, bo = await full(town)
    await town.later(hours=13)  # 22:00
    await chen.starts()
    await chen.taps("岗位", "手机课堂", "放下这个岗位")
    await town.later(minutes=1)
    assert "有名额了" not in bo.everything
    await town.later(hours=10)
    bo.hears("有名额了")


async def test_somebody_else_may_not_let_it_go(town: Town) -> None:
    _, bo = await full(town)
    zhao = await town.volunteer("小赵")
    for action in ("post.leave", "post.offer_yes", "post.still"):
        await zhao.forges(await forged(town, action))
        assert len(await rows(town, PostMember)) == 2
    await bo.forges(await forged(town, "post.offer_yes"))
    states = [member.state for member in await rows(town, PostMember)]
    assert sorted(states) == [Holding.JOINED, Holding.WAITING]
    stranger = town.stranger("路人")
    await stranger.starts()
    await stranger.forges(await forged(town, "post.join"))
    stranger.hears("还")
    assert len(await rows(town, PostMember)) == 2


# --- one shift


async def test_reminded_the_evening_before_and_an_hour_before(town: Town) -> None:
    await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    await takes(chen)
    await takes(bo)
    await sees_shift(bo)
    await bo.taps("这次不行")
    bo.hears("这次不来，没关系")
    before = bo.everything
    await town.later(hours=57.9)  # Wednesday, a little before 19:00
    assert "您来吗" not in chen.last.text
    await town.later(hours=0.2)
    chen.hears("明天 15:00", "手机课堂", "您来吗")
    await chen.taps("这次我来")
    await town.later(hours=19)
    chen.hears("今天 15:00", "到时见")
    assert bo.everything == before


async def test_her_own_quiet_hours_count(town: Town) -> None:
    await opened(town)
    chen = await town.volunteer("小陈")
    chen_id = await person_of(town, chen)
    async with town.store.transaction() as session:
        volunteer = session.get(Volunteer, chen_id)
        assert volunteer is not None
        volunteer.quiet_from, volunteer.quiet_until = time(18), time(14, 30)
        session.add(volunteer)
    await takes(chen)
    async with town.store.transaction() as session:
        place = session.exec(select(ShiftPlace)).first()
        assert place is not None
        assert place.due_at == datetime(2026, 11, 25, 8, tzinfo=UTC)  # 16:00, two hours before her quiet
    await town.later(hours=56)
    chen.hears("明天 15:00")
    async with town.store.transaction() as session:
        place = session.get(ShiftPlace, place.id)
        assert place is not None
        assert place.due_at == datetime(2026, 11, 26, 6, 30, tzinfo=UTC)  # not 14:00, which is hers


@pytest.mark.parametrize(("name", "books"), [("手机课堂", True), ("值班接待岗", False)])
async def test_only_where_somebody_can_book_is_she_shown_who_comes(
    town: Town, name: str, books: bool
) -> None:
    await opened(town, name)
    chen = await town.volunteer("小陈")
    await takes(chen, name)
    await sees_shift(chen)
    assert ("谁约了时间" in chen.last.labels) is books


async def test_a_deputy_is_whoever_says_yes_first(either_town: Town) -> None:
    town = either_town
    chen, bo, cai = await full(town, 2)
    await sees_shift(chen)
    await chen.taps("请人替")
    chen.hears("正在问谁能替您", "还是您的")
    await town.later(minutes=1)
    bo.hears("缺人", "为什么问您")
    cai.hears("缺人")
    bo.phone.tap("我来")
    cai.phone.tap("我来")
    await town.settle()
    winner, other = (bo, cai) if "说好了" in bo.last.text else (cai, bo)
    winner.hears("说好了，到时见")
    other.hears("有邻居先应了")
    chen.hears("有人替您了", "您不用来")
    seated = [place for place in await rows(town, ShiftPlace) if place.seat is not None]
    first = min(shift.starts_at for shift in await rows(town, Shift))
    shift = next(shift for shift in await rows(town, Shift) if shift.starts_at == first)
    [held] = [place for place in seated if place.shift_id == shift.id]
    assert held.person_id == await person_of(town, winner)
    await town.later(hours=58)
    winner.hears("明天 15:00")
    assert "明天 15:00" not in chen.everything


async def test_who_rests_is_not_asked_to_step_in(town: Town) -> None:
    chen, bo = await full(town)
    await bo.starts()
    await bo.taps("我想帮忙", "歇一歇", "歇一星期")
    await sees_shift(chen)
    await chen.taps("请人替")
    await town.later(minutes=1)
    assert "缺人" not in bo.everything


async def test_without_a_deputy_the_shift_stays_hers(town: Town) -> None:
    chen, bo = await full(town)
    await sees_shift(chen)
    await chen.taps("请人替")
    await town.later(minutes=1)
    await bo.taps("这次不行")
    await sees_shift(chen)
    chen.hears("还是您的")
    await chen.taps("不用替，我来")
    chen.hears("说好了")


async def test_a_gap_is_known_to_staff_two_days_before(town: Town) -> None:
    chen, bo = await full(town)
    lin = await town.member("张干事")
    await sees_shift(chen)
    await chen.taps("这次不行")
    await town.later(minutes=1)
    bo.hears("缺人")
    assert "还缺" not in lin.everything
    await bo.taps("这次不行")
    async with town.store.transaction() as session:
        assert shifts.gaps(session) == []
        [gap] = shifts.gaps(session, timedelta(days=4))
        assert (gap.free, gap.post.code) == (1, "P-PHONE")
    await town.later(hours=30)
    lin.hears("手机课堂", "11 月 26 日（周四）15:00–16:30", "还缺 1 人", "能问的都问过了")
    async with town.store.transaction() as session:
        assert [gap.free for gap in shifts.gaps(session)] == [1]
    await sees_shift(bo)
    await bo.taps("我来")
    bo.hears("说好了")
    async with town.store.transaction() as session:
        assert shifts.gaps(session) == []


async def test_a_shift_of_others_is_nobodys_business(town: Town) -> None:
    chen, _ = await full(town)
    zhao = await town.volunteer("小赵")
    async with town.store.transaction() as session:
        shift = session.exec(select(Shift)).first()
        assert shift is not None
        place = session.exec(select(ShiftPlace)).first()
        assert place is not None
    for action in ("shift", "come", "cannot", "deputy", "here", "away", "roster"):
        await zhao.forges(f"v1:post.{action}:{shift.id}:0")
        zhao.hears("不是给您的")
        await zhao.starts()
    for action in ("fix", "fixed=yes.forgot"):
        await zhao.forges(f"v1:post.{action}:{place.id}:0")
        zhao.hears("不是给您的")
        await zhao.starts()
    for action in ("review", "open", "pause", "close_yes", "insured", "edit", "ahead", "call=1"):
        await zhao.forges(await forged(town, f"post.{action}"))
        zhao.hears("不是给您的")
        await zhao.starts()
    assert {post.state for post in await rows(town, Post) if post.code == "P-PHONE"} == {State.OPEN}
    await chen.forges("v1:post.card:nothing:1")
    chen.hears("不是给您的")


# --- at the post


async def test_hours_are_kept_with_her_yes_and_go_with_it(town: Town) -> None:
    await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    await takes(chen)
    await takes(bo)
    await chen.taps("记我的时间")
    chen.hears("只给您自己看", "不排名")
    await chen.taps("同意，记下来")
    chen.hears("只有您看得到")
    await town.later(hours=THURSDAY - 1)
    await sees_shift(chen)
    assert "我到了" not in chen.last.labels
    await town.later(minutes=40)
    for one in (chen, bo):
        await sees_shift(one)
        await one.taps("我到了")
        one.hears("辛苦了")
    await town.later(hours=1.5)
    for one in (chen, bo):
        await one.taps("我走了")
        one.hears("这次办完了")
    chen_id = await person_of(town, chen)
    kept = {
        place.person_id == chen_id: place for place in await rows(town, ShiftPlace) if place.state == "done"
    }
    assert kept[True].arrived_at == datetime(2026, 11, 26, 6, 40, tzinfo=UTC)
    assert kept[True].left_at == datetime(2026, 11, 26, 8, 10, tzinfo=UTC)
    assert (kept[False].arrived_at, kept[False].left_at) == (None, None)
    machine = await copy_of(town, chen)
    [served] = [one for one in machine["shifts"] if one["arrived_at"]]
    assert served["arrived_at"].startswith("2026-11-26T06:40")
    await chen.says("/mydata")
    await chen.taps("收回同意", "别记我的时间")
    chen.hears("马上删掉")
    await chen.taps("收回")
    chen.hears("在岗的时间删了")
    assert all(place.arrived_at is None for place in await rows(town, ShiftPlace))
    assert len(await rows(town, PostMember)) == 2


async def copy_of(town: Town, one: Neighbour) -> dict[str, Any]:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        house = town.service.house
        locked, key = copying.make(session, house.local, house.texts, person)
    with zipfile.ZipFile(io.BytesIO(archive.unlock(locked, key))) as opened:
        assert "手机课堂" in opened.read(copying.PAGE).decode()
        made: dict[str, Any] = json.loads(opened.read(copying.MACHINE))
        return made


async def test_four_weeks_later_nobody_can_tell_who_held_a_shift(town: Town) -> None:
    await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    await takes(chen)
    await takes(bo)
    await bo.taps("记我的时间", "同意，记下来")
    await town.later(hours=THURSDAY)
    for one in (chen, bo):
        await sees_shift(one)
        await one.taps("我到了", "我走了")
    await town.later(hours=4)
    first = min(await rows(town, Shift), key=lambda shift: shift.starts_at)
    assert first.state == ShiftState.HELD
    for one in (chen, bo):
        await one.starts()
        await one.taps("岗位", "手机课堂", "放下这个岗位")
    assert len(await rows(town, ShiftPlace)) == 2
    await town.later(hours=24 * 28)
    await town.settle()
    [left] = await rows(town, ShiftPlace)
    assert left.person_id == await person_of(town, bo)
    assert left.arrived_at is not None


async def test_nobody_came(town: Town) -> None:
    """Nothing is counted against anybody: the shift was not held, that is all."""
    await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await town.later(hours=THURSDAY + 1.4)
    await sees_shift(chen)
    await chen.taps("我到了")
    chen.hears("辛苦了")
    await town.later(hours=24 * 7)
    states = sorted(shift.state for shift in await rows(town, Shift) if shift.starts_at < town.clock.now())
    assert states == [ShiftState.HELD, ShiftState.OPEN]
    await town.later(hours=4)
    states = sorted(shift.state for shift in await rows(town, Shift) if shift.starts_at < town.clock.now())
    assert states == [ShiftState.HELD, ShiftState.OVER]


async def test_staff_set_right_what_was_forgotten(town: Town) -> None:
    lin = await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await chen.taps("记我的时间", "同意，记下来")
    await manages(lin, "手机课堂")
    await lin.taps("谁来", "11 月 26 日（周四）15:00–16:30")
    lin.hears("小陈", "还没回话", "缺 3 人")
    assert not any("更正" in label for label in lin.last.labels)
    await town.later(hours=THURSDAY + 2)
    await manages(lin, "手机课堂")
    await lin.taps("谁来")
    async with town.store.transaction() as session:
        shift = session.exec(select(Shift).order_by(Shift.starts_at)).first()  # type: ignore[arg-type]
        assert shift is not None
    await lin.forges(f"v1:post.roster:{shift.id}:0")
    await lin.taps("更正 1")
    lin.hears("小陈", "到底来没来")
    await lin.taps("来过，忘了点")
    lin.hears("来过")
    chen.hears("工作人员更正了", "记成您来了")
    async with town.store.transaction() as session:
        assert events.happened(session, shift.id, Kind.CORRECTED, code="forgot")
        place = shifts.place_of(session, shift.id, await_id(session, chen))
        assert place is not None
        assert (place.arrived_at, place.left_at) == (shift.starts_at, shift.ends_at)
    await lin.taps("更正 1", "没有来，点错了")
    chen.hears("记成您没有来")


def await_id(session: object, one: Neighbour) -> str:
    person = people.find(session, one.phone.user.id)  # type: ignore[arg-type]
    assert person is not None
    return person.id


async def test_nobody_sets_her_own_right(town: Town) -> None:
    lin = await opened(town)
    await lin.starts()
    await lin.taps("我想帮忙", "同意", "修", "就这些", "先不说", "都行", "就这些", "3 次")
    await takes(lin)
    await town.later(hours=THURSDAY)
    [place] = [p for p in await rows(town, ShiftPlace) if p.due_at is None][:1]
    await lin.forges(f"v1:post.fix:{place.id}:0")
    lin.hears("您自己")


# --- what staff do


async def test_what_a_neighbour_proposes_is_opened_by_staff(town: Town) -> None:
    lin, mei = await town.member("林站长"), await town.newcomer("小梅")
    await mei.starts()
    await mei.taps("岗位", "提一个岗位")
    await mei.says("周五晚上活动室下棋，打我 13812345678")
    mei.hears("下棋", "已经遮住")
    assert "13812345678" not in mei.last.text
    await mei.taps("交上去")
    mei.hears("定下来就告诉您")
    lin.hears("小梅", "提了一个岗位")
    await lin.taps("看一看")
    lin.hears("小梅提的", "下棋", "开之前还缺：名字、地点")
    assert "开放" not in lin.last.labels
    await lin.taps("改", "名字")
    await lin.says("棋友角 / Chess corner")
    await lin.taps("改", "地点")
    await lin.says("活动室")
    await lin.taps("改", "几点")
    await lin.says("晚上")
    lin.hears("没看懂")
    await lin.says("19:00-21:00")
    await lin.taps("改", "星期几", "周五", "就这些")
    lin.hears("棋友角", "每周五 19:00–21:00", "活动室")
    await lin.taps("改", "几个名额")
    await lin.says("２")
    await lin.taps("改", "资质")
    await lin.taps(*[label for label in lin.last.labels if label.startswith("✓")], "就这些")
    await lin.taps("开放")
    mei.hears("您提的岗位开了", "棋友角")
    post = next(post for post in await rows(town, Post) if post.code is None)
    assert (post.words, post.proposed_by, post.slots) == (None, None, 2)
    assert post.name == {"zh": "棋友角", "en": "Chess corner"}
    assert post.place == {"zh": "活动室", "en": "活动室"}


async def test_a_proposal_that_is_not_opened_is_answered_kindly(town: Town) -> None:
    lin, mei = await town.member("林站长"), await town.newcomer("小梅")
    await mei.starts()
    await mei.taps("岗位", "提一个岗位")
    await mei.says("半夜唱歌")
    await mei.taps("交上去")
    await lin.taps("看一看", "不开")
    mei.hears("这次没有开", "谢谢您想着大家")
    assert "半夜唱歌" not in json.dumps(await copy_words(town, mei), ensure_ascii=False)


async def test_staff_are_not_reminded_of_what_they_proposed_themselves(town: Town) -> None:
    lin, zhang = await town.member("林站长"), await town.member("张干事")
    await lin.starts()
    await lin.taps("岗位", "提一个岗位")
    await lin.says("周末教大家剪纸")
    await lin.taps("交上去")
    await town.later(hours=24 * 8)
    assert zhang.everything.count("林站长提了一个岗位") == 2
    assert "提了一个岗位" not in lin.everything


async def test_a_proposal_nobody_decides_is_not_kept_for_ever(town: Town) -> None:
    lin, mei = await town.member("林站长"), await town.newcomer("小梅")
    await mei.starts()
    await mei.taps("岗位", "提一个岗位")
    await mei.says("周五下棋")
    await mei.taps("交上去")
    await lin.starts()
    await town.later(hours=24 * 7 + 1)
    lin.hears("小梅", "提了一个岗位")
    assert "没有开" not in mei.everything
    await town.later(hours=24 * 83)
    await town.settle()
    mei.hears("这次没有开")
    [idea] = [post for post in await rows(town, Post) if post.code is None]
    assert (idea.state, idea.words, idea.proposed_by) == (State.CLOSED, None, None)


async def copy_words(town: Town, one: Neighbour) -> list[str]:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        return [post.id for post in holdings.of(session, person).proposed]


async def test_another_time_moves_what_was_joined_and_asks_everybody(town: Town) -> None:
    lin = await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await sees_shift(chen)
    await chen.taps("这次我来")
    before = {shift.id for shift in await rows(town, Shift)}
    await manages(lin, "手机课堂")
    await lin.taps("改", "星期几", "✓ 周四", "周五", "就这些")
    chen.hears("手机课堂", "每周五 15:00–16:30", "还合适吗")
    moved = await rows(town, Shift)
    assert {shift.id for shift in moved} == before
    assert {shift.starts_at.weekday() for shift in moved} == {4}
    assert {place.state for place in await rows(town, ShiftPlace)} == {PlaceState.JOINED}
    await chen.taps("还合适")
    [member] = await rows(town, PostMember)
    assert member.agreed_version == next(p.version for p in await rows(town, Post) if p.code == "P-PHONE")
    await town.later(hours=THURSDAY + 4)  # Thursday 19:00
    chen.hears("明天 15:00")


async def test_who_holds_it_reads_what_became_of_her_shifts(town: Town) -> None:
    """Those that are off are named to her as to who only steps in; nothing has moved where nothing has."""
    lin = await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    await takes(chen)
    await takes_once(bo, "11 月 26 日")
    await manages(lin, "手机课堂")
    await lin.taps("改", "第几周", "✓ 第 2 个", "✓ 第 4 个", "✓ 第 5 个", "就这些")
    chen.hears("11 月 26 日（周四）15:00–16:30；12 月 10 日（周四）15:00–16:30", "对您还合适吗")
    assert "12 月 3 日" not in chen.last.text
    assert "挪过去" not in chen.last.text
    bo.hears("11 月 26 日", "那次取消了")
    await manages(lin, "手机课堂")
    await lin.taps("改", "星期几", "✓ 周四", "周五", "就这些")
    chen.hears("您的班跟着挪过去了")
    await manages(lin, "手机课堂")
    await lin.taps("改", "星期几", "✓ 周五", "就这些")
    chen.hears("需要时再叫", "12 月 4 日（周五）15:00–16:30", "取消了")
    assert "挪过去" not in chen.last.text


async def test_new_terms_are_read_before_they_are_agreed_to(town: Town) -> None:
    """R9: a note, what staff must have seen and what is risked, too."""
    lin = await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await manages(lin, "手机课堂")
    await lin.taps("改", "要留心", "入户", "就这些")
    chen.hears("入户：", "对您还合适吗")
    assert "挪过去" not in chen.last.text
    await manages(lin, "手机课堂")
    await lin.taps("改", "资质", "律师证", "就这些")
    chen.hears("需要工作人员看过：律师证")
    await manages(lin, "手机课堂")
    await lin.taps("改", "说明")
    await lin.says("带上老花镜")
    chen.hears("带上老花镜", "还合适")


async def test_fewer_places_break_no_promise(town: Town) -> None:
    lin = await opened(town)
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    await takes(chen)
    await takes(bo)
    await manages(lin, "手机课堂")
    await lin.taps("改", "几个名额")
    await lin.says("1")
    assert len([m for m in await rows(town, PostMember) if m.seat is not None]) == 2
    assert len([p for p in await rows(town, ShiftPlace) if p.seat is not None]) == 8


async def test_it_rests_and_opens_again(town: Town) -> None:
    lin = await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await manages(lin, "手机课堂")
    old = lin.button("停一停")
    await lin.taps("停一停")
    lin.hears("停着")
    chen.hears("先停一停", "不用来了")
    assert {shift.state for shift in await rows(town, Shift)} == {ShiftState.CANCELLED}
    await lin.forges(old)
    assert "旧的" in lin.toast
    await town.later(hours=THURSDAY)
    assert "您来吗" not in chen.everything
    await manages(lin, "手机课堂")
    await lin.taps("开放")
    chen.hears("重新开了", "名额还在")
    await town.later(minutes=1)
    await sees_shift(chen)
    chen.hears("手机课堂", "12 月 3 日")


async def test_it_ends_and_everybody_hears_so(town: Town) -> None:
    chen, bo = await full(town)
    lin = await town.member("张干事")
    await manages(lin, "手机课堂")
    await lin.taps("关掉")
    lin.hears("都会收到一句话")
    await lin.taps("关掉")
    for one in (chen, bo):
        one.hears("不再办了", "谢谢您")
    assert await rows(town, PostMember) == []
    assert await rows(town, ShiftPlace) == []
    await chen.forges(await forged(town, "post.join"))
    chen.hears("没有开着")


async def test_what_was_not_opened_can_be_opened_later(town: Town) -> None:
    lin = await town.member("林站长")
    await manages(lin, "手机课堂")
    await lin.taps("不开")
    chen = await town.volunteer("小陈")
    await chen.starts()
    await chen.taps("岗位")
    chen.hears("没有开着的岗位")
    await manages(lin, "手机课堂 · 关了")
    await lin.taps("开放")
    await takes(chen)
    chen.hears("有您了")


async def test_a_post_on_call_calls_its_people(town: Town) -> None:
    lin = await opened(town, "防台防汛岗")
    lin.hears("需要时再叫")
    chen, bo, cai = [await town.volunteer(name) for name in ("小陈", "小波", "小蔡")]
    for one in (chen, bo, cai):
        await takes(one, "防台防汛岗")
        one.hears("需要人的时候问您")
        assert "前一晚" not in one.last.text
    await manages(lin, "防台防汛岗")
    await lin.taps("现在要人", "2 人")
    lin.hears("要 2 人", "问了 3 位")
    for one in (chen, bo, cai):
        one.hears("现在需要人", "听调度")
    await bo.taps("我来")
    await cai.taps("我来")
    await chen.taps("我来")
    chen.hears("有邻居先应了")
    await lin.taps("看名单")
    lin.hears("小波", "小蔡", "说好了来")
    assert "小陈" not in lin.last.text
    await bo.taps("我到了")
    bo.hears("辛苦了")


async def test_a_called_shift_goes_on_when_its_post_ends(town: Town) -> None:
    lin = await opened(town, "防台防汛岗")
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    for one in (chen, bo):
        await takes(one, "防台防汛岗")
    await manages(lin, "防台防汛岗")
    await lin.taps("现在要人", "2 人")
    await chen.taps("我来")
    await town.later(minutes=10)
    await manages(lin, "防台防汛岗")
    await lin.taps("关掉", "关掉")
    chen.hears("不再办了：这一次照常")
    bo.hears("后面的班都取消，不用来了")
    assert await rows(town, PostMember) == []
    assert PlaceState.CONFIRMED in {place.state for place in await rows(town, ShiftPlace)}
    await chen.taps("我到了")
    chen.has_heard("您到了，辛苦了")


async def test_at_night_only_who_wished_is_called(town: Town) -> None:
    lin = await opened(town, "防台防汛岗")
    chen, bo = await town.volunteer("小陈"), await town.volunteer("小波")
    for one in (chen, bo):
        await takes(one, "防台防汛岗")
    bo_id = await person_of(town, bo)
    async with town.store.transaction() as session:
        volunteer = session.get(Volunteer, bo_id)
        assert volunteer is not None
        volunteer.urgent_ok = True
        session.add(volunteer)
    await town.later(hours=14)
    await manages(lin, "防台防汛岗")
    await lin.taps("现在要人", "2 人")
    bo.hears("现在需要人")
    assert "现在需要人" not in chen.everything


async def test_an_expired_licence_lets_the_post_go_kindly(town: Town) -> None:
    await opened(town, "法律援助岗")
    chen = await town.volunteer("小陈")
    await town.knows(chen, "lawyer")
    await takes(chen, "法律援助岗")
    async with town.store.transaction() as session:
        held = credentials.of_kind(session, await_id(session, chen), "lawyer")
        assert held is not None
        held.expires_on = datetime(2026, 11, 24, tzinfo=UTC).date()
        session.add(held)
    await town.later(hours=24)
    assert len(await rows(town, PostMember)) == 1
    await town.later(hours=24)
    chen.hears("律师证", "到期", "谢谢您")
    assert await rows(town, PostMember) == []
    assert await rows(town, ShiftPlace) == []


async def test_who_never_had_the_paper_is_not_told_that_hers_expired(town: Town) -> None:
    lin = await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await manages(lin, "手机课堂")
    await lin.taps("改", "资质", "律师证", "就这些")
    await town.later(hours=24)
    chen.hears("现在要有律师证，您的我们还没看过")
    assert "到期" not in chen.everything
    await chen.taps("见面和看证")
    chen.hears("您的：")


async def test_a_credential_that_is_only_declared_is_none(town: Town) -> None:
    await opened(town, "法律援助岗")
    chen = await town.volunteer("小陈")
    await town.knows(chen, "lawyer")
    async with town.store.transaction() as session:
        held = credentials.of_kind(session, await_id(session, chen), "lawyer")
        assert held is not None
        held.state = Standing.DECLARED
        session.add(held)
    await chen.starts()
    await chen.taps("岗位", "法律援助岗", "我来担任")
    chen.hears("律师证")


# --- leaving


async def test_who_leaves_the_pool_lets_her_posts_go(town: Town) -> None:
    chen, bo = await full(town)
    await chen.starts()
    await chen.taps("我想帮忙", "退出")
    chen.hears("岗位放下")
    await chen.taps("退出")
    await town.later(minutes=1)
    bo.hears("有名额了")
    assert [member.person_id for member in await rows(town, PostMember)] == [await person_of(town, bo)]


async def test_who_is_erased_stands_in_no_post(either_town: Town) -> None:
    town = either_town
    chen, _ = await full(town)
    await chen.taps("记我的时间", "同意，记下来")
    await town.later(hours=THURSDAY)
    await sees_shift(chen)
    await chen.taps("我到了", "我走了")
    chen_id = await person_of(town, chen)
    async with town.store.transaction() as session:
        post = posts.propose(session, person_id=chen_id, kind="other", words="下棋")
        person = people.get(session, chen_id)
        parting.stop_everything(session, town.service.house.local, person, actor=None)
        parting.take_all_back(session, person)
        erasing.erase_person(session, chen_id)
    assert chen_id not in {row.person_id for row in await rows(town, PostMember)}
    assert chen_id not in {row.person_id for row in await rows(town, ShiftPlace)}
    [idea] = [row for row in await rows(town, Post) if row.id == post.id]
    assert (idea.words, idea.proposed_by) == (None, None)


async def test_who_has_died_is_reminded_of_nothing(town: Town) -> None:
    chen, bo = await full(town)
    async with town.store.transaction() as session:
        person = people.find(session, chen.phone.user.id)
        assert person is not None
        quiet.stop(session, town.service.house.local, person, actor=person.id)
        quiet.mark(session, person, actor=person.id)
    before = chen.everything
    await town.later(hours=THURSDAY - 20)
    assert chen.everything == before
    bo.has_heard("有名额了")


async def test_the_poster_leads_to_the_post(town: Town) -> None:
    await opened(town)
    number = next(post.number for post in await rows(town, Post) if post.code == "P-PHONE")
    mei = town.stranger("路人")
    await mei.starts(f"p-{number:04d}")
    mei.hears("手机课堂", "每周四")
    await mei.starts("p-9999")
    mei.hears("没有开着")
    await mei.starts("p-x")
    mei.hears("没有开着")


def test_hours_are_nobodys_to_compare() -> None:
    """R12: whose hours are asked for is always one person, by name of the function's own arguments."""
    source = inspect.getsource(shifts)
    assert "arrived_at)" not in source.split("order_by", 1)[1].split("def ", 1)[0]
    assert source.count("func.sum") == source.count("func.count") == 0


async def test_a_place_of_a_resting_post_is_not_taken(town: Town) -> None:
    chen, bo = await full(town)
    lin = await town.member("王站长")
    await chen.starts()
    await chen.taps("岗位", "手机课堂", "放下这个岗位")
    await town.later(minutes=1)
    take = bo.button("我来担任")
    await manages(lin, "手机课堂")
    await lin.taps("停一停")
    await bo.forges(take)
    assert "有您了" not in bo.everything
    assert {shift.state for shift in await rows(town, Shift)} == {ShiftState.CANCELLED}


async def test_staff_set_right_who_was_not_there_after_all(town: Town) -> None:
    lin = await opened(town)
    chen = await town.volunteer("小陈")
    await takes(chen)
    await town.later(hours=THURSDAY)
    async with town.store.transaction() as session:
        shift = session.exec(select(Shift).order_by(col(Shift.starts_at))).first()
        person = people.find(session, chen.phone.user.id)
        assert shift is not None
        assert person is not None
        place = shifts.place_of(session, shift.id, person.id)
        assert place is not None
        here, fix = f"v1:post.here:{shift.id}:0", f"v1:post.fix:{place.id}:0"
    await chen.forges(here)
    await lin.forges(fix)
    await lin.taps("没有来，点错了")
    assert "旧的" not in lin.toast
    assert "away" in {place.state for place in await rows(town, ShiftPlace)}


async def test_what_could_hurt_is_not_added_before_it_is_insured(town: Town) -> None:
    lin = await opened(town)
    risk = next(risk.code for risk in town.service.house.local.risks if risk.bodily)
    await manages(lin, "手机课堂")
    await lin.taps("改", "要留心")
    await lin.forges(
        next(data for label in lin.last.labels if f"post.tick={risk}:" in (data := lin.button(label)))
    )
    await lin.taps("就这些")
    assert "先办好保险" in lin.toast
    [post] = [one for one in await rows(town, Post) if one.code == "P-PHONE"]
    assert (post.state, post.cautions) == ("open", "")


async def test_who_waits_is_told_of_no_shift_of_hers(town: Town) -> None:
    _, bo = await full(town)
    lin = await town.member("王站长")
    await manages(lin, "手机课堂")
    await lin.taps("改", "几点")
    await lin.says("16:00-17:30")
    bo.hears("对您还合适吗")
    assert "您的班" not in bo.last.text
    await bo.taps("还合适")
    assert "有您了" not in bo.everything


# --- just this once


async def takes_once(one: Neighbour, *labels: str) -> None:
    await one.starts()
    await one.taps("岗位", "手机课堂", "只来一次", *labels)


async def test_one_shift_is_taken_without_the_post(either_town: Town) -> None:
    town = either_town
    await opened(town)
    chen = await town.volunteer("小陈")
    await takes_once(chen)
    chen.hears("只来一次也好", "免费帮忙")
    await chen.taps("12 月 3 日")
    chen.hears("12 月 3 日（周四）15:00–16:30", "说好了，到时见")
    assert await rows(town, PostMember) == []
    [place] = await rows(town, ShiftPlace)
    assert (place.state, place.person_id) == (PlaceState.CONFIRMED, await person_of(town, chen))
    await chen.taps("我的班")
    assert chen.last.text.count("手机课堂") == 1
    await chen.taps("12 月 3 日", "这次不行")
    await takes_once(chen)
    assert not any("12 月 3 日" in label for label in chen.last.labels)
    await town.later(hours=24 * 12)
    assert "您来吗" not in chen.everything


async def test_once_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await lin.starts()
    await lin.taps("Posts", "Manage posts", "Phone class", "Open it")
    chen = await town.volunteer("Chen", "Small repairs", "en")
    await chen.starts()
    await chen.taps("Posts", "Phone class", "Just once", "Thu 26 Nov")
    chen.hears("see you then")


async def test_who_waits_stays_where_she_is_and_is_asked_first(town: Town) -> None:
    await opened(town)
    await change(town, "P-PHONE", slots=1)
    bo, mei, chen = [await town.volunteer(name) for name in ("小博", "小梅", "小陈")]
    await takes(bo)
    await takes(mei)
    mei.hears("候补")
    await sees_shift(bo, 0)
    await bo.taps("这次不行")
    await chen.starts()
    await chen.taps("岗位", "手机课堂")
    assert "只来一次" not in chen.last.labels  # this Thursday: mei was asked just now
    await town.later(hours=THURSDAY - 40)
    await takes_once(chen, "11 月 26 日")
    chen.hears("说好了")
    states = {one.person_id: one.state for one in await rows(town, PostMember)}
    assert states == {await person_of(town, bo): Holding.JOINED, await person_of(town, mei): Holding.WAITING}


async def test_only_who_may_hold_the_post_comes_once(town: Town) -> None:
    await opened(town)
    mei, chen = await town.newcomer("小梅"), await town.volunteer("小陈")
    await mei.starts()
    await mei.taps("岗位", "手机课堂", "只来一次")
    mei.hears("我想帮忙")
    await takes_once(chen)
    take = chen.button("11 月 26 日")
    await mei.forges(take)
    mei.hears("我想帮忙")
    await change(town, "P-PHONE", credentials="first_aid")
    await chen.forges(take)
    assert "旧的" in chen.toast
    await takes_once(chen)
    chen.hears("要工作人员先看过：急救证")
    assert await rows(town, ShiftPlace) == []


async def test_two_want_the_last_place_of_one_shift(either_town: Town) -> None:
    town = either_town
    await opened(town)
    await change(town, "P-PHONE", slots=1)
    bo, chen = await town.volunteer("小博"), await town.volunteer("小陈")
    for one in (bo, chen):
        await takes_once(one)
    await bo.taps("11 月 26 日")
    await chen.taps("11 月 26 日")
    chen.hears("有邻居先应了")
    assert [place.person_id for place in await rows(town, ShiftPlace)] == [await person_of(town, bo)]


async def test_where_a_page_is_to_be_agreed_to_nobody_comes_just_once(town: Town) -> None:
    await opened(town, "法律援助")
    chen = await town.volunteer("小陈", knows=("known", "lawyer"))
    await chen.starts()
    await chen.taps("岗位", "法律援助")
    assert "只来一次" not in chen.last.labels


async def test_a_shift_called_off_is_not_taken(town: Town) -> None:
    await opened(town)
    chen = await town.volunteer("小陈")
    await takes_once(chen)
    async with town.store.transaction() as session:
        first = session.exec(select(Shift).order_by(col(Shift.starts_at))).first()
        assert first is not None
        shifts.cancel(session, first)
    await chen.taps("11 月 26 日")
    chen.hears("这一次取消了")
