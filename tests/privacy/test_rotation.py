"""Root keys change under a service that goes on writing, and whatever stops it no row is lost."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from privacy import rotation
from privacy.erasures import ERASURES
from privacy.keyring import Keyring, KeyringBusy, KeyringError
from privacy.keystore import KEYS, Name
from privacy.rotation import epochs, rotate
from privacy.sealed import Place
from tests.privacy._rotating import DATABASE, House

ROOT = Path(__file__).parents[2]
KILLS = 100


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Twenty people, each with two data keys."""
    made = House(tmp_path)
    ERASURES.create(made.engine)
    KEYS.create(made.keys)
    settled(made, "BLOB")
    yield made
    made.close()


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[House]:
    """The same in each of the two databases."""
    made = House(tmp_path, url=database_url)
    settled(made, "BLOB" if made.engine.dialect.name == "sqlite" else "BYTEA")
    yield made
    made.close()


def settled(house: House, kind: str) -> None:
    with house.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE words (subject TEXT, kind TEXT, sealed {kind})")
    for number in range(20):
        house.write(f"p{number}")


def counted(house: House) -> list[tuple[bool, bool, int]]:
    with house.keys.begin() as connection:
        return [epoch[1:] for epoch in epochs(house.keyring, connection)]


def turn(house: House, **how: float) -> rotation.Rotated:
    return rotate(house.keyring, DATABASE, house.keys.begin, pause=0, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_every_key_is_wrapped_anew_and_the_old_epoch_goes(house: House, batch: int) -> None:
    old, index = house.keyring.current, house.keyring.index_key
    done = turn(house, batch=batch)
    assert done == (house.keyring.current, True, 40, {old})
    assert counted(house) == [(True, True, 40)]
    again = House(house.folder)
    assert again.keyring.kids == {done.current}
    assert again.keyring.index_key == index
    assert again.unreadable() == (40, [])
    again.close()


def test_an_unfinished_rotation_is_finished_and_not_begun_anew(house: House) -> None:
    old = house.keyring.current
    new = house.keyring.begin_epoch()
    house.write("late")
    assert counted(house) == [(True, True, 2), (False, True, 40)]
    assert turn(house) == (new, False, 40, {old})


def test_a_service_that_read_the_file_before_goes_on_and_wraps_by_the_new_key(house: House) -> None:
    service = House(house.folder)
    old = service.keyring.current
    turn(house)
    assert service.keyring.current == old
    service.write("later")
    assert service.keyring.kids == house.keyring.kids
    assert service.unreadable() == (42, [])
    assert counted(house) == [(True, True, 42)]
    service.close()


def test_a_service_that_meets_a_row_of_an_unknown_epoch_reads_the_file_again(house: House) -> None:
    service = House(house.folder)
    turn(house)
    assert service.unreadable() == (40, [])
    service.close()


def test_a_row_written_under_the_old_key_at_the_last_moment_keeps_the_epoch(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service adds its row after the last batch and before the drop."""
    service, drop = House(house.folder), rotation._drop
    refreshed: list[str] = []
    monkeypatch.setattr(service.keyring, "refresh", lambda: refreshed.append("no news"))

    def late(keyring: Keyring, begin: rotation.Begin) -> frozenset[str] | None:
        if not refreshed:
            service.write("late")
        return drop(keyring, begin)

    monkeypatch.setattr(rotation, "_drop", late)
    assert turn(house).rows == 42
    assert House(house.folder).unreadable() == (42, [])
    service.close()


def test_what_was_erased_meanwhile_stays_erased(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server with row locks it may go between reading and writing."""
    change = rotation._change

    def erased(
        keyring: Keyring, database: str, name: Name, kid: str, wrapped: rotation.Sealed
    ) -> dict[str, object]:
        values: dict[str, object] = {**change(keyring, database, name, kid, wrapped)}
        return values | {"old": rotation.Sealed(b"another")} if name.subject == "p3" else values

    monkeypatch.setattr(rotation, "_change", erased)
    with house.keys.begin() as connection:
        done = _rewrapped(house, connection)
    assert done == 38


def _rewrapped(house: House, connection: Connection) -> int:
    house.keyring.begin_epoch()
    return rotation._rewrap(house.keyring, DATABASE, lambda: nullcontext(connection), 1000)


def test_only_one_rotates(house: House) -> None:
    with House(house.folder).keyring.alone(), pytest.raises(KeyringBusy):
        turn(house)
    assert len(house.keyring.kids) == 1


def test_a_row_that_does_not_open_stops_it_and_nothing_is_dropped(house: House) -> None:
    with house.keys.begin() as connection:
        row = connection.execute(KEYS.select().where(KEYS.c.subject == "p1")).first()
        connection.execute(KEYS.update().where(KEYS.c.subject == "p2").values(wrapped=row.wrapped))
    with pytest.raises(KeyringError, match="does not open with this key file"):
        turn(house)
    assert len(house.keyring.kids) == 2
    with house.keys.begin() as connection:
        connection.execute(KEYS.update().where(KEYS.c.subject == "p3").values(kid="gone"))
    with pytest.raises(KeyringError, match="'gone' is not in the key file"):
        turn(house)


def test_a_row_not_yet_committed_keeps_the_epoch_until_it_is_wrapped_anew(
    town: House, database_url: str
) -> None:
    service, old = House(town.folder, url=database_url), town.keyring.current
    with ThreadPoolExecutor() as threads:
        with Session(service.engine) as service.session:
            service.vault.seal("x", subject="late", data_class="account", place=Place("t", "c", "r"))
            rotating = threads.submit(turn, town)
            with pytest.raises(TimeoutError):
                rotating.result(timeout=0.5)
            assert old in Keyring.load(town.folder / "keys.json").kids
            service.session.commit()
        assert rotating.result(timeout=10).dropped == {old}
    assert counted(town) == [(True, True, 41)]
    service.close()


def test_rotated_over_and_over_beside_a_service_that_writes_and_forgets(
    town: House, database_url: str
) -> None:
    stop = Event()

    def serve() -> tuple[int, list[str]]:
        service, number = House(town.folder, url=database_url), 0
        while not stop.wait(0.002):
            number += 1
            service.write(f"w{number}")
            if number > 30:
                service.forget(f"w{number - 30}")
        found = service.unreadable()
        service.close()
        return found

    with ThreadPoolExecutor() as threads:
        serving = threads.submit(serve)
        try:
            for _ in range(15):
                turn(town, batch=7)
        finally:
            stop.set()
        written, lost = serving.result(timeout=20)
    assert lost == []
    assert written > 40
    turn(town)
    assert counted(town) == [(True, True, written)]
    fresh = House(town.folder, url=database_url)
    assert fresh.unreadable() == (written, [])
    fresh.close()


class DiskFull:
    """A key file's folder on a full disk: the limit of this process on the size of a file is what the kernel refuses."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __enter__(self) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._size, self._before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@pytest.mark.parametrize("size", [0, 1, 100, 255])
def test_a_full_disk_leaves_the_key_file_as_it_was(house: House, size: int) -> None:
    path = house.folder / "keys.json"
    was, kids = path.read_bytes(), house.keyring.kids
    with DiskFull(size), pytest.raises(KeyringError, match="stays as it was"):
        house.keyring.begin_epoch()
    assert path.read_bytes() == was
    assert house.keyring.kids == kids
    assert not [left for left in house.folder.iterdir() if left.name.startswith(".")]
    assert House(house.folder).unreadable() == (40, [])
    assert turn(house).rows == 40


def test_a_database_that_cannot_grow_leaves_every_row_readable(house: House) -> None:
    for number in range(200):
        house.write(f"more{number}")
    with house.keys.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    with DiskFull(40_000), pytest.raises(OperationalError):
        turn(house, batch=1)
    assert House(house.folder).unreadable() == (440, [])
    done = turn(house)
    assert not done.begun
    assert counted(house) == [(True, True, 440)]


@pytest.mark.processes
def test_killed_again_and_again_beside_a_service_that_writes_nothing_is_lost(house: House) -> None:
    house.close()
    first = house.keyring.current
    command = [sys.executable, "-m", "tests.privacy._rotating", str(house.folder), str(KILLS)]
    killing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (killing.returncode, killing.stderr) == (0, "")
    assert KILLS / 10 < int(killing.stdout) < KILLS  # some fell within a rotation, some between two
    (house.folder / "stop").unlink()

    after = House(house.folder)
    count, lost = after.unreadable()
    assert lost == []
    assert count >= 40
    turn(after)
    assert counted(after) == [(True, True, count)]
    assert first not in after.keyring.kids
    assert len(after.keyring.kids) == 1
    assert sorted(path.name for path in after.folder.iterdir() if path.name.startswith(".")) == []
    fresh = House(house.folder)
    assert fresh.unreadable() == (count, [])
    for one in (after, fresh):
        one.close()
