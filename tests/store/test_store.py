"""One writer, and what happens when it fails."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bot.clock import ManualClock
from bot.community.cases import CaseNumber
from bot.store.leader import LeadershipLost, leader
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.keystore import MemoryKeystore
from privacy.sealed import Place
from privacy.vault import Vault
from tests import databases


def _open(url: str) -> Store:
    store = Store(url, ManualClock())
    store.vault = Vault(Keyring.ephemeral(), MemoryKeystore(), database="test")
    return store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = _open(database_url)
    yield made
    made.close()


async def _numbers(store: Store) -> int:
    async with store.transaction() as session:
        return int(session.execute(sa.select(sa.func.count()).select_from(CaseNumber)).scalar_one())


async def test_what_is_committed_stays_and_what_raises_is_gone(store: Store) -> None:
    said: list[str] = []
    async with store.transaction() as session:
        session.add(CaseNumber())
        store.after_commit(lambda: said.append("committed"))
        store.after_rollback(lambda: said.append("never"))

    async def fail() -> None:
        async with store.transaction() as session:
            session.add(CaseNumber())
            session.flush()
            store.after_rollback(lambda: said.append("rolled back"))
            store.after_commit(lambda: said.append("never"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert said == ["committed", "rolled back"]
    assert await _numbers(store) == 1


async def test_a_number_given_back_is_not_given_again_after_a_commit(store: Store) -> None:
    async with store.transaction() as session:
        first = CaseNumber()
        session.add(first)
        session.flush()
        session.delete(first)
    async with store.transaction() as session:
        second = CaseNumber()
        session.add(second)
        session.flush()
        assert (first.id, second.id) == (1, 2)


async def test_there_is_one_writer_at_a_time(store: Store) -> None:
    order: list[str] = []

    async def write(name: str) -> None:
        async with store.transaction():
            order.append(f"{name} in")
            await asyncio.sleep(0)
            order.append(f"{name} out")

    await asyncio.gather(write("a"), write("b"))
    assert order == ["a in", "a out", "b in", "b out"]


async def test_no_transaction_within_another(store: Store) -> None:
    async with store.transaction():
        with pytest.raises(RuntimeError):
            async with store.transaction():
                pass
    with pytest.raises(LookupError):
        store.current()


async def test_the_second_leader_waits_until_the_first_has_left(database_url: str) -> None:
    clock = ManualClock()
    first, second = _open(database_url), _open(database_url)
    led: list[str] = []

    async def follow() -> None:
        async with leader(second, "1", clock):
            led.append("second")

    async with leader(first, "1", clock):
        following = asyncio.create_task(follow())
        for _ in range(5):
            await asyncio.sleep(0)
            clock.advance(1)
        assert led == []
    while not following.done():
        await asyncio.sleep(0)
        clock.advance(1)
    assert led == ["second"]
    first.close()
    second.close()


@pytest.mark.postgres
async def test_who_has_lost_the_session_that_leads_writes_no_more(postgres: databases.Postgres) -> None:
    url = postgres.fresh()
    clock = ManualClock()
    first, second = _open(url), _open(url)

    async def count(store: Store) -> None:
        async with store.transaction() as session:
            session.add(CaseNumber())

    async with leader(first, "1", clock):
        await count(first)
        with second.engine.connect() as other:  # the server ends the session, as a fail-over would
            mine = "pid <> pg_backend_pid() AND datname = current_database()"
            other.execute(
                sa.text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}")
            )
        async with leader(second, "1", clock):
            await count(second)
            with pytest.raises(LeadershipLost):
                await count(first)
    assert await _numbers(second) == 2
    first.close()
    second.close()
    postgres.drop(url)


def test_nobody_else_on_the_machine_reads_the_file(sqlite_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    store = _open(url)
    with store.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
    assert stat.S_IMODE(Path(str(make_url(url).database)).stat().st_mode) == 0o600
    store.close()


async def test_what_was_erased_leaves_the_log_of_the_database_too(sqlite_url: str) -> None:
    store = Store(sqlite_url, ManualClock())
    store.vault = Vault(Keyring.ephemeral(), store.keystore, database="test")
    path = Path(f"{make_url(sqlite_url).database}-wal")

    def log() -> int:
        return path.stat().st_size

    async with store.transaction():
        store.vault.seal("x", subject="p1", data_class="account", place=Place("t", "c", "r"))
    async with store.transaction() as session:
        session.add(CaseNumber())
    assert log() > 0
    with sqlite3.connect(str(make_url(sqlite_url).database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM case_number").fetchall()
        async with store.transaction():
            store.vault.forget("p1")
        assert log() > 0  # a reader is in the way; nobody waits for it
    reader.close()
    async with store.transaction():
        pass
    assert log() == 0
    async with store.transaction() as session:
        session.add(CaseNumber())
    assert log() > 0  # and it is left alone again
    store.close()


async def test_a_key_goes_only_when_its_erasure_is_on_the_disk(sqlite_url: str) -> None:
    """Also where the commit did not have to reach it by itself."""
    store = Store(sqlite_url, ManualClock())
    store.vault = Vault(Keyring.ephemeral(), store.keystore, database="test")
    log = Path(f"{make_url(sqlite_url).database}-wal")
    async with store.transaction():
        store.vault.seal("x", subject="p1", data_class="account", place=Place("t", "c", "r"))
    sizes: list[int] = []
    sa.event.listen(store.keys, "commit", lambda _: sizes.append(log.stat().st_size))
    async with store.transaction(soon=True):
        store.vault.forget("p1")
    assert sizes == [0]
    store.close()


@pytest.mark.postgres
async def test_who_stands_by_outlives_a_server_that_is_gone_for_a_while(postgres: databases.Postgres) -> None:
    url = postgres.fresh()
    clock = ManualClock()
    first, second = _open(url), _open(url)
    server = sa.create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    name = make_url(url).database
    led = asyncio.Event()

    async def follow() -> None:
        async with leader(second, "1", clock):
            led.set()

    async with leader(first, "1", clock):
        following = asyncio.create_task(follow())
        await clock.run(5)
        with server.connect() as connection:
            connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(sa.text(end), {"name": name})
            await clock.run(5)
            assert not led.is_set()
            connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        await clock.run(5)
        assert led.is_set()
    await following
    for store in (first, second):
        store.close()
    server.dispose()
    postgres.drop(url)


async def test_a_database_held_by_another_is_trouble_as_any_other_and_takes_no_durability(
    sqlite_url: str,
) -> None:
    store, other = _open(sqlite_url), sqlite3.connect(make_url(sqlite_url).database or "")
    async with store.transaction() as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout=0")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sa.exc.OperationalError, match="locked"):
        async with store.transaction(soon=True):
            pass
    other.close()

    async with store.transaction() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()
