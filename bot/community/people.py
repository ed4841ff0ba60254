"""People of the neighbourhood: who somebody is to us, and how we find them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community.record import Moment, new_id, now_of, vault_of
from privacy import scrub
from privacy.sealed import Place, Sealed, SealedBytes
from privacy.vault import KeyGone

NAME_MAX = 20
NOBODY = -1  # no blind index is negative
GONE = Sealed(b"")  # opens for nobody
INDEX_BITS = 12  # about 4096 buckets: two people in ten share one, so an index value alone names nobody


class Person(SQLModel, table=True):
    """Somebody registered. Personal words are sealed; what is plain here says nothing about anybody."""

    __tablename__ = "person"
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    telegram_index: int = Field(sa_type=BigInteger, index=True)
    telegram_id: Sealed = Field(sa_type=SealedBytes)
    name: Sealed | None = Field(default=None, sa_type=SealedBytes)
    language: str = Field(max_length=8)
    simple: bool = False
    area: str | None = Field(default=None, max_length=16)
    reachable: bool = True
    joined_at: datetime = Field(sa_type=Moment)


def _telegram_place(person_id: str) -> Place:
    return Place("person", "telegram_id", person_id)


def _name_place(person_id: str) -> Place:
    return Place("person", "name", person_id)


# Asked again and again, so built once.
_BUCKET = select(Person).where(Person.telegram_index == bindparam("index"))
_THOSE = select(Person).where(col(Person.id).in_(bindparam("ids", expanding=True)))


def index_of(session: Session, telegram_id: int) -> int:
    return vault_of(session).index("person", "telegram_id", str(telegram_id), bits=INDEX_BITS)


def find(session: Session, telegram_id: int) -> Person | None:
    """The person with this Telegram number, or None. Candidates of the bucket are opened to be sure."""
    bucket = session.exec(_BUCKET, params={"index": index_of(session, telegram_id)})
    return next((person for person in bucket if _is(session, person, telegram_id)), None)


def _is(session: Session, person: Person, telegram_id: int) -> bool:
    try:
        return telegram_of(session, person) == telegram_id
    except KeyGone:  # somebody who left, in data restored from before
        return False


def is_gone(person: Person) -> bool:
    """Whether she had everything of hers erased; nothing can be said to her any more."""
    return person.telegram_index == NOBODY


def register(session: Session, *, telegram_id: int, language: str) -> Person:
    """A new person, known by Telegram number and nothing else."""
    person_id = new_id()
    person = Person(
        id=person_id,
        telegram_index=index_of(session, telegram_id),
        telegram_id=vault_of(session).seal(
            str(telegram_id), subject=person_id, data_class="account", place=_telegram_place(person_id)
        ),
        language=language,
        joined_at=now_of(session),
    )
    session.add(person)
    session.flush()
    return person


def telegram_of(session: Session, person: Person) -> int:
    """The number to deliver the person's own messages to."""
    return int(
        vault_of(session).open(
            person.telegram_id, subject=person.id, data_class="account", place=_telegram_place(person.id)
        )
    )


def rename(session: Session, person: Person, name: str) -> None:
    person.name = vault_of(session).seal(
        name, subject=person.id, data_class="account", place=_name_place(person.id)
    )
    session.add(person)


def name_of(session: Session, person: Person) -> str:
    """What neighbours call her; empty before she has said."""
    if person.name is None:
        return ""
    return vault_of(session).open(
        person.name, subject=person.id, data_class="account", place=_name_place(person.id)
    )


def name_trouble(name: str) -> str | None:
    """Which sentence tells what is wrong with a chosen name, or None."""
    if not name or len(name) > NAME_MAX:
        return "start.name_long"
    return "start.name_number" if scrub.find(name) else None


def get(session: Session, person_id: str) -> Person:
    """The person with this id. Raises KeyError when there is none."""
    person = session.get(Person, person_id)
    if person is None:
        raise KeyError(person_id)
    return person


def those(session: Session, person_ids: Sequence[str]) -> list[Person]:
    """The people with these ids, in this order, by one question. Raises KeyError when one is not there."""
    if not person_ids:
        return []
    found = {person.id: person for person in session.exec(_THOSE, params={"ids": person_ids})}
    return [found[person_id] for person_id in person_ids]


def update(session: Session, person: Person, **values: Any) -> None:
    for column, value in values.items():
        setattr(person, column, value)
    session.add(person)
