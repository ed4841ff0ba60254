"""Becoming known: two consents, a person, perhaps a role."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import people
from bot.community.people import Person
from bot.community.record import now_of
from privacy import consent

PURPOSES = ("account", "telegram")


def register(session: Session, *, telegram_id: int, language: str, simple: bool) -> Person:
    """A person who has just read the notice and agreed: `account` and `telegram`, nothing more."""
    person = people.register(session, telegram_id=telegram_id, language=language)
    people.update(session, person, simple=simple)
    agree(session, person)
    return person


def agree(session: Session, person: Person) -> None:
    """Her yes to the notice as it is now; what she has agreed to already needs none."""
    for purpose in PURPOSES:
        if not consent.is_live(session, person_id=person.id, purpose=purpose, at=now_of(session)):
            consent.record(
                session,
                person_id=person.id,
                purpose=purpose,
                given=True,
                at=now_of(session),
                language=person.language,
            )
