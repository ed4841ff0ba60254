"""When shifts are: weeks of the month, clocks that change, what is called; and what a change of the hours does to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community import people, posts, shifts
from bot.community.posts import Post, State
from bot.community.shifts import PlaceState, Shift, ShiftState
from bot.data import Local
from tests.town import Town

LOCAL = Local.load()
BERLIN = replace(LOCAL, tz=ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def post(**terms: Any) -> Post:
    fields: dict[str, Any] = {
        "number": 1,
        "kind": "other",
        "at": NOW,
        "starts": time(15),
        "minutes": 90,
        "days": 0b1000,
    }
    return Post(**{**fields, **terms})


def days(local: Local, one: Post, since: datetime, until: datetime) -> list[date]:
    return [at.astimezone(local.tz).date() for at in shifts.starts(local, one, since, until)]


def test_every_week_on_its_days() -> None:
    both = post(days=0b101)
    assert days(LOCAL, both, NOW, NOW + timedelta(days=10)) == [
        date(2026, 11, day) for day in (23, 25, 30)
    ] + [date(2026, 12, 2)]


def test_what_has_begun_is_not_ahead() -> None:
    three = NOW.replace(hour=7)  # Monday 15:00 in Xiamen
    assert shifts.starts(LOCAL, post(days=1), three, three + timedelta(days=7)) == [three + timedelta(days=7)]


def test_weeks_of_the_month_are_counted_by_their_weekday() -> None:
    """The first and third Sunday: the 1st of November 2026 is one, and so is the first of next March's, the 7th."""
    sundays = post(days=0b1000000, weeks=0b101)
    found = days(LOCAL, sundays, datetime(2026, 10, 31, tzinfo=UTC), datetime(2027, 3, 31, tzinfo=UTC))
    assert found[:4] == [date(2026, 11, 1), date(2026, 11, 15), date(2026, 12, 6), date(2026, 12, 20)]
    assert found[-2:] == [date(2027, 3, 7), date(2027, 3, 21)]


def test_a_fifth_week_is_rare() -> None:
    fifth = post(days=0b1, weeks=0b10000)
    found = days(LOCAL, fifth, datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    assert found == [date(2026, 11, 30)]


def test_the_clocks_change_and_the_post_keeps_its_hour() -> None:
    """Berlin: summer time ends on 25 October 2026, and begins on 28 March 2027."""
    sundays = post(days=0b1000000, starts=time(9))
    autumn = shifts.starts(
        BERLIN, sundays, datetime(2026, 10, 17, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)
    )
    assert [at.hour for at in autumn] == [7, 8]
    spring = shifts.starts(
        BERLIN, sundays, datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
    )
    assert [at.hour for at in spring] == [8, 7]
    assert {at.astimezone(BERLIN.tz).hour for at in autumn + spring} == {9}


def test_an_hour_that_is_left_out_is_held_as_much_later() -> None:
    night = post(days=0b1000000, starts=time(2, 30))
    [at] = shifts.starts(BERLIN, night, datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 29, tzinfo=UTC))
    assert at.astimezone(BERLIN.tz).time() == time(3, 30)


def test_on_call_has_no_hours() -> None:
    assert shifts.starts(LOCAL, post(days=0), NOW, NOW + timedelta(days=60)) == []


