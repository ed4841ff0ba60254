"""A database in memory and a vault over it, as the store will hold them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, create_engine

from privacy.keyring import Keyring
from privacy.keystore import DatabaseKeystore, SubjectKey
from privacy.ledger import ConsentEvent, LedgerNote
from privacy.vault import Vault

DATABASE = "town-1"


class Town:
    """A database, and the vault that sees the transaction now open."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self.engine = engine
        self.keyring = keyring
        self.session: Session | None = None
        self.restart()

    def restart(self) -> None:
        """The same database, nothing remembered."""
        self.vault = Vault(self.keyring, DatabaseKeystore(self._current), database=DATABASE)

    def _current(self) -> Session:
        assert self.session is not None, "no transaction is open"
        return self.session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            self.session = session
            session.connection().exec_driver_sql("BEGIN")  # as the store does: savepoints need it on SQLite
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise
            finally:
                self.session = None


@pytest.fixture
def town(tmp_path) -> Iterator[Town]:
    engine = create_engine(f"sqlite:///{tmp_path}/town.db")
    for table in (SubjectKey, ConsentEvent, LedgerNote):
        table.__table__.create(engine)
    yield Town(engine, Keyring.ephemeral(b"town"))
    engine.dispose()
