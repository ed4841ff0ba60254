"""Two people who are not brought together: one asked not to meet the other, they were in a dispute, or they are close."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BindParameter, bindparam
from sqlmodel import Field, Session, SQLModel, col, delete, or_, select

from bot.community.record import Moment, now_of, rows
from privacy.prepared import Prepared


class Why(StrEnum):
    """Why the two are kept apart; neither is told of the other's word."""

    BLOCKED = "blocked"
    DISPUTE = "dispute"
    TIE = "tie"


class Pair(SQLModel, table=True):
    """`one` asked for it (or was first in the dispute); it counts both ways."""

    __tablename__ = "pair"

    one: str = Field(foreign_key="person.id", primary_key=True, max_length=16)
    other: str = Field(foreign_key="person.id", primary_key=True, max_length=16, index=True)
    why: str = Field(primary_key=True, max_length=16)
    at: datetime = Field(sa_type=Moment)


_PERSON: BindParameter[str] = bindparam("person")
_HERS = Prepared(
    select(Pair.one, Pair.other).where((col(Pair.one) == _PERSON) | (col(Pair.other) == _PERSON))
)


def part(session: Session, one: str, other: str, why: Why) -> None:
    """They are not brought together from now on."""
    if session.get(Pair, (one, other, why.value)) is None:
        session.add(Pair(one=one, other=other, why=why.value, at=now_of(session)))
        session.flush()


def rejoin(session: Session, one: str, other: str, why: Why) -> None:
    """What `one` said no longer holds."""
    pair = session.get(Pair, (one, other, why.value))
    if pair is not None:
        session.delete(pair)
        session.flush()


def apart_from(session: Session, person_id: str) -> set[str]:
    """Everybody she is not brought together with, whoever said so."""
    return {
        pair.other if pair.one == person_id else pair.one for pair in rows(session, _HERS, person=person_id)
    }


def at_odds(session: Session, person_id: str) -> set[str]:
    """With whom she is not to stand side by side either: a tie is no reason against that."""
    found = select(Pair).where(or_(Pair.one == person_id, Pair.other == person_id), Pair.why != Why.TIE.value)
    return {pair.other if pair.one == person_id else pair.one for pair in session.exec(found)}


def tied(session: Session, one: str, other: str) -> bool:
    """Whether either has said that they are close: of one family, under one roof, at one employer. Which, nobody notes."""
    return any(session.get(Pair, (*two, Why.TIE.value)) is not None for two in ((one, other), (other, one)))


def said_by(session: Session, person_id: str, why: Why = Why.BLOCKED) -> list[Pair]:
    """Of whom she has said so, the first first. Nobody else is told."""
    return list(
        session.exec(select(Pair).where(Pair.one == person_id, Pair.why == why.value).order_by(col(Pair.at)))
    )


def rejoin_all(session: Session, person_id: str, why: Why = Why.BLOCKED) -> None:
    """She takes all of that back."""
    for pair in said_by(session, person_id, why):
        rejoin(session, pair.one, pair.other, why)


def forget(session: Session, person_id: str) -> None:
    """Nobody can tell any more whom she did not want to meet."""
    session.execute(delete(Pair).where(or_(col(Pair.one) == person_id, col(Pair.other) == person_id)))
