"""Which time of day is meant: 下午三点以后, 3-5pm, half past two, the evening."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from bot.understanding.numerals import NUMBER, fold, number
from bot.understanding.words import read as read_words

DAY = 24 * 60
HALF = 12 * 60


class Minutes(NamedTuple):
    """Minutes after local midnight; equal for a moment."""

    start: int
    end: int


WHOLE_DAY = Minutes(0, DAY)


class _Clock(NamedTuple):
    start: int
    end: int
    readings: tuple[int, ...]


class _Part(NamedTuple):
    start: int
    end: int
    minutes: Minutes
    below: int


def prepare(text: str) -> str:
    """The text as the readers here read it."""
    words = _toml()
    folded = re.sub(words["noise"], " ", fold(text).replace("’", "'"))
    folded = re.sub(_with_numbers(words["clock"]["short_range"]), _both_named, folded)
    folded = re.sub(words["clock"]["english_range"], r"at \g<a> - ", folded)
    folded = re.sub(words["clock"]["word_range"], r"at \g<a> - at \g<b>", folded)
    folded = re.sub(words["clock"]["bare_range"], r"at \g<a> - at \g<b>", folded)
    return re.sub(r"\s+", " ", folded).strip()


def any_time(text: str) -> bool:
    return re.search(_toml()["any"], text) is not None


def is_doubtful(text: str) -> bool:
    """A refusal, a repetition, a feast or the past: said in too many ways to be guessed."""
    return re.search(_toml()["unclear"], text) is not None


def at_once(text: str) -> bool:
    return re.search(_toml()["now"], text) is not None


def relative(text: str) -> int | None:
    """Minutes from now ("半小时后", "in an hour"), or None."""
    words = _toml()
    for pattern, unit in words["relative"].items():
        match = re.search(_with_numbers(pattern), text)
        if match is None:
            continue
        count = words["numbers"].get(match["n"], number(match["n"]))
        if count is None:
            return None
        half = unit // 2 if match["half"] else 0
        return int(count * unit) + half
    return None


def read(text: str) -> list[Minutes] | None:
    """Every time of day that may be meant; empty when none is told, None for an hour that does not exist."""
    parts = _parts(text)
    clocks = _clocks(text, parts)
    if clocks is None:
        return None
    if not clocks:
        return [part.minutes for part in parts]
    if len(clocks) == 2 and _is_range(text, clocks):
        return _range(*clocks)
    if len(clocks) > 1:
        return [Minutes(at, at) for clock in clocks for at in clock.readings]
    return [_leaning(text, clocks[0], at) for at in clocks[0].readings]


def told(text: str) -> frozenset[str]:
    """Which of "clock" (an hour) and "part" (of the day) the text tells."""
    parts = _parts(text)
    clocks = _clocks(text, parts)
    return frozenset({"part"} if parts else ()) | frozenset({"clock"} if clocks else ())


def besides(text: str) -> bool:
    """Whether there are words in the text that tell no time of day."""
    words, parts = _toml(), _parts(text)
    spans = [(one.start, one.end) for one in parts] + [(c.start, c.end) for c in _clocks(text, parts) or []]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    leaning = ("after", "before", "after_first", "before_first", "range")
    left = re.sub("|".join(f"(?:{words[name]})" for name in leaning), " ", text)
    return re.search(r"\w", left) is not None


def _leaning(text: str, clock: _Clock, at: int) -> Minutes:
    """After, before, or at."""
    words = _toml()
    head, tail = text[: clock.start], text[clock.end :].lstrip()
    if re.match(words["after"], tail) or re.search(words["after_first"], head):
        return Minutes(at, DAY)
    if re.match(words["before"], tail) or re.search(words["before_first"], head):
        return Minutes(0, at)
    return Minutes(at, at)


def _is_range(text: str, clocks: list[_Clock]) -> bool:
    between = text[clocks[0].end : clocks[1].start]
    for part in _parts(between):
        between = between[: part.start] + " " * (part.end - part.start) + between[part.end :]
    return re.fullmatch(rf"\s*(?:{_toml()['range']})\s*(?:\bat\b)?\s*", between) is not None


def _range(first: _Clock, last: _Clock) -> list[Minutes] | None:
    """Pairs that go forward, half a day at most; the first inherits morning or afternoon from the last."""
    pairs = [Minutes(a, b) for a in first.readings for b in last.readings if a < b <= a + HALF]
    shortest = {pair.start % HALF: pair for pair in sorted(pairs, key=lambda p: p.start - p.end)}
    if len(last.readings) == 1 or len(first.readings) == 1:
        return list(shortest.values()) or None
    return [pair for pair in pairs if pair.end - pair.start == min(p.end - p.start for p in pairs)] or None


def _parts(text: str) -> list[_Part]:
    found: list[_Part] = []
    for pattern, minutes, below in _part_patterns():
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in found):
                found.append(_Part(match.start(), match.end(), minutes, below))
    return sorted(found)


def _clocks(text: str, parts: list[_Part]) -> list[_Clock] | None:
    """The clock times of the text in order; None when one of them does not exist."""
    found: list[_Clock] = []
    for pattern in _clock_patterns():
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            readings = _readings(match, _part_of(match, parts))
            if not readings:
                return None
            found.append(_Clock(match.start(), match.end(), readings))
    return sorted(found)


def _part_of(match: re.Match[str], parts: list[_Part]) -> _Part | None:
    """Morning or evening belongs to the clock after it, or else to the only one there is."""
    before = [part for part in parts if part.end <= match.start()]
    return before[-1] if before else parts[0] if parts else None


def _readings(match: re.Match[str], part: _Part | None) -> tuple[int, ...]:
    groups = match.groupdict()
    written = next(
        (value for key, value in groups.items() if key.startswith("h") and key[1:].isdigit() and value), None
    )
    written = groups.get("h") or written
    if written is None:
        return (HALF,)  # noon has no number
    hour = _toml()["clock"]["words"].get(written, number(written))
    minute = _minute(groups)
    if hour is None or minute is None or hour > 24 or minute > 59:
        return ()
    if groups.get("how") == "quarter to":
        hour, minute = hour - 1, 45
    at = hour * 60 + minute
    half_day = (groups.get("ap") or "")[:1]
    if half_day and not 1 <= hour <= 12:
        return ()
    if half_day:
        return (at % HALF + (HALF if half_day == "p" else 0),)
    if hour > 12 or hour == 0 or re.match(r"0\d", written):
        return (at,) if at <= DAY else ()
    if part is not None:
        return (_in_part(at, hour, part),)
    return (at,) if hour == 12 else (at, at + HALF)


def _in_part(at: int, hour: int, part: _Part) -> int:
    if hour == 12:  # midnight in the evening and before dawn, else noon
        return {0: at - HALF, 18 * 60: at + HALF}.get(part.minutes.start, at)
    return at + HALF if hour < part.below else at


def _minute(groups: dict[str, str | None]) -> int | None:
    if groups.get("half") or groups.get("how") in ("half past", "half"):
        return 30
    if groups.get("q"):
        return 15 * (number(groups["q"] or "") or 0)
    if groups.get("how") == "quarter past":
        return 15
    return number(groups["min"] or "") if groups.get("min") else 0


def _both_named(match: re.Match[str]) -> str:
    """ "15-17点" names the hour once for both."""
    return f"{match['a']}{match['b'][-1]}-{match['b']}"


def _with_numbers(pattern: str) -> str:
    return pattern.replace("NUMBER", NUMBER)


def _toml() -> dict[str, Any]:
    return read_words("times.toml")


@cache
def _part_patterns() -> tuple[tuple[re.Pattern[str], Minutes, int], ...]:
    return tuple(
        (re.compile(part["words"]), Minutes(part["from"] * 60, part["to"] * 60), part["below"])
        for part in _toml()["part"]
    )


@cache
def _clock_patterns() -> tuple[re.Pattern[str], ...]:
    clock = _toml()["clock"]
    names = ("past", "colon", "ampm", "han", "oclock", "noon", "led")
    return tuple(re.compile(_with_numbers(clock[name])) for name in names)
