"""Joining the pool is a consent of its own; leaving takes it back in the same tap."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bot.community import talents
from bot.community.people import Person
from bot.community.record import now_of
from bot.community.talents import Volunteer
from privacy import consent

FIELDS = {"hours": "hours", "often": "asks_a_week"}  # an answer of the talk, and the column it becomes


def join(session: Session, person: Person, kinds: list[str]) -> None:
    offer(session, person, kinds)
    agree(session, person)


def offer(session: Session, person: Person, kinds: list[str]) -> None:
    talents.offer(session, person.id, kinds)


def agree(session: Session, person: Person) -> None:
    """Her yes to being asked, under the notice as it is now; one that is live needs no other."""
    if not consent.is_live(session, person_id=person.id, purpose="pool", at=now_of(session)):
        consent.record(
            session,
            person_id=person.id,
            purpose="pool",
            given=True,
            at=now_of(session),
            language=person.language,
        )


def set_(session: Session, volunteer: Volunteer, **values: Any) -> None:
    """Her own limits, as she says them."""
    for column, value in values.items():
        setattr(volunteer, column, value)
    session.add(volunteer)
    session.flush()
