"""Who may be asked about a need at this moment. Every rule is hard and has a code; none of them weighs anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

PARTS = ("morning", "afternoon", "evening")  # of a day: till 12, till 18, till night
ANY_HOURS = (1 << 7 * len(PARTS)) - 1
WEEK = timedelta(days=7)
_ENDS = (time(12), time(18))


class Urgency(StrEnum):
    """How the asking goes: a need of today, of tomorrow, or one that has days."""

    URGENT = "urgent"
    SOON = "soon"
    PLANNED = "planned"


REST = {Urgency.URGENT: timedelta(), Urgency.SOON: timedelta(hours=12), Urgency.PLANNED: timedelta(days=1)}


class Reason(StrEnum):
    """Why somebody is not asked: first what does not suit this need at all, then what does not suit now."""

    ASKER = "asker"
    KIND = "kind"
    CREDENTIAL = "credential"
    LANGUAGE = "language"
    HOURS = "hours"
    GENDER = "gender"
    APART = "apart"
    ASKED_BEFORE = "asked_before"
    UNREACHABLE = "unreachable"
    OFF_DUTY = "off_duty"
    PAUSED = "paused"
    ENGAGED = "engaged"
    OWN_CAP = "own_cap"
    REST = "rest"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Need:
    """What a need asks of whoever is asked about it.

    `kinds`: one of these offers fits, the nearest word first. `hours`: the parts of the week it falls into; 0: it has no time.
    `day`: the first of its days, or the present one, in local time. `languages`, `credentials`: one is enough; none are needed
    where there are none. `gender`: the asker's own wish, where the kind allows one. `apart`: who is not brought together with
    the asker.
    """

    case_id: str
    asker_id: str
    kinds: tuple[str, ...]
    urgency: Urgency = Urgency.PLANNED
    area: str | None = None
    hours: int = 0
    day: date | None = None
    languages: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    gender: str | None = None
    apart: frozenset[str] = frozenset()
    slots: int = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a volunteer for one question: may she be asked about this need now?

    `credentials`: those that are live on the day of the need. `asleep`: these are quiet hours, her own or everybody's.
    `rested_for`: since she was last asked anything; None: never. `asked_before`: about this need as it is now; `asked_older`:
    about this need before it changed.
    """

    person_id: str
    kinds: frozenset[str]
    area: str | None = None
    hours: int = ANY_HOURS
    languages: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    gender: str | None = None
    reachable: bool = True
    on_duty: bool = True
    paused: bool = False
    asleep: bool = False
    urgent_ok: bool = False
    open_claims: int = 0
    max_open: int = 1
    asks_this_week: int = 0
    asks_a_week: int = 3
    rested_for: timedelta | None = None
    asked_before: bool = False
    asked_older: bool = False


Rule = Callable[[Candidate, Need], bool]

# Whom the need does not suit, whatever the moment; each says when it is broken.
SUITS: dict[Reason, Rule] = {
    Reason.ASKER: lambda one, need: one.person_id == need.asker_id,
    Reason.KIND: lambda one, need: one.kinds.isdisjoint(need.kinds),
    Reason.CREDENTIAL: lambda one, need: bool(need.credentials) and not one.credentials & need.credentials,
    Reason.LANGUAGE: lambda one, need: bool(need.languages) and not one.languages & need.languages,
    Reason.HOURS: lambda one, need: need.hours != 0 and not one.hours & need.hours,
    Reason.GENDER: lambda one, need: need.gender is not None and one.gender != need.gender,
    Reason.APART: lambda one, need: one.person_id in need.apart,
}
# Whom the moment does not suit.
FREE: dict[Reason, Rule] = {
    Reason.ASKED_BEFORE: lambda one, need: one.asked_before,
    Reason.UNREACHABLE: lambda one, need: not one.reachable,
    Reason.OFF_DUTY: lambda one, need: not one.on_duty,
    Reason.PAUSED: lambda one, need: one.paused,
    Reason.ENGAGED: lambda one, need: one.open_claims >= one.max_open,
    Reason.OWN_CAP: lambda one, need: one.asks_this_week >= cap(one.asks_a_week, one.urgent_ok, need.urgency),
    Reason.REST: lambda one, need: not _rested(one, need),
    Reason.QUIET: lambda one, need: one.asleep and not (need.urgency is Urgency.URGENT and one.urgent_ok),
}


def not_now(one: Candidate, need: Need) -> Reason | None:
    """The first reason not to ask her now, or None when she may be asked."""
    return unsuited(one, need) or next((why for why, broken in FREE.items() if broken(one, need)), None)


def unsuited(one: Candidate, need: Need) -> Reason | None:
    """The first reason why this need is not for her at any moment, or None."""
    return next((why for why, broken in SUITS.items() if broken(one, need)), None)


def cap(asks_a_week: int, urgent_ok: bool, urgency: Urgency) -> int:
    """Asks in seven days at most: her own word, and one more where she allows it for what is urgent."""
    return asks_a_week + (urgency is Urgency.URGENT and urgent_ok)


def _rested(one: Candidate, need: Need) -> bool:
    """A need that has changed may come back to who knows it: that is the old question, not another one."""
    return one.rested_for is None or one.asked_older or one.rested_for >= REST[need.urgency]


def quiet(at: time, since: time, until: time) -> bool:
    """Whether a local time falls into hours that may go over midnight."""
    return since <= at < until if since <= until else at >= since or at < until


def part_of(at: time) -> int:
    """Which of PARTS a local time is in."""
    return sum(at >= end for end in _ENDS)


def parts_of(since: datetime, until: datetime) -> int:
    """The parts of the week from one local moment to another, as bits; a moment has one, a week or more has all."""
    mask, end = 0, max(until, since + timedelta(minutes=1))
    if end - since >= WEEK:
        return ANY_HOURS
    at = since
    while at < end:
        part = part_of(at.time())
        mask |= 1 << at.weekday() * len(PARTS) + part
        midnight = datetime.combine(at.date() + timedelta(days=1), time(), at.tzinfo)
        at = midnight if part == len(_ENDS) else datetime.combine(at.date(), _ENDS[part], at.tzinfo)
    return mask
