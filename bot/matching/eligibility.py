"""Who may be asked about a need, and why: nearness and rest, never a person's worth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why somebody is not asked now."""

    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    ENGAGED = "engaged"
    OWN_CAP = "own_cap"
    ASKED_BEFORE = "asked_before"
    ASKER = "asker"


@dataclass(frozen=True)
class Candidate:
    """What is known of a volunteer for one question: may she be asked about this need now?"""

    person_id: str
    area: str | None
    reachable: bool
    paused: bool
    asks_left: int
    rested_for: timedelta | None
    engaged: bool
    asked_before: bool


@dataclass(frozen=True)
class Chosen:
    """A volunteer to ask, and what she is told of why."""

    person_id: str
    near: bool


def not_now(candidate: Candidate, *, asker_id: str) -> Reason | None:
    """The first reason not to ask, or None when she may be asked."""
    checks: tuple[tuple[bool, Reason], ...] = (
        (candidate.person_id == asker_id, Reason.ASKER),
        (candidate.asked_before, Reason.ASKED_BEFORE),
        (not candidate.reachable, Reason.UNREACHABLE),
        (candidate.paused, Reason.PAUSED),
        (candidate.engaged, Reason.ENGAGED),
        (candidate.asks_left <= 0, Reason.OWN_CAP),
    )
    return next((reason for fails, reason in checks if fails), None)


def choose(
    candidates: Sequence[Candidate],
    *,
    asker_id: str,
    case_id: str,
    area: str | None,
    near_areas: Callable[[str | None, str | None], bool],
    size: int,
) -> list[Chosen]:
    """Up to `size` people to ask: near before far, rested before lately asked, ties by hash of case and person."""

    def order(candidate: Candidate) -> tuple[bool, float, str]:
        rested = candidate.rested_for.total_seconds() if candidate.rested_for is not None else float("inf")
        tie = hashlib.sha256(f"{case_id}:{candidate.person_id}".encode()).hexdigest()
        return (not near_areas(candidate.area, area), -rested, tie)

    may = [c for c in candidates if not_now(c, asker_id=asker_id) is None]
    return [Chosen(c.person_id, near_areas(c.area, area)) for c in sorted(may, key=order)[:size]]
