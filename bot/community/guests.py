"""Who came only because of the slip of a mediation, and does not join: nothing of hers stays (R28)."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import (
    appeals,
    appointments,
    cases,
    claims,
    complaints,
    flags,
    mediations,
    messages,
    pairs,
    posts,
    reports,
    restrictions,
    shifts,
    staff,
    talents,
)
from bot.community.cases import State
from bot.community.mediations import INVITED, LOOK_AGAIN
from bot.community.people import Person
from bot.community.record import now_of


def came_only_for_it(session: Session, person: Person) -> bool:
    """Whether she is new here, and has nothing here."""
    return person.joined_at >= now_of(session) - INVITED - LOOK_AGAIN and not has_anything(session, person)


def has_anything(session: Session, person: Person) -> bool:
    """Whether anything here is hers, or waits for her."""
    return bool(
        cases.of_person(session, person.id, State)
        or talents.get(session, person.id) is not None
        or mediations.of_person(session, person.id)
        or claims.of_person(session, person.id)
        or messages.of_person(session, person.id)
        or complaints.of_person(session, person.id)
        or appointments.of_person(session, person.id)
        or posts.of_person(session, person.id)
        or reports.told_by(session, person.id)
        or claims.helped_by(session, person.id)
        or pairs.apart_from(session, person.id)
        or posts.proposed_by(session, person.id)
        or shifts.of_person(session, person.id)
        or appeals.of_person(session, person.id)
        or flags.of_person(session, person.id)
        or restrictions.of_person(session, person.id)
        or staff.is_named(session, person.id)
    )
