"""`run_bot.py keys`: which root keys there are, and a new one when asked."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.app import open_store
from bot.clock import SystemClock
from bot.store import database
from bot.store.leader import leader
from privacy import rotation, sources
from privacy.keyring import Keyring
from privacy.sealed import Place
from tests.service.conftest import Door

PHRASE = "four quiet random words"


@pytest.fixture
def begun(door: Door, tmp_path: Path) -> Door:
    """A service that was started once and keeps the words of three people."""
    asyncio.run(_three(tmp_path))
    return door


async def _three(folder: Path, ring: Keyring | None = None) -> None:
    (folder / "var").mkdir(exist_ok=True)
    ring = ring or Keyring.load_or_create(folder / "var" / "keys.json")
    store, vault = open_store(f"sqlite:///{folder}/var/jinlin.db", ring, SystemClock())
    async with store.transaction():
        for who in ("p1", "p2", "p3"):
            vault.seal(f"words of {who}", subject=who, data_class="account", place=Place("t", "c", who))
    store.close()


def test_the_root_keys_are_told_and_a_new_one_takes_over(begun: Door, tmp_path: Path) -> None:
    code, before = begun("keys")
    assert (code, re.sub(r"[0-9a-f]{8}", "KID", before)) == (0, "epoch KID: wraps 3 data keys (current)\n")
    code, said = begun("keys", "rotate")
    assert code == 0
    assert "3 data keys were wrapped anew" in said
    assert "Copy the key file" in said
    code, after = begun("keys")
    assert after in said
    assert after.count("epoch") == 1
    assert after != before
    assert "p1" not in said
    code, said = begun("doctor")
    assert "keys fit it" in said


def test_the_bot_may_run_meanwhile_and_goes_on_with_what_it_holds(begun: Door, tmp_path: Path) -> None:
    async def serving() -> None:
        store, vault = open_store(
            f"sqlite:///{tmp_path}/var/jinlin.db",
            Keyring.load(tmp_path / "var" / "keys.json"),
            SystemClock(),
        )
        async with leader(store, "town", SystemClock()):
            code, said = await asyncio.to_thread(lambda: begun("keys", "rotate"))
            assert (code, "3 data keys" in said) == (0, True)
            async with store.transaction():
                vault.seal("new", subject="p4", data_class="account", place=Place("t", "c", "p4"))
                vault.check()
        store.close()

    asyncio.run(serving())
    code, said = begun("keys")
    assert (code, said.count("epoch"), "wraps 4 data keys (current)" in said) == (0, 1, True)


def test_an_unfinished_rotation_is_told_and_finished(begun: Door, tmp_path: Path) -> None:
    Keyring.load(tmp_path / "var" / "keys.json").begin_epoch()
    code, said = begun("keys")
    assert (code, "wraps 3 data keys (old, still needed)" in said) == (0, True)
    assert "was not finished" in said
    code, said = begun("keys", "rotate")
    assert (code, said.splitlines()[0]) == (0, "The rotation begun before is finished.")
    assert said.count("epoch ") == 1


def test_another_rotation_a_missing_key_are_told_kindly(begun: Door, tmp_path: Path) -> None:
    path = tmp_path / "var" / "keys.json"
    with Keyring.load(path).alone():
        code, said = begun("keys", "rotate")
    assert (code, "another process is changing the key file" in said) == (1, True)
    path.unlink()
    Keyring.load_or_create(path)
    code, said = begun("keys")
    assert (code, "NOT in the key file" in said, "restore the key file" in said) == (0, True, True)
    was = path.read_bytes()
    code, said = begun("keys", "rotate")
    assert (code, "restore the file from your backup" in said) == (1, True)
    assert path.read_bytes() == was


def test_a_database_that_others_hold_too_long_is_told_kindly(
    begun: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PRAGMAS", (*database.PRAGMAS[:-1], "busy_timeout=50"))
    was = (tmp_path / "var" / "keys.json").read_bytes()
    with sqlite3.connect(tmp_path / "var" / "jinlin.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        code, said = begun("keys", "rotate")
        assert (code, "\nDATABASE_URL: " in said) == (1, True)
        assert (tmp_path / "var" / "keys.json").read_bytes() == was
        other.execute("ROLLBACK")
    other.close()
    assert begun("keys", "rotate")[0] == 0


def test_a_database_held_in_the_middle_is_told_and_the_rotation_goes_on_later(
    begun: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrap = rotation._rewrap

    def locked(*_: object) -> int:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(rotation, "_rewrap", locked)
    code, said = begun("keys", "rotate")
    assert (code, "it goes on where it stopped" in said) == (1, True)
    monkeypatch.setattr(rotation, "_rewrap", rewrap)
    code, said = begun("keys", "rotate")
    assert (code, said.splitlines()[0]) == (0, "The rotation begun before is finished.")


def test_a_passphrase_wraps_the_file_at_the_next_start(begun: Door, tmp_path: Path) -> None:
    path = tmp_path / "var" / "keys.json"
    asyncio.run(_again(tmp_path, PHRASE))
    assert sources.FORMAT in path.read_text()
    code, said = begun("keys")
    assert (code, "\nKEYRING_FILE: " in said, "set KEYRING_PASSPHRASE" in said) == (1, True, True)
    code, said = begun("keys", KEYRING_PASSPHRASE="four other random words")
    assert (code, "does not open with this passphrase" in said, "other" in said) == (1, True, False)
    code, said = begun("keys", "rotate", KEYRING_PASSPHRASE=PHRASE)
    assert (code, "3 data keys were wrapped anew" in said) == (0, True)
    assert sources.FORMAT in path.read_text()
    assert PHRASE not in said


async def _again(folder: Path, phrase: str) -> None:
    ring = Keyring.load_or_create(sources.source(folder / "var" / "keys.json", phrase))
    store, vault = open_store(f"sqlite:///{folder}/var/jinlin.db", ring, SystemClock())
    async with store.transaction():
        vault.check()
    store.close()


def test_a_credential_of_systemd_is_read_and_never_written(
    begun: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "keys").write_bytes((tmp_path / "var" / "keys.json").read_bytes())
    (folder / "keys").chmod(0o440)  # as systemd grants it
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    monkeypatch.setenv("KEYRING_FILE", str(folder / "keys"))
    code, said = begun("keys")
    assert (code, "wraps 3 data keys (current)" in said) == (0, True)
    code, said = begun("keys", "rotate")
    assert (code, "systemd-creds" in said) == (1, True)
    assert os.listdir(folder) == ["keys"]  # noqa: PTH208  # names only
    (folder / "keys").chmod(0o444)
    assert begun("keys")[0] == 1
    (folder / "keys").unlink()
    code, said = begun("keys", "rotate")
    assert (code, "systemd gave no credential keys" in said) == (1, True)


def test_a_short_passphrase_is_refused(door: Door) -> None:
    code, said = door("keys", KEYRING_PASSPHRASE="short")
    assert (code, "\nKEYRING_PASSPHRASE: " in said) == (1, True)


def test_an_unknown_word_shows_what_there_is(door: Door) -> None:
    assert door("keys", "rotat")[0] == 2