@given(
    st.integers(1, 127),
    st.integers(1, 31),
    st.times(),
    st.integers(0, 4 * 365 * 24),
)
def test_shifts_fall_on_the_days_that_were_said(mask: int, weeks: int, at: time, hours: int) -> None:
    since = NOW + timedelta(hours=hours)
    at = at.replace(second=0, microsecond=0)
    found = shifts.starts(BERLIN, post(days=mask, weeks=weeks, starts=at), since, since + shifts.AHEAD)
    here = [moment.astimezone(BERLIN.tz) for moment in found]
    assert found == sorted(set(found))
    assert all(since < moment <= since + shifts.AHEAD for moment in found)
    assert all(mask >> moment.weekday() & 1 and weeks >> (moment.day - 1) // 7 & 1 for moment in here)


# --- with a database


async def held(town: Town, code: str, *names: str) -> tuple[str, list[str]]:
    """An open post, and the people who hold it. Returns their ids."""
    ids = [await _id(town, name) for name in names]
    async with town.store.transaction() as session:
        posts.stand(session, LOCAL)
        found = next(one for one in posts.listed(session, State.PROPOSED) if one.code == code)
        posts.move(session, found, State.OPEN, seen=found.version)
        for person_id in ids:
            posts.take(session, found, person_id, look_at=town.clock.now() + timedelta(days=365))
        shifts.generate(session, LOCAL, found)
        return found.id, ids


async def _id(town: Town, name: str) -> str:
    one = await town.newcomer(name)
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        return person.id


async def test_generating_twice_changes_nothing(either_town: Town) -> None:
    town = either_town
    post_id, _ = await held(town, "P-PHONE", "小陈")
    for _ in range(2):
        async with town.store.transaction() as session:
            found = posts.get(session, post_id)
            assert found is not None
            assert shifts.generate(session, LOCAL, found) == []
            assert len(shifts.ahead(session, post_id)) == 4
            assert [len(shifts.places(session, one.id)) for one in shifts.ahead(session, post_id)] == [1] * 4


async def test_weeks_go_by_and_there_are_always_four_ahead(town: Town) -> None:
    post_id, _ = await held(town, "P-PHONE", "小陈")
    for _ in range(3):
        await town.later(hours=24 * 7)
        await town.settle()
        async with town.store.transaction() as session:
            assert len(shifts.ahead(session, post_id)) == 4


async def test_who_said_no_is_not_put_back(town: Town) -> None:
    post_id, [chen] = await held(town, "P-PHONE", "小陈")
    async with town.store.transaction() as session:
        first = shifts.ahead(session, post_id)[0]
        place = shifts.place_of(session, first.id, chen)
        assert place is not None
        shifts.decline(session, first, place)
        found = posts.get(session, post_id)
        assert found is not None
        shifts.generate(session, LOCAL, found)
        assert [one.state for one in shifts.places(session, first.id)] == [PlaceState.AWAY]
        assert shifts.free(session, first) == [0, 1, 2, 3]


async def test_a_change_moves_what_was_joined_to_the_nearest_day(either_town: Town) -> None:
    """Tuesday and Thursday become Thursday and Saturday: Thursday stays, Tuesday goes to Saturday, nobody's week is lost."""
    town = either_town
    post_id, [chen] = await held(town, "P-MED", "小陈")
    async with town.store.transaction() as session:
        found = posts.get(session, post_id)
        assert found is not None
        before = {one.id: one.starts_at for one in shifts.ahead(session, post_id)}
        posts.change(session, found, seen=found.version, days=0b101000, starts=time(19))
        moved, cancelled = shifts.reschedule(session, LOCAL, found)
        after = shifts.ahead(session, post_id)
        assert {one.starts_at.astimezone(LOCAL.tz).weekday() for one in after} == {3, 5}
        kept = [one for one in after if before.get(one.id) == one.starts_at]
        assert {one.starts_at.astimezone(LOCAL.tz).weekday() for one in kept} == {3}
        assert {one.id for one in moved} <= set(before)
        assert cancelled == []
        assert all(shifts.place_of(session, one.id, chen) for one in after)


async def test_what_finds_no_new_day_is_told_to_who_would_have_come(town: Town) -> None:
    post_id, [chen] = await held(town, "P-PHONE", "小陈")
    async with town.store.transaction() as session:
        found = posts.get(session, post_id)
        assert found is not None
        posts.change(session, found, seen=found.version, weeks=0b1)
        moved, cancelled = shifts.reschedule(session, LOCAL, found)
        assert moved == []
        assert [(one.state, coming) for one, coming in cancelled] == [(ShiftState.CANCELLED, [chen])] * 3
        assert [one.starts_at.day for one in shifts.ahead(session, post_id)] == [3]


async def test_what_nobody_joined_is_simply_made_anew(town: Town) -> None:
    post_id, _ = await held(town, "P-PHONE")
    async with town.store.transaction() as session:
        found = posts.get(session, post_id)
        assert found is not None
        posts.change(session, found, seen=found.version, days=0b10000)
        moved, cancelled = shifts.reschedule(session, LOCAL, found)
        assert moved == []
        assert [coming for _, coming in cancelled] == [[]] * 4
        assert {one.starts_at.astimezone(LOCAL.tz).weekday() for one in shifts.ahead(session, post_id)} == {4}


async def test_a_called_shift_has_its_own_number_of_places(town: Town) -> None:
    post_id, _ = await held(town, "P-FLOOD", "小陈")
    async with town.store.transaction() as session:
        found = posts.get(session, post_id)
        assert found is not None
        called = shifts.call(session, LOCAL, found, 3)
        assert shifts.free(session, called) == [0, 1, 2]
        assert called.ends_at - called.starts_at == shifts.CALLED
        assert shifts.to_ask(session, called) == [one.person_id for one in posts.members(session, post_id)]


async def test_who_comes_and_where_there_are_gaps(town: Town) -> None:
    """What the weekly proposal and the bookings ask."""
    post_id, ids = await held(town, "P-PHONE", "小陈", "小波")
    async with town.store.transaction() as session:
        week = town.clock.now() + timedelta(days=7)
        [(shift, coming)] = shifts.coming(session, post_id, week)
        assert sorted(coming) == sorted(ids)
        [gap] = shifts.gaps(session, timedelta(days=7))
        assert (gap.shift.id, gap.free) == (shift.id, 2)
        assert [one.id for one in posts.of_kinds(session, LOCAL.offers("digital"))] == [post_id]
        assert posts.of_kinds(session, ["repair"]) == []


@pytest.mark.parametrize(
    ("since", "reminded"),
    [
        (NOW, datetime(2026, 11, 25, 11, tzinfo=UTC)),  # the evening before, 19:00
        (datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 11, 26, 6, tzinfo=UTC)),  # an hour before
        (datetime(2026, 11, 26, 6, 30, tzinfo=UTC), None),
    ],
)
async def test_when_she_is_reminded(town: Town, since: datetime, reminded: datetime | None) -> None:
    post_id, [chen] = await held(town, "P-PHONE", "小陈")
    async with town.store.transaction() as session:
        first: Shift = shifts.ahead(session, post_id)[0]
        place = shifts.place_of(session, first.id, chen)
        assert place is not None
        town.clock.advance((since - town.clock.now()).total_seconds())
        assert shifts.reminder(session, LOCAL, first, place) == reminded


async def test_an_early_shift_is_not_reminded_of_at_night(town: Town) -> None:
    """The front desk opens at 8:30: an hour before is 7:30, which is still quiet, so at 8:00."""
    post_id, [chen] = await held(town, "P-DUTY", "小陈")
    async with town.store.transaction() as session:
        first = shifts.ahead(session, post_id)[0]
        place = shifts.place_of(session, first.id, chen)
        assert place is not None
        town.clock.advance(13 * 3600)  # Monday 22:00
        at = shifts.reminder(session, LOCAL, first, place)
        assert at is not None
        assert at.astimezone(LOCAL.tz).time() == time(8)
