"""Showing a door or a phone: one case, one helper, while the asker agrees and the case lives (R10, R46)."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import events
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.record import now_of
from privacy import consent


def agree(session: Session, case: Case, language: str) -> None:
    """The asker checked the page that says who will see it, and sent it."""
    consent.record(
        session,
        person_id=case.person_id,
        purpose="reveal",
        scope=case.id,
        given=True,
        at=now_of(session),
        language=language,
    )


def may_ask(session: Session, case: Case) -> bool:
    """Whether the service may offer by itself that a door be given: not while one is, nor after she took it back."""
    return case.door is None and (
        is_agreed(session, case)  # to the phone, say: one more word under the same yes
        or consent.may_ask(
            session, person_id=case.person_id, purpose="reveal", scope=case.id, at=now_of(session)
        )
    )


def is_agreed(session: Session, case: Case) -> bool:
    return consent.is_live(
        session, person_id=case.person_id, purpose="reveal", scope=case.id, at=now_of(session)
    )


def end(session: Session, case: Case) -> None:
    """The purpose is over, and the consent with it."""
    if consent.end(session, person_id=case.person_id, purpose="reveal", scope=case.id, at=now_of(session)):
        events.note(session, case.id, Kind.TAKEN_BACK)
