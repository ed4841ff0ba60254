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
    past: re.Pattern[str]
    present: re.Pattern[str]
    signs: tuple[tuple[str, re.Pattern[str]], ...]


def signs(text: str) -> frozenset[str]:
    """Kinds of danger (medical, self_harm, violence, fire, gas, missing, trapped, fraud); often none."""
    words = _words()
    found: set[str] = set()
    for sentence in _SENTENCE.split(fold(text[:LONGEST]).replace("’", "'")):
        said = words.harmless.sub(" ", sentence)
        past = words.past.search(said)
        if past is not None and words.present.search(said) is None:
            said = said[: past.start()]
        found.update(kind for kind, pattern in words.signs if pattern.search(said))
    return frozenset(found)


@cache
def _words() -> _Words:
    lists = read("emergency.toml")
    person = lists["person"]
    return _Words(
        _any(lists["harmless"], person),
        _any(lists["past"], person),
        _any(lists["present"], person),
        tuple((kind, _any(patterns, person)) for kind, patterns in lists["sign"].items()),
    )


def _any(patterns: list[str], person: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.replace('PERSON', person)})" for pattern in patterns))
