"""The five ledgers of a month that was reckoned by hand; what may be shown of it; that sums stay what the lines say."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from bot.community import cases, duties, erasing, ledgers, people
from bot.community.cases import Case
from bot.community.duties import Fate, Ledger, Line, Need
from bot.community.events import Event
from bot.community.ledgers import LEDGER_DAY, SUMS, LedgerMark, Period
from bot.data import Local
from bot.data.calendar import Calendar
from tests.town import Town

with Path(__file__).with_name("october.toml").open("rb") as file:
    OCTOBER = tomllib.load(file)
ZONE = ZoneInfo(OCTOBER["zone"])


def spans(hours: list[str]) -> tuple[tuple[time, time], ...]:
    pairs = [one.split("–") for one in hours]
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs)


CALENDAR = Calendar(
    ZONE,
    (*[spans(OCTOBER["week"])] * 5, (), ()),
    frozenset(OCTOBER["closed"]),
    {date.fromisoformat(day): spans(hours) for day, hours in OCTOBER["extra"].items()},
)
LOCAL = replace(Local.load(), tz=ZONE, calendar=CALENDAR)


def at(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)


def lines_of(need: dict[str, Any]) -> Iterator[Line]:
    for moment, kind, *rest in need["lines"]:
        actor, code = [*rest, None, None][:2]
        found = at(moment)
        assert found is not None
        yield Line(found, kind, actor or None, code)


@pytest.mark.parametrize("need", OCTOBER["need"], ids=lambda need: need["why"])
def test_each_need_counts_as_reckoned_by_hand(need: dict[str, Any]) -> None:
    limits = Need(LOCAL.level(need["urgency"]), at(need.get("told")), at(need.get("until")))
    found = duties.reckon(lines_of(need), limits, CALENDAR)
    here = [(one.at.astimezone(ZONE), one.what) for one in found]
    assert sorted(f"{day.day} {what}" for day, what in here if day.month == 10) == sorted(need["counts"])


def the_month() -> dict[str, int]:
    by_hand = dict.fromkeys(SUMS, 0) | OCTOBER["others"]
    for ledger, row in OCTOBER["ledgers"].items():
        by_hand |= {duties.column(Ledger(ledger), fate): n for fate, n in zip(Fate, row, strict=True)}
    return by_hand


def live(session: Session, person_id: str, number: int, need: dict[str, Any], area: str | None) -> None:
    """One need as it went, its lines at their own times."""
    history = list(lines_of(need))
    case = Case(
        number=number,
        person_id=person_id,
        state="open",
        skill="repair",
        area=area,
        urgency=need["urgency"],
        received_at=history[0].at,
        promised_at=history[0].at,
        told_at=at(need.get("told")),
        when_until=at(need.get("until")),
    )
    session.add(case)
    session.flush()
    for line in history:
        session.add(Event(at=line.at, case_id=case.id, kind=line.kind, actor_id=line.actor, code=line.code))
        session.flush()


async def settle(town: Town, times: int = 1) -> None:
    """The month, so many times over, from one area after the other."""
    async with town.store.transaction() as session:
        person = people.register(session, telegram_id=1, language="zh")
        for number, need in enumerate(OCTOBER["need"] * times):
            live(session, person.id, number + 1, need, ("b1", "b2", "b3", None)[number % 4])


def summed(session: Session, like: str) -> dict[str, int]:
    found = session.execute(
        sa.select(*(sa.func.sum(LEDGER_DAY.c[one]) for one in SUMS)).where(LEDGER_DAY.c.day.like(like))
    ).one()
    return {one: int(number or 0) for one, number in zip(SUMS, found, strict=True)}


def everything(session: Session) -> list[tuple[Any, ...]]:
    order = (LEDGER_DAY.c.day, LEDGER_DAY.c.area)
    found = session.execute(sa.select(LEDGER_DAY).order_by(*order)).all()
    return [tuple(row) for row in found if any(row[2:])]


async def test_the_month_is_as_reckoned_by_hand(either_town: Town) -> None:
    town = either_town
    await settle(town)
    async with town.store.transaction() as session:
        assert ledgers.catch_up(session, LOCAL) == 0
        assert summed(session, "2026-10-%") == the_month()


async def test_line_by_line_the_sums_are_those_of_all_at_once(either_town: Town) -> None:
    """Whatever happens to a need after it was added up, it is counted as it stands; nothing is counted twice."""
    town = either_town
    await settle(town)
    async with town.store.transaction() as session:
        for _ in range(200):
            ledgers.catch_up(session, LOCAL, most=1)
        by_line = everything(session)
        session.delete(session.get_one(LedgerMark, "mark"))
        session.flush()
        ledgers.catch_up(session, LOCAL)
        assert everything(session) == by_line
        assert summed(session, "2026-10-%") == the_month()


async def test_a_need_that_moves_to_another_area_takes_its_sums_along(town: Town) -> None:
    await settle(town)
    async with town.store.transaction() as session:
        ledgers.catch_up(session, LOCAL)
        case = session.exec(select(Case).where(Case.number == 1)).one()
        case.area, case.urgency = "b3", "U3"
        session.add(Event(at=case.received_at, case_id=case.id, kind="disclosed"))
        session.flush()
        ledgers.catch_up(session, LOCAL)
        moved = everything(session)
        session.delete(session.get_one(LedgerMark, "mark"))
        session.flush()
        ledgers.catch_up(session, LOCAL)
        assert everything(session) == moved
        assert summed(session, "2026-10-%") | {"handle_in_time": 0} == the_month() | {"handle_in_time": 0}


async def test_a_holiday_entered_later_is_reckoned_with(town: Town) -> None:
    await settle(town)
    later = replace(LOCAL, calendar=replace(CALENDAR, closed=CALENDAR.closed | {date(2026, 10, 13)}))
    async with town.store.transaction() as session:
        ledgers.catch_up(session, LOCAL)
        before = summed(session, "2026-10-13")["dispatch_in_time"]
        ledgers.catch_up(session, later)
        assert (before, summed(session, "2026-10-13")["dispatch_in_time"]) == (3, 0)


async def test_what_was_done_on_paper_counts_when_it_was_done(town: Town) -> None:
    """Accepted a minute too late by the hour it was written down, in time by the one on the paper."""
    async with town.store.transaction() as session:
        person = people.register(session, telegram_id=1, language="zh")
        need = next(one for one in OCTOBER["need"] if one["why"].startswith("over a weekend"))
        live(session, person.id, 1, {**need, "lines": need["lines"][:1]}, "b1")
        case = session.exec(select(Case)).one()
        late, done = (
            at(datetime(2026, 10, 19, 11, 31, tzinfo=ZONE)),
            at(datetime(2026, 10, 19, 9, tzinfo=ZONE)),
        )
        session.add(Event(at=late, was_at=done, case_id=case.id, kind="accepted"))
        session.flush()
        ledgers.catch_up(session, LOCAL)
        assert summed(session, "2026-10-%")["accept_in_time"] == 1


async def test_words_and_people_go_and_the_sums_stay(town: Town) -> None:
    await settle(town)
    async with town.store.transaction() as session:
        before = ledgers.report(session, LOCAL, Period.of("2026-10")).numbers
        for case in session.exec(select(Case)).all():
            case.state = "closed"
            cases.erase(session, case)
        erasing.erase_person(session, session.exec(select(Case.person_id)).first() or "")
        session.delete(session.get_one(LedgerMark, "mark"))
        session.flush()
        assert ledgers.report(session, LOCAL, Period.of("2026-10")).numbers == before


async def test_what_is_small_is_withheld_and_nothing_tells_it(town: Town) -> None:
    await settle(town)
    async with town.store.transaction() as session:
        report = ledgers.report(session, LOCAL, Period.of("2026-10"))
    assert not [n for n in report.numbers.values() if n is not None and 0 < n < 5]
    assert report.fate(Ledger.ACCEPT, Fate.IN_TIME) == 18
    assert report.fate(Ledger.ACCEPT, Fate.LATE) is None
    assert report.rates["response"].percent is None


async def test_rates_have_both_numbers_and_silence_is_told(town: Town) -> None:
    await settle(town, times=20)
    async with town.store.transaction() as session:
        while ledgers.catch_up(session, LOCAL):
            pass
        report = ledgers.report(session, LOCAL, Period.of("2026-10"))
    assert {name: (rate.part, rate.of, rate.silent, rate.percent) for name, rate in report.rates.items()} == {
        "response": (360, 440, None, 82),
        "solved": (100, 220, 40, 45),
        "satisfied": (60, 100, 40, 60),
        "own": (100, 220, 40, 45),
        "found": (140, 200, None, 70),
        "reopened": (20, 200, None, 10),
    }
    assert report.due(Ledger.DISPATCH) == 20 * (9 + 3 + 1 + 3)


async def test_an_area_and_the_whole_tell_the_same_story(town: Town) -> None:
    await settle(town, times=40)
    async with town.store.transaction() as session:
        while ledgers.catch_up(session, LOCAL):
            pass
        whole = ledgers.report(session, LOCAL, Period.of("2026-10"))
        parts = [ledgers.report(session, LOCAL, Period.of("2026-10"), area) for area in ("b1", "b2", "b3")]
    assert whole.count("received") == 40 * 21
    known = [part.count("received") for part in parts]
    assert all(number is not None and number > 100 for number in known)


async def test_a_month_that_runs_is_in_no_report(town: Town) -> None:
    await settle(town)
    async with town.store.transaction() as session:
        assert ledgers.report(session, LOCAL, Period.of("2026-11")).months == ()
        assert ledgers.report(session, LOCAL, Period.of("2026-Q4")).months == ("2026-10",)
        assert len(ledgers.report(session, LOCAL, Period.of("2026")).months) == 10


async def test_a_quarter_tells_nothing_its_months_withhold(town: Town) -> None:
    """One month has three of something, which the sum of the quarter and the other months would give away."""
    async with town.store.transaction() as session:
        person = people.register(session, telegram_id=1, language="zh")
        for number in range(43):
            month = (7, 8, 9)[min(number // 20, 2)]
            line = [datetime(2026, month, 6, 10, tzinfo=ZONE), "received", "mei"]
            live(session, person.id, number + 1, {"urgency": "U3", "lines": [line]}, "b1")
        [july, august, september, quarter] = [
            ledgers.report(session, LOCAL, Period.of(code)).count("received")
            for code in ("2026-07", "2026-08", "2026-09", "2026-Q3")
        ]
    assert (july, august, september, quarter) == (20, 20, None, None)


@pytest.mark.parametrize("code", ["2026-13", "2026-Q5", "2026-00", "x", "2026-Q0", "-", "2026-1-1"])
def test_what_is_no_period(code: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of several makings
        Period.of(code)


@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_every_duty_has_one_fate(seed: int) -> None:
    """Any lines in any order: nothing breaks, and as many duties arise as have a fate."""
    print(f"seed {seed}")  # noqa: T201  so that a failure can be told again
    chance = random.Random(seed)
    moment = datetime(2026, 10, 1, 8, tzinfo=UTC)
    kinds = sorted({line[1] for need in OCTOBER["need"] for line in need["lines"]} - {"received"})
    lines = [Line(moment, "received", "mei")]
    for _ in range(chance.randrange(25)):
        moment += timedelta(hours=chance.randrange(60))
        lines.append(
            Line(
                moment,
                chance.choice(kinds),
                chance.choice(["mei", "lin", None]),
                chance.choice(["self", None]),
            )
        )
    found = Counter(one.what for one in duties.reckon(lines, Need(LOCAL.level("U2")), CALENDAR))
    assert set(found) <= set(SUMS)
    accepts = sum(found[duties.column(Ledger.ACCEPT, fate)] for fate in Fate)
    assert accepts == 1 + sum(
        line.kind == "reopened" and restarts(lines[: at + 1]) for at, line in enumerate(lines)
    )


def restarts(lines: list[Line]) -> bool:
    """Whether the last of these begins it anew."""
    before = sum(
        one.what.startswith("accept_") for one in duties.reckon(lines[:-1], Need(LOCAL.level("U2")), CALENDAR)
    )
    after = sum(
        one.what.startswith("accept_") for one in duties.reckon(lines, Need(LOCAL.level("U2")), CALENDAR)
    )
    return after > before
