"""What is agreed to for one case alone: that its helper sees door and phone, that more than usual is noted (R10, R46, R47)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from bot.community import cases, events
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from privacy import consent

SHOW, SENSITIVE, GUARDIAN = "reveal", "sensitive", "guardian"  # purposes, each agreed to for one case


def agree(session: Session, case: Case, language: str) -> None:
    """The asker checked the page that says who will see it, and sent it."""
    _agree(session, case, SHOW, language)


def note_more(session: Session, case: Case, person: Person, told: Mapping[str, list[str]]) -> None:
    """She agreed to have this noted, apart from everything else (PIPL 29); for a child, as its guardian (PIPL 31).

    `told`: the lines by purpose. One of both goes where fewer look.
    """
    for purpose in set(told).difference(agreed_in(session, case)):
        _agree(session, case, purpose, person.language)
    of_a_child = told.get(GUARDIAN, [])
    if of_a_child:
        cases.keep_more(session, case, person, "minor", of_a_child)
    if more := [line for line in told.get(SENSITIVE, []) if line not in of_a_child]:
        cases.keep_more(session, case, person, "sensitive", more)


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


def may_ask(session: Session, case: Case) -> bool:
    """Whether the service may offer by itself that a door be given: not while one is, nor after she took it back."""
    return case.door is None and (
        is_agreed(session, case)  # to the phone, say: one more word under the same yes
        or consent.may_ask(
            session, person_id=case.person_id, purpose="reveal", scope=case.id, at=now_of(session)
        )
    )


def is_agreed(session: Session, case: Case, purpose: str = SHOW) -> bool:
    return consent.is_live(
        session, person_id=case.person_id, purpose=purpose, scope=case.id, at=now_of(session)
    )


def end(session: Session, case: Case) -> None:
    """The purposes are over, and the consents with them."""
    if _ended(session, case, SHOW):
        events.note(session, case.id, Kind.TAKEN_BACK)
    if case.sensitive is not None or case.minor is not None:
        _ended(session, case, SENSITIVE)
        _ended(session, case, GUARDIAN)


def _ended(session: Session, case: Case, purpose: str) -> bool:
    return consent.end(session, person_id=case.person_id, purpose=purpose, scope=case.id, at=now_of(session))
