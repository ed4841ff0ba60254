"""What is agreed to for one case alone: that its helper sees door and phone, that more than usual is noted (R10, R46, R47)."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session

from bot.community import cases, events
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.record import now_of
from privacy import consent

SHOW, SENSITIVE, GUARDIAN = "reveal", "sensitive", "guardian"  # purposes, each agreed to for one case


def agree(session: Session, case: Case, language: str) -> None:
    """The asker checked the page that says who will see it, and sent it."""
    _agree(session, case, SHOW, language)


def note_more(
    session: Session, case: Case, lines: list[str], purposes: Collection[str], language: str
) -> None:
    """She agreed to have this noted, apart from everything else (PIPL 29); for a child, as its guardian (PIPL 31)."""
    for purpose in set(purposes).difference(agreed_in(session, case)):
        _agree(session, case, purpose, language)
    cases.keep_sensitive(session, case, "\n".join(lines), of_a_child=GUARDIAN in purposes)


def _agree(session: Session, case: Case, purpose: str, language: str) -> None:
    consent.record(
        session,
        person_id=case.person_id,
        purpose=purpose,
        scope=case.id,
        given=True,
        at=now_of(session),
        language=language,
    )


def agreed_in(session: Session, case: Case) -> list[str]:
    """What more may be noted in this case by now."""
    return [purpose for purpose in (GUARDIAN, SENSITIVE) if is_agreed(session, case, purpose)]


def is_agreed(session: Session, case: Case, purpose: str = SHOW) -> bool:
    return consent.is_live(
        session, person_id=case.person_id, purpose=purpose, scope=case.id, at=now_of(session)
    )


def end(session: Session, case: Case) -> None:
    """The purposes are over, and the consents with them."""
    if _ended(session, case, SHOW):
        events.note(session, case.id, Kind.TAKEN_BACK)
    if case.sensitive is not None:
        _ended(session, case, SENSITIVE)
        _ended(session, case, GUARDIAN)


def _ended(session: Session, case: Case, purpose: str) -> bool:
    return consent.end(session, person_id=case.person_id, purpose=purpose, scope=case.id, at=now_of(session))
