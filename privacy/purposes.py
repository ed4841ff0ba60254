"""What words may be used for, and under which version of the notice that was agreed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

DATA = Path(__file__).parent / "data"
KINDS = ("consent", "separate")


@dataclass(frozen=True)
class Purpose:
    """One use of personal words.

    `kind`: a consent may be asked with others, a separate one stands alone (PIPL 23, 28-30, 39).
    `needed`: without it this part of the service cannot be given. `scoped`: agreed for one case at a time.
    `classes`: the classes of words it uses. `notice`: the version of its notice; it rises whenever a word of it changes.
    `meaning`: the version since which it has meant the same; only when the purpose, the way or the kinds of words
    change it rises too, and then everybody is asked again (PIPL 14). `ask_again_days`: so long after a no the service
    does not raise it. `keep`, `seen_by`: until when the words are kept, and who sees them (PIPL 17).
    """

    code: str
    kind: Literal["consent", "separate"]
    needed: bool
    scoped: bool
    classes: tuple[str, ...]
    law: str
    notice: int
    meaning: int
    ask_again_days: int
    keep: str
    seen_by: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """`shown`: the messages that are its text. `versions`: the hash of the text by version and language."""

    shown: tuple[str, ...]
    versions: dict[int, dict[str, str]]


@cache
def purposes() -> dict[str, Purpose]:
    """Every purpose by its code. Raises ValueError when the table says something unheard of."""
    with (DATA / "purposes.toml").open("rb") as file:
        return {code: _purpose(code, **line) for code, line in tomllib.load(file).items()}


def notice_hash(purpose: str, version: int, language: str) -> str:
    """SHA-256 (hex) of the words somebody read before she agreed. Raises KeyError for a notice that never was."""
    return notices()[purpose].versions[version][language]


@cache
def notices() -> dict[str, Notice]:
    """The notice of every purpose."""
    with (DATA / "notices.toml").open("rb") as file:
        found = tomllib.load(file)
    return {
        code: Notice(tuple(line["shown"]), {int(version): said for version, said in line["versions"].items()})
        for code, line in found.items()
    }


def _purpose(
    code: str,
    *,
    kind: Literal["consent", "separate"],
    needed: bool,
    scoped: bool = False,
    classes: list[str],
    law: str,
    notice: int,
    meaning: int,
    ask_again_days: int,
    keep: str,
    seen_by: list[str],
) -> Purpose:
    if kind not in KINDS or not classes or not 1 <= meaning <= notice or ask_again_days < 0 or not keep:
        raise ValueError(f"the purpose {code!r} is not well described")
    return Purpose(
        code, kind, needed, scoped, tuple(classes), law, notice, meaning, ask_again_days, keep, tuple(seen_by)
    )
