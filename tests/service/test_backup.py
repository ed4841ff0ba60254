"""`run_bot.py backup` and `restore`: two sealed files, tried before they take the place of anything."""

from __future__ import annotations

import asyncio
import fcntl
import io
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot import backup
from bot.app import open_store
from bot.clock import SystemClock
from bot.community import people
from bot.community.record import gate_of
from privacy import archive
from privacy.erasures import Journal
from privacy.keyring import Keyring
from tests.service.conftest import Door

NAMES = ("李阿姨", "王伯", "小陈")


def _own_name(session: Session, one: people.Person) -> str:
    return gate_of(session).open(session, people.name_of(one), reader=one.id, purpose="own") or ""


class Place:
    """A service that was started once, in the folder the door stands in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.url = f"sqlite:///{self.var}/jinlin.db"

    async def live(self, *names: str, leaves: str = "") -> list[str]:
        """New people come, one may be forgotten; and who is there, by what opens."""
        self.var.mkdir(exist_ok=True)
        ring = Keyring.load_or_create(self.var / "keys.json")
        store, vault = open_store(self.url, ring, SystemClock(), journal=Journal(self.var / "erased"))
        async with store.transaction() as session:
            for number, name in enumerate(names):
                person = people.register(session, telegram_id=1000 + number, language="zh")
                people.rename(session, person, name)
        async with store.transaction() as session:
            there = {
                _own_name(session, one): one.id for one in session.exec(select(people.Person)) if one.name
            }
            if leaves:
                vault.forget(there.pop(leaves))
        store.close()
        return sorted(there)

    def names(self) -> list[str]:
        return asyncio.run(self.live())

    def backup_of_today(self) -> list[str]:
        day = SystemClock().now().date().isoformat()
        return [f"backups/{day}.data", f"backups/{day}.keys"]


@pytest.fixture
def place(door: Door, tmp_path: Path) -> Place:
    made = Place(tmp_path)
    asyncio.run(made.live(*NAMES))
    return made


def lost(place: Place) -> None:
    """The machine is gone; only the key file was kept elsewhere."""
    for path in place.var.iterdir():
        if path.name != "keys.json":
            path.unlink()


def test_two_files_for_the_day_that_only_the_key_file_opens(door: Door, place: Place) -> None:
    code, said = door("backup", "backups")
    assert code == 0
    files = sorted((place.folder / "backups").iterdir())
    assert [str(path.relative_to(place.folder)) for path in files] == place.backup_of_today()
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        raw = path.read_bytes()
        assert raw.startswith(archive.MAGIC)
        assert b"subject_key" not in raw
        assert str(path.name) in said
    assert (place.folder / "backups").stat().st_mode & 0o777 == 0o700
    code, said = door("backup", "backups")
    assert (code, len(list((place.folder / "backups").iterdir()))) == (0, 2)


def test_a_lost_machine_is_put_back(door: Door, place: Place) -> None:
    door("backup", "backups")
    lost(place)
    code, said = door("restore", *place.backup_of_today())
    assert (code, "Restored and tried" in said, "at the old telephones again" in said) == (0, True, True)
    assert place.names() == sorted(NAMES)
    assert {path.name for path in place.var.iterdir()} >= {"jinlin.db", "jinlin.keys.db", "keys.json"}
    assert not [path for path in place.var.iterdir() if path.name.startswith(".")]
    for name in ("jinlin.db", "jinlin.keys.db"):
        assert (place.var / name).stat().st_mode & 0o777 == 0o600
    assert door("restore", *place.backup_of_today())[0] == 1


def test_an_answer_that_was_lost_with_the_machine_costs_nobody_her_registration(
    door: Door, place: Place
) -> None:
    """Asked whether she stays before the backup, she may have said yes after it."""
    with sqlite3.connect(place.var / "jinlin.db") as data:
        data.execute("UPDATE person SET asked = 'account', stay_at = '2026-01-01 00:00:00'")
    data.close()
    door("backup", "backups")
    lost(place)
    assert door("restore", *place.backup_of_today())[0] == 0
    with sqlite3.connect(place.var / "jinlin.db") as data:
        assert data.execute("SELECT DISTINCT asked, stay_at FROM person").fetchall() == [(None, None)]
    data.close()


def test_nothing_is_overwritten_unless_it_is_said(door: Door, place: Place) -> None:
    door("backup", "backups")
    asyncio.run(place.live("新人"))
    code, said = door("restore", *place.backup_of_today())
    assert (code, "--replace" in said) == (1, True)
    assert "新人" in place.names()
    code, _ = door("restore", "--replace", *place.backup_of_today())
    assert code == 0
    assert place.names() == sorted(NAMES)


def test_a_running_bot_is_not_restored_under(door: Door, place: Place) -> None:
    door("backup", "backups")
    with (place.var / "jinlin.db.1.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        code, said = door("restore", "--replace", *place.backup_of_today())
        assert (code, "stop it first" in said) == (1, True)


@pytest.mark.parametrize("which", [slice(0, 2), slice(0, 1)])
def test_who_was_erased_since_the_backup_stays_erased(door: Door, place: Place, which: slice) -> None:
    """Data and keystore from before together (the journal knows it); older data alone (its key is not here)."""
    door("backup", "backups")
    asyncio.run(place.live(leaves="王伯"))
    code, said = door("restore", "--replace", *place.backup_of_today()[which])
    assert (code, "the words of 1 people" in said) == (0, True)
    assert place.names() == ["小陈", "李阿姨"]


def test_the_backup_takes_the_journal_along_for_a_machine_that_is_lost(door: Door, place: Place) -> None:
    door("backup", "backups")
    kept = [(place.folder / name).read_bytes() for name in place.backup_of_today()]
    asyncio.run(place.live(leaves="王伯"))
    door("backup", "backups")
    lost(place)
    for name, content in zip(place.backup_of_today(), kept, strict=True):
        (place.folder / name).write_bytes(content)  # as the backup of the day before
    assert door("restore", *place.backup_of_today())[0] == 0
    assert place.names() == ["小陈", "李阿姨"]


def test_a_keystore_older_than_the_data_is_refused(door: Door, place: Place) -> None:
    door("backup", "backups")
    asyncio.run(place.live("新人"))
    before = (place.var / "jinlin.db").read_bytes()
    code, said = door("restore", "--replace", place.backup_of_today()[1])
    assert (code, "for 1 people there are no keys" in said) == (1, True)
    assert (place.var / "jinlin.db").read_bytes() == before
    assert "新人" in place.names()


def test_after_a_rotation_an_older_backup_opens_no_more(door: Door, place: Place) -> None:
    door("backup", "backups")
    old = (place.var / "keys.json").read_bytes()
    assert door("keys", "rotate")[0] == 0
    code, said = door("restore", "--replace", *place.backup_of_today())
    assert (code, "not in the key file" in said) == (1, True)
    assert place.names() == sorted(NAMES)
    (place.var / "keys.json").write_bytes(old)
    assert door("restore", "--replace", *place.backup_of_today())[0] == 0


@pytest.mark.parametrize("at", [5, 200, -20])
def test_a_damaged_file_changes_nothing(door: Door, place: Place, at: int) -> None:
    door("backup", "backups")
    path = place.folder / place.backup_of_today()[0]
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(bytes(raw))
    code, said = door("restore", "--replace", *place.backup_of_today())
    assert (code, "no whole backup" in said) == (1, True)
    assert place.names() == sorted(NAMES)


def test_what_does_not_make_sense_is_told(door: Door, place: Place) -> None:
    door("backup", "backups")
    data, keys = place.backup_of_today()
    assert "one file of the data and one of the keys" in door("restore", "--replace", data, data)[1]
    assert "no such file" in door("restore", "--replace", "backups/none")[1]
    assert "protects nothing" in door("backup", "var")[1]
    assert door("restore")[0] == door("backup")[0] == door("restore", "a", "b", "c")[0] == 2
    lost(place)
    assert "the other file of that day" in door("restore", data)[1]
    assert "the other file of that day" in door("restore", keys)[1]


def test_another_services_backup_does_not_fit(door: Door, place: Place) -> None:
    """The same key file, another database: its keys do not open here."""
    door("backup", "backups")
    lost(place)
    asyncio.run(place.live(*NAMES))
    code, said = door("restore", "--replace", place.backup_of_today()[0])
    assert (code, "do not belong together" in said) == (1, True)
    assert place.names() == sorted(NAMES)


def test_what_is_older_than_35_days_is_deleted(door: Door, place: Place) -> None:
    folder, today = place.folder / "backups", SystemClock().now().date()
    folder.mkdir()
    young, old = (today - timedelta(days=days) for days in (35, 36))
    names = [f"{day}.{kind}" for day in (young, old) for kind in ("data", "keys")]
    for name in [*names, "notes.txt"]:
        (folder / name).touch()
    code, said = door("backup", "backups")
    assert (code, "deleted: 2" in said) == (0, True)
    left = {path.name for path in folder.iterdir()}
    assert left >= {f"{young}.data", f"{young}.keys", "notes.txt"}
    assert not any(str(old) in name for name in left)


def test_no_key_is_made_or_destroyed_between_the_two_copies(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who wants to write to the keystore meanwhile must wait."""
    copied, refused = backup._copied, []

    def beside(connection: object) -> bytes:
        other = sqlite3.connect(place.var / "jinlin.keys.db", timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            refused.append(str(error))
        finally:
            other.close()
        return copied(connection)

    monkeypatch.setattr(backup, "_copied", beside)
    ring = Keyring.load(place.var / "keys.json")
    backup.back_up(place.url, ring, Journal(place.var / "erased"), tmp_path / "b", SystemClock().now().date())
    assert refused == ["database is locked"] * 2


def test_postgresql_is_told_how(door: Door, place: Place) -> None:
    url = "postgresql://nobody@/nothing"
    ring = Keyring.load(place.var / "keys.json")
    with pytest.raises(backup.BackupRefused, match="pg_dump twice"):
        backup.back_up(url, ring, Journal(place.var / "e"), place.folder / "b", SystemClock().now().date())
    with pytest.raises(backup.BackupRefused, match="pg_restore"):
        asyncio.run(
            backup.restore(url, ring, Journal(place.var / "e"), [place.var], SystemClock(), replace=True)
        )


def test_a_lost_keystore_is_told_and_not_made_anew(door: Door, place: Place) -> None:
    (place.var / "jinlin.keys.db").unlink()
    code, said = door("keys")
    assert code == 1
    code, said = door("doctor")
    assert code == 1
    assert not (place.var / "jinlin.keys.db").exists()
    (place.var / "jinlin.keys.db").touch(0o600)
    code, said = door("doctor")
    assert (code, "keystore that belongs to it is not there" in said) == (1, True)


def test_the_doctor_sees_a_keystore_others_may_read(door: Door, place: Place) -> None:
    (place.var / "jinlin.keys.db").chmod(0o640)
    code, said = door("doctor")
    assert (code, bool(re.search(r"BAD +keystore .*mode 640", said))) == (1, True)


def test_the_doctor_counts_whose_keys_an_older_keystore_lacks(door: Door, place: Place) -> None:
    kept = (place.var / "jinlin.keys.db").read_bytes()
    assert "people whose keys are missing: 0" in door("doctor")[1]
    asyncio.run(place.live("新人", "新人二"))
    (place.var / "jinlin.keys.db").write_bytes(kept)
    said = door("doctor")[1]
    assert re.search(r"BAD +people whose keys are missing: 2;", said)
    assert "新人" not in said


def test_nothing_of_a_broken_database_is_played_into_the_restored_one(door: Door, place: Place) -> None:
    door("backup", "backups")
    (place.var / "jinlin.db").write_bytes(b"broken" * 2000)
    for ending in ("db-wal", "db-shm", "keys.db-journal"):
        (place.var / f"jinlin.{ending}").write_bytes(b"of the broken one")
    assert door("restore", "--replace", *place.backup_of_today())[0] == 0
    assert not [path for path in place.var.iterdir() if path.name.endswith(("-wal", "-shm", "-journal"))]
    assert place.names() == sorted(NAMES)


def test_a_backup_of_a_damaged_database_is_not_put_in_place(door: Door, place: Place) -> None:
    raw = bytearray((place.var / "jinlin.db").read_bytes())
    with sqlite3.connect(place.var / "jinlin.db") as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'person'").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    raw[(page - 1) * size : page * size] = bytes(size)
    with (place.folder / "damaged").open("wb") as file:
        archive.seal(io.BytesIO(bytes(raw)), file, Keyring.load(place.var / "keys.json"))
    code, said = door("restore", "--replace", "damaged")
    assert (code, "no whole backup" in said) == (1, True)
    assert place.names() == sorted(NAMES)


def test_what_a_stopped_restore_left_is_cleared_by_the_next(door: Door, place: Place) -> None:
    door("backup", "backups")
    (place.var / f"{backup.BESIDE}left").mkdir()
    assert door("restore", "--replace", *place.backup_of_today())[0] == 0
    assert not list(place.var.glob(f"{backup.BESIDE}*"))
