"""Finds what names a person in free words: phones, doors, numbers of cards and papers, plates, addresses.

Pure. It finds shapes, not people: a name or a story can still tell who somebody is, which is why staff
read first. The shapes are in data/scrub.toml.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

HOLE = "\ue000"  # stands where something was found; no pattern contains it
INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\u20e3"
)  # as typed inside numbers to hide


class Found(NamedTuple):
    """An identifier and where it stands: text[start:end]."""

    kind: str
    start: int
    end: int


class _Pattern(NamedTuple):
    kind: str
    regex: re.Pattern[str]
    check: str


@cache
def _shapes() -> tuple[tuple[_Pattern, ...], Mapping[str, str]]:
    with (Path(__file__).parent / "data" / "scrub.toml").open("rb") as file:
        content = tomllib.load(file)
    plain = content["digits"] | content["signs"]
    signs = {char: sign for sign, chars in plain.items() for char in chars}
    patterns = tuple(
        _Pattern(row["kind"], re.compile(row["regex"]), row.get("check", "")) for row in content["pattern"]
    )
    return patterns, signs


def kinds() -> frozenset[str]:
    """Every kind that may be found."""
    return frozenset(pattern.kind for pattern in _shapes()[0])


def find(text: str) -> list[Found]:
    """Every identifier, in the order of the text, none overlapping another."""
    folded, at = _fold(text)
    found: list[Found] = []
    while more := _search(folded):
        found += [Found(item.kind, at[item.start], at[item.end - 1] + 1) for item in more]
        # Taking one out may bare another that leant on it: look again until nothing is left. Written signs go
        # whole, also one that is several when folded, as ½ is.
        gone = {at[index] for item in more for index in range(item.start, item.end)}
        folded = "".join(HOLE if whence in gone else char for char, whence in zip(folded, at, strict=True))
    return _apart(found)


def clean(text: str, marks: str | Mapping[str, str]) -> tuple[str, list[Found]]:
    """The text with a mark in place of every identifier, and what was found in the original.

    `marks`: one for all, or one for each of kinds(). With marks free of letters and digits, find() finds
    nothing more in the cleaned text.
    """
    found = find(text)
    pieces, here = [], 0
    for item in found:
        pieces += [text[here : item.start], marks if isinstance(marks, str) else marks[item.kind]]
        here = item.end
    return "".join([*pieces, text[here:]]), found


def _search(folded: str) -> list[Found]:
    """What the patterns see, earlier patterns first."""
    taken: list[Found] = []
    for pattern in _shapes()[0]:
        for match in pattern.regex.finditer(folded):
            start, end = match.span(match.lastindex or 0)
            free = all(end <= other.start or start >= other.end for other in taken)
            if free and _holds(pattern.check, folded[start:end]):
                taken.append(Found(pattern.kind, start, end))
    return taken


def _fold(text: str) -> tuple[str, list[int]]:
    """Digits of every script as 0-9, old signs new, wide letters narrow, hidden signs gone; and whence each."""
    signs = _shapes()[1]
    folded: list[str] = []
    at: list[int] = []
    for index, char in enumerate(text):
        if char in INVISIBLE:
            continue
        if char.isascii():
            plain = char
        elif char in signs:
            plain = signs[char]
        elif (value := unicodedata.digit(char, None)) is not None:
            plain = str(value)
        else:
            plain = unicodedata.normalize("NFKC", char)
        folded.append(plain)
        at += [index] * len(plain)
    return "".join(folded), at


def _apart(found: list[Found]) -> list[Found]:
    """Sorted; of two that share one written sign (as in a ligature) the first keeps it."""
    apart: list[Found] = []
    for item in sorted(found, key=lambda item: item.start):
        start = max(item.start, apart[-1].end) if apart else item.start
        if start < item.end:
            apart.append(item._replace(start=start))
    return apart


def _holds(check: str, written: str) -> bool:
    digits = [int(char) for char in written if char.isdigit()]
    match check:
        case "luhn":
            return _luhn(digits)
        case "birthday":
            return _birthday(digits)
    return True


def _luhn(digits: list[int]) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1); 13 to 19 digits."""
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _birthday(digits: list[int]) -> bool:
    """Whether a citizen's number (GB 11643) holds a possible day.

    Its check digit is not asked for: a number with one digit mistyped still leads to its owner.
    """
    written = "".join(map(str, digits))
    day = written[6:14] if len(written) >= 17 else "19" + written[6:12]
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError:
        return False
    return True
