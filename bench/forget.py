"""`python -m bench forget`: one person among 20,000 rows is erased; then every file is searched, and a restored backup too."""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import select

from bench._field import Morning
from bench._scan import found
from bot import backup
from bot.app import open_store
from bot.community import cards, cases, erasing, people
from bot.community.cases import Case, Contact, State
from bot.community.events import Kind
from bot.runtime import failures
from bot.store.store import Store
from privacy.erasures import Journal
from privacy.keyring import Keyring
from privacy.keystore import KEYS

ROWS_OF_ONE = 5  # person, case, its number, its event, a card
CONTROL = "control-canary"  # stands in the data in plain, so a search that works finds it
DATABASE = "town.db"


class Canary(NamedTuple):
    """One person and the words of hers."""

    person_id: str
    telegram_id: int
    name: str
    story: str
    phone: str
    door: str

    @property
    def words(self) -> list[str]:
        return [str(self.telegram_id), self.name, self.story, self.phone, self.door]


class Found(NamedTuple):
    """What was measured, and what the searches found."""

    rows: int
    seconds: list[float]
    before: int  # of the sealed words and wrapped keys: the search works
    after: int
    restored: int
    words: int  # in plain, at any time
    controls: int  # files in which the plain control was found, at the end


async def measure(rows: int, erased: int, folder: Path) -> Found:
    """Fill a town, back it up, erase some people one by one, restore the backup, and search all of it each time."""
    state, kept, again = (folder / name for name in ("state", "backups", "again"))
    for path in (state, again):
        path.mkdir()
    keyring, clock, journal = Keyring.ephemeral(), Morning(), Journal(folder / "erased")
    url = f"sqlite:///{state / DATABASE}"
    store, _ = open_store(url, keyring, clock, journal=journal)
    chosen = await fill(store, rows // ROWS_OF_ONE, erased)
    sealed = await ciphertexts(store, chosen)
    words = [word for one in chosen for word in one.words]
    plain = len(found(state, words))
    before = len({needle for needle, _ in found(state, sealed)})
    backup.back_up(url, keyring, journal, kept, store.today())
    seconds = [await _erase(store, one) for one in chosen]
    plain += len(found(state, words))
    after = len(found(state, sealed))
    day = store.today().isoformat()
    files = [kept / f"{day}.data", kept / f"{day}.keys"]
    await backup.restore(f"sqlite:///{again / DATABASE}", keyring, journal, files, clock, replace=False)
    restored = len(found(again, sealed))
    plain += len(found(again, words)) + len(found(kept, words))
    controls = len(found(state, [CONTROL])) + len(found(again, [CONTROL]))
    store.close()
    return Found(rows, seconds, before, after, restored, plain, controls)


async def fill(store: Store, number: int, chosen: int) -> list[Canary]:
    """So many people with one ended case each; the words of the chosen ones, who live anywhere among them."""
    found: list[Canary] = []
    async with store.transaction() as session:
        failures.note(session, CONTROL, "all", "KeyError", store.today().toordinal())
    for start in range(0, number, 500):
        async with store.transaction() as session:
            for one in range(start, min(start + 500, number)):
                canary = Canary(
                    "",
                    7_310_000_000 + one,
                    f"金丝雀{one}号",
                    f"鸟笼{one}的门坏了",
                    f"1385{one:07}",
                    f"{one}栋3172",
                )
                person = people.register(session, telegram_id=canary.telegram_id, language="zh")
                people.rename(session, person, canary.name)
                session.flush()
                case = cases.submit(
                    session,
                    person_id=person.id,
                    skill="repair",
                    area="b2",
                    urgency="U3",
                    when=(None, None),
                    story=canary.story,
                    contact=Contact(canary.phone, canary.door),
                    files=None,
                    promised_at=session.info["clock"].now() + timedelta(hours=4),
                )
                cases.move(
                    session, case, State.WITHDRAWN, Kind.WITHDRAWN, actor=person.id, due_at=None, due=None
                )
                cards.remember(session, case_id=case.id, person_id=person.id, message_id=one + 1, secret=True)
                if one % max(1, number // chosen) == 0 and len(found) < chosen:
                    found.append(canary._replace(person_id=person.id))
    return found


async def ciphertexts(store: Store, chosen: list[Canary]) -> list[bytes]:
    """Everything sealed for these people, and the wrapped keys that open it."""
    ids = [one.person_id for one in chosen]
    async with store.transaction() as session:
        hers = session.exec(select(Case).where(sa.column("person_id").in_(ids))).all()
        persons = people.those(session, ids)
    with store.keys.connect() as connection:
        subjects = [*ids, *(case.id for case in hers)]
        keys = connection.execute(sa.select(KEYS.c.wrapped).where(KEYS.c.subject.in_(subjects))).scalars()
        wrapped = [bytes(key) for key in keys]
    columns = [column for case in hers for column in (case.story, case.phone, case.door)]
    columns += [column for person in persons for column in (person.name, person.telegram_id)]
    return [*wrapped, *(bytes(column) for column in columns if column)]


async def _erase(store: Store, one: Canary) -> float:
    began = time.perf_counter()
    async with store.transaction() as session:
        erasing.erase_person(session, one.person_id)
    return time.perf_counter() - began


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench forget")
    reader.add_argument("--rows", type=int, default=20_000)
    reader.add_argument("--people", type=int, default=40)
    given = reader.parse_args(argv)
    logging.getLogger("privacy").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        said = asyncio.run(measure(given.rows, given.people, Path(folder)))
    p95 = statistics.quantiles(said.seconds, n=20)[-1]
    sealed = given.people * 8  # three keys and five sealed columns each
    return {
        "bench": "forget",
        "figures": {
            "rows": said.rows,
            "people erased, one by one": len(said.seconds),
            "median ms": round(statistics.median(said.seconds) * 1000, 2),
            "p95 ms": round(p95 * 1000, 2),
            "sealed words and wrapped keys found before": said.before,
            "files with the plain control afterwards": said.controls,
        },
        "reach": [
            {"what": "p95 s", "value": round(p95, 4), "op": "<=", "limit": 1.0},
            {"what": "found before (the search works)", "value": said.before, "op": ">=", "limit": sealed},
            {"what": "control found (the search works)", "value": said.controls, "op": ">=", "limit": 2},
            {"what": "left in the files", "value": said.after, "op": "<=", "limit": 0},
            {"what": "left in a restored backup", "value": said.restored, "op": "<=", "limit": 0},
            {"what": "words found in plain", "value": said.words, "op": "<=", "limit": 0},
        ],
    }
