"""Working time: hours with a break at noon, holidays, days worked instead, midnight, and the night an hour comes twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import ManualClock
from bot.community import ladder
from bot.community.cases import Case
from bot.data import Local, WrongData
from bot.data.calendar import Calendar
from bot.serve import _holidays
from tests.house.test_local import ROOT, shutil

OFFICE = ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))
XIAMEN, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
HOLIDAY, WORKED = date(2026, 11, 25), date(2026, 11, 28)  # a Wednesday, and the Saturday worked for it
CALENDAR = Calendar(XIAMEN, (*[OFFICE] * 5, (), ()), frozenset({HOLIDAY}), {WORKED: OFFICE})
LOCAL = replace(Local.load(), calendar=CALENDAR)


def at(said: str, zone: ZoneInfo = XIAMEN) -> datetime:
    """ "24 17:29" of November 2026; "25 02:30 again" the second time an hour comes."""
    day, clock, *again = said.split()
    month = 10 if zone is BERLIN else 11
    moment = datetime.combine(date(2026, month, int(day)), time.fromisoformat(clock), zone)
    return moment.replace(fold=bool(again)).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("24 08:29", "24 08:30"),
        ("24 08:30", "24 08:30"),
        ("24 11:59", "24 11:59"),
        ("24 12:00", "24 14:30"),
        ("24 17:30", "26 08:30"),  # over the holiday
        ("25 10:00", "26 08:30"),
        ("27 18:00", "28 08:30"),  # the Saturday is worked
        ("28 23:59", "30 08:30"),
    ],
)
def test_when_staff_are_there_next(moment: str, opens: str) -> None:
    assert CALENDAR.next_open(at(moment)) == at(opens)
    assert CALENDAR.is_open(at(moment)) is (moment == opens)


@pytest.mark.parametrize(
    ("moment", "limit", "due"),
    [
        ("24 09:00", "4h", "24 15:30"),
        ("24 16:30", "1h", "24 17:30"),
        ("24 16:31", "1h", "26 08:31"),
        ("24 00:00", "1h", "24 09:30"),
        ("23 23:59", "1d", "24 17:30"),
        ("24 00:00", "1d", "26 17:30"),  # a minute later is another day
        ("25 10:00", "1d", "26 17:30"),
        ("26 17:00", "3d", "30 17:30"),
    ],
)
def test_due_times_count_working_time(moment: str, limit: str, due: str) -> None:
    assert CALENDAR.by(at(moment), limit) == at(due)


def test_a_night_with_an_hour_twice_is_an_hour_longer() -> None:
    night = Calendar(BERLIN, (((time(1), time(4)),),) * 7)
    assert night.add(at("25 01:30", BERLIN), timedelta(hours=2)) == at("25 02:30 again", BERLIN)
    assert night.add(at("25 01:00", BERLIN), timedelta(hours=4)) == at("25 04:00", BERLIN)
    assert night.add(at("24 01:00", BERLIN), timedelta(hours=4)) == at("25 02:00", BERLIN)


def test_days_on_which_nobody_is_there_do_not_count_to_the_marks() -> None:
    assert CALENDAR.days_open(at("24 18:00"), timedelta(hours=24)) == at("26 18:00")
    assert CALENDAR.days_open(at("27 18:00"), timedelta(hours=6)) == at("28 00:00")
    case = Case(number=1, person_id="a", state="open", skill="repair", urgency="U2")
    case.received_at = case.promised_at = case.let_out_at = at("24 18:00")
    assert ladder.mark_of(LOCAL, case, 3) == at("26 18:00")
    case.urgency = "U1"
    assert ladder.mark_of(LOCAL, case, 3) == at("24 21:00")


@pytest.mark.parametrize(
    ("asked", "urgency", "promised"),
    [
        ("24 10:00", "U3", "24 17:30"),  # six, but staff leave at half past five
        ("24 15:00", "U3", "26 12:00"),
        ("25 10:00", "U1", "26 09:00"),
        ("26 07:00", "U2", "26 11:00"),
        ("27 20:00", "U3", "28 12:00"),
        ("28 20:00", "U3", "30 12:00"),
    ],
)
def test_nobody_is_promised_a_word_while_nobody_is_there(asked: str, urgency: str, promised: str) -> None:
    assert LOCAL.promise(at(asked), urgency) == at(promised)


@pytest.mark.parametrize(
    ("hours", "asked", "urgency", "promised"),
    [
        (("14:00", "18:00"), "27 20:00", "U3", "28 14:30"),  # noon is before anybody has come
        (("14:00", "18:00"), "28 08:00", "U3", "28 14:30"),
        (("08:00", "11:00"), "27 20:00", "U3", "28 11:00"),  # and here after all have left
        (("08:45", "18:00"), "27 20:00", "U1", "28 09:15"),
    ],
)
def test_a_promise_for_another_day_is_for_when_staff_are_there(
    hours: tuple[str, str], asked: str, urgency: str, promised: str
) -> None:
    opens, closes = (time.fromisoformat(one) for one in hours)
    calendar = replace(CALENDAR, extra={WORKED: ((opens, closes),)})
    assert replace(LOCAL, calendar=calendar).promise(at(asked), urgency) == at(promised)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  hypothesis wants them so
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_working_time_adds_up(naive: datetime, one: int, other: int) -> None:
    moment, hours = naive.replace(tzinfo=UTC), timedelta(hours=1)
    there = CALENDAR.add(moment, one * hours)
    assert there >= moment
    assert CALENDAR.add(there, other * hours) == CALENDAR.add(moment, (one + other) * hours) or other == 0
    assert CALENDAR.works_on(there.astimezone(XIAMEN).date())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('mon = ["08:00–18:00"]', 'mon = ["18:00–08:00"]', "one after the other"),
        ('mon = ["08:00–18:00"]', 'mon = ["eight"]', "write days as"),
        ("[extra]", '[extra]\n"2027-02-31" = []', "write days as"),
        ("closed = []\n", "shut = []\n", "shut"),
    ],
)
def test_a_mistake_in_the_calendar_is_told_plainly(tmp_path: Path, old: str, new: str, says: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "bot" / "data", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / "calendar.toml").read_text(encoding="utf-8")
    (folder / "calendar.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(WrongData, match=says):
        Local.load(folder)


@pytest.mark.parametrize(
    ("known", "says"),
    [(None, "none are entered"), (date(2026, 12, 31), "look up the next"), (date(2027, 12, 31), "ok")],
)
def test_the_doctor_says_when_the_holidays_run_out(known: date | None, says: str) -> None:
    local = replace(LOCAL, calendar=replace(CALENDAR, known_until=known))
    assert says in _holidays(local, ManualClock(at("23 09:00")))
