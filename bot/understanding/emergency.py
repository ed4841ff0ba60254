"""Whether words tell of danger to somebody, now. Numbers are shown, a person looks; no more is decided."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bot.understanding.numerals import fold
from bot.understanding.words import read

_SENTENCE = re.compile(r"[。！？!?;；\n]+|\.(?:\s|$)")
LONGEST = 5000  # characters read; a message of Telegram has at most 4096


class _Words(NamedTuple):
    harmless: re.Pattern[str]
    long_ago: re.Pattern[str]
    past: re.Pattern[str]
    present: re.Pattern[str]
    signs: tuple[tuple[str, re.Pattern[str]], ...]


def signs(text: str) -> frozenset[str]:
    """Kinds of danger (medical, self_harm, violence, fire, gas, missing, trapped, fraud); often none."""
    words = _words()
    found: set[str] = set()
    for sentence in _SENTENCE.split(fold(text[:LONGEST]).replace("’", "'")):
        said = words.harmless.sub(" ", sentence)
        if words.present.search(said) is None:
            said = _without_history(said, words)
        found.update(kind for kind, pattern in words.signs if pattern.search(said))
    return frozenset(found)


def _without_history(said: str, words: _Words) -> str:
    long_ago = words.long_ago.search(said)
    if long_ago is not None:
        return said[: said.rfind(",", 0, long_ago.start()) + 1]
    past = words.past.search(said)
    return said if past is None else said[: past.start()]


@cache
def _words() -> _Words:
    lists = read("emergency.toml")
    person = lists["person"]
    return _Words(
        _any(lists["harmless"], person),
        _any(lists["long_ago"], person),
        _any(lists["past"], person),
        _any(lists["present"], person),
        tuple((kind, _any(patterns, person)) for kind, patterns in lists["sign"].items()),
    )


def _any(patterns: list[str], person: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.replace('PERSON', person)})" for pattern in patterns))
