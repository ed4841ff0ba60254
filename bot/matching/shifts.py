"""Who might take which shift next week: as many shifts as can be filled, then spread evenly. It is asked, never assigned (R4).

Nobody's past counts for or against her, but that who had fewer shifts lately is asked first. Two ways lead there: a min-cost
flow where OR-Tools is installed, and one of our own, which fills as many and spreads a little less evenly.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from importlib.util import find_spec


class Why(StrEnum):
    """Why a place in a shift stays empty."""

    NOT_TICKED = "not_ticked"  # nobody said she can then
    NO_CREDENTIAL = "no_credential"  # somebody can, but what staff must have seen is missing
    AT_LIMIT = "at_limit"  # who can has as many shifts as she wishes, or another at that time


@dataclass(frozen=True)
class Shift:
    """One shift with empty places. `credentials`: one of them is needed, if any. `pair`: one person alone will not do."""

    id: str
    starts: datetime
    ends: datetime
    slots: int = 1
    priority: int = 0
    credentials: frozenset[str] = frozenset()
    pair: bool = False


@dataclass(frozen=True)
class Member:
    """Somebody of a post: the shifts she says she can take, how many more she wishes in this week, how many she had in four."""

    id: str
    ticked: frozenset[str]
    most: int
    lately: int = 0
    credentials: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Gap:
    """Places nobody is proposed for. `alone`: one person is there where two should be."""

    shift_id: str
    places: int
    why: Why
    alone: bool


@dataclass(frozen=True)
class Proposal:
    """For each shift who may be asked, and what stays empty."""

    people: dict[str, tuple[str, ...]]
    gaps: tuple[Gap, ...]

    @property
    def filled(self) -> int:
        """Places, all shifts together."""
        return sum(len(people) for people in self.people.values())


@dataclass
class Week:
    """The same by number, shifts in the order of their beginning: who could, and who does.

    A `block` is what of one member's shifts runs at the same time, of which she takes one.
    """

    shifts: list[Shift]
    members: list[Member]
    could: list[list[int]]
    block: list[dict[int, int]]
    taken: list[set[int]]
    doing: list[dict[int, int]] = field(default_factory=list)

    def is_free(self, member: int, shift: int) -> bool:
        doing = self.doing[member]
        return len(doing) < self.members[member].most and self.block[member][shift] not in doing

    def take(self, member: int, shift: int) -> None:
        self.taken[shift].add(member)
        self.doing[member][self.block[member][shift]] = shift

    def leave(self, member: int, shift: int) -> None:
        self.taken[shift].remove(member)
        del self.doing[member][self.block[member][shift]]

    def tie(self, shift: int, member: int) -> int:
        """The same for the same two, and for nobody always the smallest."""
        return _hash(self.shifts[shift].id) ^ _hash(self.members[member].id)


Way = Callable[[Week], None]
TIES = 16  # so many different costs break a tie


def propose(shifts: Sequence[Shift], members: Sequence[Member], *, way: Way | None = None) -> Proposal:
    """Who may be asked for what. The same question has the same answer, in whatever order it is put.

    First as many places as possible, of the highest priority; then evenly over the five weeks; then by hash. Nobody gets more
    than she wishes, two shifts at one time, or one she lacks the credential for. `way`: by_flow or by_hand.
    """
    week = _week(shifts, members)
    (way or (by_flow if find_spec("ortools") else by_hand))(week)
    _pair_up(week)
    people = {
        shift.id: tuple(sorted(week.members[member].id for member in week.taken[at]))
        for at, shift in enumerate(week.shifts)
    }
    ticked = {shift_id for member in members for shift_id in member.ticked}
    gaps = tuple(
        Gap(
            shift.id,
            shift.slots - len(week.taken[at]),
            Why.AT_LIMIT if week.could[at] else Why.NO_CREDENTIAL if shift.id in ticked else Why.NOT_TICKED,
            shift.pair and len(week.taken[at]) == 1,
        )
        for at, shift in enumerate(week.shifts)
        if len(week.taken[at]) < shift.slots
    )
    return Proposal(people, gaps)


def by_hand(week: Week) -> None:
    """The hardest shift first, the least burdened of who can; where all of them are taken, somebody moves to make room."""
    lost: set[int] = set()

    def hardest(at: int) -> tuple[int, float, str]:
        shift = week.shifts[at]
        return (-shift.priority, len(week.could[at]) / max(shift.slots, 1), shift.id)

    for at in sorted(range(len(week.shifts)), key=hardest):
        for _ in range(week.shifts[at].slots):
            free = [m for m in week.could[at] if m not in week.taken[at] and week.is_free(m, at)]
            if free:
                burden = {m: (_burden(week.members[m], len(week.doing[m])), week.tie(at, m)) for m in free}
                week.take(min(free, key=burden.__getitem__), at)
            elif at in lost or not _make_room(week, at, lost=lost):
                break


def by_flow(week: Week) -> None:
    """Min-cost flow: shift, block of hours, member. A member's first shift costs little, each further one more."""
    import numpy as np
    from ortools.graph.python import min_cost_flow

    shifts, members = week.shifts, week.members
    first_member = len(shifts)
    blocks: dict[tuple[int, int], int] = {}  # nodes of their own only where several shifts run at once
    for m, hers in enumerate(week.block):
        for block, several in Counter(hers.values()).items():
            if several > 1:
                blocks[m, block] = first_member + len(members) + len(blocks)
    could = [(at, m) for at, people in enumerate(week.could) for m in people]
    at, who = np.array(could, dtype=np.int64).reshape(-1, 2).T
    into = np.array([blocks.get((m, week.block[m][at]), first_member + m) for at, m in could], dtype=np.int64)
    shift_hash, member_hash = (
        np.array([_hash(one.id) for one in many], dtype=np.int64) for many in (shifts, members)
    )
    load = [
        (m, _burden(member, more))
        for m, member in enumerate(members)
        for more in range(min(member.most, len(week.block[m])))
    ]
    source = first_member + len(members) + len(blocks)
    sink = source + 1
    unit = (
        TIES * 256
    )  # of two costs the greater decides: ties add up along one chain of exchanges, which is far shorter
    level = unit * (max((burden for _, burden in load), default=0) + 1)
    steps = {priority: level * step for step, priority in enumerate(sorted({-s.priority for s in shifts}))}
    arcs = [
        *((source, at, shift.slots, steps[-shift.priority]) for at, shift in enumerate(shifts)),
        *((node, first_member + m, 1, 0) for (m, _), node in blocks.items()),
        *((first_member + m, sink, 1, unit * burden) for m, burden in load),
    ]
    flow = min_cost_flow.SimpleMinCostFlow()
    taking = flow.add_arcs_with_capacity_and_unit_cost(
        at, into, np.ones_like(at), (shift_hash[at] ^ member_hash[who]) % TIES
    )
    flow.add_arcs_with_capacity_and_unit_cost(*np.array(arcs, dtype=np.int64).reshape(-1, 4).T.copy())
    places = sum(shift.slots for shift in shifts)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([places, -places]))
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        raise RuntimeError("no flow through a week")  # a defect: where nobody can, the empty flow is one
    for arc in np.flatnonzero(flow.flows(taking)):
        week.take(int(who[arc]), int(at[arc]))


