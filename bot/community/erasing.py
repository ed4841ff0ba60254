"""Forget me: everything sealed for one person loses its key, and her rows lose what says anything of her.

What stays is what others need: that a case with this number was, who was asked when, and her lines in the ledger,
all under a random id that leads to nobody any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import text, update
from sqlmodel import Session, col, delete, select

from bot.community import cases, claims, people, staff, talents
from bot.community.cards import Card
from bot.community.cases import LIVE, MOVES, Case, State
from bot.community.claims import Ask, AskState, Claim, ClaimState
from bot.community.events import Kind
from bot.community.people import GONE, NOBODY, Person
from bot.community.record import now_of, vault_of
from bot.runtime import leaving
from bot.runtime.seals import Seals
from privacy.vault import KeyGone


class StillAwaited(Exception):
    """She has a case that lives, or one of somebody else's in hand: the others must hear of it first."""


def erase_person(session: Session, person_id: str) -> None:
    """Her keys and those of each of her cases, her words, cards, drafts and what waits to be sent to her.

    A flow ends her cases and hands back her claims before, and says goodbye and empties the talk in hand
    after. Raises StillAwaited, and KeyError for somebody unknown; does nothing the second time.
    """
    person = people.get(session, person_id)
    if people.is_gone(person):
        return
    if cases.of_person(session, person_id) or claims.of_person(session, person_id):
        raise StillAwaited
    chat = people.telegram_of(session, person)
    hers = cases.of_person(session, person_id, State)
    seals = Seals(vault_of(session))
    leaving.forget(session, seals, chat, [f"open:{case.id}" for case in hers], now_of(session).timestamp())
    vault_of(session).forget(person_id)
    for case in hers:
        cases.erase(session, case)
    _clear(session, person)


def _clear(session: Session, person: Person) -> None:
    """Her rows, of which nobody can tell any more whose they were."""
    talents.leave(session, person.id)
    staff.end(session, person.id)
    session.execute(delete(Card).where(col(Card.person_id) == person.id))
    session.execute(
        update(Ask)
        .where(col(Ask.person_id) == person.id, col(Ask.state) == AskState.ASKED.value)
        .values(state=AskState.CLOSED.value)
    )
    person.telegram_index, person.telegram_id = NOBODY, GONE
    people.update(session, person, name=None, area=None, simple=False, reachable=False)
    session.flush()


def clear_what_no_key_opens(session: Session) -> int:
    """After older data was restored: rows whose keys were erased since. Returns of how many people and cases.

    What lived then and nobody can read any more ends; what somebody had in hand who has left, staff look at.
    """
    people_gone = [one for one in _everybody(session) if not _reachable(session, one)]
    for person in people_gone:
        for claim in claims.of_person(session, person.id):
            _hand_back(session, claim)
        _clear(session, person)
    with_words = session.exec(select(Case).where(text("story IS NOT NULL"))).all()
    cases_gone = [case for case in with_words if not _readable(session, case)]
    for case in cases_gone:
        _end(session, case)
        cases.erase(session, case)
    for case in with_words:
        if not _opens(lambda case=case: cases.sensitive_of(session, case)):  # type: ignore[misc]
            cases.drop_sensitive(session, case)
    return len(people_gone) + len(cases_gone)


def _everybody(session: Session) -> Sequence[Person]:
    return session.exec(select(Person).where(Person.telegram_index != NOBODY)).all()


def _reachable(session: Session, person: Person) -> bool:
    return _opens(lambda: people.telegram_of(session, person))


def _readable(session: Session, case: Case) -> bool:
    return _opens(lambda: (cases.story_of(session, case), cases.contact_of(session, case)))


def _opens(look: Callable[[], object]) -> bool:
    try:
        look()
    except KeyGone:
        return False
    return True


def _hand_back(session: Session, claim: Claim) -> None:
    claims.settle(session, claim, seen=ClaimState(claim.state), to=ClaimState.RELEASED)
    case = cases.get(session, claim.case_id)
    if case is not None and case.state == State.ENGAGED:
        cases.move(session, case, State.ENGAGED, Kind.RELEASED, actor=None, due_at=None, due=None)


def _end(session: Session, case: Case) -> None:
    if case.state not in LIVE:
        return
    claim = claims.live(session, case.id)
    if claim is not None:
        claims.settle(session, claim, seen=ClaimState(claim.state), to=ClaimState.RELEASED)
    to, kind = State.WITHDRAWN, Kind.WITHDRAWN
    if to not in MOVES[State(case.state)]:
        to, kind = State.CLOSED, Kind.CLOSED
    cases.move(session, case, to, kind, actor=None, due_at=None, due=None)
