"""The matrix of who may open which words, and what for (privacy/data/policy.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from privacy.sealed import Place

OWNER = "owner"
MACHINE = frozenset({"postman", "doorkeeper"})  # parts of the service itself


@dataclass(frozen=True)
class Cell:
    """A part may open a kind of words, for one purpose.

    `consent`: the purpose the owner must have agreed to. `second`: another person must have agreed. `a_day`: of so many
    people in 24 hours; None: no limit and no line in the log.
    """

    part: str
    kind: str
    purpose: str
    a_day: int | None
    consent: str | None = None
    second: bool = False

    @property
    def logged(self) -> bool:
        return self.a_day is not None


def kind_of(place: Place) -> str:
    """Which sort of words stands in a place. Raises KeyError for a column nobody declared."""
    return kinds()[f"{place.table}.{place.column}"]


def cells_of(kind: str) -> tuple[Cell, ...]:
    """Every way to open this kind of words, in the order of the file."""
    return _by_kind().get(kind, ())


@cache
def kinds() -> dict[str, str]:
    """What each sealed column holds, by `table.column` of its place."""
    with (Path(__file__).parent / "data" / "policy.toml").open("rb") as file:
        found: dict[str, str] = tomllib.load(file)["kinds"]
    return found


@cache
def matrix() -> tuple[Cell, ...]:
    """Every cell there is. Raises ValueError or TypeError when the file says something unheard of."""
    with (Path(__file__).parent / "data" / "policy.toml").open("rb") as file:
        parts = tomllib.load(file)["part"]
    cells = tuple(
        Cell(part, kind, line["purpose"], line.get("a_day"), **needs)
        for part, line in parts.items()
        for kind, needs in line["words"].items()
    )
    for cell in cells:
        if cell.kind not in kinds().values() or cell.logged is (cell.part in {OWNER, *MACHINE}):
            raise ValueError(f"{cell.part!r} is not well described")
    return cells


@cache
def _by_kind() -> dict[str, tuple[Cell, ...]]:
    return {kind: tuple(cell for cell in matrix() if cell.kind == kind) for kind in kinds().values()}
