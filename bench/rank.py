"""`python -m bench rank`: the first 20 to ask of 1,000 to 1,000,000 volunteers, by the product's own question to its database.

Beside it the same by a scan of columns in memory (numpy), by one question that reads the whole pool, and the time the memory
alone takes to hand over what the scan reads. The first two must find people just as near and rested. How much memory the product
needs is read of a process of its own, which holds nothing but the open database; the growth is that from each size to the next.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from bench import _columns, _district
from bench._district import Floats, Pool, Requests, code, hops, neighbourhood
from bot.app import open_store
from bot.clock import ManualClock
from bot.community import asking
from bot.community.record import rows, table_of
from bot.community.talents import NEVER, Talent
from bot.matching import fit
from bot.matching.eligibility import Need
from bot.matching.waves import Chosen
from privacy.keyring import Keyring
from privacy.purposes import purposes

FIRST, TURNS = 20, 3
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # Wednesday, 11:00 here
KINDS = [kind.code for kind in neighbourhood().kinds if kind.category][: _district.KINDS]
LANGUAGES = [language.code for language in neighbourhood().languages]
CREDENTIALS = ("lawyer", "nurse", "mediator", "known")
LIMIT_MS = 5.0
Answer = list[tuple[int, float]]  # how far away, and days of rest


class Town:
    """A pool of so many, in memory and in a database of the product's own."""

    def __init__(self, size: int, path: Path) -> None:
        chance = np.random.default_rng(size)
        self.pool: Pool = _district.pool(size, seed=1)
        self.this_week = np.minimum(chance.poisson(0.8, size), 7)
        days = np.where(self.this_week > 0, chance.uniform(0.1, 7, size), 7 + chance.exponential(20, size))
        never = (self.this_week == 0) & (chance.random(size) < 0.2)
        self.rested: Floats = np.where(never, np.inf, np.round(days * 86400) / 86400)
        self.engaged = (chance.random(size) < 0.15).astype(int)
        self.paused = chance.random(size) < 0.05
        self.ids = [f"{number:016x}" for number in chance.choice(1 << 60, size, replace=False).tolist()]
        self.place = {person: row for row, person in enumerate(self.ids)}
        self.url = f"sqlite:///{path}"
        self.store, _ = open_store(self.url, Keyring.ephemeral(seed=b"bench"), ManualClock(NOW))
        self._fill(path)

    def _fill(self, path: Path) -> None:
        """In bulk, the indexes after the rows."""
        database = sqlite3.connect(path)
        database.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA foreign_keys=OFF")
        indexes = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        for table, columns, lines in self._rows():
            marks = ",".join("?" * len(columns.split(",")))
            database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", lines)
        for _, sql in indexes:
            database.execute(sql)
        database.commit()
        database.close()

    def _rows(self) -> Iterable[tuple[str, str, Iterable[tuple[Any, ...]]]]:
        pool, ids, then = self.pool, self.ids, _written(NOW)
        areas = [code(area) for area in pool.area.tolist()]
        asked = [
            _written(NEVER if day == np.inf else NOW - timedelta(seconds=round(day * 86400)))
            for day in self.rested.tolist()
        ]
        spoken = [
            ",".join(c for bit, c in enumerate(LANGUAGES) if mask >> bit & 1)
            for mask in range(1 << len(LANGUAGES))
        ]
        hours, caps, most = pool.hours.tolist(), pool.asks_a_week.tolist(), pool.max_open.tolist()
        urgent, gender, languages = pool.urgent_ok.tolist(), pool.gender.tolist(), pool.languages.tolist()
        own = list(
            zip(
                hours,
                [spoken[mask] for mask in languages],
                urgent,
                most,
                ["fm-"[one] for one in gender],
                strict=True,
            )
        )
        resting = [_written(NOW + timedelta(days=1)) if paused else None for paused in self.paused.tolist()]
        yield (
            "person",
            "id,telegram_index,telegram_id,language,simple,area,reachable,joined_at",
            ((one, row, b"-", "zh", False, areas[row], True, then) for row, one in enumerate(ids)),
        )
        yield (
            "volunteer",
            "person_id,asks_a_week,paused_until,joined_at,on_duty,hours,languages,urgent_ok,max_open,gender",
            ((one, caps[row], resting[row], then, True, *own[row]) for row, one in enumerate(ids)),
        )
        who, what = (each.tolist() for each in np.nonzero(pool.offers))
        yield (
            "talent",
            "person_id,kind,area,hours,asked_at",
            (
                (ids[row], KINDS[kind], areas[row], hours[row], asked[row])
                for row, kind in zip(who, what, strict=True)
            ),
        )
        yield (
            "credential",
            "id,person_id,kind,state,declared_at",
            (
                (f"{bit}{ids[row]}"[:16], ids[row], CREDENTIALS[bit], "checked", then)
                for bit in range(len(CREDENTIALS))
                for row in np.flatnonzero(pool.credentials >> bit & 1).tolist()
            ),
        )
        yield (
            "ask",
            "id,case_id,person_id,state,wave,why,asked_at",
            (
                (f"{number}{ids[row]}"[:16], f"w{number}", ids[row], "closed", 1, "", asked[row])
                for number in range(8)
                for row in np.flatnonzero(self.this_week > number).tolist()
            ),
        )
        yield (
            "claim",
            "id,case_id,person_id,state,held_until",
            (
                (f"c{row}", f"c{row}", ids[row], "confirmed", then)
                for row in np.flatnonzero(self.engaged).tolist()
            ),
        )
        version = purposes()["pool"].notice
        yield (
            "consent_event",
            'id,person_id,purpose,scope,status,"by",by_id,notice_version,language,way,at,prev,hash',
            (
                (
                    row + 1,
                    one,
                    "pool",
                    "",
                    "given",
                    "self",
                    "",
                    version,
                    "zh",
                    "telegram",
                    then,
                    str(row),
                    str(row + 1),
                )
                for row, one in enumerate(ids)
            ),
        )

    def product(self, session: Session, need: Need) -> list[int]:
        return [self.place[one.person_id] for one in ask(session, need)]

    def one_question(self, session: Session, need: Need) -> list[int]:
        """The same conditions over the whole pool, put in order by the database."""
        area = int((need.area or "g0")[1:])
        talent = table_of(Talent)
        near = sa.case({code(other): int(hop) for other, hop in enumerate(hops()[area])}, value=talent.c.area)
        statement = (
            sa.select(talent.c.person_id)
            .select_from(asking.OFFERING)
            .where(asking.OFFERS, *asking.ALLOWED, *asking.LIMITS)
            .order_by(near, talent.c.asked_at)
            .limit(FIRST)
        )
        values = asking.may(session, neighbourhood(), need)
        return [self.place[person_id] for person_id in rows(session, statement, **values).scalars()]

    def scan(self, asked: Requests, one: int) -> list[int]:
        """Every column of every volunteer, in memory."""
        pool = self.pool
        able = _columns.suited(pool, asked, one)
        urgency = _district.URGENCIES[asked.urgency[one]]
        able = able[
            _columns.free(
                urgency,
                asks_a_week=pool.asks_a_week[able],
                urgent_ok=pool.urgent_ok[able],
                asks_this_week=self.this_week[able],
                open_claims=self.engaged[able],
                max_open=pool.max_open[able],
                rested=self.rested[able],
                asleep=False,
            )
            & ~self.paused[able]
        ]
        value = _columns.value(hops()[asked.area[one], pool.area[able]], self.rested[able])
        able, value = able[value >= fit.ENOUGH], value[value >= fit.ENOUGH]
        return [int(row) for row in able[np.lexsort((-self.rested[able], -value))][:FIRST]]

    def worth(self, asked: Requests, one: int, found: list[int]) -> list[float]:
        hop = hops()[asked.area[one], self.pool.area[found]]
        return [round(float(value), 9) for value in _columns.value(hop, self.rested[found])]

    def column_bytes(self) -> int:
        """What the scan reads at least of each volunteer: one offer, and each column once."""
        pool = self.pool
        columns: list[Any] = [
            pool.hours,
            pool.area,
            pool.languages,
            pool.credentials,
            pool.gender,
            pool.max_open,
        ]
        columns += [pool.asks_a_week, pool.urgent_ok, self.this_week, self.engaged, self.paused, self.rested]
        return pool.size + sum(int(column.nbytes) for column in columns)


