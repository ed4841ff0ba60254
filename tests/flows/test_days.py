"""The community's own holidays and opening days: entered in the chat, read back, and every due time counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlmodel import select

from bot.community import appeals, days, events, people, staff
from bot.community.events import NO_CASE, Kind
from bot.community.ledgers import _rules
from bot.data.calendar import Calendar
from tests.flows.test_claim import ask
from tests.flows.test_staff_group import steward
from tests.town import MORNING, Neighbour, Town

WEDNESDAY, SATURDAY = date(2026, 11, 25), date(2026, 11, 28)


def calendar_of(town: Town) -> Calendar:
    return town.service.house.local.calendar


async def enters(wang: Neighbour, words: str) -> None:
    await wang.says("/roles")
    await wang.taps("放假和上班的日子", "加一天")
    await wang.says(words)


async def test_a_holiday_is_read_back_counts_and_is_taken_out_again(either_town: Town) -> None:
    town = either_town
    wang = await steward(town)
    before = _rules(town.service.house.local)
    await enters(wang, "11月25日")
    wang.hears("11 月 25 日", "放假，对吗")
    assert calendar_of(town).works_on(WEDNESDAY)
    await wang.taps("对，记下")
    wang.hears("记下了", "还照原来的")
    assert not calendar_of(town).works_on(WEDNESDAY)
    assert _rules(town.service.house.local) != before  # the ledgers are reckoned anew
    async with town.store.transaction() as session:
        lines = [line.code for line in events.of_case(session, NO_CASE) if line.kind == Kind.DAYS]
        assert lines == ["closed:2026-11-25"]
    town.restart()
    assert not calendar_of(town).works_on(WEDNESDAY)
    await wang.taps("看全部", "取消 11 月 25 日")
    wang.hears("还没有自己定的日子")
    assert calendar_of(town).works_on(WEDNESDAY)


async def test_due_times_step_over_it_at_the_edge_of_the_clock(town: Town) -> None:
    """Asked again on Monday: two working days are Tuesday and Thursday; from a minute before midnight they are the same."""
    wang, mei = await steward(town), await town.newcomer("李阿姨")
    await enters(wang, "11月25日")
    await wang.taps("对，记下")
    late = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # 23:59
    for moment in (MORNING, late):
        town.clock.advance((moment - town.clock.now()).total_seconds())
        async with town.store.transaction() as session:
            person = people.find(session, mei.phone.user.id)
            assert person is not None
            one = appeals.submit(session, town.service.house.local, person_id=person.id, restriction_id="r")
            assert one.promised_at == datetime(2026, 11, 26, 10, tzinfo=UTC)
            appeals.drop(session, one)
    town.clock.advance(60)  # midnight: the next day counts from its own
    assert calendar_of(town).days(town.clock.now(), 2) == datetime(2026, 11, 27, 10, tzinfo=UTC)
    on_it = datetime(2026, 11, 24, 16, tzinfo=UTC)  # Wednesday 00:00
    assert calendar_of(town).next_open(on_it) == datetime(2026, 11, 26, 0, tzinfo=UTC)


async def test_what_is_told_counts_it_and_so_does_the_morning(town: Town) -> None:
    wang, lin = await steward(town), await town.member("林站长")
    await enters(wang, "明天到11月25日")
    wang.hears("从 11 月 24 日", "到 11 月 25 日", "放假")
    await wang.taps("对，记下")
    await town.later(hours=8, minutes=55)  # 17:55
    mei = await ask(town)
    mei.hears("11 月 26 日")
    await town.later(hours=14, minutes=10)  # Tuesday 08:05
    assert "早上好" not in lin.everything
    await town.later(hours=48)
    assert "早上好" in lin.everything


async def test_a_day_with_hours_of_its_own(town: Town) -> None:
    wang = await steward(town)
    await enters(wang, "11月28日 9:00-12:00 14:30-17:00")
    wang.hears("09:00–12:00、14:30–17:00")
    await wang.says("对")
    assert calendar_of(town).hours_on(SATURDAY) == (
        (time(9), time(12)),
        (time(14, 30), time(17)),
    )


@pytest.mark.parametrize(
    "said",
    [
        "下雨天",
        "2月30日",
        "11月28日 12:00-9:00",
        "11月28日 25:00-26:00",
        "2026-11-22",
        "周一",
    ],
)
async def test_what_is_no_day_is_not_kept(town: Town, said: str) -> None:
    wang = await steward(town)
    await enters(wang, said)
    wang.hears("没看懂")
    async with town.store.transaction() as session:
        assert session.exec(select(days.OfficeDay)).all() == []


async def test_only_a_steward_and_only_while_she_is(town: Town) -> None:
    wang, lin = await steward(town), await town.member("林站长")
    await enters(wang, "11月25日")
    keep = wang.button("对，记下")
    await lin.forges("v1:days.list:-:0")
    lin.hears("不是给您的")
    await lin.forges(keep)
    async with town.store.transaction() as session:
        person = people.find(session, wang.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    await wang.forges(keep)
    wang.hears("不是给您的")
    assert calendar_of(town).works_on(WEDNESDAY)


async def test_in_english(town: Town) -> None:
    wang = await steward(town, "Wang", "en")
    await wang.says("/roles")
    await wang.taps("Days off and worked", "Add a day")
    await wang.says("25 Nov")
    wang.hears("25 Nov", "closed", "Right?")
    await wang.taps("Yes, note it")
    wang.hears("promised already stays")
    assert not calendar_of(town).works_on(WEDNESDAY)
