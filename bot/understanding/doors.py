"""A door as people write it: in one line, or in three."""

from __future__ import annotations

import re

from bot.understanding.numerals import DIGITS, fold
from bot.understanding.words import read

LONGEST = 20  # characters; a longer line is no piece of a door


def is_piece(text: str) -> bool:
    """Whether a line is nothing but a piece of a door: a block, an entrance, a floor, a room."""
    words = read("doors.toml")
    line = "".join(str(DIGITS.get(char, char)) for char in fold(text)).strip()
    return len(line) <= LONGEST and bool(
        re.fullmatch(rf"(?:{words['between']}(?:{words['part']}))+{words['between']}", line)
    )


def is_question(text: str) -> bool:
    return fold(text).rstrip().endswith("?")
