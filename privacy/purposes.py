"""What words may be used for, and under which version of the notice that was agreed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

KINDS = ("consent", "separate")


@dataclass(frozen=True)
class Purpose:
    """One use of personal words.

    `kind`: a consent may be asked with others, a separate one stands alone (PIPL 23, 28-30, 39).
    `needed`: without it this part of the service cannot be given. `scoped`: agreed for one case at a time.
    `classes`: the classes of words it uses. `notice`: the version of its notice; it rises only when the
    purpose, the way or the kinds of words change, and then everybody is asked again (PIPL 14).
    """

    code: str
    kind: Literal["consent", "separate"]
    needed: bool
    scoped: bool
    classes: tuple[str, ...]
    law: str
    notice: int


@cache
def purposes() -> dict[str, Purpose]:
    """Every purpose by its code. Raises ValueError when the table says something unheard of."""
    with (Path(__file__).parent / "data" / "purposes.toml").open("rb") as file:
        return {code: _purpose(code, **line) for code, line in tomllib.load(file).items()}


def _purpose(
    code: str,
    *,
    kind: Literal["consent", "separate"],
    needed: bool,
    scoped: bool = False,
    classes: list[str],
    law: str,
    notice: int,
) -> Purpose:
    if kind not in KINDS or not classes or notice < 1:
        raise ValueError(f"the purpose {code!r} is not well described")
    return Purpose(code, kind, needed, scoped, tuple(classes), law, notice)
