"""Asking around, holding, engaging, handing back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.community import asking, cases, claims, disclosure, events, talents
from bot.community.asking import Dry, Wave, Why
from bot.community.cases import Case, State
from bot.community.claims import Ask, AskState, Claim, ClaimState
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.errors import AlreadyTaken, HeldByAnother, LeftPool, NoLongerOpen, OldButton, TimeOver
from bot.understanding import times

REMINDERS = 2  # she is asked for another time this often, a day apart
REMIND_AFTER = timedelta(days=1)
NEAR = timedelta(minutes=10)  # the resident hears that nobody came before the promise lapses, not after
HELPER_ASKED_AFTER = timedelta(hours=3)  # after the agreed time the helper is asked how it went


def next_wave(session: Session, local: Local, case: Case) -> Wave:
    """Note the next few volunteers as asked, and when to look again. Nobody in quiet hours, unless it is urgent."""
    now = now_of(session)
    awake = cases.waking(local, case, now)
    if awake > now:
        _look_again(session, local, case, awake)
        return Wave([])
    wave = asking.next_wave(session, local, case)
    if wave.asks:
        events.note(session, case.id, Kind.VOLUNTEERS_ASKED)
    _look_again(session, local, case, _next_round(session, local, case))
    return wave


def alarm(session: Session, case: Case, dry: Dry) -> bool:
    """Whether staff must hear of a dry pool: once of few, once of nobody left, for the case as it stands."""
    code = f"{'few' if dry.why is Why.FEW else 'dry'}-v{case.version}"
    if events.happened(session, case.id, Kind.DRY, code=code):
        return False
    events.note(session, case.id, Kind.DRY, code=code)
    return True


def _next_round(session: Session, local: Local, case: Case) -> datetime:
    now = now_of(session)
    return local.morning_after(now) if case.state == State.NOBODY else now + asking.gap(session, case)


def _look_again(session: Session, local: Local, case: Case, at: datetime) -> None:
    """At this moment, or sooner: before the promise lapses, or when the time she wished for is over."""
    now = now_of(session)
    promise = case.promised_at - NEAR
    moments = [at, promise] if promise > now else [at]
    over = times.over_at(case.when_from, case.when_until)
    if over is not None and over > now:
        moments.append(cases.waking(local, case, over))
    case.due_at = min(moments)
    session.add(case)
    session.flush()


def wait(session: Session, local: Local, case: Case, claim: Claim) -> bool:
    """Somebody is making up her mind. Returns whether the promise would lapse meanwhile: it is made anew, to be told."""
    lapses = promise_near(session, case)
    if lapses:
        case.promised_at = claim.held_until + 2 * NEAR
    _look_again(session, local, case, now_of(session) + claims.HOLD)
    return lapses


def promise_near(session: Session, case: Case) -> bool:
    """Whether she must hear now how it stands; where nobody was found she has heard."""
    return case.state == State.OPEN and case.promised_at - NEAR <= now_of(session)


def time_over(session: Session, local: Local, case: Case) -> bool:
    """Nobody is asked to come yesterday: she is asked for another time, and once more a day later.

    Returns whether to ask her now.
    """
    now = now_of(session)
    awake = cases.waking(local, case, now)
    if awake == now and case.state == State.OPEN:
        cases.move(session, case, State.NOBODY, Kind.NOBODY, actor=None, code="time_over", reminders=0)
    asks = awake == now and case.reminders < REMINDERS
    if asks:
        case.reminders += 1
        awake = cases.waking(local, case, now + REMIND_AFTER)
    case.due_at, case.due = (awake, "wave") if asks or awake > now else (None, None)
    session.add(case)
    session.flush()
    return asks


def nobody(session: Session, local: Local, case: Case) -> None:
    """Nobody has taken it by the promised time; she is told, and the asking goes on every morning."""
    cases.move(session, case, State.NOBODY, Kind.NOBODY, actor=None, reminders=0)
    _look_again(session, local, case, _next_round(session, local, case))


def escalate(session: Session, case: Case, person: Person) -> bool:
    """She wants staff to look for somebody. Returns whether they must be told: once a day for the case as it stands."""
    version, day_ago = f"v{case.version}", now_of(session) - timedelta(days=1)
    if events.happened(session, case.id, Kind.ESCALATED, code=version, since=day_ago):
        return False
    events.note(session, case.id, Kind.ESCALATED, actor=person.id, code=version)
    return True


def hold(session: Session, local: Local, case: Case, person: Person) -> Claim:
    """First tap. Raises LeftPool for who has left, HeldByAnother, AlreadyTaken, NoLongerOpen when the need is gone,
    TimeOver when its time is.
    """
    if talents.get(session, person.id) is None:
        raise LeftPool
    claim = claims.live(session, case.id)
    if claim is not None and claim.person_id != person.id:
        raise HeldByAnother if claim.state == ClaimState.HELD else AlreadyTaken
    if case.state not in (State.OPEN, State.NOBODY):
        raise NoLongerOpen
    if cases.is_over(session, case):
        raise TimeOver
    claim = claims.hold(session, case_id=case.id, person_id=person.id)
    asking.said_yes(session, local, case, person.id)
    events.note(session, case.id, Kind.HELD, actor=person.id)
    return claim


def engage(session: Session, local: Local, case: Case, claim: Claim, person: Person) -> None:
    """Second tap: the two are brought together (派). Raises OldButton when the hold is over, TimeOver when the time is."""
    now = now_of(session)
    if cases.is_over(session, case):
        raise TimeOver
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
        due_at=cases.waking(local, case, max(case.when_until or now, now) + HELPER_ASKED_AFTER),
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


def decline(session: Session, local: Local, case: Case, ask: Ask) -> list[Ask]:
    """Not this time: no reason, no trace on the person; one other is asked at once. Returns whom.

    When everybody who was asked has said no, and nobody else may be asked now, it is looked at anew without waiting.
    """
    ask.state = AskState.DECLINED
    session.add(ask)
    session.flush()
    if case.state not in cases.LOOKING or claims.live(session, case.id) or cases.is_over(session, case):
        return []
    others = asking.replace_one(session, local, case)
    if case.state == State.OPEN and all(
        one.state == AskState.DECLINED for one in claims.asks_of(session, case.id)
    ):
        case.due_at, case.due = now_of(session), "wave"
        session.add(case)
    return others


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
