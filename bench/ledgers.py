"""`python -m bench ledgers`: the ledgers of a month and of a year of a district, beside one hand-written query on the lines.

98 communities as the areas of one database, 350,000 needs in a year, each with the lines a need leaves. The report is the
product's own call, from the first question to the last number that may be shown.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bench import _district
from bot.clock import ManualClock
from bot.community import ledgers, people
from bot.community.cases import Case
from bot.community.events import Event
from bot.community.ledgers import Period
from bot.community.record import table_of
from bot.store.database import upgrade
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.vault import Vault

AFTER = datetime(2027, 1, 2, tzinfo=UTC)
FIRST = datetime(2025, 12, 31, 16, tzinfo=UTC)  # midnight in Xiamen
YEAR, MONTH = Period.of("2026"), Period.of("2026-11")
CHUNK = 5_000  # needs written at once
BY_HAND = sa.text(
    "SELECT c.area, e.kind, e.code, count(*) FROM event e JOIN help_case c ON c.id = e.case_id "
    "WHERE e.at >= :first AND e.at < :end GROUP BY c.area, e.kind, e.code"
)
KINDS = {"received": "received", "by_claimed": "claimed", "by_matched": "matched", "by_assigned": "assigned"}


def history(chance: random.Random, at: datetime) -> tuple[str, list[tuple[datetime, str, str | None]]]:
    """The urgency of a need that comes now, and its lines."""
    lines: list[tuple[datetime, str, str | None]] = [(at, "received", None)]

    def then(hours: float, kind: str, code: str | None = None) -> None:
        lines.append((lines[-1][0] + timedelta(hours=chance.expovariate(1 / hours)), kind, code))

    urgency, fate = chance.choices(("U1", "U2", "U3", "U4"), (5, 35, 50, 10))[0], chance.random()
    if fate < 0.05:
        then(5, "declined", "money")
    elif fate < 0.10:
        then(5, "referred", "power")
        then(90, "verified", "referred")
    elif fate < 0.20:
        then(20, "withdrawn")
    else:
        then(5, "accepted")
        then(1, "volunteers_asked")
        if fate < 0.28:
            then(70, "nobody")
            then(20, "closed", "explained")
        else:
            then(12, "engaged", chance.choices(("matched", "claimed", "assigned"), (60, 25, 15))[0])
            then(30, "handled")
            if fate < 0.35:
                then(10, "reopened")
                then(20, "handled")
            then(20, "no_answer" if fate > 0.85 else "verified")
    return urgency, lines


def write(
    session: Session, chance: random.Random, person_id: str, numbers: range, moments: list[datetime]
) -> None:
    """More needs, with everything that became of them, need by need in the order they came."""
    needs: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for number, at in zip(numbers, moments, strict=True):
        urgency, told = history(chance, at)
        case_id = f"c{number}"
        needs.append(
            {
                "id": case_id,
                "number": number,
                "person_id": person_id,
                "state": "closed",
                "version": 1,
                "skill": "repair",
                "area": _district.code(chance.randrange(_district.AREAS)),
                "urgency": urgency,
                "received_at": told[0][0],
                "promised_at": told[0][0],
                "ended_at": told[-1][0],
                "reminders": 0,
            }
        )
        lines += [
            {"at": at, "case_id": case_id, "kind": kind, "code": code, "channel": "telegram"}
            for at, kind, code in told
        ]
    session.connection().execute(table_of(Case).insert(), needs)
    session.connection().execute(table_of(Event).insert(), lines)


async def grow(store: Store, chance: random.Random, sizes: list[int]) -> AsyncIterator[dict[str, Any]]:
    """The figures at each size: how long the lines took to be added up, a report of a month and a year, the query by hand."""
    local, there = _district.neighbourhood(), 0
    async with store.transaction() as session:
        person_id = people.register(session, telegram_id=1, language="zh").id
    for size in sizes:
        moments = sorted(FIRST + timedelta(days=chance.random() * 365) for _ in range(size - there))
        for start in range(0, len(moments), CHUNK):
            chunk = moments[start : start + CHUNK]
            async with store.transaction() as session:
                numbers = range(there + start, there + start + len(chunk))
                write(session, chance, person_id, numbers, chunk)
        there = size
        began, left, longest = time.perf_counter(), 1, 0.0
        while left:
            here = time.perf_counter()
            async with store.transaction() as session:
                left = ledgers.catch_up(session, local)
            longest = max(longest, time.perf_counter() - here)
        added = time.perf_counter() - began
        async with store.transaction() as session:
            yield measure(session, local, size) | {
                "added up, s": round(added, 1),
                "longest wait, s": round(longest, 2),
            }


def measure(session: Session, local: Any, size: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"needs": size}
    for name, period in (("month", MONTH), ("year", YEAR)):
        report, took = timed(lambda period=period: ledgers.report(session, local, period))
        of_area, took_area = timed(
            lambda period=period: ledgers.report(session, local, period, _district.code(50))
        )
        by_hand, took_by_hand = timed(lambda period=period: query(session, local, period))
        figures |= {
            f"{name}, report, s": took,
            f"{name}, report of an area, s": took_area,
            f"{name}, query by hand, s": took_by_hand,
            f"{name}, differing from the query": sum(
                report.count(what) not in (None, by_hand.get(code, 0)) for what, code in KINDS.items()
            ),
            f"{name}, withheld": sum(number is None for number in report.numbers.values()),
            f"{name}, withheld of an area": sum(number is None for number in of_area.numbers.values()),
        }
    return figures


def query(session: Session, local: Any, period: Period) -> dict[str, int]:
    first, end = (
        datetime(day.year, day.month, day.day, tzinfo=local.tz).astimezone(UTC).replace(tzinfo=None)
        for day in (period.first, period.end)
    )
    found: dict[str, int] = {}
    for _, kind, code, number in session.connection().execute(BY_HAND, {"first": first, "end": end}):
        name = code if kind == "engaged" else kind
        found[name] = found.get(name, 0) + number
    return found


def timed(call: Any) -> tuple[Any, float]:
    """What it gives, and seconds: the quickest of three."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        found = call()
        took.append(time.perf_counter() - began)
    return found, round(min(took), 3)


async def run(needs: int, seed: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledgers.db"
        upgrade(url)
        store = Store(url, ManualClock(AFTER))
        store.vault = Vault(Keyring.ephemeral(seed=b"ledgers"), store.keystore, database="ledgers")
        sizes = [needs // 100, needs // 10, needs]
        found = [figures async for figures in grow(store, random.Random(seed), sizes)]
        store.close()
    return found


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench ledgers")
    reader.add_argument("--needs", type=int, default=350_000)
    reader.add_argument("--seed", type=int, default=1)
    given = reader.parse_args(argv)
    print(f"seed {given.seed}")
    found = asyncio.run(run(given.needs, given.seed))
    for figures in found:
        print(figures, flush=True)
    last = found[-1]
    reach = [
        {
            "what": f"{name} at {given.needs} needs, s",
            "value": last[f"{name}, report, s"],
            "op": "<=",
            "limit": 1.0,
        }
        for name in ("month", "year")
    ]
    reach += [
        {"what": f"{name}: numbers that differ from the query by hand", "value": one, "op": "<=", "limit": 0}
        for name in ("month", "year")
        for one in [max(figures[f"{name}, differing from the query"] for figures in found)]
    ]
    return {"bench": "ledgers", "figures": {"seed": given.seed, "sizes": found}, "reach": reach}
