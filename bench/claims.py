"""`python -m bench claims --processes 50`: many processes race for the same needs, on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sqlmodel import select

from bench._racing import Report, open_store, race
from bot.community import cases, claims, credentials, people, talents
from bot.community.cases import Case, State
from bot.community.claims import LIVE, Claim
from bot.community.events import Kind
from bot.community.record import now_of
from bot.community.talents import Volunteer
from bot.data import Local
from bot.matching.waves import Chosen
from bot.store.database import upgrade
from tests import databases

KINDS = ("errand_carry", "errand_clinic")  # taken by two taps, and with the asker's yes
LIMITS = (1, 2, 3)  # needs at once, volunteer by volunteer
PATIENCE = 600.0  # seconds in which all must have come to an end


async def settle(url: str, needs: int, volunteers: int) -> list[str]:
    """A street in which everybody was asked about everything. Returns the volunteers."""
    store, local = open_store(url), Local.load()
    async with store.transaction() as session:
        asker, *others = [
            people.register(session, telegram_id=9000 + number, language="zh").id
            for number in range(volunteers + 1)
        ]
        for number, person_id in enumerate(others):
            volunteer = talents.offer(session, person_id, list(KINDS))
            volunteer.max_open = LIMITS[number % len(LIMITS)]
            session.add(volunteer)
            seen = credentials.declare(session, person_id, "trained")
            credentials.check(session, local, seen, by=asker, expires_on=None)
        for number in range(needs):
            case = cases.submit(
                session,
                person_id=asker,
                skill=KINDS[number % len(KINDS)],
                area=None,
                urgency="U3",
                when=(None, None),
                story="x",
                contact=cases.Contact(None, None),
                files=None,
                promised_at=now_of(session),
            )
            cases.move(session, case, State.OPEN, Kind.ACCEPTED, actor=asker)
            claims.ask(session, case.id, [Chosen(person_id, "") for person_id in others])
    store.close()
    return others


def run(url: str, volunteers: list[str], processes: int, seed: int) -> list[Report]:
    """Every process from the same starting line. Raises queue.Empty when one of them does not come back."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench._racing"])
    barrier, reports = context.Barrier(processes), context.Queue()
    racers = [
        context.Process(
            target=race, args=(url, volunteers, seed * 1000 + number, barrier, reports), daemon=True
        )
        for number in range(processes)
    ]
    for racer in racers:
        racer.start()
    told = [reports.get(timeout=PATIENCE) for _ in racers]
    for racer in racers:
        racer.join(PATIENCE)
    return told


async def reckon(url: str, told: list[Report]) -> dict[str, int]:
    """What does not add up: each must be nought."""
    store = open_store(url)
    async with store.transaction() as session:
        live = [claim for claim in session.exec(select(Claim)) if claim.state in LIVE]
        every = session.exec(select(Case)).all()
        limits = {one.person_id: one.max_open for one in session.exec(select(Volunteer))}
    store.close()
    of_case = Counter(claim.case_id for claim in live)
    in_hand = Counter(claim.person_id for claim in live)
    won = [claim_id for report in told for claim_id in report.won]
    return {
        "over-filled": sum(many > 1 for many in of_case.values()),
        "lost": sum(case.state != State.ENGAGED or not of_case[case.id] for case in every)
        + len(set(won) ^ {claim.id for claim in live}),
        "above own max_open": sum(in_hand[person_id] > limits[person_id] for person_id in in_hand),
    }


def lay(url: str, *, processes: int, needs: int, seed: int) -> tuple[dict[str, int], list[Report]]:
    """One race on a migrated database: what did not add up, and what the processes told."""
    volunteers = asyncio.run(settle(url, needs, needs))
    told = run(url, volunteers, processes, seed)
    return asyncio.run(reckon(url, told)), told


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench claims")
    reader.add_argument("--processes", type=int, default=50)
    reader.add_argument("--needs", type=int, default=40)
    reader.add_argument("--seed", type=int, default=1)
    given = reader.parse_args(argv)
    print(f"seed {given.seed}")
    figures: dict[str, Any] = {"processes": given.processes, "needs": given.needs, "seed": given.seed}
    reach = []
    for name, fresh in _databases():
        if fresh is None:
            figures[name] = databases.MISSING
            continue
        for when, processes in (("alone", 1), ("racing", given.processes)):
            began = time.perf_counter()
            broken, told = lay(fresh(), processes=processes, needs=given.needs, seed=given.seed)
            times = sorted(second for report in told for second in report.seconds)
            figures |= {
                f"{name}, {when}, first taps": len(times),
                f"{name}, {when}, p50 ms": _ms(times, 0.5),
                f"{name}, {when}, p99 ms": _ms(times, 0.99),
                f"{name}, {when}, tried again": sum(report.again for report in told),
                f"{name}, {when}, seconds": round(time.perf_counter() - began, 1),
            }
        reach += [
            {"what": f"{what}, {name}", "value": many, "op": "<=", "limit": 0}
            for what, many in broken.items()
        ]
    return {"bench": "claims", "figures": figures, "reach": reach}


def _ms(times: list[float], share: float) -> float:
    return round(times[int((len(times) - 1) * share)] * 1000, 1)


def _databases() -> Iterator[tuple[str, Callable[[], str] | None]]:
    """Each by name, with what makes a fresh one of it; None where there are no programs for it."""
    with tempfile.TemporaryDirectory() as folder:

        def fresh() -> str:
            url = f"sqlite:///{tempfile.mkdtemp(dir=folder)}/claims.db"
            upgrade(url)
            return url

        yield "SQLite", fresh
    programs = databases.programs()
    if programs is None:
        yield "PostgreSQL", None
        return
    server = databases.Postgres(programs)
    try:
        yield "PostgreSQL", server.fresh
    finally:
        server.stop()
