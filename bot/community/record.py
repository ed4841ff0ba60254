"""What every record here shares: an id nobody can guess, and the vault and clock of the transaction it lives in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, DateTime, Executable, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from bot.clock import Clock
from privacy.opening import Gate
from privacy.vault import Vault


def new_id() -> str:
    """16 characters, 96 random bits: short enough for callback data (64 bytes), too long to guess."""
    return secrets.token_urlsafe(12)


def vault_of(session: Session) -> Vault:
    """The vault that seals what this transaction writes; gate_of opens."""
    return cast(Vault, session.info["vault"])


def gate_of(session: Session) -> Gate:
    """The one way to open words in this transaction. Raises LookupError where nobody's are opened."""
    gate: Gate | None = session.info.get("gate")
    if gate is None:
        raise LookupError("no gate stands here")
    return gate


def now_of(session: Session) -> datetime:
    """The time of this transaction (aware, UTC)."""
    return cast(Clock, session.info["clock"]).now()


def community_of(session: Session, area: str | None) -> str:
    """Whose staff look after this area (bot/data/community.toml); empty is the house itself, and so is an unknown place."""
    communities: Mapping[str, str] = session.info.get("communities", {})
    return communities.get(area or "", "")


def lies_in(session: Session, area: Mapped[Any], community: str) -> ColumnElement[bool]:
    """As part of a question: whether an area is looked after by this community, as community_of has it."""
    communities: Mapping[str, str] = session.info.get("communities", {})
    if community:
        return area.in_([code for code, of in communities.items() if of == community])
    return area.is_(None) | area.not_in([code for code, of in communities.items() if of])


def table_of(model: type[SQLModel]) -> Table:
    """The table of a record, for what is asked or written so often that no object is made of a row.

    Such statements are built once, at import: to build one costs several times as much as to run it.
    """
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__


def rows(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Run a statement on tables, after everything this transaction has changed so far."""
    session.flush()
    return session.connection().execute(statement, values)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time in every database (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return cast(datetime, value if value.tzinfo else value.replace(tzinfo=UTC))
