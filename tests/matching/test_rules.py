"""Whoever is chosen breaks no rule, whatever the pool; the order is nearness and rest; the reasons told are true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import _columns, _district
from bot.matching import aggregates, explain, fit, waves
from bot.matching.aggregates import Cell
from bot.matching.eligibility import (
    ANY_HOURS,
    REST,
    Candidate,
    Need,
    Reason,
    Urgency,
    not_now,
    parts_of,
    quiet,
)

NEED = Need(
    "case",
    "mei",
    ("fix_tap", "repair"),
    Urgency.PLANNED,
    area="b1",
    hours=0b10,
    languages=frozenset({"mandarin"}),
    credentials=frozenset({"known", "trained"}),
    gender="f",
    apart=frozenset({"zhao"}),
)
CHEN = Candidate(
    "chen",
    frozenset({"repair", "errand"}),
    area="b1",
    hours=0b111,
    languages=frozenset({"mandarin", "minnan"}),
    credentials=frozenset({"known"}),
    gender="f",
    rested_for=timedelta(days=9, hours=3),
)
CODES = st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=3)
DAYS = st.none() | st.timedeltas(timedelta(0), timedelta(days=60))
CANDIDATES = st.builds(
    Candidate,
    person_id=st.sampled_from([f"p{number}" for number in range(12)]),
    kinds=CODES,
    area=st.sampled_from(["b1", "b2", None]),
    hours=st.integers(0, ANY_HOURS),
    languages=CODES,
    credentials=CODES,
    gender=st.sampled_from(["f", "m", None]),
    reachable=st.booleans(),
    on_duty=st.booleans(),
    paused=st.booleans(),
    asleep=st.booleans(),
    urgent_ok=st.booleans(),
    open_claims=st.integers(0, 3),
    max_open=st.integers(1, 3),
    asks_this_week=st.integers(0, 8),
    asks_a_week=st.sampled_from([1, 3, 7]),
    rested_for=DAYS,
    asked_before=st.booleans(),
    asked_older=st.booleans(),
)
NEEDS = st.builds(
    Need,
    case_id=st.sampled_from(["c1", "c2"]),
    asker_id=st.sampled_from(["p0", "p1"]),
    kinds=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True).map(tuple),
    urgency=st.sampled_from(Urgency),
    area=st.sampled_from(["b1", None]),
    hours=st.sampled_from([0, 1, 0b1010]),
    languages=CODES,
    credentials=CODES,
    gender=st.sampled_from(["f", "m", None]),
    apart=st.frozensets(st.sampled_from(["p2", "p3"])),
)


def test_she_may_be_asked() -> None:
    assert not_now(CHEN, NEED) is None


@pytest.mark.parametrize(
    ("why", "change"),
    [
        (Reason.ASKER, {"person_id": "mei"}),
        (Reason.KIND, {"kinds": frozenset({"errand"})}),
        (Reason.CREDENTIAL, {"credentials": frozenset({"driver"})}),
        (Reason.LANGUAGE, {"languages": frozenset({"english"})}),
        (Reason.HOURS, {"hours": 0b101}),
        (Reason.GENDER, {"gender": "m"}),
        (Reason.GENDER, {"gender": None}),
        (Reason.APART, {"person_id": "zhao"}),
        (Reason.ASKED_BEFORE, {"asked_before": True}),
        (Reason.UNREACHABLE, {"reachable": False}),
        (Reason.OFF_DUTY, {"on_duty": False}),
        (Reason.PAUSED, {"paused": True}),
        (Reason.ENGAGED, {"open_claims": 1}),
        (Reason.OWN_CAP, {"asks_this_week": 3}),
        (Reason.REST, {"rested_for": timedelta(hours=23)}),
        (Reason.QUIET, {"asleep": True}),
    ],
)
def test_one_rule_broken_is_enough(why: Reason, change: dict[str, object]) -> None:
    assert not_now(replace(CHEN, **change), NEED) is why  # type: ignore[arg-type]  # fields of a Candidate


@pytest.mark.parametrize(("urgency", "hours"), [("urgent", 0), ("soon", 12), ("planned", 24)])
def test_rest_depends_on_how_urgent_it_is(urgency: str, hours: int) -> None:
    need = replace(NEED, urgency=Urgency(urgency))
    assert not_now(replace(CHEN, rested_for=timedelta(hours=hours)), need) is None
    if hours:
        assert not_now(replace(CHEN, rested_for=timedelta(hours=hours - 1)), need) is Reason.REST


def test_one_more_and_the_night_only_for_what_is_urgent_and_only_who_allows_it() -> None:
    urgent = replace(NEED, urgency=Urgency.URGENT)
    full = replace(CHEN, asks_this_week=3)
    asleep = replace(CHEN, asleep=True)
    for one, why in ((full, Reason.OWN_CAP), (asleep, Reason.QUIET)):
        allows = replace(one, urgent_ok=True)
        assert not_now(one, urgent) is why
        assert not_now(allows, urgent) is None
        assert not_now(allows, NEED) is why
    assert not_now(replace(full, asks_this_week=4, urgent_ok=True), urgent) is Reason.OWN_CAP


def test_a_need_that_changed_may_come_back_at_once_to_who_knows_it() -> None:
    lately = replace(CHEN, rested_for=timedelta(minutes=5))
    assert not_now(lately, NEED) is Reason.REST
    assert not_now(replace(lately, asked_older=True), NEED) is None


def test_without_a_time_a_language_a_credential_or_a_wish_nothing_is_asked_of_her() -> None:
    bare = replace(NEED, hours=0, languages=frozenset(), credentials=frozenset(), gender=None)
    one = replace(CHEN, hours=0, languages=frozenset(), credentials=frozenset(), gender=None)
    assert not_now(one, bare) is None


@given(
    st.lists(CANDIDATES, max_size=30, unique_by=lambda one: one.person_id),
    NEEDS,
    st.integers(0, 12),
    st.booleans(),
)
def test_whoever_is_chosen_breaks_no_rule_and_nobody_better_is_left(
    pool: list[Candidate], need: Need, size: int, few: bool
) -> None:
    hops = {"b1": 0, "b2": 1, None: 2}
    chosen = waves.choose([(hops[one.area], one) for one in pool], need, size=size, few=few)
    by_id = {one.person_id: one for one in pool}
    assert len(chosen) <= size
    assert len({one.person_id for one in chosen}) == len(chosen)

    def worth(one: Candidate) -> float:
        return fit.value(hops[one.area], one.rested_for)

    bar = waves.bar(need.urgency, few=few)
    values = [worth(by_id[one.person_id]) for one in chosen]
    assert values == sorted(values, reverse=True)
    for each in chosen:
        one = by_id[each.person_id]
        assert not_now(one, need) is None
        assert one.asks_this_week < one.asks_a_week + (need.urgency is Urgency.URGENT and one.urgent_ok)
        assert worth(one) >= bar
        _true(explain.read(each.why), one, need, hops[one.area])
    names = {each.person_id for each in chosen}
    left = [one for one in pool if not_now(one, need) is None and one.person_id not in names]
    if len(chosen) < size:
        assert not [one for one in left if worth(one) >= bar]
    elif values:
        assert all(worth(one) <= values[-1] for one in left)


def _true(why: dict[str, str], one: Candidate, need: Need, hop: int) -> None:
    """Every reason she is told is so."""
    assert why["kind"] in one.kinds.intersection(need.kinds)
    if "language" in why:
        assert why["language"] in one.languages & need.languages
    if "hours" in why:
        assert one.hours & need.hours not in (0, ANY_HOURS)
        assert one.hours != ANY_HOURS
    if "near" in why:
        assert hop <= 1
        assert None not in (one.area, need.area)
        assert (why["near"] == "here") == (hop == 0)
    assert ("new" in why) == (one.rested_for is None)
    if "rested" in why:
        assert one.rested_for is not None
        assert one.rested_for.days == int(why["rested"]) >= 1


def test_ties_are_drawn_anew_for_every_need() -> None:
    pool = [(0, replace(CHEN, person_id=f"p{number}", rested_for=None)) for number in range(20)]

    def first(case_id: str) -> str:
        return waves.choose(pool, replace(NEED, case_id=case_id), size=1)[0].person_id

    assert first("one") == first("one")
    assert len({first(f"case{number}") for number in range(200)}) > 15


def test_the_reasons_are_kept_and_read_again() -> None:
    codes = explain.why(CHEN, NEED, 0)
    assert codes == {"kind": "repair", "language": "mandarin", "hours": "", "near": "here", "rested": "9"}
    assert explain.read(explain.written(codes)) == codes


@given(st.sampled_from(Urgency), st.integers(1, 3), st.lists(st.floats(0.7, 2), min_size=30, max_size=30))
def test_waves_grow_slowly_and_end(urgency: Urgency, slots: int, shares: list[float]) -> None:
    asked, sizes, gaps = 0, [], []
    for wave, share in enumerate(shares):
        sizes.append(waves.size(urgency, wave=wave, asked=asked, slots=slots, share=share))
        gaps.append(waves.gap(urgency, wave))
        asked += sizes[-1]
    assert asked <= waves.MOST * slots
    assert sizes[-1] == 0
    assert gaps == sorted(gaps)
    assert waves.size(urgency, wave=0, asked=0, slots=slots) == waves.FIRST[urgency] * slots


def test_an_area_where_less_was_met_may_ask_more() -> None:
    assert waves.share(0, 2, 50, 100) == 1.0
    assert waves.share(5, 10, 50, 100) == 1.0
    assert waves.share(4, 10, 60, 100) == 1.5
    assert waves.share(0, 10, 50, 100) == 2.0
    assert waves.share(10, 10, 50, 100) == 0.7
    assert waves.share(0, 10, 0, 100) == 1.0


def test_where_few_could_come_more_are_asked_and_all_when_it_is_urgent() -> None:
    assert waves.bar(Urgency.SOON, few=False) == fit.ENOUGH
    assert waves.bar(Urgency.SOON, few=False, share=2) == fit.ENOUGH / 2
    assert waves.bar(Urgency.SOON, few=True) == fit.ENOUGH / 2
    assert waves.bar(Urgency.URGENT, few=False) == fit.ENOUGH
    assert waves.bar(Urgency.URGENT, few=True) == 0


def test_rings_go_by_borders_and_end_with_the_unknown() -> None:
    near = {"a": ("b",), "b": ("a", "c"), "c": ("b",), "far": ()}
    assert fit.rings(near, "a") == [["a"], ["b"], ["c"], ["far", None]]
    assert fit.rings(near, None) == [["a", "b", "c", "far", None]]


@given(st.integers(0, 9), st.floats(0.01, 1))
def test_so_long_a_rest_has_just_this_value(hop: int, worth: float) -> None:
    days = fit.rested_enough(hop, worth)
    if days is None:
        assert fit.nearness(hop) <= worth
    else:
        assert fit.value(hop, timedelta(days=days)) == pytest.approx(worth, abs=1e-6)


def test_parts_of_the_week() -> None:
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert parts_of(monday, monday) == 0b1
    assert parts_of(monday, monday + timedelta(hours=3)) == 0b1
    assert parts_of(monday, monday + timedelta(hours=3, minutes=1)) == 0b11
    assert parts_of(monday.replace(hour=19), monday + timedelta(days=1)) == 0b1100
    assert parts_of(monday, monday + timedelta(days=7)) == ANY_HOURS
    sunday = datetime(2026, 11, 29, 20, tzinfo=UTC)
    assert parts_of(sunday, sunday + timedelta(hours=14)) == 1 << 20 | 1


def test_quiet_hours_may_go_over_midnight() -> None:
    night = time(21), time(8)
    assert [quiet(time(hour), *night) for hour in (20, 21, 23, 0, 7, 8)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    assert [quiet(time(hour), time(12), time(14)) for hour in (11, 12, 14)] == [False, True, False]


def test_what_is_hoped_for_leans_on_the_wider_sum_until_there_is_enough() -> None:
    assert aggregates.hope([]) == aggregates.EVERYWHERE
    assert aggregates.hope([Cell(19, 19), Cell(19, 0)]) == aggregates.EVERYWHERE
    wide = aggregates.hope([Cell(1000, 100)])
    assert wide == pytest.approx(0.0992, abs=1e-4)
    assert aggregates.hope([Cell(20, 20), Cell(1000, 100)]) == pytest.approx((20 + 20 * wide) / 40)
    assert aggregates.each_month(19, 1, 5) is None
    assert aggregates.each_month(40, 2, 10) == 2


@given(st.integers(0, 2**32 - 1))
def test_the_columns_of_the_bench_are_these_rules(seed: int) -> None:
    """bench.district asks whole pools at once: the same answer, person by person."""
    chance = np.random.default_rng(seed)
    pool, asked = _district.pool(40, seed), _district.requests(3, 2, chance)
    rested = np.where(chance.random(40) < 0.2, np.inf, chance.exponential(2, 40))
    week, held, asleep = chance.integers(0, 8, 40), chance.integers(0, 3, 40), bool(chance.integers(0, 2))
    for number in range(asked.size):
        need = Need(
            "case",
            "nobody",
            (str(asked.kind[number]),),
            _district.URGENCIES[asked.urgency[number]],
            hours=int(asked.hours[number]),
            languages=_bits(asked.language[number]),
            credentials=_bits(asked.credential[number]),
            gender="0" if asked.gender[number] == 0 else None,
        )
        people = [
            _person(pool, row, rested[row], int(week[row]), int(held[row]), asleep) for row in range(40)
        ]
        able = _columns.suited(pool, asked, number)
        free = _columns.free(
            need.urgency,
            asks_a_week=pool.asks_a_week[able],
            urgent_ok=pool.urgent_ok[able],
            asks_this_week=week[able],
            open_claims=held[able],
            max_open=pool.max_open[able],
            rested=rested[able],
            asleep=asleep,
        )
        assert able[free].tolist() == [row for row, one in enumerate(people) if not_now(one, need) is None]
        hop = _district.hops()[asked.area[number], pool.area]
        value = [fit.value(int(hop[row]), one.rested_for) for row, one in enumerate(people)]
        assert _columns.value(hop, rested).tolist() == pytest.approx(value, abs=1e-6)


def _bits(mask: np.int64) -> frozenset[str]:
    return frozenset(str(bit) for bit in range(8) if int(mask) >> bit & 1)


def _person(pool: _district.Pool, row: int, rested: float, week: int, held: int, asleep: bool) -> Candidate:
    return Candidate(
        str(row),
        frozenset(str(kind) for kind in np.flatnonzero(pool.offers[row])),
        hours=int(pool.hours[row]),
        languages=_bits(pool.languages[row]),
        credentials=_bits(pool.credentials[row]),
        gender=str(pool.gender[row]),
        asleep=asleep,
        urgent_ok=bool(pool.urgent_ok[row]),
        open_claims=held,
        max_open=int(pool.max_open[row]),
        asks_this_week=week,
        asks_a_week=int(pool.asks_a_week[row]),
        rested_for=None if rested == np.inf else timedelta(days=rested),
    )


def test_rest_floors_are_what_was_decided() -> None:
    assert [floor.total_seconds() / 3600 for floor in REST.values()] == [0, 12, 24]
