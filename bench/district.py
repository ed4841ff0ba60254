"""`python -m bench district`: five weeks of an invented district, with the product's own rules, fit and waves.

Beside it: everybody asked at once, the nearest 20, any 20, and who knows every yes beforehand (a max flow: an upper bound).
"""

from __future__ import annotations

import argparse
import heapq
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.graph.python import max_flow

from bench import _columns, _district
from bench._district import URGENCIES, Bools, Ints, Pool, Requests
from bot.matching import fit, waves

DAYS, WARM = 35, 7
MUTES = 0.04  # chance of muting the bot for good, at each ask beyond what she bears
SAYS_NO = 0.4  # of those who hear it and do not come
MINUTES = (8, 25, 40)  # median until an answer, by urgency
SPREAD = 1.2  # of its logarithm
NIGHT, MORNING = 22 / 24, 8 / 24
WINDOW = 14  # days by which an area's fill is known


@dataclass(frozen=True)
class Scenario:
    volunteers: int
    a_day: float
    deaf_for: float  # days, on average, after an ask that was heard


SCENARIOS = {
    "A": Scenario(5000, 50, 1),
    "B": Scenario(5000, 50, 3),
    "C": Scenario(20000, 50, 3),
    "D": Scenario(1500, 25, 3),
    "E": Scenario(5000, 50, 7),
}