def _burden(member: Member, more: int) -> int:
    """What one further shift weighs: this week's four times what lies in the four weeks before."""
    return 2 * (2 * more + 1) + member.lately


def _week(shifts: Sequence[Shift], members: Sequence[Member]) -> Week:
    ordered = sorted(shifts, key=lambda shift: (shift.starts, shift.id))
    people = sorted(members, key=lambda member: member.id)
    number = {shift.id: at for at, shift in enumerate(ordered)}
    could: list[list[int]] = [[] for _ in ordered]
    block: list[dict[int, int]] = []
    for m, member in enumerate(people):
        hers: dict[int, int] = {}
        until: datetime | None = None
        for at in sorted(number[one] for one in member.ticked if one in number):
            shift = ordered[at]
            if shift.credentials and not shift.credentials & member.credentials:
                continue
            together = until is not None and shift.starts < until
            hers[at] = next(reversed(hers.values())) if together else at
            until = max(until, shift.ends) if until is not None and together else shift.ends
            could[at].append(m)
        block.append(hers)
    return Week(ordered, people, could, block, [set() for _ in ordered], [{} for _ in people])


def _make_room(
    week: Week, start: int, *, lost: set[int], spares: Callable[[int], bool] = lambda shift: False
) -> bool:
    """Give a shift one more, by a chain of members who each move over to the shift before.

    The chain ends with somebody free, or at a shift that `spares` one. What no chain leads from now none ever will while shifts
    are only filled: it is noted in `lost` and passed over (the forest of Hungarian trees).
    """
    came: dict[int, tuple[int, int]] = {}
    line = [start]
    seen_blocks: set[tuple[int, int]] = set()
    seen: set[int] = set()
    for at in line:
        for member in week.could[at]:
            block = (member, week.block[member][at])
            if member in week.taken[at] or block in seen_blocks:
                continue
            seen_blocks.add(block)
            if week.is_free(member, at):
                _move_over(week, came, at, member)
                return True
            doing = week.doing[member]
            if block[1] in doing:
                instead = [doing[block[1]]]
            elif member not in seen:
                seen.add(member)
                instead = list(doing.values())
            else:
                continue
            for shift in instead:
                if shift in came or shift in lost or shift == start:
                    continue
                came[shift] = (at, member)
                if spares(shift):
                    _move_over(week, came, shift, None)
                    return True
                line.append(shift)
    lost.update(line)
    return False


def _move_over(week: Week, came: dict[int, tuple[int, int]], at: int, newcomer: int | None) -> None:
    """The last of the chain first: each leaves a shift for the one before, and the newcomer takes what is left over."""
    moves: list[tuple[int, int, int]] = []
    shift = at
    while shift in came:
        before, member = came[shift]
        moves.append((member, shift, before))
        shift = before
    for member, old, _ in moves:
        week.leave(member, old)
    for member, _, new in moves:
        week.take(member, new)
    if newcomer is not None:
        week.take(newcomer, at)


def _pair_up(week: Week) -> None:
    """Where one would be alone, a second comes from another lone one or from where there are three, if nobody is lost by it."""

    for at, shift in enumerate(week.shifts):
        if shift.pair and shift.slots > 1 and len(week.taken[at]) == 1:
            _make_room(week, at, lost=set(), spares=partial(_spares, week, shift.priority))


def _spares(week: Week, priority: int, at: int) -> bool:
    shift, there = week.shifts[at], len(week.taken[at])
    return shift.priority <= priority and (there > 2 or (there == 1 and shift.pair and shift.slots > 1))


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
