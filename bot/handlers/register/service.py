"""Joining the pool is a consent of its own; leaving takes it back in the same tap."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.community import talents
from bot.community.people import Person
from bot.community.record import now_of
from privacy import consent


def join(session: Session, person: Person, kinds: list[str], asks_a_week: int) -> None:
    volunteer = talents.offer(session, person.id, kinds)
    volunteer.asks_a_week = asks_a_week
    session.add(volunteer)
    agree(session, person)


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


def rest(session: Session, person: Person, until: datetime | None) -> None:
    volunteer = talents.get(session, person.id)
    if volunteer is not None:
        talents.pause(session, volunteer, until)
