"""What became of each duty of one need (采接派处督), by the lines of its history.

Pure. A duty arises, has a moment by which it is due, and is done in time, late, still open, or excused. What ends with the need
before it was due is excused; what was overdue by then stays late, so that waiting until somebody gives up mends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.community.events import Kind
from bot.data.calendar import Calendar
from bot.data.local import Level


class Ledger(StrEnum):
    """The five duties, in their order. They are counted apart: they are not five steps (domain §1.1)."""

    COLLECT = "collect"  # 采
    ACCEPT = "accept"  # 接
    DISPATCH = "dispatch"  # 派
    HANDLE = "handle"  # 处
    OVERSEE = "oversee"  # 督


class Fate(StrEnum):
    """What became of a duty."""

    IN_TIME = "in_time"
    LATE = "late"
    OPEN = "open"
    EXCUSED = "excused"


class How(StrEnum):
    """How somebody came to be on it (R15); the code of an ENGAGED line."""

    CLAIMED = "claimed"  # found it herself, on the board or at her post
    MATCHED = "matched"  # was asked, and came
    ASSIGNED = "assigned"  # staff thought of her, and she said yes
    SELF = "self"  # staff see to it
    REFERRED = "referred"  # another body's


class End(StrEnum):
    """How a need ended."""

    SATISFIED = "satisfied"  # she said it is done, and nothing else
    MENDED = "mended"  # the same, after a "not yet" or a worry
    STAFF = "staff"  # staff saw to it, and she has not said how it went
    SILENT = "silent"  # said to be done; she has not answered
    EXPLAINED = "explained"  # nobody could, and she was told why
    REFERRED = "referred"  # passed on; whether it was done we do not know
    REFERRED_DONE = "referred_done"  # passed on, and she said that it was done there
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    MERGED = "merged"


LOOKED_AT_WITHIN = timedelta(days=14)  # 督: on the clock, for it asks nothing of anybody's day
ENGAGED_AT_ONCE = How.SELF.value  # the code of a HANDLED line by which staff took it themselves
EXPLAINED = "explained"  # the code of a CLOSED line


class Line(NamedTuple):
    """A line of its history. `at`: when it was done, which is before it was written where staff wrote down paper later."""

    at: datetime
    kind: str
    actor: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Need:
    """What the due times hang on. `told_at`: when it was told, where staff wrote it down later; `until`: the day agreed on."""

    level: Level
    told_at: datetime | None = None
    until: datetime | None = None


class Found(NamedTuple):
    """One to be counted: on which moment's day, and as what (a column of ledger_day)."""

    at: datetime
    what: str


def column(ledger: Ledger, fate: Fate) -> str:
    return f"{ledger}_{fate}"


def reckon(lines: Iterable[Line], need: Need, calendar: Calendar) -> list[Found]:
    """Everything that is counted of one need. A duty counts on the day it is due, everything else on the day it happened."""
    reckoning = _Reckoning(need, calendar)
    for line in lines:
        reckoning.read(line)
    return reckoning.all()


