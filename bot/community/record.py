"""What every record here shares: an id nobody can guess, and the vault and clock of the transaction it lives in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, DateTime, Executable, Row, Table, bindparam, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, Mapper
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel, select

from bot.clock import Clock
from privacy.opening import Gate
from privacy.prepared import Prepared
from privacy.vault import Vault

M = TypeVar("M", bound=SQLModel)


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

    Such statements are built once, at import, and those of every tap are `Prepared`: to build one costs several times as much as
    to run it.
    """
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__


def records(session: Session, model: type[M], statement: Prepared, **values: Any) -> list[M]:
    """What a SELECT of whole records finds, as Session.exec gives it: the same record is the same object, changes are flushed.

    For what every tap asks; SQLAlchemy's own way of making a record takes three times as long (docs/decisions/0029).
    """
    lines = rows(session, statement, **values)
    fields = tuple(lines.keys())
    return [_record(session, model, fields, line) for line in lines]


def first(session: Session, model: type[M], statement: Prepared, **values: Any) -> M | None:
    """The first of them, or None."""
    return next(iter(records(session, model, statement, **values)), None)


def get(session: Session, model: type[M], *key: Any) -> M | None:
    """The record with this key, as Session.get gives it: one that is in hand is not asked for again."""
    known = session.identity_map.get((model, key, None))
    if known is not None:
        return known
    return first(session, model, _by_key(model), **dict(zip(_key(model), key, strict=True)))


@cache
def _key(model: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.name for column in table_of(model).primary_key)


@cache
def _by_key(model: type[SQLModel]) -> Prepared:
    key = table_of(model).primary_key
    return Prepared(select(model).where(*(column == bindparam(column.name) for column in key)))


@cache
def _mapper(model: type[SQLModel]) -> Mapper[Any]:
    return inspect(model)


def _record(session: Session, model: type[M], fields: tuple[str, ...], line: Row[Any]) -> M:
    key = (model, tuple([getattr(line, name) for name in _key(model)]), None)
    known = cast("M | None", session.identity_map.get(key))
    if known is not None:
        return known
    record: M = _mapper(model).class_manager.new_instance()
    record.__dict__.update(zip(fields, line, strict=True))
    state = instance_state(record)
    state.key, state.session_id = key, session.hash_key
    session.identity_map.add(state)
    return record


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
