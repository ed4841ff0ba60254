"""`python -m bench shifts`: the weekly proposal for a district, beside first-come claims; a max flow proves it.

98 communities of different size; everybody ticks what fits her usual hours nearby, and says how many she wants in a
week; a tenth of the shifts needs a credential that one in twelve has.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from ortools.graph.python import max_flow

from bot.matching.shifts import Member, Proposal, Shift, Way, Week, _week, by_flow, by_hand, propose

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
COMMUNITIES = 98


def a_week(chance: random.Random, shifts: int, people: int) -> tuple[list[Shift], list[Member]]:
    """Shifts on the half hour from 8 to 20; people free in a third to most of the parts of a week."""
    nearby: list[list[tuple[Shift, tuple[int, int]]]] = [[] for _ in range(COMMUNITIES)]
    for number in range(shifts):
        day, half = chance.randrange(7), chance.randrange(24)
        starts = MONDAY + timedelta(days=day, hours=8, minutes=30 * half)
        slots = chance.choices((1, 2, 3, 4), (45, 38, 12, 5))[0]
        needs = frozenset({"lawyer"} if chance.random() < 0.1 else ())
        shift = Shift(
            f"s{number}",
            starts,
            starts + timedelta(minutes=90),
            slots,
            chance.randrange(3),
            needs,
            slots == 2,
        )
        nearby[chance.randrange(COMMUNITIES)].append((shift, (day, half // 8)))
    members = []
    for number in range(people):
        free = chance.choice((0.35, 0.5, 0.65, 0.8))
        parts = {(day, part) for day in range(7) for part in range(3) if chance.random() < free}
        home = min(COMMUNITIES - 1, int(chance.betavariate(1.6, 1.6) * COMMUNITIES))
        ticked = frozenset(shift.id for shift, part in nearby[home] if part in parts)
        most, seen = chance.choices((1, 2, 3, 5), (50, 30, 15, 5))[0], chance.random() < 0.08
        members.append(
            Member(f"v{number}", ticked, most, _lately(chance), frozenset({"lawyer"} if seen else ()))
        )
    return [shift for group in nearby for shift, _ in group], members


def _lately(chance: random.Random) -> int:
    return min(16, int(chance.expovariate(0.4)))


def first_come(week: Week, chance: random.Random) -> None:
    """Whoever looks first takes what she likes: some look often, most seldom."""
    looks = [
        (chance.expovariate(eager), member)
        for member, one in enumerate(week.members)
        for eager in [chance.lognormvariate(0, 1.5)]
        for _ in range(one.most)
    ]
    for _, member in sorted(looks):
        open_ = [
            shift
            for shift in week.block[member]
            if len(week.taken[shift]) < week.shifts[shift].slots and week.is_free(member, shift)
        ]
        if open_:
            week.take(member, chance.choice(open_))


def most_possible(week: Week) -> int:
    """Places any proposal could fill: a max flow through a graph of its own."""
    graph = max_flow.SimpleMaxFlow()
    ids: dict[object, int] = {}

    def node(name: object) -> int:
        return ids.setdefault(name, len(ids))

    for at, could in enumerate(week.could):
        graph.add_arc_with_capacity(node("source"), node(("shift", at)), week.shifts[at].slots)
        for member in could:
            graph.add_arc_with_capacity(node(("shift", at)), node((member, week.block[member][at])), 1)
    for member, one in enumerate(week.members):
        for block in set(week.block[member].values()):
            graph.add_arc_with_capacity(node((member, block)), node(("member", member)), 1)
        graph.add_arc_with_capacity(node(("member", member)), node("sink"), one.most)
    assert graph.solve(node("source"), node("sink")) == graph.OPTIMAL
    return int(graph.optimal_flow())


def timed(shifts: list[Shift], members: list[Member], way: Way) -> tuple[Proposal, float]:
    """A proposal, and seconds: the quickest of three, the one nothing else fell on."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        proposal = propose(shifts, members, way=way)
        took.append(time.perf_counter() - began)
    return proposal, min(took)


def gini(counts: list[int]) -> float:
    """0: all alike, 1: one has everything."""
    ordered = np.sort(np.array(counts, dtype=float))
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench shifts")
    reader.add_argument("--shifts", type=int, default=4_000)
    reader.add_argument("--people", type=int, default=10_000)
    reader.add_argument("--seed", type=int, default=1)
    options = reader.parse_args(argv)
    chance = random.Random(options.seed)
    shifts, members = a_week(chance, options.shifts, options.people)
    places = sum(shift.slots for shift in shifts)
    week = _week(shifts, members)
    claimed = _week(shifts, members)
    first_come(claimed, chance)
    best = most_possible(week)

    def spread(counts: Counter[str]) -> list[float]:
        return [
            round(gini([counts[member.id] + before * member.lately for member in members]), 3)
            for before in (0, 1)
        ]

    def look(proposal: Proposal) -> Counter[str]:
        return Counter(person for people in proposal.people.values() for person in people)

    proposal, took = timed(shifts, members, by_flow)
    by_ours, took_by_hand = timed(shifts, members, by_hand)
    first = Counter(week.members[member].id for people in claimed.taken for member in people)
    first_filled = sum(len(people) for people in claimed.taken)
    ours, hand, come = look(proposal), look(by_ours), first
    figures = {
        "seed": options.seed,
        "shifts, places, people": [len(shifts), places, len(members)],
        "a person could in a shift": sum(len(could) for could in week.could),
        "seconds: flow, own way": [round(took, 2), round(took_by_hand, 2)],
        "coverage: optimum, flow, own way, first-come": [
            round(filled / places, 4) for filled in (best, proposal.filled, by_ours.filled, first_filled)
        ],
        "Gini of the week, of five weeks: flow": spread(ours),
        "own way": spread(hand),
        "first-come": spread(come),
        "people with a shift: flow, own way, first-come": [
            round(len(one) / len(members), 3) for one in (ours, hand, come)
        ],
        "one alone where two should be: flow, first-come": [
            sum(gap.alone for gap in proposal.gaps),
            sum(s.pair and len(t) == 1 for s, t in zip(claimed.shifts, claimed.taken, strict=True)),
        ],
    }
    reach = [
        ("seconds", round(took, 2), "<=", 2),
        ("coverage / optimum (max flow)", proposal.filled / best, ">=", 1),
        ("own way / optimum", round(by_ours.filled / best, 4), ">=", 0.9),
        ("Gini of the week / first-come", round(spread(ours)[0] / spread(come)[0], 3), "<=", 0.8),
    ]
    return {
        "bench": "shifts",
        "figures": figures,
        "reach": [dict(zip(("what", "value", "op", "limit"), row, strict=True)) for row in reach],
    }
