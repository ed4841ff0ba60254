"""What a neighbourhood decides of mediation, and what is asked before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Named = Mapping[str, str]


@dataclass(frozen=True)
class Screening:
    """One question before any contact; a yes goes another way.

    `route`: safe (nobody is contacted), court, law, guardian, or meeting (more than two sides).
    """

    code: str
    route: str
    ask: Named


@dataclass(frozen=True)
class Topic:
    """What it is about. `wording`: calm words for the other side, before she changes them. `days`: how long it may take."""

    code: str
    name: Named
    wording: Named
    days: int


@dataclass(frozen=True)
class Mediating:
    """`committee`: whether a people's mediation committee stands behind it. `court_days`: for a joint confirmation."""

    committee: bool
    name: Named
    court_days: int
    screen: tuple[Screening, ...]
    topics: tuple[Topic, ...]

    def topic(self, code: str) -> Topic:
        """Raises KeyError for a code that is not in mediation.toml."""
        found = next((topic for topic in self.topics if topic.code == code), None)
        if found is None:
            raise KeyError(code)
        return found
