"""Which message on whose phone shows a case, so that it can be brought up to date or lose what it no longer may show."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, Session, SQLModel, col, delete, select


class Card(SQLModel, table=True):
    """A message about a case in one person's chat. `secret`: it carries a door or a phone number."""

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


def remember(session: Session, *, case_id: str, person_id: str, message_id: int, secret: bool) -> None:
    """This message is now the one that shows the case to her."""
    session.execute(
        delete(Card).where(
            col(Card.case_id) == case_id,
            col(Card.person_id) == person_id,
            col(Card.message_id) == message_id,
        )
    )
    session.add(Card(case_id=case_id, person_id=person_id, message_id=message_id, secret=secret))
    session.flush()


def living(session: Session, case_id: str, person_id: str) -> Card | None:
    """The newest card of the case in her chat."""
    return session.exec(
        select(Card)
        .where(Card.case_id == case_id, Card.person_id == person_id)
        .order_by(col(Card.id).desc())
        .limit(1)
    ).first()


def secret(session: Session, case_id: str, person_id: str) -> list[Card]:
    """Every message in her chat that still shows the door or the phone."""
    return list(
        session.exec(
            select(Card).where(Card.case_id == case_id, Card.person_id == person_id, col(Card.secret))
        )
    )


def drop(session: Session, card: Card) -> None:
    session.delete(card)
    session.flush()
