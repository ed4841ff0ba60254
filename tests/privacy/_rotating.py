"""Processes of the rotation test: one that writes as the service does, and ones that rotate and are killed.

python -m tests.privacy._rotating FOLDER TIMES
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from bot.store.database import connect, connect_keys
from privacy.erasures import Journal
from privacy.keyring import Keyring
from privacy.keystore import DatabaseKeystore
from privacy.rotation import rotate
from privacy.sealed import Place, Sealed
from privacy.vault import Vault

DATABASE = "kill"
DAY = date(2026, 11, 27)
CLASSES = ("account", "contact")
MOMENT = 0.03  # seconds within which a kill falls


class House:
    """A database on disk, and the vault over the transaction now open."""

    def __init__(self, folder: Path, *, guest: bool = False, url: str = "") -> None:
        self.folder = folder
        url = url or f"sqlite:///{folder}/town.db"
        self.engine = connect(url, guest=guest)
        self.keys = connect_keys(url)
        self.keyring = Keyring.load_or_create(folder / "keys.json")
        self.session: Session | None = None
        self.journal = Journal(folder / "erased")
        keystore = DatabaseKeystore(self._current, self.keys, today=lambda: DAY, journal=self.journal)
        self.vault = Vault(self.keyring, keystore, database=DATABASE)

    def _current(self) -> Session:
        assert self.session is not None
        return self.session

    def write(self, subject: str) -> None:
        """Words of somebody under a new key, in one transaction, and a note of what was committed."""
        place = Place("words", "said", subject)
        with Session(self.engine) as self.session:
            sealed = [
                self.vault.seal(subject, subject=subject, data_class=kind, place=place) for kind in CLASSES
            ]
            rows = [
                {"subject": subject, "kind": kind, "sealed": bytes(one)}
                for kind, one in zip(CLASSES, sealed, strict=True)
            ]
            self.session.connection().execute(
                text("INSERT INTO words VALUES (:subject, :kind, :sealed)"), rows
            )
            self.session.commit()

    def forget(self, subject: str) -> None:
        with Session(self.engine) as self.session:
            self.vault.forget(subject)
            gone = text("DELETE FROM words WHERE subject = :subject")
            self.session.connection().execute(gone, {"subject": subject})
            self.session.commit()

    def unreadable(self) -> tuple[int, list[str]]:
        """How many words there are, and whose do not open."""
        lost = []
        with Session(self.engine) as self.session:
            rows = self.session.connection().exec_driver_sql("SELECT * FROM words").all()
            for subject, kind, sealed in rows:
                place = Place("words", "said", subject)
                try:
                    opened = self.vault.open(Sealed(sealed), subject=subject, data_class=kind, place=place)
                    assert opened == subject
                except Exception as error:
                    lost.append(f"{subject} {kind}: {error!r}")
        return len(rows), lost

    def close(self) -> None:
        self.engine.dispose()
        self.keys.dispose()


def main(folder: Path, times: int) -> None:
    """Start a rotating process and kill it, again and again, beside one that writes. Prints how many kills fell midway."""
    chance, midway = random.Random(20261127), 0
    writer = _forked(folder, _write)[0]
    try:
        for _ in range(times):
            victim, ready = _forked(folder, _rotate)
            assert os.read(ready, 1), "it ended by itself"
            time.sleep(chance.uniform(0, MOMENT))
            os.kill(victim, signal.SIGKILL)
            assert os.waitpid(victim, 0)[1] == signal.SIGKILL
            os.close(ready)
            midway += len(Keyring.load(folder / "keys.json").kids) > 1
    finally:
        (folder / "stop").touch()
        assert os.waitpid(writer, 0)[1] == 0, "the writer failed"
    sys.stdout.write(f"{midway}\n")


def _forked(folder: Path, work: Callable[[Path, int], None]) -> tuple[int, int]:
    """Its process id, and a pipe it may speak through. To start Python anew takes longer than many rotations."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        work(folder, writing)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def _rotate(folder: Path, ready: int) -> None:
    """For ever, in small batches, so that a kill may fall anywhere."""
    house = House(folder, guest=True)
    os.write(ready, b"r")
    while True:
        rotate(house.keyring, DATABASE, house.keys.begin, batch=7, pause=0.0005)


def _write(folder: Path, _: int) -> None:
    """Until `stop` appears: new people, some forgotten again. Never started anew, so it holds what it read first."""
    house, chance = House(folder), random.Random(1)
    living: list[str] = []
    number = 0
    while not (folder / "stop").exists():
        number += 1
        house.write(f"w{number}")
        living.append(f"w{number}")
        if len(living) > 30:
            house.forget(living.pop(chance.randrange(len(living))))
        time.sleep(0.005)
    _, lost = house.unreadable()
    assert not lost, lost[:3]
    assert number > 30, number


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
