"""An invented district: who lives in it and what they can, what is asked for and when. All of it from a seed.

Assumed behaviour, not observed: how often somebody says yes is very uneven, falls with distance, and whoever was asked is deaf to
the next asks for some days; beyond what she bears in a week each ask may make her mute the bot for good (after Manshadi and
Rodilitz, "Online Policies for Efficient Volunteer Crowdsourcing", Management Science 2022).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bot.data import Local
from bot.data.local import Area
from bot.matching.eligibility import PARTS, Urgency

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

AREAS, ACROSS = 98, 10  # on a grid
KINDS = 24
OFFERED = np.repeat(
    [0.40, 0.35, 0.30, 0.25, 0.20, 0.15, 0.10, 0.08, 0.06, 0.05, 0.02, 0.015, 0.01],
    [1, 2, 2, 2, 3, 2, 2, 3, 2, 1, 2, 1, 1],
)  # by how many of all volunteers
WANTED = np.concatenate([np.linspace(3, 1.2, 12), np.linspace(1, 0.5, 8), [0.35, 0.35, 0.3, 0.25]])
LANGUAGES = np.array([1, 0.35, 0.30, 0.05, 0.03])
CREDENTIALS = {20: 1, 21: 2, 22: 4}  # needed by these kinds, as a bit
URGENCIES = (Urgency.URGENT, Urgency.SOON, Urgency.PLANNED)
PARTS_A_DAY = len(PARTS)
WEEK = 7


@cache
def hops() -> Ints:
    """How many borders lie between two areas, as the product counts them."""
    found = np.zeros((AREAS, AREAS), np.int64)
    for area in range(AREAS):
        for hop, ring in enumerate(neighbourhood().rings[code(area)]):
            found[area, [int(other[1:]) for other in ring if other is not None]] = hop
    return found


def code(area: int) -> str:
    return f"g{area:02d}"


@cache
def neighbourhood() -> Local:
    """Ours, but with the areas of a whole district."""
    areas = []
    for area in range(AREAS):
        x, y = area % ACROSS, area // ACROSS
        near = tuple(
            code(other)
            for other in range(AREAS)
            if other != area and max(abs(other % ACROSS - x), abs(other // ACROSS - y)) == 1
        )
        areas.append(Area(code(area), {"zh": code(area), "en": code(area)}, area + 1, area + 1, near))
    return replace(Local.load(), areas=tuple(areas))


@dataclass(frozen=True)
class Pool:
    """Volunteers, a row each. `offers`: which kinds; `hours`, `languages`, `credentials`: bits."""

    offers: Bools
    hours: Ints
    area: Ints
    languages: Ints
    credentials: Ints
    gender: Ints
    max_open: Ints
    asks_a_week: Ints
    urgent_ok: Bools

    @property
    def size(self) -> int:
        return len(self.area)


def pool(size: int, seed: int) -> Pool:
    chance = np.random.default_rng(seed)
    week = np.zeros((5, WEEK, PARTS_A_DAY), bool)
    week[0, :5, 2] = week[0, 5:] = True  # works: evenings and weekends
    week[1, :, :2] = True  # retired: days
    week[2, 5:] = True  # weekends
    week[3, :5, :2] = True  # at home: weekdays
    week[4] = True
    habit = week.reshape(5, -1)[chance.choice(5, size, p=[0.42, 0.28, 0.12, 0.12, 0.06])]
    kept = habit & (chance.random(habit.shape) < 0.85)
    return Pool(
        offers=chance.random((size, KINDS)) < OFFERED,
        hours=kept @ (1 << np.arange(WEEK * PARTS_A_DAY)),
        area=chance.choice(AREAS, size, p=chance.dirichlet(np.full(AREAS, 4.0))),
        languages=(chance.random((size, len(LANGUAGES))) < LANGUAGES) @ (1 << np.arange(len(LANGUAGES))),
        credentials=(chance.random((size, 4)) < [0.02, 0.02, 0.03, 0.15]) @ (1 << np.arange(4)),
        gender=chance.choice(3, size, p=[0.55, 0.35, 0.10]),
        max_open=chance.integers(1, 4, size),
        asks_a_week=chance.choice([1, 2, 3, 5, 7], size, p=[0.1, 0.2, 0.45, 0.2, 0.05]),
        urgent_ok=chance.random(size) < 0.3,
    )


@dataclass(frozen=True)
class Requests:
    """What is asked for, a row each, in the order of time (days from the first midnight). `gender`: -1 where nobody wishes."""

    at: Floats
    until: Floats
    kind: Ints
    area: Ints
    urgency: Ints
    slots: Ints
    vulnerable: Bools
    hours: Ints
    language: Ints
    credential: Ints
    gender: Ints

    @property
    def size(self) -> int:
        return len(self.at)


def requests(a_day: float, days: int, chance: np.random.Generator) -> Requests:
    size = int(chance.poisson(a_day * days))
    hourly = np.zeros(24)
    hourly[7:23] = [1, 3, 5, 6, 5, 4, 3, 4, 5, 5, 5, 5, 5, 4, 3, 1]
    at = (
        chance.integers(0, days, size)
        + (chance.choice(24, size, p=hourly / hourly.sum()) + chance.random(size)) / 24
    )
    at.sort()
    urgency = chance.choice(3, size, p=[0.15, 0.50, 0.35])
    ahead = np.select(
        [urgency == 0, urgency == 1],
        [chance.uniform(1, 4, size) / 24, chance.uniform(1, 2, size)],
        chance.uniform(3, 7, size),
    )
    hour = np.where(
        urgency == 0,
        (((at + ahead) % 1) * 24).astype(int),
        chance.choice([9, 10, 11, 14, 15, 16, 18, 19, 20], size),
    )
    part = ((at + ahead).astype(int) % WEEK) * PARTS_A_DAY + (hour >= 12).astype(int) + (hour >= 18)
    kind = chance.choice(KINDS, size, p=WANTED / WANTED.sum())
    return Requests(
        at=at,
        until=at + np.array([3, 24, 72])[urgency] / 24,
        kind=kind,
        area=chance.choice(AREAS, size, p=chance.dirichlet(np.full(AREAS, 2.0))),
        urgency=urgency,
        slots=chance.choice([1, 2, 3], size, p=[0.85, 0.10, 0.05]),
        vulnerable=chance.random(size) < 0.25,
        hours=1 << part,
        language=np.where(chance.random(size) < 0.92, 1, chance.choice([2, 4, 8], size, p=[0.5, 0.4, 0.1])),
        credential=np.array([CREDENTIALS.get(each, 0) for each in range(KINDS)])[kind],
        gender=np.where(chance.random(size) < 0.07, 0, -1),
    )
