"""Patterns of the word lists: regular expressions with two signs for what may lie between two words."""

from __future__ import annotations

import re
from functools import cache

from bot.understanding.numerals import fold

HAN = re.compile(r"[\u3400-\u9fff]")
LONGEST = 1000  # characters read; the story of a need is no longer


@cache
def pattern(written: str) -> re.Pattern[str]:
    """… stands for a few letters of the same clause, …… for a few of the same sentence; Latin letters for whole words."""
    near, far = (9, 30) if HAN.search(written) else (40, 80)
    spread = written.replace("……", f"(?:[^.。;!?\\n]{{0,{far}}}?)").replace(
        "…", f"(?:[^,.。;!?\\n]{{0,{near}}}?)"
    )
    return re.compile(spread if HAN.search(written) else rf"\b(?:{spread})(?![a-z])")


def plain(text: str) -> str:
    """The text as the patterns read it."""
    return fold(text[:LONGEST]).replace("\u2019", "'")
