"""The standing ways out, said in words: nobody has to find a button or know a command."""

from __future__ import annotations

import re
from functools import cache

from bot.understanding.numerals import DIGITS, fold
from bot.understanding.words import read


def way(text: str) -> str | None:
    """ "back", "over" (all is said), or the name of a command, when that is all she says; otherwise None."""
    return _ways().get(fold(text).strip(" .。!！?？~～"))


def label(text: str) -> str:
    """The words of a button as a person types them: without signs and spaces, numbers as digits."""
    plain = re.sub(r"[^\w-]", "", re.sub(r"\s*[–—~～-]\s*", "-", fold(text)))
    return "".join(str(DIGITS.get(char, char)) for char in plain)


@cache
def _ways() -> dict[str, str]:
    return {word: name for name, words in read("ways.toml").items() for word in words}