class World:
    """Who would say yes to what, drawn once, so that every policy meets the same people."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        chance = np.random.default_rng(seed * 7919 + 13)
        self.scenario, self.seed = scenario, seed
        self.pool: Pool = _district.pool(scenario.volunteers, seed)
        size = scenario.volunteers
        bears = self.pool.asks_a_week + chance.normal(0, 1.5, size)
        self.bears = np.maximum(1, np.rint(bears)).astype(int)
        base = chance.beta(0.6, 5.4, size)
        taste = np.exp(chance.normal(-0.125, 0.5, (size, _district.KINDS)))
        self.requests: Requests = _district.requests(scenario.a_day, DAYS, chance)
        self.able: list[Ints] = []
        self.hop: list[Ints] = []
        self.yes: list[Bools] = []
        for one in range(self.requests.size):
            able = _columns.suited(self.pool, self.requests, one)
            hop = _district.hops()[self.requests.area[one], self.pool.area[able]]
            likely = np.minimum(
                0.9, base[able] * taste[able, self.requests.kind[one]] * np.exp(-hop / fit.REACH)
            )
            self.able.append(able)
            self.hop.append(hop)
            self.yes.append(np.random.default_rng([seed, one]).random(size)[able] < likely)
        self.measured = (self.requests.at >= WARM) & (self.requests.until < DAYS)

    def clairvoyant(self) -> float:
        """Share of slots filled by who knows every yes, with each volunteer's own limit in a week: an upper bound."""
        flow = max_flow.SimpleMaxFlow()
        ids = np.flatnonzero(self.measured)
        source, arcs, weeks = len(ids), [], dict[tuple[int, int], int]()
        for node, one in enumerate(ids):
            arcs.append((source, node, int(self.requests.slots[one])))
            for person in self.able[one][self.yes[one]].tolist():
                week = (person, int(self.requests.at[one] // 7))
                arcs.append((node, weeks.setdefault(week, source + 1 + len(weeks)), 1))
        sink = source + 1 + len(weeks)
        arcs += [(node, sink, int(self.pool.max_open[person])) for (person, _), node in weeks.items()]
        flow.add_arcs_with_capacity(*np.array(arcs).T)
        flow.solve(source, sink)
        return float(flow.optimal_flow() / self.requests.slots[ids].sum())


Pick = Callable[["Run", float, int, int, Ints], tuple[Ints, bool]]


class Run:
    """One policy in one world. It sees places, limits and when it asked whom; never who listens, nor who would say yes."""

    def __init__(self, world: World, pick: Pick, *, replaces: bool = False) -> None:
        size = world.pool.size
        self.world, self.pick, self.replaces = world, pick, replaces
        self.chance = np.random.default_rng(world.seed * 101 + 7)
        self.deaf_until, self.muted = np.zeros(size), np.zeros(size, bool)
        self.asked_week, self.claimed_week = np.zeros(size, int), np.zeros(size, int)
        self.history: list[tuple[float, Ints]] = []
        self.lately: deque[tuple[float, Ints, Ints]] = deque()  # of a week: when, whom, and in which count
        self.last = np.full(size, -30.0) + self.chance.random(size) * 30
        self.total, self.helped, self.over_cap = np.zeros(size, int), np.zeros(size, int), 0
        self.left = world.requests.slots.copy()
        self.filled_at = np.full((world.requests.size, 3), np.nan)
        self.sent = np.zeros(world.requests.size, int)
        self.asked = [np.zeros(len(able), bool) for able in world.able]
        self.dry_at = np.full(world.requests.size, np.nan)
        self.late = 0
        self.queue: list[tuple[float, int, tuple[int, int, int], int, int]] = []

    def go(self) -> Run:
        asked = self.world.requests
        for one in range(asked.size):
            at = asked.at[one] if asked.urgency[one] == 0 else awake(asked.at[one])
            self.queue.append((at, 0, self._order(one), one, 0))
        heapq.heapify(self.queue)
        while self.queue:
            at, what, _, one, x = heapq.heappop(self.queue)
            self._a_week_ago(at)
            if what == 0:
                self._wave(at, one, x)
            elif what == 1:
                self._yes(at, one, x)
            elif self.left[one] > 0 and at <= asked.until[one]:
                self._replace(at, one)
        return self

    def _order(self, one: int) -> tuple[int, int, int]:
        asked = self.world.requests
        return (-int(asked.vulnerable[one]), int(asked.urgency[one]), len(self.world.able[one]))

    def open(self, one: int) -> Ints:
        """Who was not asked about it yet, as places in the list of those it suits."""
        return np.flatnonzero(~self.asked[one])

    def _wave(self, at: float, one: int, wave: int) -> None:
        asked = self.world.requests
        if self.left[one] <= 0 or at > asked.until[one]:
            return
        chosen, more = self.pick(self, at, one, wave, self.open(one))
        if len(chosen):
            self._ask(at, one, chosen)
        elif math.isnan(self.dry_at[one]):
            self.dry_at[one] = at
        if more:
            then = at + waves.gap(URGENCIES[asked.urgency[one]], wave).total_seconds() / 86400
            then = then if asked.urgency[one] == 0 else awake(then)
            heapq.heappush(self.queue, (then, 0, self._order(one), one, wave + 1))

    def _replace(self, at: float, one: int) -> None:
        chosen, _ = self.pick(self, at, one, 0, self.open(one))
        self._ask(at, one, chosen[:1])

    def _ask(self, at: float, one: int, chosen: Ints) -> None:
        world = self.world
        people = world.able[one][chosen]
        self.asked[one][chosen] = True
        self.sent[one] += len(chosen)
        self._count(at, people, self.asked_week)
        self.history.append((at, people))
        self.last[people] = at
        if world.measured[one]:
            self.total[people] += 1
        listens = ~self.muted[people] & (self.deaf_until[people] <= at)
        tired = people[(self.asked_week[people] > world.bears[people]) & ~self.muted[people]]
        self.muted[tired[self.chance.random(len(tired)) < MUTES]] = True
        heard = people[listens]
        self.deaf_until[heard] = at + self.chance.exponential(world.scenario.deaf_for, len(heard))
        yes = listens & world.yes[one][chosen]
        no = listens & ~yes & (self.chance.random(len(people)) < SAYS_NO) & self.replaces
        for person, what in [(person, 1) for person in people[yes]] + [(person, 2) for person in people[no]]:
            wait = MINUTES[world.requests.urgency[one]] * math.exp(self.chance.normal(0, SPREAD)) / 1440
            heapq.heappush(self.queue, (awake(at + wait), what, (0, 0, 0), one, int(person)))

    def _yes(self, at: float, one: int, person: int) -> None:
        if self.left[one] <= 0 or at > self.world.requests.until[one]:
            self.late += int(self.world.measured[one])
        elif self.claimed_week[person] < self.world.pool.max_open[person]:
            self.left[one] -= 1
            self.filled_at[one, self.world.requests.slots[one] - self.left[one] - 1] = at
            self.helped[person] += 1
            self._count(at, np.array([person]), self.claimed_week)

    def _count(self, at: float, people: Ints, week: Ints) -> None:
        week[people] += 1
        self.lately.append((at, people, week))

    def _a_week_ago(self, at: float) -> None:
        while self.lately and self.lately[0][0] <= at - 7:
            _, people, week = self.lately.popleft()
            week[people] -= 1

    def figures(self) -> dict[str, float]:
        world, asked = self.world, self.world.requests
        measured = world.measured
        filled = asked.slots - self.left

        def fill(which: Bools) -> float:
            return float(filled[which].sum() / max(1, asked.slots[which].sum()))

        by_area = [measured & (asked.area == area) for area in range(_district.AREAS)]
        few = measured & (np.array([len(able) for able in world.able]) < waves.FEW)
        wait = ((self.filled_at - asked.at[:, None]) * 24)[measured]
        urgent = ((self.filled_at - asked.at[:, None]) * 1440)[measured & (asked.urgency == 0)]
        unfilled, dry = measured & (self.left > 0), measured & ~np.isnan(self.dry_at)
        weeks = (DAYS - WARM) / 7
        return {
            "fill": fill(measured),
            "fill of few": fill(few),
            "fill of the vulnerable": fill(measured & asked.vulnerable),
            "fill of the worst 5 % of areas": float(
                np.percentile([fill(area) for area in by_area if area.sum() >= 10], 5)
            ),
            "asks a fill": float(self.sent[measured].sum() / max(1, filled[measured].sum())),
            "asks a volunteer a week": float(self.total.mean() / weeks),
            "asks a week, 99th": float(np.percentile(self.total, 99) / weeks),
            "gini of asks": gini(self.total),
            "muted": float(self.muted.mean()),
            "late yeses a fill": float(self.late / max(1, filled[measured].sum())),
            "hours to a yes, median": float(np.nanmedian(wait)),
            "hours to a yes, 90th": float(np.nanpercentile(wait, 90)),
            "minutes to a yes when urgent": float(np.nanmedian(urgent)),
            "dry: recall": float((dry & unfilled).sum() / max(1, unfilled.sum())),
            "dry: precision": float((dry & unfilled).sum() / max(1, dry.sum())),
            "asks above a cap": self.above_cap(),
        }

    def above_cap(self) -> int:
        """Asks that made more in seven days than she allows, the urgent one more included, counted from the history."""
        above = 0
        limit = self.world.pool.asks_a_week + self.world.pool.urgent_ok
        people = np.concatenate([who for _, who in self.history])
        at = np.concatenate([np.full(len(who), when) for when, who in self.history])
        order = np.lexsort((at, people))
        people, at = people[order], at[order]
        for person, start, end in _runs(people):
            times, allowed = at[start:end], limit[person]
            if len(times) > allowed:
                above += int((times[allowed:] - times[:-allowed] < 7).sum())
        return above


def _runs(people: Ints) -> list[tuple[int, int, int]]:
    edges = np.flatnonzero(np.diff(people)) + 1
    starts, ends = [0, *edges], [*edges, len(people)]
    return [(int(people[start]), int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def awake(at: float) -> float:
    """This moment, or the morning after it where it is night."""
    day, hour = math.floor(at), at % 1
    return day + 1 + MORNING if hour >= NIGHT else day + MORNING if hour < MORNING else at


def gini(values: Ints) -> float:
    ordered, size = np.sort(values.astype(float)), len(values)
    return float((2 * np.arange(1, size + 1) - size - 1) @ ordered / (size * max(1e-9, ordered.sum())))


class Product:
    """The product's way: its rules, its fit, its waves."""

    def __init__(self, *, balance: bool = True) -> None:
        self.balance = balance

    def __call__(self, run: Run, at: float, one: int, wave: int, places: Ints) -> tuple[Ints, bool]:
        world, asked = run.world, run.world.requests
        urgency, able = URGENCIES[asked.urgency[one]], world.able[one]
        few = len(able) < waves.FEW
        share = self.share(run, at, one)
        size = waves.size(
            urgency,
            wave=wave,
            asked=int(run.sent[one]),
            slots=int(run.left[one]),
            share=share,
        )
        if size == 0:
            return places[:0], False
        people = able[places]
        rested = at - run.last[people]
        free = _columns.free(
            urgency,
            asks_a_week=world.pool.asks_a_week[people],
            urgent_ok=world.pool.urgent_ok[people],
            asks_this_week=run.asked_week[people],
            open_claims=run.claimed_week[people],
            max_open=world.pool.max_open[people],
            rested=rested,
            asleep=awake(at) != at,
        )
        value = _columns.value(world.hop[one][places], rested)
        free &= value >= waves.bar(urgency, few=few, share=share)
        places, value = places[free], value[free]
        order = np.lexsort((run.chance.random(len(value)), -value))[:size]
        return places[order], True

    def share(self, run: Run, at: float, one: int) -> float:
        """How much more its area may ask: where fewer requests were filled of late."""
        if not self.balance:
            return 1.0
        asked = run.world.requests
        lately = (asked.at > at - WINDOW) & (asked.at < at)
        here = lately & (asked.area == asked.area[one])
        filled = asked.slots - run.left
        return waves.share(
            int(filled[here].sum()),
            int(asked.slots[here].sum()),
            int(filled[lately].sum()),
            int(asked.slots[lately].sum()),
        )


def everybody(run: Run, at: float, one: int, wave: int, places: Ints) -> tuple[Ints, bool]:
    return places, False


def nearest(run: Run, at: float, one: int, wave: int, places: Ints) -> tuple[Ints, bool]:
    far = run.world.hop[one][places] + run.chance.random(len(places)) * 0.5
    return places[np.argsort(far, kind="stable")[:20]], False


def anybody(run: Run, at: float, one: int, wave: int, places: Ints) -> tuple[Ints, bool]:
    return run.chance.permutation(places)[:20], False


POLICIES: dict[str, tuple[Pick, bool]] = {
    "product": (Product(), True),
    "without the share of areas": (Product(balance=False), True),
    "without one replacement": (Product(), False),
    "everybody at once": (everybody, False),
    "the nearest 20": (nearest, False),
    "any 20": (anybody, False),
}
AT_LEAST = {"A": 0.80, "B": 0.65, "C": 0.95, "D": 0.42}
OF_EVERYBODY = {"A": 0.01, "B": 0.01, "C": 0.01, "D": 0.025}
ALL_AREAS, EVEN = ("A", "B", "C"), ("A", "B")


def measure(scenario: str, seeds: Sequence[int]) -> dict[str, dict[str, float]]:
    """The figures of each policy, the mean of the seeds."""
    each: dict[str, list[dict[str, float]]] = {name: [] for name in POLICIES}
    for seed in seeds:
        world = World(SCENARIOS[scenario], seed)
        most = world.clairvoyant()
        for name, (pick, replaces) in POLICIES.items():
            found = Run(world, pick, replaces=replaces).go().figures()
            each[name].append({"of the clairvoyant's fill": found["fill"] / most, **found})
    return {
        name: {what: round(float(np.mean([one[what] for one in runs])), 3) for what in runs[0]}
        for name, runs in each.items()
    }


def reach(scenario: str, figures: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    ours, all_asked = figures["product"], figures["everybody at once"]
    few = round(ours["asks a fill"] / all_asked["asks a fill"], 4)
    worst = round(ours["fill of the worst 5 % of areas"] / ours["fill"], 3)
    limits = [("asks above somebody's own cap", ours["asks above a cap"], "<=", 0.0)]
    if scenario in AT_LEAST:
        limits.append(
            ("fill / the clairvoyant's", ours["of the clairvoyant's fill"], ">=", AT_LEAST[scenario])
        )
        limits.append(("asks a fill / everybody's", few, "<=", OF_EVERYBODY[scenario]))
    if scenario in EVEN:
        limits.append(("gini of asks", ours["gini of asks"], "<=", 0.30))
    if scenario in ALL_AREAS:
        limits.append(("fill of the worst areas / fill", worst, ">=", 0.7))
    return [
        {"what": f"{scenario}: {what}", "value": value, "op": op, "limit": limit}
        for what, value, op, limit in limits
    ]


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench district")
    reader.add_argument("--scenarios", default="A,B,C,D,E")
    reader.add_argument("--seeds", default="1,2,3,4,5")
    given = reader.parse_args(argv)
    seeds = [int(seed) for seed in given.seeds.split(",")]
    figures, limits = {}, []
    for scenario in given.scenarios.split(","):
        figures[scenario] = measure(scenario, seeds)
        limits += reach(scenario, figures[scenario])
        print(f"{scenario} {SCENARIOS[scenario]}, seeds {given.seeds}")
        for name, found in figures[scenario].items():
            print(
                f"  {name:<28}", *(f"{what} {value:g}" for what, value in found.items()), sep="  ", flush=True
            )
    return {"bench": "district", "figures": {"seeds": seeds, **figures}, "reach": limits}
