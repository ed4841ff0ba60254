"""Forget me: everything sealed for one person loses its key, and her rows lose what says anything of her (PIPL 47).

What stays is what others need: that a case with this number was, who was asked when, and her lines in the ledger, in events
and in the access log, all under a random id that leads to nobody any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, text, update
from sqlmodel import Session, col, delete, select

from bot.community import (
    appeals,
    appointments,
    cases,
    claims,
    complaints,
    copying,
    flags,
    groups,
    mediations,
    messages,
    moving,
    pairs,
    people,
    proposals,
    queue,
    reports,
    restrictions,
    shifts,
    slips,
    staff,
    talents,
)
from bot.community.cards import Card
from bot.community.cases import LIVE, MOVES, Case, State
from bot.community.claims import Ask, AskState, Claim, ClaimState
from bot.community.events import Kind
from bot.community.messages import Message
from bot.community.people import GONE, NOBODY, Person
from bot.community.record import gate_of, now_of, vault_of
from bot.community.reports import Report
from bot.runtime import leaving
from bot.runtime.seals import Seals
from privacy.opening import Closed, Reason, Words
from privacy.vault import SealBroken

APART = ("phone", "door", "sensitive", "minor")  # each under a yes that can be taken back alone


class StillAwaited(Exception):
    """She has a case that lives, or one of somebody else's in hand: the others must hear of it first."""


def erase_done(session: Session, person: Person) -> list[Case]:
    """The words of what has ended go now, not in thirty days; answered complaints too. Returns the cases erased."""
    ended = [
        case
        for case in cases.of_person(session, person.id, State)
        if case.ended_at is not None and (case.story or case.phone or case.door or case.files)
    ]
    for case in ended:
        cases.erase(session, case)
    for complaint in complaints.of_person(session, person.id):
        if complaint.answered_at is not None:
            complaints.erase(session, complaint)
    return ended


def erase_person(session: Session, person_id: str) -> None:
    """Her keys and those of each of her cases, her words, cards, drafts and what waits to be sent to her.

    A flow ends what is under way before (parting), and says goodbye and empties the talk in hand after. Raises
    StillAwaited, and KeyError for somebody unknown; does nothing the second time.
    """
    person = people.get(session, person_id)
    if people.is_gone(person):
        return
    if cases.of_person(session, person_id) or claims.of_person(session, person_id):
        raise StillAwaited
    hers = cases.of_person(session, person_id, State)
    if people.has_chat(person):
        chat, seals = people.telegram_of(session, person), Seals(vault_of(session))
        guards = [f"open:{case.id}" for case in hers]
        leaving.forget(session, seals, chat, guards, now_of(session).timestamp())
    for kind in (copying.OWN, copying.DESK):
        copying.forget_key(session, person_id, kind)
    vault_of(session).forget(person_id)
    for case in hers:
        cases.erase(session, case)
    for complaint in complaints.of_person(session, person_id):
        complaints.erase(session, complaint)
    _clear(session, person)


def _clear(session: Session, person: Person) -> None:
    """Her rows, of which nobody can tell any more whose they were."""
    messages.forget(session, person.id)
    reports.forget_who(session, person.id)
    proposals.forget(session, person.id)
    appointments.forget(session, person.id)
    shifts.forget(session, person.id)
    talents.leave(session, person.id)
    staff.end(session, person.id)
    queue.forget(session, person.id)
    groups.forget(session, person.id)
    slips.forget(session, person.id)
    pairs.forget(session, person.id)
    moving.forget(session, person.id)
    mediations.erase(session, person.id)
    appeals.forget(session, person.id)
    flags.forget(session, person.id)
    restrictions.forget(session, person.id)
    session.execute(delete(Card).where(col(Card.person_id) == person.id))
    session.execute(
        update(Ask)
        .where(
            col(Ask.person_id) == person.id,
            col(Ask.state).in_([AskState.ASKED.value, AskState.BACKUP.value]),
        )
        .values(state=AskState.CLOSED.value, stands_by_since=None)
    )
    person.telegram_index, person.telegram_id = NOBODY, GONE
    people.update(
        session,
        person,
        name=None,
        phone=None,
        name_index=None,
        area=None,
        simple=False,
        reachable=False,
        quiet_since=now_of(session),
        seen_on=None,
        asked=None,
        stay_at=None,
    )
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
    apart = [col(getattr(Case, column)).is_not(None) for column in APART]
    for case in session.exec(select(Case).where(or_(*apart))):
        for column in APART:
            if not _opens(session, cases.words_of(case, column)):
                setattr(case, column, None)  # the yes they lay under was taken back since
                session.add(case)
    for message in session.exec(select(Message)):  # answered since, or hers who has left
        if not (_opens(session, messages.words_of(message)) and _opens(session, messages.files_of(message))):
            session.delete(message)
    for report in session.exec(select(Report)):
        if not _opens(session, reports.words_of(report)):
            session.delete(report)
    with_words = session.exec(select(Case).where(text("story IS NOT NULL"))).all()
    cases_gone = [case for case in with_words if not _readable(session, case)]
    for case in cases_gone:
        _end(session, case)
        cases.erase(session, case)
    return len(people_gone) + len(cases_gone)


def _everybody(session: Session) -> Sequence[Person]:
    return session.exec(select(Person).where(Person.telegram_index != NOBODY)).all()


def _reachable(session: Session, person: Person) -> bool:
    known = people.address_of(person) if people.has_chat(person) else people.name_of(person)
    return _opens(session, known)


def _readable(session: Session, case: Case) -> bool:
    return _opens(session, cases.story_of(case))


def _opens(session: Session, words: Words) -> bool:
    """Whether the key that sealed them is there. Tried as their owner, so it is nobody's reading."""
    try:
        gate_of(session).open(session, words, reader=words.owner, purpose="own")
    except SealBroken:  # a later key of the same name: the one that sealed them was erased
        return False
    except Closed as closed:
        return closed.reason is not Reason.GONE
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
