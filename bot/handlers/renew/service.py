"""Whose yes was to a notice that means something else by now (PIPL 14), and who has not been told so yet."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import events, people
from bot.community.events import NO_CASE, Kind
from bot.community.people import Person
from bot.community.record import now_of
from privacy import consent
from privacy.purposes import Purpose, purposes

ASKED = ("account", "telegram", "pool")  # those given once for all; the others are asked case by case anyway


def due(session: Session) -> list[str]:
    """Each person and purpose, as `item` names them."""
    changed = [purpose for code in ASKED if (purpose := purposes()[code]).meaning > 1]
    return [
        f"{purpose.code} {person_id}"
        for purpose in changed
        for person_id in sorted(consent.superseded(session, purpose=purpose.code))
        if not _told(session, person_id, purpose)
    ]


def still_due(session: Session, item: str) -> tuple[Person, str] | None:
    """Who is to be told of which purpose, if she still is; the line that she was is written with it."""
    code, _, person_id = item.partition(" ")
    purpose, person = purposes()[code], people.get(session, person_id)
    superseded = consent.standing(session, person_id=person_id, purpose=code, at=now_of(session))
    if superseded is not consent.Status.SUPERSEDED or _told(session, person_id, purpose):
        return None
    events.note(session, NO_CASE, Kind.ASKED_ANEW, actor=person_id, code=_which(purpose))
    return person, code


def _told(session: Session, person_id: str, purpose: Purpose) -> bool:
    return events.did(session, Kind.ASKED_ANEW, person_id, code=_which(purpose))


def _which(purpose: Purpose) -> str:
    return f"{purpose.code} {purpose.meaning}"
