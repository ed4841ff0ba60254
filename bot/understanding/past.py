"""When something was told or done that is only written down now: 昨天下午3点, 11-20 15:30, yesterday 3 pm."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.understanding.numerals import fold
from bot.understanding.words import read

NOON = time(12)
OLDEST = timedelta(days=60)  # what is older is a slip of the pen


def parse(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """A moment that is over (UTC); of a day alone its noon. None for what says no day and no hour, or lies ahead."""
    words, here = read("past.toml"), now.astimezone(tz)
    folded = fold(text)
    ago = next((days for pattern, days in words["days_ago"] if re.search(pattern, folded)), None)
    written = re.search(words["date"], folded)
    rest = folded.replace(written[0], " ") if written else folded
    clock = re.search(words["clock"], rest)
    if ago is None and written is None and clock is None:
        return None
    day = _date(written, here.date()) if written else here.date() - timedelta(days=ago or 0)
    hour = _clock(clock, late=bool(re.search(words["afternoon"], folded))) if clock else NOON
    if day is None or hour is None:
        return None
    at = datetime.combine(day, hour, tz).astimezone(UTC)
    if clock is None and at > now:
        at = now
    return at if now - OLDEST <= at <= now else None


def _date(match: re.Match[str], today: date) -> date | None:
    """The last such day."""
    try:
        day = date(today.year, int(match["month"]), int(match["day"]))
        return day if day <= today else day.replace(year=today.year - 1)
    except ValueError:
        return None


def _clock(match: re.Match[str], *, late: bool) -> time | None:
    hour = int(match["hour"])
    minute = 30 if match["half"] else int(match["minute"] or match["past"] or 0)
    if late and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
