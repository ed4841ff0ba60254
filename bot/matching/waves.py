"""How many are asked at once, and when the next few: small waves that grow slowly, so that attention is not used up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.matching import explain, fit
from bot.matching.eligibility import Candidate, Need, Urgency, not_now

FIRST = {Urgency.URGENT: 10, Urgency.SOON: 4, Urgency.PLANNED: 3}
GROWTH = 1.3
MOST = 50  # asked about one need, for each helper it takes
ALARM = 20  # fewer who could come: staff hear at once
FEW = ALARM  # then the far and the tired are asked too: FARTHER times
FARTHER = 2.0
ENOUGH_NEEDS = 3  # of an area in a fortnight: fewer say nothing of it
_MINUTES = {
    Urgency.URGENT: (8, 8, 8, 10, 10, 15),
    Urgency.SOON: (45, 60, 90, 120, 180, 240),
    Urgency.PLANNED: (240, 360, 480, 600, 720),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A volunteer to ask, and the reasons she is told (codes of explain)."""

    person_id: str
    why: str


def urgency_of(level: str) -> Urgency:
    """How the asking goes at a level of urgency.toml."""
    return {"U0": Urgency.URGENT, "U1": Urgency.URGENT, "U2": Urgency.SOON}.get(level, Urgency.PLANNED)


def size(urgency: Urgency, *, wave: int, asked: int, slots: int = 1, share: float = 1.0) -> int:
    """How many to ask now. `wave`: how many there have been; `asked`: about this need so far; `slots`: still to be filled;
    `share`: of its area.
    """
    room = MOST * slots - asked
    return max(0, min(room, round(FIRST[urgency] * GROWTH**wave * slots * share)))


def bar(urgency: Urgency, *, few: bool, share: float = 1.0) -> float:
    """The value below which nobody is asked: none where it is urgent and few could come."""
    if few and urgency is Urgency.URGENT:
        return 0.0
    return fit.ENOUGH / share / (FARTHER if few else 1.0)


def share(filled: int, asked: int, filled_anywhere: int, asked_anywhere: int) -> float:
    """How much more an area may ask, from 0.7 to 2: where fewer needs were met of late, more people are asked about the next."""
    if asked < ENOUGH_NEEDS or not filled_anywhere:
        return 1.0
    anywhere = filled_anywhere / asked_anywhere
    return min(2.0, max(0.7, anywhere * asked / filled if filled else 2.0))


def gap(urgency: Urgency, wave: int) -> timedelta:
    """How long to wait for answers after so many waves, the first being 0."""
    minutes = _MINUTES[urgency]
    return timedelta(minutes=minutes[min(wave, len(minutes) - 1)])


def choose(
    candidates: Iterable[tuple[int, Candidate]],
    need: Need,
    *,
    size: int,
    few: bool = False,
    share: float = 1.0,
) -> list[Chosen]:
    """Up to `size` people to ask, from candidates with how many areas away they are: whoever may be asked, by fit."""
    able = [(hop, one) for hop, one in candidates if not_now(one, need) is None]
    least = bar(need.urgency, few=few, share=share)
    able = [(hop, one) for hop, one in able if fit.value(hop, one.rested_for) >= least]
    able.sort(key=lambda each: fit.order(need.case_id, each[1].person_id, each[0], each[1].rested_for))
    return [Chosen(one.person_id, explain.written(explain.why(one, need, hop))) for hop, one in able[:size]]
