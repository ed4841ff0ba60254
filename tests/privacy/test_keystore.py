"""Keys follow their transaction: what was rolled back seals nothing, what was forgotten opens nothing."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import Session, select

from privacy import erasures
from privacy.erasures import ERASURES, JournalError
from privacy.keyring import Keyring, KeyringError
from privacy.keystore import KEYS, TABLES, make_good
from privacy.ledger import LedgerNote
from privacy.sealed import Place, Sealed
from privacy.vault import KeyGone, SealBroken
from tests.privacy._rotating import House
from tests.privacy.conftest import DAY, Town
from tests.privacy.test_rotation import settled

ROOT = Path(__file__).parents[2]
WHOSE = {"subject": "p1", "data_class": "account", "place": Place("person", "name", "p1")}


def sealed_by(town: Town, words: str = "secret") -> Sealed:
    with town.transaction():
        return town.vault.seal(words, **WHOSE)


def keys_in(town: Town) -> list[tuple[str, str]]:
    with town.keys.connect() as connection:
        return [tuple(row) for row in connection.execute(select(KEYS.c.subject, KEYS.c.data_class))]


def test_words_open_in_a_later_transaction_and_after_a_restart(town: Town) -> None:
    sealed = sealed_by(town)
    for _ in range(2):
        with town.transaction():
            assert town.vault.open(sealed, **WHOSE) == "secret"
        town.restart()


def test_a_key_is_made_once_and_then_remembered(town: Town) -> None:
    sealed = sealed_by(town)
    asked: list[str] = []
    for engine in (town.engine, town.keys):
        event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with town.transaction():
        town.vault.seal("more", **WHOSE)
        assert town.vault.open(sealed, **WHOSE) == "secret"
        assert asked == []


def test_a_key_that_was_rolled_back_seals_nothing_later(town: Town) -> None:
    with town.transaction() as session:
        lost = town.vault.seal("lost", **WHOSE)
        session.rollback()
    assert keys_in(town) == []
    with town.transaction(), pytest.raises(KeyGone):
        town.vault.open(lost, **WHOSE)
    kept = sealed_by(town, "kept")
    town.restart()
    with town.transaction():
        assert town.vault.open(kept, **WHOSE) == "kept"


def test_a_key_read_again_before_the_rollback_is_not_remembered(town: Town) -> None:
    with town.transaction() as session:
        savepoint = session.begin_nested()
        town.vault.seal("x", **WHOSE)
        savepoint.commit()
        town.vault.seal("y", **WHOSE)
        session.rollback()
    kept = sealed_by(town, "kept")
    town.restart()
    with town.transaction():
        assert town.vault.open(kept, **WHOSE) == "kept"


def test_a_savepoint_takes_its_keys_with_it(town: Town) -> None:
    with town.transaction() as session:
        savepoint = session.begin_nested()
        town.vault.seal("x", **WHOSE)
        savepoint.rollback()
        kept = town.vault.seal("kept", **WHOSE)
    assert keys_in(town) == [("p1", "account")]
    town.restart()
    with town.transaction():
        assert town.vault.open(kept, **WHOSE) == "kept"


def test_forgotten_in_a_transaction_is_forgotten_at_once_and_after(town: Town) -> None:
    sealed = sealed_by(town)
    with town.transaction():
        town.vault.forget("p1")
        with pytest.raises(KeyGone):
            town.vault.open(sealed, **WHOSE)
    for _ in range(2):
        with town.transaction(), pytest.raises(KeyGone):
            town.vault.open(sealed, **WHOSE)
        town.restart()
    assert keys_in(town) == []


def test_sealed_and_forgotten_in_one_transaction(town: Town) -> None:
    with town.transaction():
        sealed = town.vault.seal("secret", **WHOSE)
        town.vault.forget("p1")
        with pytest.raises(KeyGone):
            town.vault.open(sealed, **WHOSE)


def test_a_session_used_again_knows_what_others_forgot(town: Town) -> None:
    with Session(town.engine) as long:
        town.session = long
        sealed = town.vault.seal("secret", **WHOSE)
        long.commit()
        with town.transaction():
            town.vault.forget("p1")
        town.session = long
        with pytest.raises(KeyGone):
            town.vault.open(sealed, **WHOSE)


def test_forgetting_that_was_rolled_back_forgot_nothing(town: Town) -> None:
    sealed = sealed_by(town)
    with town.transaction() as session:
        town.vault.forget("p1")
        session.rollback()
    with town.transaction():
        assert town.vault.open(sealed, **WHOSE) == "secret"


def test_a_failed_savepoint_does_not_bring_the_forgotten_back(town: Town) -> None:
    sealed = sealed_by(town)
    with town.transaction() as session:
        town.vault.forget("p1")
        savepoint = session.begin_nested()
        session.add(LedgerNote(day="2026-11-23", lines=1, root="0"))
        session.flush()
        session.expunge_all()
        session.add(LedgerNote(day="2026-11-23", lines=1, root="0"))
        with pytest.raises(IntegrityError):
            session.flush()
        savepoint.rollback()
        with pytest.raises(KeyGone):
            town.vault.open(sealed, **WHOSE)


def test_a_reader_meanwhile_does_not_keep_a_forgotten_key(town: Town) -> None:
    sealed = sealed_by(town)
    town.restart()
    with Session(town.engine) as slow:
        town.session = slow
        assert town.vault.open(sealed, **WHOSE) == "secret"
        with town.transaction():
            town.vault.forget("p1")
        slow.commit()
    with town.transaction(), pytest.raises(KeyGone):
        town.vault.open(sealed, **WHOSE)


def test_forgetting_one_class_leaves_the_others(town: Town) -> None:
    sealed_by(town)
    with town.transaction():
        town.vault.seal("x", **WHOSE | {"data_class": "contact"})
        town.vault.forget("p1", "contact")
    assert keys_in(town) == [("p1", "account")]


def test_only_sealed_bytes_are_written(town: Town) -> None:
    row = {"subject": "p", "data_class": "c", "id": "1", "kid": "k"}
    with town.keys.connect() as connection:
        with pytest.raises(StatementError, match="only sealed bytes"):
            connection.execute(KEYS.insert(), row | {"wrapped": b"plain"})
        connection.execute(KEYS.insert(), row | {"wrapped": Sealed(b"x")})
        assert type(connection.execute(select(KEYS.c.wrapped)).scalar_one()) is Sealed


def test_the_wrong_key_file_is_noticed_at_the_start(town: Town) -> None:
    sealed_by(town)
    with town.transaction():
        town.vault.check()
    same_name = Keyring.ephemeral(b"another")
    town.keyring = same_name
    town.restart()
    with town.transaction(), pytest.raises(SealBroken):
        town.vault.check()


def test_a_missing_root_key_is_named(town: Town, tmp_path) -> None:
    sealed_by(town)
    town.keyring = Keyring.load_or_create(tmp_path / "new.json")
    town.restart()
    with town.transaction(), pytest.raises(KeyringError, match="not in the key file"):
        town.vault.check()


def test_words_of_many_people_stay_apart(town: Town) -> None:
    with town.transaction():
        places = {f"p{n}": Place("person", "name", f"p{n}") for n in range(50)}
        sealed = {
            who: town.vault.seal(who, subject=who, data_class="account", place=place)
            for who, place in places.items()
        }
    town.restart()
    with town.transaction():
        for who, place in places.items():
            assert town.vault.open(sealed[who], subject=who, data_class="account", place=place) == who


def erased_ids(town: Town) -> set[str]:
    with town.engine.connect() as connection:
        return set(connection.execute(select(ERASURES.c.key_id)).scalars())


def commits_of(town: Town) -> list[str]:
    """In which order the two databases commit from now on."""
    order: list[str] = []
    event.listen(town.engine, "commit", lambda _: order.append("data"))
    event.listen(town.keys, "commit", lambda _: order.append("keys"))
    return order


def test_a_new_key_is_safe_before_what_it_sealed_and_an_erased_one_goes_after(town: Town) -> None:
    order = commits_of(town)
    sealed = sealed_by(town)
    assert order == ["keys", "data"]
    order.clear()
    with town.transaction():
        town.vault.open(sealed, **WHOSE)
        town.vault.forget("p1")
    assert order == ["data", "keys"]
    town.keystore.destroy()  # nothing is left to do
    assert order == ["data", "keys"]


def test_where_nothing_is_made_or_erased_the_keystore_is_not_written(town: Town) -> None:
    sealed = sealed_by(town)
    town.restart()
    order = commits_of(town)
    with town.transaction():
        assert town.vault.open(sealed, **WHOSE) == "secret"
        town.vault.seal("more", **WHOSE)
    assert order == ["data"]


def test_a_refused_commit_takes_the_new_key_with_it_before_it_is_safe(town: Town) -> None:
    with pytest.raises(IntegrityError), town.transaction() as session:  # noqa: PT012  # leaving raises
        session.add(LedgerNote(day="2026-11-23", lines=1, root="0"))
        session.flush()
        session.expunge_all()
        town.vault.seal("x", **WHOSE)
        session.add(LedgerNote(day="2026-11-23", lines=1, root="0"))
    assert keys_in(town) == []
    sealed_by(town)  # the keystore is free again


def test_a_session_closed_without_a_word_lets_the_keystore_go(town: Town) -> None:
    with Session(town.engine) as town.session:
        town.vault.seal("x", **WHOSE)
    assert keys_in(town) == []
    sealed_by(town)
    assert keys_in(town) == [("p1", "account")]


def test_when_the_keystore_cannot_commit_nothing_is_committed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    event.listen(town.keys, "commit", full)
    with pytest.raises(OperationalError), town.transaction() as session:  # noqa: PT012  # leaving raises
        session.add(LedgerNote(day="2026-11-23", lines=1, root="0"))
        town.vault.seal("x", **WHOSE)
    event.remove(town.keys, "commit", full)
    with town.transaction() as session:
        assert session.exec(select(LedgerNote)).all() == []
    assert keys_in(town) == []
    assert sealed_by(town)


def test_a_key_that_cannot_be_destroyed_now_opens_nothing_and_goes_at_the_next_change(town: Town) -> None:
    def full(_: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    sealed = sealed_by(town)
    event.listen(town.keys, "commit", full)
    with town.transaction():
        town.vault.forget("p1")
    event.remove(town.keys, "commit", full)
    assert keys_in(town) == [("p1", "account")]
    with town.transaction(), pytest.raises(KeyGone):
        town.vault.open(sealed, **WHOSE)
    again = sealed_by(town, "again")
    assert keys_in(town) == [("p1", "account")]
    with town.transaction():
        assert town.vault.open(again, **WHOSE) == "again"
        with pytest.raises(SealBroken):
            town.vault.open(sealed, **WHOSE)
    town.restart()
    with town.transaction():
        assert town.vault.open(again, **WHOSE) == "again"


def test_a_key_left_alive_is_destroyed_by_the_clean_up_without_a_change(town: Town) -> None:
    def full(_: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    sealed_by(town)
    event.listen(town.keys, "commit", full)
    with town.transaction():
        town.vault.forget("p1")
    event.remove(town.keys, "commit", full)
    town.keystore.destroy()
    assert keys_in(town) == []


def test_the_same_name_gets_a_new_key_only_in_a_later_transaction(town: Town) -> None:
    old = sealed_by(town)
    with town.transaction():
        town.vault.forget("p1")
        with pytest.raises(KeyGone):
            town.vault.seal("too early", **WHOSE)
    new = sealed_by(town, "new")
    town.restart()  # the erasure is done once more, and names the old key alone
    with town.transaction():
        assert town.vault.open(new, **WHOSE) == "new"
        with pytest.raises(SealBroken):
            town.vault.open(old, **WHOSE)


def test_a_savepoint_takes_its_forgetting_with_it(town: Town) -> None:
    sealed = sealed_by(town)
    with town.transaction() as session:
        savepoint = session.begin_nested()
        town.vault.forget("p1")
        savepoint.rollback()
        assert town.vault.open(sealed, **WHOSE) == "secret"
        town.vault.seal("more", **WHOSE)
    assert erased_ids(town) == set()
    town.restart()
    with town.transaction():
        assert town.vault.open(sealed, **WHOSE) == "secret"


def test_an_older_keystore_beside_the_present_data_loses_the_erased_at_the_start(
    town: Town, tmp_path: Path
) -> None:
    sealed = sealed_by(town)
    kept = town_file(town, "keys").read_bytes()
    with town.transaction():
        town.vault.forget("p1")
    town.keys.dispose()
    town_file(town, "keys").write_bytes(kept)
    assert keys_in(town) == [("p1", "account")]  # that is what would come back
    town.journal = None  # the data alone knows it
    town.restart()
    assert keys_in(town) == []
    with town.transaction(), pytest.raises(KeyGone):
        town.vault.open(sealed, **WHOSE)


def test_older_data_and_an_older_keystore_together_lose_the_erased_by_the_journal(town: Town) -> None:
    sealed = sealed_by(town)
    files = [town_file(town, "engine"), town_file(town, "keys")]
    town.engine.dispose()  # writes its log back
    kept = [file.read_bytes() for file in files]
    with town.transaction():
        town.vault.forget("p1")
    town.engine.dispose()
    town.keys.dispose()
    for file, content in zip(files, kept, strict=True):
        file.write_bytes(content)
    assert keys_in(town) == [("p1", "account")]
    assert erased_ids(town) == set()
    town.restart()
    assert keys_in(town) == []
    assert len(erased_ids(town)) == 1  # and the data knows it again
    with town.transaction(), pytest.raises(KeyGone):
        town.vault.open(sealed, **WHOSE)


def town_file(town: Town, which: str) -> Path:
    return Path(str(getattr(town, which).url.database))


def test_the_journal_learns_at_the_start_what_a_stopped_process_did_not_note(town: Town) -> None:
    assert town.journal is not None
    sealed_by(town)
    with town.transaction():
        town.vault.forget("p1")
    town.journal.path.write_text(
        "2026-11-01 " + "a" * 32 + "\n2026-11-2"
    )  # a power cut in the middle of a line
    town.restart()
    assert town.journal.read().keys() == erased_ids(town)
    assert len(erased_ids(town)) == 2


def test_a_journal_that_cannot_be_written_keeps_no_key_alive(town: Town, caplog) -> None:
    assert town.journal is not None
    sealed_by(town)
    town.journal.path.mkdir()
    with town.transaction():
        town.vault.forget("p1")
    assert keys_in(town) == []
    assert "cannot be read and added to" in caplog.text
    assert "p1" not in caplog.text
    with pytest.raises(JournalError):
        town.restart()


def test_the_journal_learns_of_an_erasure_only_once_it_is_on_the_disk(town: Town, monkeypatch) -> None:
    """Else a power cut leaves a journal that knows of what the data has not heard of, and the start would erase it."""
    assert town.journal is not None
    sealed_by(town)
    done: list[str] = []
    note, settle = town.journal.note, town.keystore._settle
    monkeypatch.setattr(town.journal, "note", lambda doomed: (done.append("noted"), note(doomed)))
    monkeypatch.setattr(town.keystore, "_settle", lambda: (done.append("on the disk"), settle()))
    with town.transaction():
        town.vault.forget("p1")
    assert done == ["on the disk", "noted"]


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk full"), OSError(28, "full")])
def test_what_cannot_reach_the_disk_yet_destroys_no_key_before_it_has(town: Town, monkeypatch, error) -> None:
    assert town.journal is not None
    sealed_by(town)

    def full() -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(town.keystore, "_settle", full)
        with town.transaction():
            town.vault.forget("p1")
    assert (len(keys_in(town)), town.journal.read()) == (1, {})
    town.restart()
    assert keys_in(town) == []


def test_erasures_are_forgotten_when_no_backup_can_bring_the_key_back(town: Town) -> None:
    sealed_by(town)
    with town.transaction():
        town.vault.forget("p1")
    for days, left in ((42, 1), (43, 0)):
        with town.engine.begin() as connection:
            erasures.expire(connection, DAY + timedelta(days=days))
        assert len(erased_ids(town)) == left
    make_good(town.engine, town.keys, town.journal, DAY + timedelta(days=43))
    assert erased_ids(town) == set()  # the journal does not bring it back


def test_the_journal_and_the_keystore_are_for_their_owner_alone(town: Town) -> None:
    assert town.journal is not None
    sealed_by(town)
    with town.transaction():
        town.vault.forget("p1")
    for path in (town.journal.path, town_file(town, "keys")):
        assert path.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"2026-11-23 [0-9a-f]{32}\n", town.journal.path.read_text())


def test_the_keystore_is_opened_strictly(town: Town) -> None:
    with town.keys.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert pragmas == {"journal_mode": "delete", "synchronous": 3, "secure_delete": 1}


@pytest.mark.processes
def test_killed_anywhere_no_key_of_a_word_is_lost_and_no_erased_key_outlives_the_next_start(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    ERASURES.create(house.engine)
    TABLES.create_all(house.keys)
    settled(house, "BLOB")
    house.close()
    command = [sys.executable, "-m", "tests.privacy._stopping", str(tmp_path), "60"]
    killing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (killing.returncode, killing.stderr) == (0, "")
    found = json.loads(killing.stdout)
    assert found["alive"] >= 10  # there was something to make good
    assert found["idle"] >= 10
    assert found["words"] > 60