def need_of(asked: Requests, one: int) -> Need:
    credential = int(asked.credential[one])
    return Need(
        f"case{one}",
        "nobody",
        (KINDS[asked.kind[one]],),
        _district.URGENCIES[asked.urgency[one]],
        area=code(int(asked.area[one])),
        hours=int(asked.hours[one]),
        day=NOW.date(),
        languages=frozenset(c for bit, c in enumerate(LANGUAGES) if int(asked.language[one]) >> bit & 1),
        credentials=frozenset({CREDENTIALS[credential.bit_length() - 1]} if credential else ()),
        gender="f" if asked.gender[one] >= 0 else None,
    )


def ask(session: Session, need: Need) -> list[Chosen]:
    return asking.chosen(session, neighbourhood(), need, size=FIRST)


def memory(url: str, questions: int) -> tuple[float, float]:
    """Megabytes a process needs with the database open, and at most while it asks so many questions (VmHWM of Linux).

    To be called in a process of its own. What Python and its libraries need is in both.
    """
    asked = _district.requests(200, max(1, questions // 100), np.random.default_rng(2))
    store, _ = open_store(url, Keyring.ephemeral(seed=b"bench"), ManualClock(NOW))

    async def all_of_them() -> float:
        async with store.transaction() as session:
            session.connection()
            before = _peak()
            for one in range(min(questions, asked.size)):
                ask(session, need_of(asked, one))
        return before

    before = asyncio.run(all_of_them())
    store.close()
    return round(before, 1), round(_peak(), 1)


def _peak() -> float:
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def bandwidth() -> float:
    """Bytes a second this machine reads from memory, one core, at best."""
    block, took = np.ones(1 << 25), []
    for _ in range(5):
        began = time.perf_counter()
        block.sum()
        took.append(time.perf_counter() - began)
    return float(block.nbytes / min(took))


def timed(
    ask: Callable[[int], object], questions: Sequence[int], patience: float = 20.0
) -> tuple[float, float]:
    """Milliseconds, at the median and at the 95th percentile, each question's quickest of three turns: the one nothing else
    fell on. As many questions as patience (seconds) allows.
    """
    for one in questions[:2]:
        ask(one)
    turns: list[list[float]] = []
    most = len(questions)
    for _ in range(TURNS):
        took, began = [], time.perf_counter()
        for one in questions[:most]:
            start = time.perf_counter()
            ask(one)
            took.append((time.perf_counter() - start) * 1000)
            if time.perf_counter() - began > patience / TURNS and len(took) >= 4:
                break
        most = len(took)
        turns.append(took)
    quickest = np.min([took[:most] for took in turns], axis=0)
    return round(float(np.percentile(quickest, 50)), 3), round(float(np.percentile(quickest, 95)), 3)


async def measure(size: int, folder: str, questions: int) -> dict[str, Any]:
    path, began = Path(folder, f"{size}.db"), time.perf_counter()
    town = Town(size, path)
    built = time.perf_counter() - began
    asked = _district.requests(200, questions // 100, np.random.default_rng(2))
    every = range(min(questions, asked.size))
    async with town.store.transaction() as session:
        wrong = [
            one
            for one in every[:60]
            if town.worth(asked, one, town.product(session, need_of(asked, one)))
            != town.worth(asked, one, town.scan(asked, one))
        ]
        product = timed(lambda one: town.product(session, need_of(asked, one)), every)
        count = timed(lambda one: asking.eligible_count(session, need_of(asked, one)), every)
        scan = timed(lambda one: town.scan(asked, one), every)
        whole = timed(lambda one: town.one_question(session, need_of(asked, one)), every, patience=10)
    disk = round(path.stat().st_size / 1e6, 1)  # noqa: ASYNC240  in a bench nobody waits
    floor = town.column_bytes() / bandwidth() * 1000
    town.store.close()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        before, most = apart.submit(memory, town.url, questions).result()
    return {
        "product, p50 ms": product[0],
        "product, p95 ms": product[1],
        "count of who could, p95 ms": count[1],
        "numpy scan, p50 ms": scan[0],
        "numpy scan, p95 ms": scan[1],
        "one question, p50 ms": whole[0],
        "one question, p95 ms": whole[1],
        "memory floor of the scan, ms": round(floor, 3),
        "columns in memory, MB": round(town.column_bytes() / 1e6, 1),
        "process with the database open, MB": before,
        "process at its most, MB": most,
        "database on the disk, MB": disk,
        "built in, s": round(built, 1),
        "answers that are not the scan's": len(wrong),
    }


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench rank")
    reader.add_argument("--sizes", default="1000,10000,100000,1000000")
    reader.add_argument("--questions", type=int, default=400)
    given = reader.parse_args(argv)
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, given.sizes.split(",")):
            figures[str(size)] = asyncio.run(measure(size, folder, given.questions))
            print(f"{size:>9,}", *(f"{what} {value}" for what, value in figures[str(size)].items()), sep="  ")
            Path(folder, f"{size}.db").unlink()
    reach = [
        {
            "what": f"answers at {size} that are not the scan's",
            "value": each["answers that are not the scan's"],
            "op": "<=",
            "limit": 0,
        }
        for size, each in figures.items()
    ]
    if "100000" in figures:
        found = figures["100000"]["product, p95 ms"]
        reach.append({"what": "p95 of 100000, ms", "value": found, "op": "<=", "limit": LIMIT_MS})
    growth = {f"{a} to {b}": _growth(figures[a], figures[b]) for a, b in pairwise(figures)}
    print(*(f"{step}: {each}" for step, each in growth.items()), sep="\n")
    return {"bench": "rank", "figures": figures, "growth": growth, "reach": reach}


def _growth(small: dict[str, Any], large: dict[str, Any]) -> dict[str, float]:
    """How many times as much; of the process how many megabytes more."""
    times = ("product, p95 ms", "numpy scan, p95 ms", "one question, p95 ms", "database on the disk, MB")
    more = ("process at its most, MB",)
    return {f"times as much: {what}": round(large[what] / small[what], 2) for what in times} | {
        f"more: {what}": round(large[what] - small[what], 1) for what in more
    }
