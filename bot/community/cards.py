"""Which message on whose phone shows a case, so that it can be brought up to date or lose what it no longer may show."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Index, Integer, bindparam, delete, insert, select
from sqlmodel import Field, Session, SQLModel

from bot.community.record import rows, table_of
from privacy.prepared import Prepared


class Card(SQLModel, table=True):
    """A message about a case in somebody's chat. `secret`: what it shows (door, phone, a line of its own yes) vanishes again."""

    __tablename__ = "card"
    __table_args__ = (Index("card_of", "case_id", "person_id"),)

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    case_id: str = Field(foreign_key="help_case.id", max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16)
    message_id: int = Field(sa_type=BigInteger)
    secret: bool = False


class Shown(NamedTuple):
    """A card as it was last remembered."""

    id: int
    message_id: int
    secret: bool


_CARDS = table_of(Card)
_HERS = (_CARDS.c.case_id == bindparam("case"), _CARDS.c.person_id == bindparam("person"))
_ALL = select(_CARDS.c.id, _CARDS.c.message_id, _CARDS.c.secret).where(*_HERS).order_by(_CARDS.c.id.desc())
_LIVING = Prepared(_ALL.limit(1))
_SECRET = Prepared(_ALL.where(_CARDS.c.secret))
_HOLDERS = Prepared(
    select(_CARDS.c.person_id).where(_CARDS.c.case_id == bindparam("case"), _CARDS.c.secret).distinct()
)
_OF_PERSON = Prepared(select(_CARDS.c.message_id).where(_CARDS.c.person_id == bindparam("person")).distinct())
_KEEP = Prepared(insert(_CARDS))
_FORGET = Prepared(delete(_CARDS).where(*_HERS, _CARDS.c.message_id == bindparam("message")))
_DROP = Prepared(delete(_CARDS).where(_CARDS.c.id == bindparam("row")))
_ALL_OF = Prepared(delete(_CARDS).where(_CARDS.c.case_id == bindparam("case")))
_ALL_HERS = Prepared(delete(_CARDS).where(_CARDS.c.person_id == bindparam("person")))
_COVERED = Prepared(
    select(_CARDS.c.case_id).where(_CARDS.c.person_id == bindparam("person"), _CARDS.c.secret).distinct()
)


def remember(session: Session, *, case_id: str, person_id: str, message_id: int, secret: bool) -> None:
    """This message is now the one that shows the case to her."""
    if message_id > 0:  # one that waits in the outbox (a negative id) is new here
        rows(session, _FORGET, case=case_id, person=person_id, message=message_id)
    rows(session, _KEEP, case_id=case_id, person_id=person_id, message_id=message_id, secret=secret)


def living(session: Session, case_id: str, person_id: str) -> Shown | None:
    """The newest card of the case in her chat."""
    found = rows(session, _LIVING, case=case_id, person=person_id).first()
    return None if found is None else Shown._make(found)


def secret(session: Session, case_id: str, person_id: str) -> list[Shown]:
    """Every message in her chat that still shows the door or the phone."""
    return [Shown._make(row) for row in rows(session, _SECRET, case=case_id, person=person_id)]


def holders(session: Session, case_id: str) -> list[str]:
    """Whose chats still show what is to vanish again."""
    return sorted(rows(session, _HOLDERS, case=case_id).scalars())


def messages_of(session: Session, person_id: str) -> list[int]:
    """Every message of her chat that shows a case, whoever's."""
    return list(rows(session, _OF_PERSON, person=person_id).scalars())


def secrets_of(session: Session, person_id: str) -> list[str]:
    """The cases whose door or phone her chat still shows."""
    return sorted(rows(session, _COVERED, person=person_id).scalars())


def drop(session: Session, card: Shown) -> None:
    rows(session, _DROP, row=card.id)


def forget(session: Session, case_id: str) -> None:
    """Which messages showed this case, in whosever chat."""
    rows(session, _ALL_OF, case=case_id)


def forget_all(session: Session, person_id: str) -> None:
    """Whatever her chat shows: she has another one now."""
    rows(session, _ALL_HERS, person=person_id)
