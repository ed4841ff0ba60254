"""When staff are there: due times count these hours and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[time, time]  # local, opening and closing
Stretch = tuple[datetime, datetime]  # the same on one day, in UTC
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The working time of one community (calendar.toml).

    `week`: the hours of Monday to Sunday; `closed`: days nobody is there all the same; `extra`: days with hours of their own
    (调休); `known_until`: the last day whose holidays somebody has looked up. `own`: the days staff have entered in the chat,
    which come before all of it; the one part that changes while the service runs.
    """

    tz: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    known_until: date | None = None
    own: dict[date, tuple[Span, ...]] = field(default_factory=dict)

    def keep(self, own: Mapping[date, tuple[Span, ...]]) -> None:
        """These are the days staff have entered now."""
        self.own.clear()
        self.own.update(own)

    def hours_on(self, day: date) -> tuple[Span, ...]:
        if day in self.own:
            return self.own[day]
        if day in self.extra:
            return self.extra[day]
        return () if day in self.closed else self.week[day.weekday()]

    def works_on(self, day: date) -> bool:
        return bool(self.hours_on(day))

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self._stretches(self._day(at)))

    def next_open(self, at: datetime) -> datetime:
        """This moment, or when staff are there next."""
        return self.add(at, timedelta())

    def next_day(self, day: date) -> date:
        """The working day after this day."""
        return next(one for one in self._days(day + DAY) if self.works_on(one))

    def add(self, at: datetime, working: timedelta) -> datetime:
        """When so much working time has gone by: in UTC, while staff are there or as they close."""
        for day in self._days(self._day(at)):
            for opens, closes in self._stretches(day):
                start = max(opens, at)
                if start < closes and working <= closes - start:
                    return start + working
                working -= max(closes - start, timedelta())
        raise AssertionError("the days do not end")

    def days(self, at: datetime, working: int) -> datetime:
        """As staff close on the so manieth working day after this day, which does not count itself (Civil Code 201)."""
        day = self._day(at)
        for _ in range(working):
            day = self.next_day(day)
        return self._stretches(day)[-1][1]

    def by(self, at: datetime, limit: str) -> datetime:
        """By when: "4h" of working time, "3d" of working days (urgency.toml)."""
        return (
            self.add(at, timedelta(hours=int(limit[:-1])))
            if limit[-1] == "h"
            else self.days(at, int(limit[:-1]))
        )

    def days_open(self, at: datetime, clock: timedelta) -> datetime:
        """When so much time has gone by on the clock, day and night, but for days on which nobody is there."""
        for day in self._days(self._day(at)):
            start = max(at, self._midnight(day))
            left = self._midnight(day + DAY) - start
            if self.works_on(day):
                if clock <= left:
                    return start + clock
                clock -= left
        raise AssertionError("the days do not end")

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.tz).date()

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.tz).astimezone(UTC)

    def _stretches(self, day: date) -> list[Stretch]:
        return [
            (
                datetime.combine(day, opens, self.tz).astimezone(UTC),
                datetime.combine(day, closes, self.tz).astimezone(UTC),
            )
            for opens, closes in self.hours_on(day)
        ]

    @staticmethod
    def _days(day: date) -> Iterator[date]:
        while True:
            yield day
            day += DAY
