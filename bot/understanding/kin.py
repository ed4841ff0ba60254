"""Whether somebody seems to ask for another, who is then to be asked herself."""

from __future__ import annotations

import re
from functools import cache

from bot.understanding.numerals import fold
from bot.understanding.words import read


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    words = read("kin.toml")
    return tuple(re.compile(pattern.replace("KIN", words["kin"])) for pattern in words["patterns"])


def for_another(text: str) -> bool:
    folded = fold(text)
    return any(pattern.search(folded) for pattern in _patterns())
