"""Which kind of help somebody's own words ask for; asked back before it counts."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bot.understanding.numerals import fold
from bot.understanding.words import read

ENOUGH = 2  # weight below which nothing is guessed
CLEAR = 2  # lead over the next kind that makes a guess sure
NOT_GUESSED = "other"


class Guess(NamedTuple):
    """A kind (code of data/taxonomy.toml), and whether no other came near."""

    kind: str
    sure: bool


def guess(text: str) -> Guess | None:
    """The likeliest kind; None for words that point nowhere, to two kinds, or to another sort of need."""
    folded = fold(text)
    weights = sorted(
        ((sum(w for pattern, w in patterns if pattern.search(folded)), kind) for kind, patterns in _kinds()),
        reverse=True,
    )
    (most, kind), (next_most, _) = weights[0], weights[1]
    if most < ENOUGH or most == next_most or kind == NOT_GUESSED:
        return None
    return Guess(kind, most - next_most >= CLEAR)


@cache
def _kinds() -> tuple[tuple[str, tuple[tuple[re.Pattern[str], int], ...]], ...]:
    lists = read("category.toml")
    return tuple(
        (kind, tuple((re.compile(pattern), weight) for pattern, weight in words.items()))
        for kind, words in lists.items()
    )
