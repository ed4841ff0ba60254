"""One of many processes that reach for the same needs on one database, through the product's own functions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from bot.clock import SystemClock
from bot.community import cases, claims, people
from bot.community.cases import Case
from bot.community.claims import Claim
from bot.data import Local
from bot.errors import Refusal
from bot.handlers.claim import service
from bot.store.database import connect
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.vault import Vault

ROUNDS = 40  # at most, over what is still open
LETS_GO = 0.2  # so many holds are given back instead of confirmed
TRIES = 30  # of a transaction that the database would not take
T = TypeVar("T")


@dataclass
class Report:
    """What one process did: seconds of each first tap, claims it was told it has, transactions that were tried again."""

    seconds: list[float] = field(default_factory=list)
    won: list[str] = field(default_factory=list)
    again: int = 0


def open_store(url: str) -> Store:
    """As a guest: of many that write to an SQLite file none may checkpoint (bot.store.database.connect)."""
    store = Store(url, SystemClock())
    store.engine = connect(url, guest=True)
    store.vault = Vault(Keyring.ephemeral(seed=b"claims"), store.keystore, database="claims")
    return store


def race(url: str, volunteers: list[str], seed: int, barrier: Any, reports: Any) -> None:
    """All begin at once, and go on until nothing is open."""
    store = open_store(url)
    asyncio.run(_race(_Racer(store, volunteers, seed), barrier, reports))
    store.close()


async def _race(racer: _Racer, barrier: Any, reports: Any) -> None:
    await racer.warm()
    barrier.wait()
    reports.put(await racer.run())


class _Racer:
    def __init__(self, store: Store, volunteers: list[str], seed: int) -> None:
        self.store = store
        self.volunteers = volunteers
        self.chance = random.Random(seed)
        self.local = Local.load()
        self.report = Report()
        self.open: list[str] = []

    async def warm(self) -> None:
        """The connection is made, what is only loaded once is loaded, and all know of the same needs."""
        self.open = await self._do(_still_open) or []
        self.report = Report()

    async def run(self) -> Report:
        for _ in range(ROUNDS):
            for case_id in self.open:
                await self._reach(case_id)
            self.open = await self._do(_still_open) or []
            if not self.open:
                break
        return self.report

    async def _reach(self, case_id: str) -> None:
        """Both taps of one volunteer, or the first and a change of mind."""
        person_id, lets_go = self.chance.choice(self.volunteers), self.chance.random() < LETS_GO
        began = time.perf_counter()
        claim_id = await self._do(lambda session: self._hold(session, case_id, person_id))
        self.report.seconds.append(time.perf_counter() - began)
        if claim_id is None:
            return
        if lets_go:
            await self._do(lambda session: claims.release(session, _claim(session, claim_id)))
        elif await self._do(lambda session: self._confirm(session, claim_id)):
            self.report.won.append(claim_id)

    def _hold(self, session: Session, case_id: str, person_id: str) -> str:
        return service.hold(session, self.local, _case(session, case_id), people.get(session, person_id)).id

    def _confirm(self, session: Session, claim_id: str) -> bool:
        """And the asker's yes, where the kind needs one."""
        claim = _claim(session, claim_id)
        case = _case(session, claim.case_id)
        at_once = service.confirm(session, self.local, case, claim)
        actor = claim.person_id if at_once else case.person_id
        service.engage(session, self.local, case, claim, actor=actor)
        return True

    async def _do(self, what: Callable[[Session], T]) -> T | None:
        """In a transaction of its own; a kind "no" is None. What the database did not take is tried again."""
        for _ in range(TRIES):
            try:
                async with self.store.transaction() as session:
                    return what(session)
            except Refusal:
                return None
            except (OperationalError, IntegrityError):
                self.report.again += 1
        raise TimeoutError


def _case(session: Session, case_id: str) -> Case:
    case = cases.get(session, case_id)
    assert case is not None
    return case


def _claim(session: Session, claim_id: str) -> Claim:
    claim = session.get(Claim, claim_id)
    assert claim is not None
    return claim


def _still_open(session: Session) -> list[str]:
    looking = select(Case).where(col(Case.state).in_([s.value for s in cases.LOOKING])).order_by(Case.number)  # type: ignore[arg-type]  # SQLModel types columns as their values
    return [case.id for case in session.exec(looking) if claims.live(session, case.id) is None]
