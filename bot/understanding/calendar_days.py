"""Which day is meant: today, Saturday, 下周三, 24 November."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from bot.understanding.numerals import NUMBER, number
from bot.understanding.words import read as read_words


class Days(NamedTuple):
    """One day, or several in a row."""

    first: date
    days: int


class _Found(NamedTuple):
    start: int
    end: int
    readings: tuple[Days, ...]


def weekend(today: date) -> tuple[date, int]:
    """The Saturday and Sunday ahead, or what is left of them."""
    return (today, 1) if today.weekday() == 6 else (today + timedelta(days=5 - today.weekday()), 2)


def read(text: str, today: date) -> tuple[list[Days] | None, str]:
    """Every day that may be meant (None: a date that does not exist), and the text without those words."""
    found = _find(text, today)
    rest = text
    for one in found:
        rest = rest[: one.start] + " " * (one.end - one.start) + rest[one.end :]
    if any(not one.readings for one in found):
        return None, rest
    if len(found) == 2 and re.fullmatch(
        rf"\s*(?:{read_words('times.toml')['range']})\s*", text[found[0].end : found[1].start]
    ):
        first, last = found[0].readings[0].first, found[1].readings[-1]
        length = (last.first - first).days + last.days
        return ([Days(first, length)] if 0 < length <= 14 else None), rest
    readings = [days for one in found for days in one.readings]
    return list(dict.fromkeys(readings)), rest


def up_to(text: str, today: date) -> list[Days]:
    """From today to the one day told as the last ("by Friday"), or to the one before it (周五之前); else none."""
    found, words = _find(text, today), read_words("times.toml")
    if len(found) != 1 or len(found[0].readings) != 1:
        return []
    head, tail = text[: found[0].start], text[found[0].end :].lstrip()
    last = (found[0].readings[0].first - today).days
    if re.search(words["by_day"], head):
        last += 1
    elif not (re.search(words["before_first"], head) or re.match(words["before"], tail)):
        return []
    return [Days(today, last)] if last > 0 else []


def _find(text: str, today: date) -> list[_Found]:
    taken: list[_Found] = []
    for pattern, what in _patterns():
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in taken):
                taken.append(_Found(match.start(), match.end(), _mean(what, match, today)))
    return sorted(taken)


def _mean(what: str, match: re.Match[str], today: date) -> tuple[Days, ...]:
    kind, _, value = what.partition(" ")
    if kind == "date":
        return _date(match, today)
    if kind == "relative":
        said = match["n"]
        numbers: dict[str, float] = read_words("times.toml")["numbers"]
        count = numbers.get(said, number(said))
        return (Days(today + timedelta(days=int(count * int(value))), 1),) if count is not None else ()
    if kind == "day":
        return (Days(today + timedelta(days=int(value)), 1),)
    monday = today - timedelta(days=today.weekday())
    week = _week(match["which"])
    if kind == "of_week":
        return (Days(monday + timedelta(days=7 * week + int(value)), 1),)
    if kind == "weekend":
        first, days = weekend(today)
        return (Days(monday + timedelta(days=7 * week + 5), 2),) if week else (Days(first, days),)
    if kind == "whole":
        first = monday + timedelta(days=7 * week)
        return (Days(max(first, today), 7 - max(0, (today - first).days)),)
    return _weekday(int(value), match["which"] or "", today, monday)


def _week(which: str | None) -> int:
    words = read_words("times.toml")["week"]
    if which and re.match(words["after_next"], which):
        return 2
    return 1 if which and re.match(words["next"], which) else 0


def _weekday(wanted: int, which: str, today: date, monday: date) -> tuple[Days, ...]:
    """A bare weekday is the next one; "next" in English may be this week's too, so both are offered."""
    week = _week(which)
    coming = today + timedelta(days=(wanted - today.weekday()) % 7)
    if week:
        then = monday + timedelta(days=7 * week + wanted)
        doubtful = which.isascii() and coming < then and coming != today
        return (Days(coming, 1), Days(then, 1)) if doubtful else (Days(then, 1),)
    if coming == today and not which:
        return (Days(today, 1), Days(today + timedelta(days=7), 1))
    return (Days(coming, 1),)


def _date(match: re.Match[str], today: date) -> tuple[Days, ...]:
    """The next such date; a year is believed as it is written, if it lies ahead."""
    groups = match.groupdict()
    day = number(groups["d"])
    month = _month(groups.get("m"))
    if day is None or (groups.get("m") and month is None):
        return ()
    if groups.get("y"):
        exact = _real(int(groups["y"]), month or 0, day)
        return (Days(exact, 1),) if exact is not None and exact >= today else ()
    for ahead in range(14):
        year, at = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        if month is not None and at + 1 != month:
            continue
        then = _real(year, at + 1, day)
        if then is not None and then >= today:
            return (Days(then, 1),)
    return ()


def _month(written: str | None) -> int | None:
    if written is None:
        return None
    names: list[str] = read_words("times.toml")["date"]["months"]
    named = next((i + 1 for i, name in enumerate(names) if re.fullmatch(name, written)), None)
    return named or number(written)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Longer and surer forms first; each with what it means."""
    words = read_words("times.toml")
    week, dates = words["week"], words["date"]
    months = f"(?:{'|'.join(dates['months'])})"
    which = f"(?P<which>{week['after_next']}|{week['next']}|{week['this']})?"
    rows = [
        (dates["iso"], "date"),
        *[(pattern, f"relative {days}") for pattern, days in words["relative_day"].items()],
        *[
            (pattern.replace("DAY", f"(?:{name})"), f"of_week {day}")
            for name, day in words["weekday"].items()
            for pattern in week["of_week"]
        ],
        (f"(?P<which>{week['after_next']}|{week['next']})?(?:{week['weekend']})", "weekend"),
        (rf"{which}(?:{week['weekend']})", "weekend"),
        (f"(?={which})(?:{week['whole']})", "whole"),
        *[
            (f"{which}(?:{name if name.startswith(chr(92)) else week['name'] + name})", f"weekday {day}")
            for name, day in words["weekday"].items()
        ],
        (dates["month_day"], "date"),
        *[(pattern.replace("MONTH", months), "date") for pattern in dates["english"]],
        *[(pattern, f"day {days}") for pattern, days in words["day"].items()],
    ]
    return tuple((re.compile(pattern.replace("NUMBER", NUMBER)), what) for pattern, what in rows)
