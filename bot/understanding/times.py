"""When somebody means: understood, or asked back; never silently guessed, for she confirms what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from bot.understanding import calendar_days, clock_times
from bot.understanding.clock_times import WHOLE_DAY, Minutes

DAYS = ("today", "tomorrow", "weekend", "any")
OPTIONS = 4  # more than this many readings is no help on a screen
DAYLIGHT = 7  # the hour from which somebody may be meant to come
LONGEST = 200  # characters read; a longer answer is a story


class When(NamedTuple):
    """From when until when, in UTC. Both None: any time. Equal: a moment. Local midnights: whole days."""

    start: datetime | None
    end: datetime | None


LATE = timedelta(hours=1)  # "now" and "at three" are still worth coming for this long afterwards


def over_at(start: datetime | None, end: datetime | None) -> datetime | None:
    """When there is no coming any more at the time somebody meant; None when she meant any time."""
    return end + LATE if end is not None and start == end else end


def is_over(start: datetime | None, end: datetime | None, by: datetime) -> bool:
    """Whether it is no use to come any more by this moment."""
    over = over_at(start, end)
    return over is not None and over <= by


def write(when: When) -> list[str | None]:
    """As JSON keeps it."""
    return [moment.isoformat() if moment else None for moment in when]


def read(written: list[str | None]) -> When:
    """What `write` wrote."""
    start, end = (datetime.fromisoformat(moment) if moment else None for moment in written)
    return When(start, end)


class Unclear(NamedTuple):
    """Understood in more ways than one (choose), or in none that lies ahead (no options)."""

    options: tuple[When, ...]


class Mentioned(NamedTuple):
    """A time told among other words (its readings, where there are several), and the words for its day."""

    readings: tuple[When, ...]
    words: str


def mentioned(text: str, now: datetime, tz: tzinfo) -> Mentioned | None:
    """The time to come that a story names by its day; None for "today" alone, which may as well tell when it broke."""
    here = now.astimezone(tz)
    words = clock_times.prepare(text[:LONGEST])
    days, rest = calendar_days.read(words, here.date())
    minutes = clock_times.read(rest)
    if not days or minutes is None or clock_times.is_doubtful(words):
        return None
    if not minutes and any(one.first == here.date() for one in days):
        return None
    days = (not minutes and calendar_days.up_to(words, here.date())) or days
    meant = _choose(days, minutes or [WHOLE_DAY], here, tz)
    readings = meant.options if isinstance(meant, Unclear) else (meant,)
    return Mentioned(readings, _taken(words, rest)) if readings else None


def further(before: str, text: str, now: datetime, tz: tzinfo) -> str:
    """The words of one time told in several messages: what the later leaves out is taken from the earlier."""
    today = now.astimezone(tz).date()
    earlier, later = clock_times.prepare(before[:LONGEST]), clock_times.prepare(text[:LONGEST])
    days, rest = calendar_days.read(later, today)
    known, known_rest = calendar_days.read(earlier, today)
    told, told_before = clock_times.told(rest), clock_times.told(known_rest)
    if days is None or (days and known) or not (days or told):
        return later
    if days:
        return later if told else f"{later} {earlier}"
    return f"{_taken(earlier, known_rest) if told & told_before else earlier} {later}".strip()


def alone(text: str, now: datetime, tz: tzinfo) -> bool:
    """Whether a short text tells a time and nothing else."""
    words = clock_times.prepare(text[:LONGEST])
    days, rest = calendar_days.read(words, now.astimezone(tz).date())
    return days is not None and bool(days or clock_times.told(rest)) and not clock_times.besides(rest)


def _taken(words: str, rest: str) -> str:
    """What was read out of the words: `rest` has spaces in its place."""
    return "".join(" " if char == left else char for char, left in zip(words, rest, strict=True)).strip()


def day(choice: str, now: datetime, tz: tzinfo) -> When:
    """One of DAYS, as a tap says it. Raises ValueError for anything else."""
    today = now.astimezone(tz).date()
    if choice == "any":
        return When(None, None)
    if choice == "today":
        return _span(today, WHOLE_DAY, tz)
    if choice == "tomorrow":
        return _span(today + timedelta(days=1), WHOLE_DAY, tz)
    if choice == "weekend":
        first, days = calendar_days.weekend(today)
        return _span(first, WHOLE_DAY, tz, days)
    raise ValueError(f"no such day: {choice}")


def parse(text: str, now: datetime, tz: tzinfo) -> When | Unclear | None:
    """What a time in somebody's words means; None when there is none in them."""
    here = now.astimezone(tz)
    words = clock_times.prepare(text[:LONGEST])
    soon = clock_times.relative(words)
    if soon is not None and not clock_times.is_doubtful(words):
        at = _five_minutes(now.astimezone(UTC) + timedelta(minutes=soon))
        return When(at, at)
    days, rest = calendar_days.read(words, here.date())
    times = clock_times.read(rest)
    if days is None or times is None:
        return Unclear(())  # a date or an hour that does not exist
    if clock_times.is_doubtful(words):
        return Unclear(())
    if not days and not times:
        if clock_times.at_once(words):
            return When(*[_five_minutes(now.astimezone(UTC))] * 2)
        return When(None, None) if clock_times.any_time(words) else None
    days = (not times and calendar_days.up_to(words, here.date())) or days
    return _choose(days, times or [WHOLE_DAY], here, tz)


def _choose(
    days: list[calendar_days.Days], times: list[Minutes], here: datetime, tz: tzinfo
) -> When | Unclear:
    today = here.date()
    said = days or [calendar_days.Days(today, 1)]
    ahead = [when for when in _spans(said, times, tz) if _lies_ahead(when, here)]
    ahead.sort(key=lambda when: _at_night(when, tz))  # "tomorrow after 3": the afternoon first
    if len(ahead) == 1:
        return ahead[0]
    if not ahead and all(one.first == today for one in said):
        ahead = list(_spans([calendar_days.Days(today + timedelta(days=1), 1)], times, tz))
    return Unclear(tuple(ahead[:OPTIONS]))


def _spans(days: list[calendar_days.Days], times: list[Minutes], tz: tzinfo) -> Iterator[When]:
    for one in days:
        for minutes in times:
            yield _span(one.first, minutes, tz, one.days if minutes == WHOLE_DAY else 1)
            if minutes != WHOLE_DAY and one.days == 2:  # "weekend, 3 pm": either day
                yield _span(one.first + timedelta(days=1), minutes, tz)


def _lies_ahead(when: When, here: datetime) -> bool:
    return when.end is not None and (when.end > here or when.start == when.end == here)


def _at_night(when: When, tz: tzinfo) -> bool:
    return when.start is not None and when.start.astimezone(tz).hour < DAYLIGHT


def _span(first: date, minutes: Minutes, tz: tzinfo, days: int = 1) -> When:
    return When(_at(first, minutes.start, tz), _at(first + timedelta(days=days - 1), minutes.end, tz))


def _at(on: date, minutes: int, tz: tzinfo) -> datetime:
    """Wall-clock minutes after local midnight, in UTC."""
    on += timedelta(days=minutes // 1440)
    hour, minute = divmod(minutes % 1440, 60)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=tz).astimezone(UTC)


def _five_minutes(at: datetime) -> datetime:
    """Rounded to what people say."""
    late = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at - late + timedelta(minutes=5) if late else at
