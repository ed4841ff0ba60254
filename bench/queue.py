"""`python -m bench queue`: what waits for staff, found and put in order, in a database of a year of needs of 98 communities.

A few hundred things wait, of the sorts a busy community has; all else has ended. Each call is the product's own: what one member
of staff may see to, as her list shows it; one thing looked for by its id, as each tap on it does; all that is asked in a tick.
Beside it one query by hand for the needs alone, which knows neither order nor who may see what.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bench import _district
from bench.ledgers import AFTER, CHUNK, FIRST, timed, write
from bot.app import Jinlin, compose
from bot.clock import ManualClock
from bot.community import messages, people, queue, staff
from bot.community.cases import Case
from bot.community.events import Event
from bot.community.flags import Flag
from bot.community.people import Person
from bot.community.record import table_of
from bot.community.staff import Role
from bot.runtime.runtime import RuntimeSettings
from bot.runtime.tables import inbox
from bot.runtime.transport import AiohttpRequest
from bot.store.database import upgrade
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.vault import Vault

# So many of each wait: the state of a need, what is due of it, the mark of its time, and a line staff have not seen to.
WAITING = (
    (200, "received", "review", 0, None),
    (3, "emergency", None, 0, None),
    (40, "nobody", None, 0, None),
    (40, "open", "wave", 2, None),
    (40, "open", "wave", 0, "few-v1"),
    (20, "engaged", None, 0, None),
    (10, "handled", None, 0, None),
)
GOING = (
    (600, "open", "wave"),
    (400, "engaged", "helper"),
    (300, "handled", "verify"),
    (100, "asked_back", "answer"),
)
MESSAGES, FLAGS, DEAD = 40, 10, 5
TRAFFIC = 10_000  # updates handled within the two days they are known for
LIMIT = 0.1  # s: below it a tap is answered at once
TICK = 0.01  # s of every second, to ask what is due
BY_HAND = sa.text(
    "SELECT id FROM help_case WHERE state IN ('received', 'emergency', 'nobody') "
    "UNION ALL SELECT id FROM help_case WHERE state IN ('asked_back', 'engaged', 'handled') AND due IS NULL "
    "UNION ALL SELECT id FROM help_case WHERE state = 'open' AND mark > 0 "
    "UNION ALL SELECT c.id FROM help_case c JOIN event e ON e.case_id = c.id AND e.kind = 'dry' "
    "AND e.code = 'few-v' || c.version WHERE c.state = 'open' AND c.mark = 0"
)


def fill(session: Session, local: Any, chance: random.Random, person: Person) -> None:
    """What waits, and what goes on and waits for nobody of the staff."""
    now, number = AFTER, 10_000_000
    needs, lines = [], []
    going = [(many, state, due, 0, None) for many, state, due in GOING]
    for many, state, due, mark, heard in (*WAITING, *going):
        for _ in range(many):
            number += 1
            at = now - timedelta(hours=chance.uniform(0, 48))
            case = {
                "id": f"w{number}",
                "number": number,
                "person_id": person.id,
                "state": state,
                "version": 1,
            }
            case |= {"skill": "repair", "area": _district.code(chance.randrange(_district.AREAS))}
            case |= {"urgency": chance.choice(("U1", "U2", "U3")), "received_at": at, "reminders": 0}
            case |= {"promised_at": at + timedelta(hours=9), "due": due, "mark": mark, "let_out_at": at}
            needs.append(case)
            kinds = ["received", "accepted", *(["dry"] if heard else [])]
            lines += [
                {
                    "at": at,
                    "case_id": case["id"],
                    "kind": kind,
                    "channel": "telegram",
                    "code": heard if kind == "dry" else None,
                }
                for kind in kinds
            ]
    session.connection().execute(table_of(Case).insert(), needs)
    session.connection().execute(table_of(Event).insert(), lines)
    for one in range(MESSAGES):
        writer = people.register(session, telegram_id=1_000 + one, language="zh")
        messages.take(session, local, messages.Sort.MESSAGE, writer, "")
    for one in range(FLAGS):
        about = str(needs[one]["id"])
        session.add(
            Flag(case_id=about, person_id=person.id, author_id=person.id, what="card", rule="respect", at=now)
        )
    session.connection().execute(
        inbox.insert(),
        [
            {
                "source": "bench",
                "update_id": one,
                "digest": one,
                "chat": 1,
                "state": "dead" if one < DEAD else "done",
                "tries": 0,
                "deaths": 0,
                "received_at": now.timestamp(),
                "due_at": now.timestamp(),
            }
            for one in range(TRAFFIC)
        ],
    )


async def grow(
    store: Store, service: Jinlin, chance: random.Random, sizes: list[int]
) -> AsyncIterator[dict[str, Any]]:
    local, there = _district.neighbourhood(), 0
    async with store.transaction() as session:
        asker = people.register(session, telegram_id=1, language="zh")
        lin = people.register(session, telegram_id=2, language="zh").id
        staff.grant(session, lin, Role.MODERATOR)
        asker_id = asker.id
        fill(session, local, chance, asker)
    for size in sizes:
        moments = sorted(FIRST + timedelta(days=chance.random() * 365) for _ in range(size - there))
        for start in range(0, len(moments), CHUNK):
            chunk = moments[start : start + CHUNK]
            async with store.transaction() as session:
                write(session, chance, asker_id, range(there + start, there + start + len(chunk)), chunk)
        there = size
        yield await measure(store, service, lin, size)


async def measure(store: Store, service: Jinlin, lin: str, size: int) -> dict[str, Any]:
    """Each call in a transaction of its own, as in life: nothing is known of the one before."""
    async with store.transaction() as session:
        by_hand, took_by_hand = timed(lambda: session.connection().execute(BY_HAND).fetchall())
    page, found = [], []
    for _ in range(3):
        async with store.transaction() as session:
            began = time.perf_counter()
            listed, _ = queue.of(session, lin), queue.holds(session)
            page.append(time.perf_counter() - began)
        async with store.transaction() as session:
            began = time.perf_counter()
            queue.find(session, lin, listed[-1].about)
            found.append(time.perf_counter() - began)
    async with store.transaction() as session:
        _, tick = timed(lambda: [sweep.due(session) for sweep in service.sweeps])
    needs = sum(item.case_id is not None and item.about == item.case_id for item in listed)
    return {
        "needs": size,
        "wait": len(listed),
        "list, s": round(min(page), 3),
        "one of them, s": round(min(found), 3),
        "a tick, s": tick,
        "query by hand, s": took_by_hand,
        "differing from the query": abs(needs - len(by_hand)),
    }


async def run(needs: int, seed: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/queue.db"
        upgrade(url)
        clock = ManualClock(AFTER)
        store = Store(url, clock)
        store.vault = Vault(Keyring.ephemeral(seed=b"queue"), store.keystore, database="queue")
        sizes = [needs // 100, needs // 10, needs]
        service, _ = compose(store, clock, AiohttpRequest(), RuntimeSettings("1:bench"))
        found = [figures async for figures in grow(store, service, random.Random(seed), sizes)]
        store.close()
    return found


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench queue")
    reader.add_argument("--needs", type=int, default=350_000)
    reader.add_argument("--seed", type=int, default=1)
    given = reader.parse_args(argv)
    print(f"seed {given.seed}")
    found = asyncio.run(run(given.needs, given.seed))
    for figures in found:
        print(figures, flush=True)
    reach = [
        {"what": f"{what} at {given.needs} needs", "value": found[-1][what], "op": "<=", "limit": LIMIT}
        for what in ("list, s", "one of them, s")
    ]
    reach.append(
        {
            "what": f"a tick, s at {given.needs} needs",
            "value": found[-1]["a tick, s"],
            "op": "<=",
            "limit": TICK,
        }
    )
    differing = max(figures["differing from the query"] for figures in found)
    reach.append(
        {"what": "needs that differ from the query by hand", "value": differing, "op": "<=", "limit": 0}
    )
    return {"bench": "queue", "figures": {"seed": given.seed, "sizes": found}, "reach": reach}
