"""Which days, read back before they count; a list of those ahead, each taken back in one tap."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from bot.community import days, rules, staff
from bot.community.staff import Role
from bot.context import Context
from bot.data.calendar import DAY, Calendar, Span
from bot.errors import NotYours, OldButton
from bot.flow import DONE, Heard, Step, Tap
from bot.understanding import calendar_days
from bot.understanding.numerals import fold
from bot.understanding.yes_no import yes_no

PAGE = 6
AHEAD = timedelta(days=400)  # a day later than that is a slip of the pen
HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~]\s*(\d{1,2}):(\d{2})")


def who_keeps(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.STEWARD)


async def list_(context: Context, tap: Tap) -> Step:
    today, page = _today(context), int(tap.choice) if tap.choice and tap.choice.isdecimal() else 0
    ahead = [(day, spans) for day, spans in days.every(context.session).items() if day >= today]
    await context.say(
        "days.list",
        own_days=[_line(context, day, spans) for day, spans in ahead[page * PAGE :][:PAGE]],
        following=page + 1 if len(ahead) > (page + 1) * PAGE else None,
    )
    return None


def _today(context: Context) -> date:
    return context.now().astimezone(context.local.tz).date()


def _line(context: Context, day: date, spans: tuple[Span, ...]) -> dict[str, object]:
    noon = datetime.combine(day, time(12), context.local.tz)
    return {"at": noon, "hours": "、".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in spans)}


async def enter(context: Context, tap: Tap) -> Step:
    context.begin("days")
    return "days.which"


async def ask_which(context: Context) -> None:
    await context.say("days.which")


async def hear_which(context: Context, heard: Heard) -> Step:
    """A date, or several in a row: closed; with hours behind it: open then."""
    words, today = fold(heard.text), _today(context)
    spans = _hours(words)
    found, _ = calendar_days.read(HOURS.sub(" ", words), today)
    if spans is None or found is None or len(found) != 1 or not _fits(found[0], today):
        await context.say("days.unclear")
        return None
    first, many = found[0]
    context.draft["days"] = [(first + n * DAY).isoformat() for n in range(many)]
    context.draft["hours"] = [[one.isoformat() for one in span] for span in spans]
    return "days.check"


def _fits(found: calendar_days.Days, today: date) -> bool:
    return today <= found.first and found.first + found.days * DAY <= today + AHEAD


def _hours(words: str) -> tuple[Span, ...] | None:
    """Hours one after the other; empty where none are written, None where they are none."""
    try:
        spans = tuple(
            (time(int(one[1]), int(one[2])), time(int(one[3]), int(one[4]))) for one in HOURS.finditer(words)
        )
    except ValueError:
        return None
    moments = [moment for span in spans for moment in span]
    return spans if moments == sorted(set(moments)) and len(spans) < 4 else None


def _in_hand(context: Context) -> dict[date, tuple[Span, ...]]:
    """Raises NotYours for who is no steward any more, OldButton where nothing was understood yet."""
    if not staff.holds(context.session, context.me.id, Role.STEWARD):
        raise NotYours
    if "days" not in context.draft:
        raise OldButton
    spans = tuple(
        (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in context.draft["hours"]
    )
    return {date.fromisoformat(day): spans for day in context.draft["days"]}


async def ask_check(context: Context) -> None:
    found = _in_hand(context)
    lines = [_line(context, day, spans) for day, spans in found.items()]
    last = lines[-1] if len(lines) > 1 else None
    await context.say("days.check", opening_day=lines[0], last_day=last)


async def hear_check(context: Context, heard: Heard) -> Step:
    """A plain yes; other words are another day."""
    return await _kept(context) if yes_no(heard.text) else await hear_which(context, heard)


async def keep(context: Context, tap: Tap) -> Step:
    return await _kept(context)


async def _kept(context: Context) -> Step:
    days.enter(context.session, _in_hand(context), by=context.me.id)
    _count(context)
    await context.say("days.kept")
    return DONE


async def remove(context: Context, tap: Tap) -> Step:
    day = next(
        (
            one
            for one in days.every(context.session)
            if f"{one:%Y%m%d}" == tap.choice and one >= _today(context)
        ),
        None,
    )
    if day is None:
        raise OldButton
    days.remove(context.session, day, by=context.me.id)
    _count(context)
    return await list_(context, tap._replace(choice=None))


def _count(context: Context) -> None:
    """Due times count them from the moment they are kept."""
    calendar: Calendar = context.local.calendar
    own = days.every(context.session)
    context.house.store.after_commit(lambda: calendar.keep(own))
