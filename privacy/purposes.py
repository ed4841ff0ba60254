"""What words may be used for, and under which version of the notice it was agreed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Purpose:
    """One use. `needed`: without it there is no service; `notice`: the version of the notice that tells of it."""

    code: str
    needed: bool
    classes: tuple[str, ...]
    basis: str
    notice: int


@cache
def purposes() -> dict[str, Purpose]:
    """Every purpose by its code."""
    with (Path(__file__).parent / "data" / "purposes.toml").open("rb") as file:
        content = tomllib.load(file)
    return {
        code: Purpose(code, p["needed"], tuple(p["classes"]), p["basis"], p["notice"]) for code, p in content.items()
    }
