"""Backups and the way back: data and keystore in two files, each sealed under the root key of its day (privacy.archive).

Neither file opens without the key file, and none once the epoch of its day was dropped (`keys rotate`).
"""

from __future__ import annotations

import fcntl
import io
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.engine import make_url

from bot.app import open_store
from bot.clock import Clock
from bot.community import erasing, staying
from bot.settings import SettingsWrong
from bot.store.database import connect, connect_keys, keys_path
from privacy import archive
from privacy.erasures import BACKUPS_LIVE, Journal
from privacy.keyring import Keyring

BESIDE = ".restoring-"
ERASED = "erased"  # the journal of erasures, as it was at the last backup
_OURS = re.compile(r"(\d{4}-\d\d-\d\d)\.(?:data|keys)")


class BackupRefused(SettingsWrong):
    """Not like this; the message says how."""


class Made(NamedTuple):
    """What a backup wrote, and how many old files it deleted."""

    files: list[Path]
    deleted: int


def back_up(url: str, keyring: Keyring, journal: Journal, folder: Path, today: date) -> Made:
    """Two files named for the day, while the bot runs; those older than 35 days go. Raises BackupRefused and OSError.

    No key is made or destroyed between the two copies, so that they fit: the keystore is held until both are taken.
    Needs memory for three times the database.
    """
    if keys_path(url) is None:
        raise BackupRefused(
            "this works with SQLite; on PostgreSQL run pg_dump twice into two files that you keep apart: first "
            "--exclude-schema=jinlin_keys, then --schema=jinlin_keys, delete both after 35 days, and restore them together"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engines = {"data": connect(url, guest=True), "keys": connect_keys(url)}
    holding = connect_keys(url)  # SQLite copies nothing through a connection that may write
    try:
        with holding.begin():
            copies = {kind: _copied(engine.raw_connection()) for kind, engine in engines.items()}
    finally:
        for engine in (*engines.values(), holding):
            engine.dispose()
    files = [_sealed(folder / f"{today.isoformat()}.{kind}", copy, keyring) for kind, copy in copies.items()]
    there = Journal(folder / ERASED)
    known = there.read()
    there.note({key_id: day for key_id, day in journal.read().items() if key_id not in known})
    old = [path for path in folder.iterdir() if (day := _day(path)) and day < today - BACKUPS_LIVE]
    for path in old:
        path.unlink()
    return Made(files, len(old))


async def restore(
    url: str, keyring: Keyring, journal: Journal, files: list[Path], clock: Clock, *, replace: bool
) -> int:
    """Put data, keystore or both back, and return of how many people and cases the words are gone.

    They are put together, brought up to date and tried in a folder beside, everything that was erased since is
    erased again, and only then they take the place of what is there. Raises BackupRefused, KeyringError and OSError.
    """
    store_path = keys_path(url)
    if store_path is None:
        raise BackupRefused(
            "this works with SQLite; on PostgreSQL restore both dumps with psql or pg_restore"
        )
    data_path = Path(make_url(url).database or "")
    data_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not replace:
        _expect_nothing(data_path, store_path)
    with _nobody_serves(data_path), _folder_beside(data_path) as beside:
        drafts = {"data": beside / data_path.name, "keys": beside / store_path.name}
        given = _opened(files, keyring, drafts)
        for kind, present in (("data", data_path), ("keys", store_path)):
            if kind not in given:
                _bring(present, drafts[kind])
        for path in files:
            _learn(journal, Journal(path.parent / ERASED))
        if "keys" in given:
            _expect_keys(drafts)
        gone = await _tried(drafts, keyring, journal, clock)
        _put(drafts["data"], data_path)  # first: the keys there open all that is in it, and more
        _put(drafts["keys"], store_path)
    return gone


def _expect_nothing(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise BackupRefused(f"there is a database at {path}; say --replace when it may go")


def _copied(connection: Any) -> bytes:
    """As of one moment, whoever writes meanwhile (sqlite.org/backup.html)."""
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.driver_connection.backup(copy)
        return copy.serialize()


def _sealed(path: Path, content: bytes, keyring: Keyring) -> Path:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        archive.seal(io.BytesIO(content), file, keyring)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
    _sync(path.parent)
    return path


def _day(path: Path) -> date | None:
    found = _OURS.fullmatch(path.name)
    return date.fromisoformat(found[1]) if found else None


@contextmanager
def _folder_beside(data: Path) -> Iterator[Path]:
    """For what is not yet in its place; gone afterwards, and what a stopped restore left with it."""
    for left in data.parent.glob(f"{BESIDE}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=BESIDE, dir=data.parent) as folder:
        yield Path(folder)


@contextmanager
def _nobody_serves(data: Path) -> Iterator[None]:
    with ExitStack() as stack:
        for path in data.parent.glob(f"{data.name}.*.lock"):
            file = stack.enter_context(path.open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupRefused("the bot is running; stop it first") from None
        yield


def _opened(files: list[Path], keyring: Keyring, drafts: dict[str, Path]) -> set[str]:
    """Which of the two there are, each written to its draft. Raises BackupRefused."""
    given = set()
    for path in files:
        plain = io.BytesIO()
        try:
            with path.open("rb") as file:
                archive.open_(file, plain, keyring)
            kind = _kind(plain.getvalue())
        except (archive.ArchiveBroken, sqlite3.Error):
            raise BackupRefused(f"{path} is no whole backup of ours; take another") from None
        if kind in given:
            raise BackupRefused("give one file of the data and one of the keys")
        given.add(kind)
        drafts[kind].touch(0o600)
        drafts[kind].write_bytes(plain.getvalue())
    return given


def _kind(content: bytes) -> str:
    """Raises sqlite3.Error when it is not a whole database."""
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(
            content[:18] + b"\1\1" + content[20:]
        )  # not as one that keeps a log, which memory has not
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" in tables:
        return "data"
    if "subject_key" in tables:
        return "keys"
    raise sqlite3.DatabaseError


def _bring(present: Path, draft: Path) -> None:
    """What was not given is taken from what is here."""
    if not present.exists():
        raise BackupRefused(f"there is nothing at {present}; give the other file of that day too")
    draft.touch(0o600)
    with closing(sqlite3.connect(present)) as source, closing(sqlite3.connect(draft)) as target:
        source.backup(target)


def _learn(journal: Journal, other: Journal) -> None:
    known = journal.read()
    journal.note({key_id: day for key_id, day in other.read().items() if key_id not in known})


async def _tried(drafts: dict[str, Path], keyring: Keyring, journal: Journal, clock: Clock) -> int:
    """Raises SealBroken and KeyringError when they do not fit, and what open_store() raises."""
    store, vault = open_store(f"sqlite:///{drafts['data']}", keyring, clock, journal=journal)
    try:
        async with store.transaction() as session:
            vault.check()
            staying.ask_anew(session)
            return erasing.clear_what_no_key_opens(session)
    finally:
        store.close()


def _expect_keys(drafts: dict[str, Path]) -> None:
    """For everybody in the data, before anything that was erased since is erased again. Raises BackupRefused."""
    with closing(sqlite3.connect(drafts["data"])) as data, closing(sqlite3.connect(drafts["keys"])) as keys:
        there = set(keys.execute("SELECT subject FROM subject_key"))
        everybody = set(data.execute("SELECT id FROM person WHERE telegram_index <> -1"))
    if lost := len(everybody - there):
        raise BackupRefused(
            f"for {lost} people there are no keys in this keystore: it is older than the data; give data and keys of "
            "the same day"
        )


def _put(draft: Path, place: Path) -> None:
    for leftover in _beside(place, ("-wal", "-shm", "-journal")):
        leftover.unlink(missing_ok=True)  # it would be played into what comes now
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(place)
    _sync(place.parent)


def _beside(path: Path, endings: Iterable[str]) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in endings]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
