"""Numbers as people write them: 12, １２, 十二, 两; and the blocks they name."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bot.understanding.words import read

_WORDS = read("numerals.toml")
DIGITS: dict[str, int] = _WORDS["digits"]
TEN: str = _WORDS["ten"]
_HAN = f"[{''.join(DIGITS)}{TEN}]"
NUMBER = rf"(?:\d+|{_HAN}+)"  # for patterns of other words


def fold(text: str) -> str:
    """Full-width forms as ASCII, lower case; what every reader here reads."""
    return unicodedata.normalize("NFKC", text).lower()


def number(written: str) -> int | None:
    """The value of "15", "十五", "二十", "一零"; None when it is not a number below a thousand."""
    if written.isascii() and written.isdigit():
        return int(written) if len(written) <= 3 else None
    if not re.fullmatch(f"{_HAN}+", written) or len(written) > 3 or written.count(TEN) > 1:
        return None
    if TEN not in written:
        return int("".join(str(DIGITS[char]) for char in written))
    tens, _, ones = written.partition(TEN)
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)


@cache
def _block_patterns() -> tuple[re.Pattern[str], ...]:
    to, after, before = _WORDS["range"], _WORDS["block_after"], _WORDS["block_before"]
    several = rf"({NUMBER})\s*(?:(?:{to})\s*{NUMBER})?"
    return (
        re.compile(rf"{several}\s*(?:{after})"),
        re.compile(rf"(?:{before})\s*{several}"),
        re.compile(rf"^\s*{several}\s*$"),
    )


def blocks(text: str) -> list[int]:
    """Numbers of blocks named in the text; of a range its first."""
    folded = fold(text)
    found = (number(match[1]) for pattern in _block_patterns() for match in pattern.finditer(folded))
    return [block for block in found if block is not None]
