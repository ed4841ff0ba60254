"""What each side of a mediation says: to the mediator alone, until she herself shows it to the other side.

Sealed under the key of its author's side. What is shown is sealed once more, in a place the other side may read; the first place
never is. Who comes along to help somebody understand stands here too, and needs the other side's yes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import mediations, stages
from bot.community.mediations import Mediation, NotBothAgreed
from bot.community.record import Moment, gate_of, new_id, now_of
from bot.community.stages import TOGETHER, A, Who
from bot.errors import OldButton
from privacy.opening import Words
from privacy.sealed import Place, Sealed, SealedBytes


class Sort(StrEnum):
    """What it is."""

    WORD = "word"
    COMPANY = "company"  # somebody who comes along: an interpreter, or company


class Statement(SQLModel, table=True):
    """`private`: for the mediator. `shared`: for the other side too, by its author's press. `yes_at`: the other's yes."""

    __tablename__ = "statement"
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    mediation_id: str = Field(foreign_key="mediation.id", max_length=16, index=True)
    side: str = Field(max_length=1)
    sort: str = Field(max_length=8)
    at: datetime = Field(sa_type=Moment)
    private: Sealed | None = Field(default=None, sa_type=SealedBytes)
    shared: Sealed | None = Field(default=None, sa_type=SealedBytes)
    yes_at: datetime | None = Field(default=None, sa_type=Moment)


def may_say(session: Session, one: Mediation, side: Who, sort: Sort) -> None:
    """Raises OldButton where it is over, or she has not joined yet; NotBothAgreed."""
    alone = side is A and sort is Sort.WORD and one.state in stages.LIVE
    if one.state not in TOGETHER and not alone:
        raise OldButton
    if one.state in TOGETHER and not mediations.both_agree(session, one):
        raise NotBothAgreed


def say(session: Session, one: Mediation, side: Who, text: str, sort: Sort = Sort.WORD) -> Statement:
    """Something said by a side. Company is shown to the other at once: that is what it is said for.

    Raises OldButton, NotBothAgreed.
    """
    may_say(session, one, side, sort)
    said = Statement(mediation_id=one.id, side=side.value, sort=sort.value, at=now_of(session))
    column = "private" if sort is Sort.WORD else "shared"
    setattr(said, column, mediations.seal(session, one, side, "statement", column, said.id, text))
    session.add(said)
    session.flush()
    return said


def share(session: Session, one: Mediation, said: Statement, person_id: str) -> None:
    """Its author shows it to the other side. Raises OldButton for anybody else, and before there are two sides."""
    side = Who(said.side)
    if said.mediation_id != one.id or mediations.id_of(one, side) != person_id or said.shared is not None:
        raise OldButton
    if one.state not in TOGETHER:
        raise OldButton
    if not mediations.both_agree(session, one):
        raise NotBothAgreed
    text = gate_of(session).open(session, private_of(one, said), reader=person_id, purpose="own", case=one.id)
    if text is None:
        raise OldButton
    said.shared = mediations.seal(session, one, side, "statement", "shared", said.id, text)
    session.add(said)
    session.flush()


def allow(session: Session, one: Mediation, said: Statement, person_id: str) -> None:
    """The other side's yes to company. Raises OldButton for anybody else."""
    side = Who(said.side)
    theirs = mediations.id_of(one, mediations.other(side)) == person_id
    if said.mediation_id != one.id or said.sort != Sort.COMPANY or not theirs or said.yes_at is not None:
        raise OldButton
    if one.state not in TOGETHER:
        raise OldButton
    if not mediations.both_agree(session, one):
        raise NotBothAgreed
    said.yes_at = now_of(session)
    session.add(said)
    session.flush()


def get(session: Session, statement_id: str) -> Statement | None:
    return session.get(Statement, statement_id)


def of(session: Session, one: Mediation) -> list[Statement]:
    """All of it, in the order of time, unopened."""
    return list(
        session.exec(select(Statement).where(Statement.mediation_id == one.id).order_by(col(Statement.at)))
    )


def private_of(one: Mediation, said: Statement) -> Words:
    """What its author and the mediator may read."""
    return mediations.words(one, Who(said.side), said.private, Place("statement", "private", said.id))


def shared_of(one: Mediation, said: Statement) -> Words:
    """What both sides and the mediator may read."""
    return mediations.words(one, Who(said.side), said.shared, Place("statement", "shared", said.id))
