"""Asking around, holding, engaging, handing back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.community import cases, claims, disclosure, events, talents
from bot.community.cases import Case, State
from bot.community.claims import Ask, AskState, Claim, ClaimState
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.errors import AlreadyTaken, HeldByAnother, NoLongerOpen, OldButton
from bot.matching import eligibility
from privacy import consent

WAVE = 6
WAVE_WAIT = timedelta(hours=2)
NEAR = timedelta(minutes=10)  # the resident hears that nobody came before the promise lapses, not after
HELPER_ASKED_AFTER = timedelta(hours=3)  # after the agreed time the helper is asked how it went


def next_wave(session: Session, local: Local, case: Case) -> list[Ask]:
    """Note the next few volunteers as asked, and when to look again. Empty in quiet hours and when nobody is left."""
    now = now_of(session)
    awake = local.awake(now)
    if awake > now and case.urgency != "U1":
        _look_again(session, case, awake)
        return []
    wave = max((ask.wave for ask in claims.asks_of(session, case.id)), default=0) + 1
    chosen = eligibility.choose(
        [
            candidate
            for candidate in talents.candidates(session, kind=case.skill, case_id=case.id)
            if consent.is_live(session, person_id=candidate.person_id, purpose="pool")
        ],
        asker_id=case.person_id,
        case_id=case.id,
        area=case.area,
        near_areas=local.near,
        size=WAVE,
    )
    asks = [
        claims.ask(session, case_id=case.id, person_id=one.person_id, wave=wave, near=one.near)
        for one in chosen
    ]
    if asks:
        events.note(session, case.id, Kind.VOLUNTEERS_ASKED)
    _look_again(session, case, now + WAVE_WAIT)
    return asks


def _look_again(session: Session, case: Case, at: datetime) -> None:
    promise = case.promised_at - NEAR
    case.due_at = min(at, promise) if promise > now_of(session) else at
    session.add(case)
    session.flush()


def promise_near(session: Session, case: Case) -> bool:
    return case.promised_at - NEAR <= now_of(session)


def nobody(session: Session, case: Case) -> None:
    """Nobody has taken it by the promised time; the asking goes on, but she is told."""
    cases.move(session, case, State.NOBODY, Kind.NOBODY, actor=None, due_at=None, due=None)


def hold(session: Session, case: Case, person: Person) -> Claim:
    """First tap. Raises HeldByAnother, AlreadyTaken, or NoLongerOpen when the need is gone."""
    claim = claims.live(session, case.id)
    if claim is not None and claim.person_id != person.id:
        raise HeldByAnother if claim.state == ClaimState.HELD else AlreadyTaken
    if case.state not in (State.OPEN, State.NOBODY):
        raise NoLongerOpen
    claim = claims.hold(session, case_id=case.id, person_id=person.id)
    events.note(session, case.id, Kind.HELD, actor=person.id)
    return claim


def engage(session: Session, case: Case, claim: Claim, person: Person) -> None:
    """Second tap: the two are brought together (派). Raises OldButton when the hold is over."""
    now = now_of(session)
    if claim.held_until <= now or not claims.settle(
        session,
        claim,
        seen=ClaimState.HELD,
        to=ClaimState.CONFIRMED,
        confirmed_at=now,
        code_word=secrets.randbelow(1 << 15),
    ):
        raise OldButton
    cases.move(
        session,
        case,
        State.ENGAGED,
        Kind.ENGAGED,
        actor=person.id,
        code="matched",
        due_at=max(case.when_until or now, now) + HELPER_ASKED_AFTER,
        due="helper",
        reminders=0,
    )
    ask = claims.ask_of(session, case.id, person.id)
    if ask is not None:
        ask.state = AskState.CLAIMED
        session.add(ask)
    if case.door is not None or case.phone is not None:
        events.note(session, case.id, Kind.DISCLOSED, actor=person.id)


def give_door(session: Session, case: Case, claim: Claim, person: Person, door: str) -> None:
    """The asker gives the door after all, for this case and who is on it. Raises OldButton when the two are apart again."""
    if case.state != State.ENGAGED:
        raise OldButton
    sealed = cases.seal(session, case.id, "door", door)
    cases.move(session, case, State.ENGAGED, Kind.DISCLOSED, actor=claim.person_id, door=sealed)
    disclosure.agree(session, case, person.language)


def decline(session: Session, ask: Ask) -> bool:
    """Not this time: no reason, no trace on the person. Returns whether everybody asked has now said no."""
    ask.state = AskState.DECLINED
    session.add(ask)
    session.flush()
    return all(other.state == AskState.DECLINED for other in claims.asks_of(session, ask.case_id))


def hurry(session: Session, case: Case) -> None:
    """Look for others now rather than at the next round."""
    if case.state == State.OPEN:
        case.due_at, case.due = now_of(session), "wave"
        session.add(case)


def release(session: Session, local: Local, case: Case, claim: Claim, actor: Person, reason: str) -> None:
    """Handed back: open again at once, with a new promise; why is never shown to the other side (R4)."""
    if not claims.settle(session, claim, seen=ClaimState.CONFIRMED, to=ClaimState.RELEASED):
        raise OldButton
    now = now_of(session)
    cases.move(
        session,
        case,
        State.OPEN,
        Kind.RELEASED,
        actor=actor.id,
        code=reason,
        due_at=now,
        due="wave",
        promised_at=max(case.promised_at, local.promise(now, case.urgency)),
    )
    for ask in claims.asks_of(session, case.id):
        if ask.person_id != claim.person_id and ask.state == AskState.CLOSED:
            ask.state = AskState.AGAIN
            session.add(ask)


def close_asks(session: Session, case: Case, but: str) -> list[Ask]:
    """Everybody else who was asked need not answer any more."""
    open_asks = [
        ask
        for ask in claims.asks_of(session, case.id)
        if ask.person_id != but and ask.state == AskState.ASKED
    ]
    for ask in open_asks:
        ask.state = AskState.CLOSED
        session.add(ask)
    session.flush()
    return open_asks