@dataclass
class _Reckoning:
    need: Need
    calendar: Calendar
    found: list[Found] = field(default_factory=list)
    due: dict[Ledger, datetime] = field(default_factory=dict)
    asked: list[tuple[datetime, datetime | None]] = field(default_factory=list)  # when the word was hers
    handled: datetime | None = None
    handler: str | None = None
    troubled: bool = False
    referred: bool = False
    end: Found | None = None

    def all(self) -> list[Found]:
        still = [Found(due, column(ledger, Fate.OPEN)) for ledger, due in self.due.items()]
        return [*self.found, *self._kept(), *still, *([self.end] if self.end is not None else [])]

    def read(self, line: Line) -> None:
        if line.kind == Kind.EMERGENCY:
            self.found.append(Found(line.at, "emergency"))
        if self.need.level.ack == "-":  # what is urgent beyond waiting is in no ledger
            return
        at, by, code = line.at, line.actor, line.code
        match line.kind:
            case Kind.RECEIVED:
                self._received(at)
            case Kind.ASKED_BACK:
                self.asked.append((at, None))
            case Kind.ANSWERED if self.asked:
                self.asked[-1] = (self.asked[-1][0], at)
            case Kind.ACCEPTED:
                self._accepted(at)
            case Kind.ENGAGED:
                self._engaged(at, code if code in set(How) else How.MATCHED)
            case Kind.RELEASED if Ledger.HANDLE in self.due:  # else nobody was engaged yet
                self._drop(at, Ledger.HANDLE)
                self._arise(Ledger.DISPATCH, at, self.need.level.assign)
            case Kind.HANDLED:
                if code == ENGAGED_AT_ONCE:
                    self._engaged(at, How.SELF)
                self._handled(at, by)
            case Kind.WORRY | Kind.REVIEWED:
                self.troubled = self.troubled or line.kind == Kind.WORRY
                self._looked_at(at, by)
            case Kind.REOPENED:
                self._reopened(at, by)
            case Kind.REFERRED:
                self._done(at, Ledger.ACCEPT)
                self._done(at, Ledger.DISPATCH)
                self.found.append(Found(at, f"by_{How.REFERRED}"))
                self.referred = True
                self._over(at, End.REFERRED)
                self.end = None  # she is asked whether they answered
            case Kind.DECLINED:
                self._done(at, Ledger.ACCEPT)
                self._over(at, End.DECLINED)
            case Kind.MERGED:
                self._done(at, Ledger.ACCEPT)
                self._over(at, End.MERGED)
            case Kind.WITHDRAWN:
                self._drop(at, Ledger.OVERSEE)
                self._over(at, End.WITHDRAWN)
            case Kind.VERIFIED:
                self._verified(at, by)
            case Kind.NO_ANSWER:
                self._over(at, End.REFERRED if self.referred else End.SILENT)
            case Kind.CLOSED:
                self._closed(at, by, code)

    def _received(self, at: datetime) -> None:
        self.found.append(Found(at, "received"))
        if self.need.told_at is not None:
            self.due[Ledger.COLLECT] = self.calendar.days(self.need.told_at, 1)
            self._done(at, Ledger.COLLECT)
        self._arise(Ledger.ACCEPT, at, self.need.level.ack)

    def _accepted(self, at: datetime) -> None:
        self._done(at, Ledger.ACCEPT)
        self._arise(Ledger.DISPATCH, at, self.need.level.assign)

    def _engaged(self, at: datetime, how: str | None) -> None:
        if Ledger.ACCEPT in self.due:  # taken straight away
            self._accepted(at)
        self._done(at, Ledger.DISPATCH)
        self._arise(Ledger.HANDLE, at, self.need.level.resolve)
        self.found.append(Found(at, f"by_{how}"))

    def _handled(self, at: datetime, by: str | None) -> None:
        self._done(at, Ledger.HANDLE)
        self.found += self._kept()
        self.handled, self.handler = at, by
        self.due.setdefault(Ledger.OVERSEE, at + LOOKED_AT_WITHIN)

    def _kept(self) -> list[Found]:
        """What was said to be done stayed so."""
        return [Found(self.handled, "handled_kept")] if self.handled is not None else []

    def _reopened(self, at: datetime, by: str | None) -> None:
        if (
            self.end is not None or self.handled is None
        ):  # it had ended, or was somebody else's: it begins anew
            self.end, self.referred = None, False
            self._arise(Ledger.ACCEPT, at, self.need.level.ack)
            return
        self._looked_at(at, by)
        self.found.append(Found(self.handled, "handled_reopened"))
        self.handled, self.troubled = None, True
        self._arise(Ledger.HANDLE, at, self.need.level.resolve)

    def _verified(self, at: datetime, by: str | None) -> None:
        if Ledger.HANDLE in self.due:  # she was quicker to say so than who helped
            self._handled(at, None)
        self._looked_at(at, by)
        if self.referred:
            self._over(at, End.REFERRED_DONE)
        else:
            self._over(at, End.MENDED if self.troubled else End.SATISFIED)

    def _closed(self, at: datetime, by: str | None, code: str | None) -> None:
        if Ledger.HANDLE in self.due:  # whoever was on it was silent, and staff saw to it
            self._handled(at, by)
        self._over(at, End.EXPLAINED if code == EXPLAINED else End.STAFF)

    def _looked_at(self, at: datetime, by: str | None) -> None:
        """By somebody who did not do it herself (督)."""
        if by is None or by != self.handler:
            self._done(at, Ledger.OVERSEE)

    def _arise(self, ledger: Ledger, at: datetime, limit: str) -> None:
        due = self.calendar.by(at, limit)
        if ledger is Ledger.HANDLE and self.need.until is not None:
            due = max(due, self.need.until)  # a day was agreed on
        self.due.setdefault(ledger, due)

    def _done(self, at: datetime, ledger: Ledger) -> None:
        due = self.due.pop(ledger, None)
        if due is None:
            return
        fate = Fate.IN_TIME if at <= due else Fate.LATE
        if fate is Fate.LATE and ledger is Ledger.ACCEPT and self._hers(due):
            fate = Fate.EXCUSED
        self.found.append(Found(due, column(ledger, fate)))

    def _hers(self, at: datetime) -> bool:
        """Whether she had been asked something then, and had not answered."""
        return any(since <= at and (until is None or at < until) for since, until in self.asked)

    def _drop(self, at: datetime, ledger: Ledger) -> None:
        """It ends without having been done."""
        due = self.due.pop(ledger, None)
        if due is not None:
            excused = at <= due or (ledger is Ledger.ACCEPT and self._hers(due))
            self.found.append(Found(due, column(ledger, Fate.EXCUSED if excused else Fate.LATE)))

    def _over(self, at: datetime, end: End) -> None:
        """What was still to be done ends with it; to be looked at it goes on to be."""
        for ledger in [one for one in self.due if one is not Ledger.OVERSEE]:
            self._drop(at, ledger)
        self.end = Found(at, f"end_{end}")
