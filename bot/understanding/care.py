"""Which words tell of what needs its own consent before it is noted. They are asked about; a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TypedDict

from bot.understanding.numerals import fold
from bot.understanding.words import read

CHILD = "child"
LONGEST = 5000  # characters read; a message of Telegram has at most 4096


def kinds(text: str) -> frozenset[str]:
    """What it tells of: health, money, family, child; often nothing."""
    harmless, patterns = _words()
    said = harmless.sub(" ", fold(text[:LONGEST]))
    return frozenset(kind for kind, pattern in patterns if pattern.search(said))


class Word(TypedDict, total=False):
    """What she has said to being asked: the purposes she agreed to, and whether whoever it is about is no child."""

    agreed: list[str]
    grown: bool


def needing(lines: Iterable[str], word: Word) -> dict[str, list[str]]:
    """The lines each purpose is needed for, in the order they are asked: guardian (PIPL 31), sensitive (PIPL 29)."""
    found: dict[str, list[str]] = {}
    for line in lines:
        told = kinds(line)
        if CHILD in told and not word.get("grown"):
            found.setdefault("guardian", []).append(line)
        if told - {CHILD}:
            found.setdefault("sensitive", []).append(line)
    return dict(sorted(found.items()))


def need(lines: Iterable[str], word: Word) -> str | None:
    """The purpose she is to be asked about next."""
    return next((purpose for purpose in needing(lines, word) if purpose not in word.get("agreed", [])), None)


def private(lines: list[str], word: Word) -> list[str]:
    """The lines that are not for whoever is asked."""
    kept = {line for told in needing(lines, word).values() for line in told}
    return [line for line in lines if line in kept]


def settle(lines: list[str], word: Word, choice: str) -> tuple[list[str], Word] | None:
    """What is told and said after her answer: keep it noted, drop it, or it is about somebody grown. None: no answer."""
    purpose = need(lines, word)
    if purpose is None or choice not in ("keep", "drop", "grown"):
        return None
    if choice == "keep":
        return lines, {**word, "agreed": [*word.get("agreed", []), purpose]}
    if choice == "grown":
        return lines, {**word, "grown": True}
    dropped = needing(lines, word)[purpose]
    return [line for line in lines if line not in dropped], word


@cache
def _words() -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    lists = read("care.toml")
    return _any(lists["harmless"]), tuple((kind, _any(patterns)) for kind, patterns in lists["kind"].items())


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
