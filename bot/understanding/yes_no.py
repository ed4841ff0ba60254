"""A typed yes or no, as good as a tap on the button."""

from __future__ import annotations

import re
from functools import cache

from bot.understanding.numerals import fold
from bot.understanding.words import read

_PAUSE = re.compile(r"[\s,.!?;:~…，。！？；：、～·'\"“”‘’()（）\ufe0f\U0001f3fb-\U0001f3ff]+")
_LONGEST = 40  # characters; longer words are a story, not an answer


def yes_no(text: str) -> bool | None:
    """True or False when the whole text says so and nothing else, otherwise None."""
    if len(text) > _LONGEST:
        return None
    words = _plain(text)
    meanings = _meanings()
    said: list[str] = []
    at = 0
    for match in _pattern().finditer(words):
        if words[at : match.start()].strip():
            return None
        said.append(meanings[match[0]])
        at = match.end()
    if words[at:].strip() or "unsure" in said:
        return None
    answers = [word for word in said if word != "filler"]
    if not answers or (answers[0], answers[-1]) == ("no", "yes"):
        return None
    return answers[-1] == "yes"


def _plain(text: str) -> str:
    return _PAUSE.sub(" ", fold(text).replace("’", "'").replace("'", "")).strip()


@cache
def _meanings() -> dict[str, str]:
    lists = read("yes_no.toml")
    return {_plain(word): kind for kind in ("filler", "yes", "no", "unsure") for word in lists[kind]}


@cache
def _pattern() -> re.Pattern[str]:
    """Longest word first; a Latin word ends where it ends."""
    ordered = sorted(_meanings(), key=len, reverse=True)
    return re.compile(
        "|".join(
            rf"(?<![a-z]){re.escape(w)}(?![a-z])" if w[0].isascii() and w[0].isalpha() else re.escape(w)
            for w in ordered
        )
    )
