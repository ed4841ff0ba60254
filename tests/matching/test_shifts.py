"""The weekly proposal: as many places as can be filled, evenly, and never more of anybody than she wishes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.shifts import Member, Proposal, Shift, Way, Why, by_flow, by_hand, propose

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
WAYS = pytest.mark.parametrize("way", [by_flow, by_hand])


def shift(
    name: str,
    hour: int = 9,
    *,
    hours: int = 1,
    slots: int = 1,
    priority: int = 0,
    needs: str = "",
    pair: bool = False,
) -> Shift:
    starts = MONDAY + timedelta(hours=hour)
    return Shift(
        name, starts, starts + timedelta(hours=hours), slots, priority, frozenset(needs.split()), pair
    )


def member(name: str, ticked: str, most: int = 1, lately: int = 0, has: str = "") -> Member:
    return Member(name, frozenset(ticked.split()), most, lately, frozenset(has.split()))


WEEKS = st.lists(
    st.builds(
        shift,
        st.uuids().map(lambda one: one.hex[:6]),
        st.integers(0, 5),
        hours=st.integers(1, 2),
        slots=st.integers(0, 2),
        priority=st.integers(0, 2),
        needs=st.sampled_from(["", "", "lawyer", "judge lawyer"]),
        pair=st.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one.id,
).flatmap(
    lambda shifts: st.tuples(
        st.just(shifts),
        st.lists(
            st.builds(
                Member,
                st.uuids().map(lambda one: one.hex[:6]),
                st.frozensets(st.sampled_from([one.id for one in shifts] + ["another week"])),
                st.integers(0, 3),
                st.integers(0, 4),
                st.sampled_from([frozenset[str](), frozenset({"lawyer"})]),
            ),
            max_size=4,
            unique_by=lambda one: one.id,
        ),
    )
)


def may(one: Member, taken: list[Shift]) -> bool:
    """Whether she could do these together; what runs into each other in a row is one block of her day."""
    ordered = sorted((s for s in taken), key=lambda s: s.starts)
    return len(taken) <= one.most and all(a.ends <= b.starts for a, b in pairwise(ordered))


def choices(one: Member, shifts: list[Shift]) -> list[list[Shift]]:
    can = [s for s in shifts if s.id in one.ticked and (not s.credentials or s.credentials & one.credentials)]
    chains = [[can[0]]] if (can := sorted(can, key=lambda s: (s.starts, s.id))) else []
    for s in can[1:]:
        if s.starts < max(other.ends for other in chains[-1]):
            chains[-1].append(s)
        else:
            chains.append([s])
    return [
        list(some)
        for n in range(len(can) + 1)
        for some in combinations(can, n)
        if may(one, list(some)) and all(sum(s in chain for s in some) <= 1 for chain in chains)
    ]


def worth(
    shifts: list[Shift], members: list[Member], people: dict[str, tuple[str, ...]]
) -> tuple[int, int, int]:
    """Places filled, their priorities, and how little they burden anybody: the greatest is the best proposal."""
    had = Counter(name for names in people.values() for name in names)
    burden = sum(2 * (2 * n + 1) + one.lately for one in members for n in range(had[one.id]))
    return (
        sum(map(len, people.values())),
        sum(one.priority * len(people.get(one.id, ())) for one in shifts),
        -burden,
    )


def best(shifts: list[Shift], members: list[Member]) -> tuple[int, int, int]:
    """By trying everything."""
    found: list[dict[str, tuple[str, ...]]] = [{}]
    for one in members:
        found = [
            {**people, **{s.id: (*people.get(s.id, ()), one.id) for s in some}}
            for people in found
            for some in choices(one, shifts)
            if all(len(people.get(s.id, ())) < s.slots for s in some)
        ]
    return max(worth(shifts, members, people) for people in found)


@WAYS
@given(WEEKS)
def test_as_many_as_can_be_filled_and_the_more_urgent_first(
    way: Way, week: tuple[list[Shift], list[Member]]
) -> None:
    proposal = propose(*week, way=way)
    assert worth(*week, proposal.people)[:2] == best(*week)[:2]


@given(WEEKS)
def test_the_flow_spreads_them_as_evenly_as_can_be(week: tuple[list[Shift], list[Member]]) -> None:
    shifts, members = week
    shifts = [shift(s.id, s.starts.hour, slots=s.slots, priority=s.priority) for s in shifts]
    assert worth(shifts, members, propose(shifts, members, way=by_flow).people) == best(shifts, members)


@WAYS
@given(WEEKS)
def test_nobody_gets_more_than_she_wishes_nor_what_she_may_not_do(
    way: Way, week: tuple[list[Shift], list[Member]]
) -> None:
    shifts, members = week
    proposal = propose(shifts, members, way=way)
    for one in members:
        taken = [s for s in shifts if one.id in proposal.people[s.id]]
        assert may(one, taken)
        assert {s.id for s in taken} <= one.ticked
        assert all(not s.credentials or s.credentials & one.credentials for s in taken)
    assert all(len(set(proposal.people[s.id])) == len(proposal.people[s.id]) <= s.slots for s in shifts)
    left = {
        s.id: s.slots - len(proposal.people[s.id]) for s in shifts if len(proposal.people[s.id]) < s.slots
    }
    assert {gap.shift_id: gap.places for gap in proposal.gaps} == left


@WAYS
@given(WEEKS, st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_put_changes_nothing(
    way: Way, week: tuple[list[Shift], list[Member]], chance: object
) -> None:
    shifts, members = week
    mixed = [list(shifts), list(members)]
    for many in mixed:
        chance.shuffle(many)  # type: ignore[attr-defined]  # hypothesis types it as an object
    assert propose(*mixed, way=way) == propose(shifts, members, way=way)  # type: ignore[arg-type]


def whys(proposal: Proposal) -> dict[str, Why]:
    return {gap.shift_id: gap.why for gap in proposal.gaps}


@WAYS
def test_it_says_why_nobody(way: Way) -> None:
    shifts = [shift("wed"), shift("law", 10, needs="lawyer"), shift("sat", 12), shift("sun", 12)]
    proposal = propose(shifts, [member("lin", "sat law"), member("chen", "sun", most=0)], way=way)
    assert proposal.people["sat"] == ("lin",)
    assert whys(proposal) == {"wed": Why.NOT_TICKED, "law": Why.NO_CREDENTIAL, "sun": Why.AT_LIMIT}


@WAYS
def test_who_had_fewer_is_asked_first(way: Way) -> None:
    shifts = [shift("mon"), shift("tue", 40)]
    tired = member("a", "mon tue", most=2, lately=8)
    proposal = propose(shifts, [tired, member("b", "mon tue", most=2)], way=way)
    assert proposal.people == {"mon": ("b",), "tue": ("b",)}
    even = propose(shifts, [member("a", "mon tue", most=2), member("b", "mon tue", most=2)], way=way)
    assert Counter(name for names in even.people.values() for name in names) == {"a": 1, "b": 1}


@WAYS
def test_somebody_moves_over_where_only_that_fills_both(way: Way) -> None:
    shifts = [shift("a", slots=2), shift("b", 40)]
    proposal = propose(shifts, [member("x", "a b"), member("y", "a b"), member("z", "a")], way=way)
    assert proposal.filled == 3


@WAYS
def test_two_go_together_rather_than_one_here_and_one_there(way: Way) -> None:
    shifts = [shift(name, hour, slots=2, pair=True) for name, hour in (("sat", 9), ("sun", 40))]
    proposal = propose(shifts, [member("a", "sat sun"), member("b", "sat sun")], way=way)
    assert sorted(map(len, proposal.people.values())) == [0, 2]
    assert not [gap for gap in proposal.gaps if gap.alone]
    alone = propose(shifts, [member("a", "sat"), member("b", "sun")], way=way)
    assert [gap.alone for gap in alone.gaps] == [True, True]


@WAYS
def test_two_at_the_same_time_are_one(way: Way) -> None:
    shifts = [shift("law", 14, hours=3), shift("form", 15), shift("late", 17)]
    proposal = propose(shifts, [member("lin", "law form late", most=3)], way=way)
    assert (proposal.filled, proposal.people["late"]) == (2, ("lin",))


def test_ties_fall_to_nobody_in_particular() -> None:
    people = [member(name, "x") for name in ("a", "b", "c")]
    first = {
        propose([shift(f"w{week}")], [Member(p.id, frozenset({f"w{week}"}), 1) for p in people]).people[
            f"w{week}"
        ]
        for week in range(40)
    }
    assert first == {("a",), ("b",), ("c",)}
