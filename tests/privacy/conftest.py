"""A database, its keystore, and a vault over both, as the store holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlmodel import Session

from bot.store.database import connect, connect_keys
from privacy.erasures import ERASURES, Journal
from privacy.keyring import Keyring
from privacy.keystore import TABLES, DatabaseKeystore, make_good
from privacy.ledger import ConsentEvent, LedgerNote
from privacy.vault import Vault

DATABASE = "town-1"
DAY = date(2026, 11, 23)


class Town:
    """A database and its keystore, and the vault that sees the transaction now open."""

    def __init__(self, url: str, keyring: Keyring, journal: Journal | None = None) -> None:
        self.engine = connect(url)
        self.keys = connect_keys(url)
        self.journal = journal
        self.keyring = keyring
        self.session: Session | None = None
        self.restart()

    def restart(self) -> None:
        """The same databases, nothing remembered, and what a start makes good."""
        make_good(self.engine, self.keys, self.journal, DAY)
        self.keystore = DatabaseKeystore(self._current, self.keys, today=lambda: DAY, journal=self.journal)
        self.vault = Vault(self.keyring, self.keystore, database=DATABASE)

    def close(self) -> None:
        self.engine.dispose()
        self.keys.dispose()

    def _current(self) -> Session:
        assert self.session is not None, "no transaction is open"
        return self.session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            self.session = session
            session.connection()
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
    url = f"sqlite:///{tmp_path}/town.db"
    engine, keys = connect(url), connect_keys(url)
    for table in (ERASURES, ConsentEvent.__table__, LedgerNote.__table__):
        table.create(engine)
    TABLES.create_all(keys)
    for one in (engine, keys):
        one.dispose()
    made = Town(url, Keyring.ephemeral(b"town"), Journal(tmp_path / "erased"))
    yield made
    made.close()
