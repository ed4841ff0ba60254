"""The five ledgers 采接派处督: sums over the lines of events, of a month, a quarter or a year, and of an area; of nobody.

The lines are the truth. Their sums are kept day by day and area by area, for a report must not take longer with every year; what
a need had added is kept beside them, so that it is taken out and added anew whenever something happens to it. Only months that
have ended are shown, whole and with small counts withheld: two reports that differ in a day would tell of somebody.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from bot.community import duties, events
from bot.community.cases import Case, State
from bot.community.duties import End, Fate, How, Ledger, Line, Need
from bot.community.events import NO_CASE, Event, Kind
from bot.community.record import Moment, now_of, rows, table_of
from bot.data import Local
from bot.data.calendar import DAY
from privacy import counts

BATCH = 1_000  # lines added up in one go: some tenths of a second
ENOUGH = 1_000  # lines that wait before a sweep adds them up; the rest is added as somebody asks
MONTHS_OFFERED = 4
UNMET = 5  # so many needs of a kind nobody could meet, in an area and a quarter, make a proposal
DUTIES = tuple(duties.column(ledger, fate) for ledger in Ledger for fate in Fate)
ENDS = tuple(f"end_{end}" for end in End)
WAYS = tuple(f"by_{how}" for how in How)
COUNTS = ("received", "emergency", "handled_kept", "handled_reopened", *WAYS, *ENDS)
SUMS = (*DUTIES, *COUNTS)
# What is shown together, and must not give away what is withheld of it.
CLOSED = ENDS[: ENDS.index(f"end_{End.WITHDRAWN}")]
GROUPS: tuple[tuple[str, ...], ...] = (
    *(tuple(duties.column(ledger, fate) for fate in Fate) for ledger in Ledger),
    WAYS,
    CLOSED,
    ENDS[len(CLOSED) :],
    ("handled_kept", "handled_reopened"),
    ("received",),
    ("emergency",),
)

LEDGER_DAY = sa.Table(
    "ledger_day",
    SQLModel.metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("area", sa.String(16), primary_key=True),
    *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in SUMS),
)


class LedgerCase(SQLModel, table=True):
    """What a need has added to the sums of its area: days and columns by number, "739944.3 739946.7"."""

    __tablename__ = "ledger_case"

    case_id: str = Field(primary_key=True, max_length=16)
    area: str = Field(max_length=16)
    sums: str = Field(sa_type=sa.Text)


class LedgerMark(SQLModel, table=True):
    """Up to which line the sums go, and by which due times they were reckoned. There is one row."""

    __tablename__ = "ledger_mark"

    id: str = Field(default="mark", primary_key=True, max_length=8)
    event_id: int = Field(sa_type=sa.BigInteger)
    rules: str = Field(max_length=64)


# --- adding up

_EVENTS, _CASES, _OF_CASES = table_of(Event), table_of(Case), table_of(LedgerCase)
_LAST = sa.select(sa.func.max(_EVENTS.c.id))
_NEW = (
    sa.select(_EVENTS.c.id, _EVENTS.c.case_id)
    .where(_EVENTS.c.id > sa.bindparam("since"))
    .order_by(_EVENTS.c.id)
    .limit(sa.bindparam("most"))
)
_OF: sa.BindParameter[list[str]] = sa.bindparam("cases", expanding=True)
_NEEDS = sa.select(_CASES.c.id, _CASES.c.area, _CASES.c.urgency, _CASES.c.told_at, _CASES.c.when_until).where(
    _CASES.c.id.in_(_OF)
)
_LINES = (
    sa.select(
        _EVENTS.c.case_id, _EVENTS.c.at, _EVENTS.c.was_at, _EVENTS.c.kind, _EVENTS.c.actor_id, _EVENTS.c.code
    )
    .where(_EVENTS.c.case_id.in_(_OF))
    .order_by(_EVENTS.c.id)
)
_ADDED = sa.select(_OF_CASES).where(_OF_CASES.c.case_id.in_(_OF))
_ADD = sa.text(
    f"INSERT INTO ledger_day (day, area, {', '.join(SUMS)}) VALUES (:day, :area, {', '.join(f':{one}' for one in SUMS)}) "  # noqa: S608  names of ours
    f"ON CONFLICT (day, area) DO UPDATE SET {', '.join(f'{one} = ledger_day.{one} + excluded.{one}' for one in SUMS)}"
)
_KEEP = sa.text(
    "INSERT INTO ledger_case (case_id, area, sums) VALUES (:case_id, :area, :sums) "
    "ON CONFLICT (case_id) DO UPDATE SET area = excluded.area, sums = excluded.sums"
)


def waiting(session: Session) -> int:
    """How many lines have been written since the sums were made."""
    mark = session.get(LedgerMark, "mark")
    last: int | None = rows(session, _LAST).scalar()
    return (last or 0) - (mark.event_id if mark is not None else 0)


def due(session: Session) -> list[str]:
    """One item, where so many lines wait that nobody who asks should wait for them."""
    return ["sums"] if waiting(session) >= ENOUGH else []


def catch_up(session: Session, local: Local, *, most: int = BATCH) -> int:
    """Add up the next lines. Returns how many are left. What was reckoned by other due times is reckoned anew."""
    mark, rules = session.get(LedgerMark, "mark"), _rules(local)
    if mark is None or mark.rules != rules:
        mark = mark or LedgerMark(event_id=0, rules=rules)
        mark.event_id, mark.rules = 0, rules
        for table in (LEDGER_DAY, _OF_CASES):
            rows(session, sa.delete(table))
    found = rows(session, _NEW, since=mark.event_id, most=most).all()
    if found:
        _add(session, local, list(dict.fromkeys(one.case_id for one in found)))
        mark.event_id = found[-1].id
    session.add(mark)
    session.flush()
    return waiting(session) if found else 0


def _rules(local: Local) -> str:
    """A print of everything due times hang on, so that a holiday entered later is not forgotten."""
    calendar = local.calendar
    days = [sorted(one.items()) for one in (calendar.extra, calendar.own)]
    known = (str(calendar.tz), calendar.week, sorted(calendar.closed), *days)
    return hashlib.sha256(repr((known, local.levels)).encode()).hexdigest()


def _add(session: Session, local: Local, case_ids: list[str]) -> None:
    """What these needs added before is taken out, and what they come to now put in."""
    lines: dict[str, list[Line]] = {}
    for row in rows(session, _LINES, cases=case_ids):
        at = row.at if row.kind == Kind.RECEIVED or row.was_at is None else row.was_at  # 采 is late by that
        lines.setdefault(row.case_id, []).append(Line(at, row.kind, row.actor_id, row.code))
    change: Counter[tuple[int, str, str]] = Counter()
    for row in rows(session, _ADDED, cases=case_ids):
        change.subtract((day, row.area, what) for day, what in _read(row.sums))
    kept = []
    for row in rows(session, _NEEDS, cases=case_ids):
        need = Need(local.level(row.urgency), row.told_at, row.when_until)
        found = [
            (_day(local, one.at), one.what)
            for one in duties.reckon(lines.get(row.id, ()), need, local.calendar)
        ]
        area = row.area or ""
        change.update((day, area, what) for day, what in found)
        kept.append({"case_id": row.id, "area": area, "sums": _written(found)})
    days: dict[tuple[int, str], dict[str, int]] = {}
    for (day, area, what), number in change.items():
        if number:
            days.setdefault((day, area), dict.fromkeys(SUMS, 0))[what] += number
    connection = session.connection()
    if days:
        connection.execute(
            _ADD,
            [
                {"day": date.fromordinal(day).isoformat(), "area": area, **numbers}
                for (day, area), numbers in days.items()
            ],
        )
    if kept:
        connection.execute(_KEEP, kept)


def _day(local: Local, at: datetime) -> int:
    return at.astimezone(local.tz).date().toordinal()


def _written(found: Iterable[tuple[int, str]]) -> str:
    return " ".join(f"{day}.{SUMS.index(what)}" for day, what in found)


def _read(sums: str) -> Iterable[tuple[int, str]]:
    for one in sums.split():
        day, _, what = one.partition(".")
        yield int(day), SUMS[int(what)]


# --- a report


@dataclass(frozen=True)
class Period:
    """Whole months: "2026-11", "2026-Q4" or "2026"."""

    code: str
    months: tuple[str, ...]

    @classmethod
    def of(cls, code: str) -> Period:
        """Raises ValueError for what is no period."""
        year, _, part = code.partition("-")
        first, last = 1, 12
        if part.startswith("Q"):
            quarter = int(part[1:])
            first, last = quarter * 3 - 2, quarter * 3
        elif part:
            first = last = int(part)
        period = cls(code, tuple(f"{int(year):04d}-{month:02d}" for month in range(first, last + 1)))
        for month in period.months:
            date.fromisoformat(f"{month}-01")
        return period

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.months[0]}-01")

    @property
    def end(self) -> date:
        """The day after the last."""
        return (date.fromisoformat(f"{self.months[-1]}-28") + 4 * DAY).replace(day=1)


def ended(local: Local, now: datetime) -> date:
    """The first day that is in no report yet: of the month that is not over."""
    return now.astimezone(local.tz).date().replace(day=1)


def last_month(local: Local, now: datetime) -> Period:
    """The last one that is over."""
    return Period.of(f"{ended(local, now) - DAY:%Y-%m}")


def last_quarter(local: Local, now: datetime) -> Period:
    """The last one that is over."""
    return _quarter_before(now.astimezone(local.tz).date())


def _quarter_before(day: date) -> Period:
    before = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1) - DAY
    return Period.of(f"{before.year}-Q{(before.month + 2) // 3}")


def offered(local: Local, now: datetime) -> list[Period]:
    """The months, quarters and years somebody most often wants to see, the nearest first."""
    over = ended(local, now)
    months = [over - DAY]
    while len(months) < MONTHS_OFFERED:
        months.append(months[-1].replace(day=1) - DAY)
    quarters = {f"{day.year}-Q{(day.month + 2) // 3}": None for day in months}
    years = {f"{day.year}": None for day in (months[0], months[-1].replace(month=1, day=1) - DAY)}
    return [Period.of(code) for code in [*(f"{day:%Y-%m}" for day in months), *quarters, *years]]


@dataclass(frozen=True)
class Rate:
    """So many of so many; `silent`: of how many we do not know, for they have not answered. None: withheld."""

    part: int | None
    of: int | None
    silent: int | None = None

    @property
    def percent(self) -> int | None:
        """None where it is withheld, or of nothing."""
        return round(100 * self.part / self.of) if self.part is not None and self.of else None


@dataclass(frozen=True)
class Report:
    """What may be shown of a period and an area (None: everywhere). A count that is None is withheld.

    `months`: those of the period that are over. `behind`: how many lines are still to be added up.
    """

    period: Period
    area: str | None
    months: tuple[str, ...]
    numbers: Mapping[str, int | None]
    behind: int = 0

    def fate(self, ledger: Ledger, fate: Fate) -> int | None:
        return self.numbers[duties.column(ledger, fate)]

    def due(self, ledger: Ledger) -> int | None:
        """All that fell due: in time, late, open and excused together."""
        return self.numbers[f"{ledger}_due"]

    def count(self, what: str) -> int | None:
        return self.numbers[what]

    def _sum(self, *what: str) -> int | None:
        """Only of what is shown: another sum could give away what is not."""
        parts = [self.numbers[one] for one in what]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    @property
    def closed(self) -> int | None:
        return self.numbers["closed"]

    @property
    def rates(self) -> dict[str, Rate]:
        """响应率, 解决率, 满意率, 自处置率, 智能派发率 and what was opened again (R19). Silence is never satisfaction."""
        accept = [duties.column(Ledger.ACCEPT, fate) for fate in (Fate.IN_TIME, Fate.LATE, Fate.OPEN)]
        done = [f"end_{end}" for end in (End.SATISFIED, End.MENDED)]
        own, silent = [*done, f"end_{End.STAFF}"], self.count(f"end_{End.SILENT}")
        found = [f"by_{how}" for how in (How.CLAIMED, How.MATCHED)]
        ways = [*found, f"by_{How.ASSIGNED}", f"by_{How.SELF}"]
        reopened = ["handled_reopened", "handled_kept"]
        return {
            "response": Rate(self.count(accept[0]), self._sum(*accept)),
            "solved": Rate(self._sum(*done, f"end_{End.REFERRED_DONE}"), self.closed, silent),
            "satisfied": Rate(self.count(done[0]), self._sum(*own), silent),
            "own": Rate(self._sum(*own), self.closed, silent),
            "found": Rate(self._sum(*found), self._sum(*ways)),
            "reopened": Rate(self.count(reopened[0]), self._sum(*reopened)),
        }


_MONTH = sa.func.substr(LEDGER_DAY.c.day, 1, 7).label("month")
_BY_MONTH = (
    sa.select(_MONTH, LEDGER_DAY.c.area, *(sa.func.sum(LEDGER_DAY.c[one]) for one in SUMS))
    .where(LEDGER_DAY.c.day >= sa.bindparam("first"), LEDGER_DAY.c.day < sa.bindparam("end"))
    .group_by(_MONTH, LEDGER_DAY.c.area)
)


def report(session: Session, local: Local, period: Period, area: str | None = None) -> Report:
    """Everything there is to show of a period and an area."""
    behind = catch_up(session, local)
    over = ended(local, now_of(session)).isoformat()[:7]
    months = tuple(month for month in period.months if month < over)
    areas = ["", *(one.code for one in local.areas)]
    sums = {month: {one: dict.fromkeys(SUMS, 0) for one in areas} for month in months}
    if months:
        for row in rows(session, _BY_MONTH, first=f"{months[0]}-", end=f"{months[-1]}-99"):
            place = row.area if row.area in areas else ""  # an area there is no more
            here = sums[row.month][place]
            for what, number in zip(SUMS, tuple(row)[2:], strict=True):
                here[what] += int(number)
    return Report(period, area, months, _shown(sums, area), behind)


def _shown(sums: Mapping[str, Mapping[str, Mapping[str, int]]], area: str | None) -> dict[str, int | None]:
    """What may be shown. What is withheld of one month is withheld of every period with that month in it: else two of them
    would give it away.
    """
    shown: dict[str, int | None] = {}
    for name, group in _named():
        wanted = [(area, what) for what in (*group, None)]
        total: dict[counts.Cell, int | None] = dict.fromkeys(wanted, 0)
        for month in sums.values():
            table = counts.table({(where, what): row[what] for where, row in month.items() for what in group})
            for cell in wanted:
                so_far, more = total[cell], table[cell]
                total[cell] = None if so_far is None or more is None else so_far + more
        shown |= {what or name: total[area, what] for what in ((*group, None) if name else group)}
    return shown


def _named() -> Iterable[tuple[str, tuple[str, ...]]]:
    """Every group, and what its sum is called; nothing where it has but one count."""
    names = [*(f"{ledger}_due" for ledger in Ledger), "ways", "closed", "ended_else", "handled", "", ""]
    return zip(names, GROUPS, strict=True)


# --- what nobody else has looked at

_SEEN = sa.exists().where(
    _EVENTS.c.case_id == _CASES.c.id, _EVENTS.c.kind.in_([Kind.VERIFIED.value, Kind.REVIEWED.value])
)
_UNSEEN = (
    sa.select(_CASES.c.id)
    .where(
        _CASES.c.handled_at >= sa.bindparam("since", type_=Moment()),
        _CASES.c.state == State.CLOSED.value,
        sa.not_(_SEEN),
    )
    .order_by(_CASES.c.ended_at)
)


def unseen(session: Session) -> list[str]:
    """Needs said to be done that ended without her word and that no other hand has looked at, the longest ago first."""
    since = now_of(session) - 2 * duties.LOOKED_AT_WITHIN
    return list(rows(session, _UNSEEN, since=since).scalars())


# --- what nobody could be found for


def quarter_due(session: Session) -> list[str]:
    """The last quarter, where staff have not heard yet what nobody could be found for. It is over everywhere by then."""
    period = _quarter_before((now_of(session) - DAY).date())
    return [] if events.happened(session, NO_CASE, Kind.COUNTED, code=period.code) else [period.code]


@dataclass(frozen=True)
class Unmet:
    """So many needs of a kind, in an area (None: not told) and a quarter, for which there was nobody."""

    kind: str
    area: str | None
    number: int


def unmet(session: Session, local: Local, period: Period) -> list[Unmet]:
    """Where a post of its own may be worth proposing: UNMET or more of a kind in an area were told why not, or wait still."""
    first, end = (
        datetime.combine(day, time(), local.tz).astimezone(UTC) for day in (period.first, period.end)
    )
    told = sa.exists().where(
        _EVENTS.c.case_id == _CASES.c.id,
        _EVENTS.c.kind == Kind.CLOSED.value,
        _EVENTS.c.code == duties.EXPLAINED,
    )
    still = (
        (_CASES.c.state == State.NOBODY.value)
        & (_CASES.c.received_at >= first)
        & (_CASES.c.received_at < end)
    )
    number = sa.func.count().label("number")
    found = rows(
        session,
        sa.select(_CASES.c.skill, _CASES.c.area, number)
        .where(((_CASES.c.ended_at >= first) & (_CASES.c.ended_at < end) & told) | still)
        .group_by(_CASES.c.skill, _CASES.c.area)
        .having(sa.func.count() >= UNMET),
    )
    return sorted(
        (Unmet(one.skill, one.area, one.number) for one in found), key=lambda one: (one.kind, one.area or "")
    )
