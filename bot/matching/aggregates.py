"""What is learned from asking: sums by kind of help, distance and part of the day, and nothing of anybody.

They say how often a yes may be hoped for, and how often a request comes. Nobody is asked sooner or later for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 20  # asks: fewer say little, and might be one person's
EVERYWHERE = 0.06  # of all asks, before anything is known (the simulation's: bench/district.py)
RINGS = 3  # the same area, next door, and farther


@dataclass(frozen=True)
class Cell:
    """So many asks, and so many of them answered with yes."""

    asked: int = 0
    yes: int = 0

    def __add__(self, other: Cell) -> Cell:
        return Cell(self.asked + other.asked, self.yes + other.yes)


def hope(cells: Sequence[Cell]) -> float:
    """How often a yes may be hoped for, 0 to 1. `cells`: from the narrowest to the widest, each within the next.

    Each leans on the next as if ENOUGH asks more had gone like there (a Beta prior); one with fewer asks is left out.
    """
    rate = EVERYWHERE
    for cell in reversed(cells):
        if cell.asked >= ENOUGH:
            rate = (cell.yes + ENOUGH * rate) / (cell.asked + ENOUGH)
    return rate


def ring(hop: int) -> int:
    return min(hop, RINGS - 1)


def each_month(asked: int, months: float, volunteers: int) -> float | None:
    """How many asks reach one of so many volunteers in a month; None where too little is known to say so."""
    return asked / months / volunteers if asked >= ENOUGH and volunteers and months > 0 else None
