"""How numbers, names and times are said in a template, in both languages and in the local time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as date_
from datetime import datetime, time, timedelta
from typing import Any

from babel.dates import format_datetime
from jinja2 import pass_context
from jinja2.runtime import Context

from bot.clock import Clock
from bot.data import Local, Named
from bot.understanding import emergency, times

DAY = timedelta(days=1)


def filters(local: Local, clock: Clock) -> dict[str, Callable[..., Any]]:
    """The filters of the templates: named, label, limit, rule, said, number, moment, date, day, instant, span, is_over,
    is_too_late, asked_from, hotlines, counted, fates, rate.
    """

    def at(moment: datetime) -> datetime:
        return moment.astimezone(local.tz)

    @pass_context
    def moment(context: Context, value: datetime) -> str:
        """An instant to be kept in mind soon, such as a promise."""
        return said_moment(at(value), at(clock.now()), local, context["language"])

    @pass_context
    def date(context: Context, value: datetime) -> str:
        """An instant on paper, which is read in other years too."""
        return said_date(at(value), local, context["language"])

    @pass_context
    def day(context: Context, value: date_) -> str:
        """The day of a moment, with its year where that is another one; a day on paper always has its year."""
        if isinstance(value, datetime):
            return _day(at(value), local, context["language"], at(clock.now()).year)
        return _day(datetime.combine(value, time()), local, context["language"], year=0)

    @pass_context
    def span(context: Context, value: Any) -> str:
        """From when until when, of a case or as understood."""
        start, end = (
            (value.start, value.end) if hasattr(value, "start") else (value.when_from, value.when_until)
        )
        return said_span(
            at(start) if start else None,
            at(end) if end else None,
            local,
            context["language"],
            at(clock.now()).year,
        )

    def counted(number: int | None) -> str:
        """A count, or that it is withheld."""
        return "–" if number is None else str(number)

    def fates(row: Any) -> str:
        """What became of the duties of one ledger, in the order of its heading."""
        return "·".join(counted(row[name]) for name in ("due", "in_time", "late", "open", "excused"))

    def rate(one: Any) -> str:
        """So many of a hundred, and both numbers it is made of."""
        percent = f"{one.percent}% " if one.percent is not None else ""
        return f"{percent}({counted(one.part)}/{counted(one.of)})"

    def is_over(case: Any) -> bool:
        return times.is_over(case.when_from, case.when_until, clock.now())

    def is_too_late(case: Any) -> bool:
        """Whether the time of a need will be over before anybody may be asked."""
        return times.is_over(case.when_from, case.when_until, local.awake_for(case.urgency, clock.now()))

    def asked_from(case: Any) -> datetime | None:
        """When neighbours are asked again, where nobody is asked about this need now."""
        awake = local.awake_for(case.urgency, clock.now())
        return awake if awake > clock.now() else None

    def hotlines(words: str) -> list[str]:
        """The numbers shown to whoever wrote of this danger; none where the words are covered."""
        signs = emergency.signs(words)
        return [line.number for line in local.hotlines_for(signs)] if signs else []

    return {
        "named": named,
        "label": named,
        "said": said,
        "alone": alone,
        "limit": limit,
        "rule": rule,
        "number": lambda case: f"{local.prefix}-{case.number:04d}",
        "moment": moment,
        "date": date,
        "day": day,
        "instant": datetime.fromisoformat,
        "span": span,
        "when": span,
        "is_over": is_over,
        "is_too_late": is_too_late,
        "asked_from": asked_from,
        "hotlines": hotlines,
        "counted": counted,
        "fates": fates,
        "rate": rate,
    }


@pass_context
def named(context: Context, thing: Any) -> str:
    """A thing's own name, or the thing itself where it is a pair of words."""
    name: Named = getattr(thing, "name", thing)
    return name[context["language"]]


@pass_context
def said(context: Context, reason: Any) -> str:
    words: Named = reason.said
    return words[context["language"]]


def alone(words: str) -> str:
    """What follows a colon elsewhere, as a sentence of its own."""
    return words[:1].upper() + words[1:]


@pass_context
def limit(context: Context, kind: Any) -> str:
    words: Named = kind.limit
    return words[context["language"]]


@pass_context
def rule(context: Context, risk: Any) -> str:
    words: Named = risk.rule
    return words[context["language"]]


def said_moment(when: datetime, now: datetime, local: Local, language: str) -> str:
    """Local times. Near days by their name, others by date."""
    clock = f"{when:%H:%M}"
    days = (when.date() - now.date()).days
    near = local.said.near.get(str(days))
    if near is not None:
        return local.said.moment[language].format(day=near[language], clock=clock)
    return local.said.date_moment[language].format(day=_day(when, local, language, now.year), clock=clock)


def said_date(when: datetime, local: Local, language: str) -> str:
    """Local time, with its year."""
    shape = local.said.date_moment[language]
    return shape.format(day=_day(when, local, language, year=0), clock=f"{when:%H:%M}")


def said_span(start: datetime | None, end: datetime | None, local: Local, language: str, year: int) -> str:
    """Dates rather than "tomorrow": a card is still read tomorrow. Midnight stands for "the whole day"."""
    words = local.said
    if start is None and end is None:
        return words.any_time[language]
    if start is None or end is None:
        one = start or end
        assert one is not None  # noqa: S101  the case of neither has returned above
        shape = words.after if end is None else words.before
        return shape[language].format(day=_day(one, local, language, year), clock=f"{one:%H:%M}")
    day = _day(start, local, language, year)
    if start == end:
        return words.at[language].format(day=day, clock=f"{start:%H:%M}")
    if _midnight(start) and _midnight(end):
        last = _day(end - DAY, local, language, year)
        return day if last == day else words.days[language].format(first=day, last=last)
    if _midnight(end) and end - start < DAY:
        return words.after[language].format(day=day, clock=f"{start:%H:%M}")
    if _midnight(start) and end - start < DAY:
        return words.before[language].format(day=day, clock=f"{end:%H:%M}")
    if start.date() == end.date():
        return words.between[language].format(day=day, start=f"{start:%H:%M}", end=f"{end:%H:%M}")
    last = _day(end, local, language, year)
    return words.across[language].format(first=day, start=f"{start:%H:%M}", last=last, end=f"{end:%H:%M}")


def _midnight(when: datetime) -> bool:
    return (when.hour, when.minute) == (0, 0)


def _day(when: datetime, local: Local, language: str, year: int) -> str:
    shape = local.said.day if when.year == year else local.said.day_of_year
    return format_datetime(when, shape[language], locale={"zh": "zh_CN", "en": "en_GB"}[language])
