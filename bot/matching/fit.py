"""Who of those who may be asked is asked first: the near and the rested. Nothing else enters, and no worth of anybody."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Mapping
from datetime import timedelta

REACH = 2.5  # areas: so far away a neighbour is a third as near
RESTED = 3.0  # days after which somebody is two thirds rested
ENOUGH = 0.25  # below this nobody is asked, unless few could come at all
DAY = timedelta(days=1)


def value(hop: int, rested_for: timedelta | None) -> float:
    """From 0, far or just asked, to 1, at the door and never asked."""
    return nearness(hop) * rest(None if rested_for is None else rested_for / DAY)


def nearness(hop: int) -> float:
    return math.exp(-hop / REACH)


def rest(days: float | None) -> float:
    return 1.0 if days is None else 1 - math.exp(-days / RESTED)


def rested_enough(hop: int, at_least: float) -> float | None:
    """Days of rest after which somebody so far away has this value; None: she never has."""
    missing = 1 - at_least / nearness(hop)
    return None if missing <= 0 else -RESTED * math.log(missing)


def order(case_id: str, person_id: str, hop: int, rested_for: timedelta | None) -> tuple[float, float, str]:
    """For sorting: the highest value first, then the longest rested, then a hash of both, so that nobody is always first."""
    rested = math.inf if rested_for is None else rested_for / DAY
    return -value(hop, rested_for), -rested, tie(case_id, person_id)


def tie(case_id: str, person_id: str) -> str:
    return hashlib.sha256(f"{case_id}:{person_id}".encode()).hexdigest()


def rings(near: Mapping[str, tuple[str, ...]], area: str | None) -> list[list[str | None]]:
    """The areas by how many borders lie between: the same one, those next door, …; last an unknown place.

    From an unknown place everybody is as far away as anybody.
    """
    if area is None or area not in near:
        return [[*near, None]]
    hops = {area: 0}
    queue = deque([area])
    while queue:
        here = queue.popleft()
        for other in near[here]:
            if other not in hops:
                hops[other] = hops[here] + 1
                queue.append(other)
    farthest = max(hops.values()) + 1
    found: list[list[str | None]] = [[] for _ in range(farthest)]
    for code, hop in hops.items():
        found[hop].append(code)
    return [*found, [code for code in near if code not in hops] + [None]]
