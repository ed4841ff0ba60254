"""Keys follow their transaction: what was rolled back seals nothing, what was forgotten opens nothing."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from privacy.keyring import Keyring, KeyringError
from privacy.keystore import KEYS
from privacy.ledger import LedgerNote
from privacy.sealed import Place, Sealed
from privacy.vault import KeyGone, SealBroken
from tests.privacy.conftest import Town

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
    assert asked == ["BEGIN IMMEDIATE"]


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
