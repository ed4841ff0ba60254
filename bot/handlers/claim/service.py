"""Asking around, holding, the asker's yes, engaging, standing by."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.community import asking, cases, claims, disclosure, events, openings, restrictions, talents
from bot.community.asking import Dry, Wave, Why
from bot.community.cases import Case, State
from bot.community.claims import Ask, AskState, Claim, ClaimState, Step
from bot.community.duties import How
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.community.restrictions import May
from bot.data import Local
from bot.errors import (
    AlreadyTaken,
    ArrangedOtherwise,
    HandsFull,
    HeldByAnother,
    LeftPool,
    NoLongerOpen,
    OldButton,
    TimeOver,
    Unseen,
)
from bot.matching import explain
from bot.matching.eligibility import Reason
from bot.understanding import times

REMINDERS = 2  # she is asked for another time this often, a day apart
REMIND_AFTER = timedelta(days=1)
NEAR = timedelta(minutes=10)  # the resident hears that nobody came before the promise lapses, not after
YES_WITHIN = timedelta(hours=2)  # the asker's yes, or a quarter of the time there is if that is less
YES_WITHIN_URGENT = timedelta(minutes=15)
HELPER_ASKED_AFTER = timedelta(hours=3)  # after the agreed time the helper is asked how it went


REFUSED = {
    Reason.CREDENTIAL: Unseen,
    Reason.APART: ArrangedOtherwise,
}  # much may have changed since she was asked


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
    """First tap. Raises LeftPool for who has left, HeldByAnother, AlreadyTaken, HandsFull, NoLongerOpen when the need is gone,
    TimeOver when its time is, Unseen and ArrangedOtherwise for what has changed since she was asked.
    """
    volunteer = talents.get(session, person.id)
    if volunteer is None:
        raise LeftPool
    restrictions.check(session, person.id, May.CLAIM)
    claim = claims.live(session, case.id)
    if claim is not None and claim.person_id != person.id:
        raise AlreadyTaken if claim.state == ClaimState.CONFIRMED else HeldByAnother
    if case.state not in cases.LOOKING:
        raise NoLongerOpen
    if cases.is_over(session, case):
        raise TimeOver
    unsuited = openings.unsuited_to(session, local, volunteer, case)
    if unsuited in REFUSED:
        raise REFUSED[unsuited]
    claim = claims.hold(session, case_id=case.id, person_id=person.id, max_open=volunteer.max_open)
    asking.said_yes(session, local, case, person.id)
    ask = claims.ask_of(session, case.id, person.id)
    if ask is not None and ask.state == AskState.BACKUP:
        claims.no_longer(session, ask, AskState.ASKED)
    events.note(session, case.id, Kind.HELD, actor=person.id)
    return claim


def confirm(session: Session, local: Local, case: Case, claim: Claim) -> bool:
    """Second tap. Returns whether the two are brought together by it; else the asker's yes is awaited, from the morning on if
    she sleeps.

    Raises OldButton when the hold is over, TimeOver when the time of the need is.
    """
    now = now_of(session)
    if cases.is_over(session, case):
        raise TimeOver
    if claim.held_until <= now or claim.state != ClaimState.HELD:
        raise OldButton
    if not local.asks_for_yes(case.skill):
        return True
    awake = cases.waking(local, case, now)
    until, step = (awake, None) if awake > now else (_yes_until(session, local, case), Step.ASKER)
    until = _at_last(session, local, case, until)
    if not claims.settle(
        session, claim, seen=ClaimState.HELD, to=ClaimState.PROPOSED, held_until=until, step=step
    ):
        raise OldButton
    events.note(session, case.id, Kind.PROPOSED, actor=claim.person_id)
    _look_again(session, local, case, until)
    return False


def _yes_until(session: Session, local: Local, case: Case) -> datetime:
    hours = local.level(case.urgency).hours
    within = YES_WITHIN_URGENT if case.urgency == "U1" else min(YES_WITHIN, timedelta(hours=hours / 4))
    return cases.waking(local, case, now_of(session) + within)


def _at_last(session: Session, local: Local, case: Case, at: datetime) -> datetime:
    """At this moment, or when the time of the need is over: then the two must hear that nothing comes of it."""
    over = times.over_at(case.when_from, case.when_until)
    return min(at, cases.waking(local, case, over)) if over is not None and over > now_of(session) else at


def next_step(session: Session, local: Local, case: Case, claim: Claim) -> Step | None:
    """What is to be said now about an offer that waits: the asker is asked, later staff, these again every morning.

    None at night.
    """
    now = now_of(session)
    awake = cases.waking(local, case, now)
    if awake > now:
        claims.said(session, claim, claim.step, until=_at_last(session, local, case, awake))
        return None
    if claim.step is None:
        until = _at_last(session, local, case, _yes_until(session, local, case))
        claims.said(session, claim, Step.ASKER, until=until)
        return Step.ASKER
    claims.said(session, claim, Step.STAFF, until=_at_last(session, local, case, local.morning_after(now)))
    return Step.STAFF


def refuse(session: Session, case: Case, claim: Claim, *, actor: str) -> None:
    """The asker, or staff for her, would rather have somebody else: no reason, no trace on the volunteer but that she is not
    asked about this again. Raises OldButton when it is no offer any more.
    """
    if not claims.settle(session, claim, seen=ClaimState.PROPOSED, to=ClaimState.RELEASED):
        raise OldButton
    events.note(session, case.id, Kind.RELEASED, actor=actor)
    ask = claims.ask_of(session, case.id, claim.person_id)
    if ask is not None:
        claims.no_longer(session, ask, AskState.DECLINED)
    cases.free_again(session, case.id)


def _how(ask: Ask | None) -> How:
    """She found it herself, staff thought of her, or she was asked by the rules of asking."""
    why = explain.read(ask.why) if ask is not None else {}
    return How.CLAIMED if "self" in why else How.ASSIGNED if "staff" in why else How.MATCHED


def engage(session: Session, local: Local, case: Case, claim: Claim, *, actor: str) -> None:
    """The two are brought together (派). Raises OldButton when the claim has become something else, TimeOver when it is late."""
    now = now_of(session)
    ask = claims.ask_of(session, case.id, claim.person_id)
    if cases.is_over(session, case):
        raise TimeOver
    if not claims.settle(
        session,
        claim,
        seen=ClaimState(claim.state),
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
        actor=actor,
        code=_how(ask),
        due_at=cases.waking(local, case, max(case.when_until or now, now) + HELPER_ASKED_AFTER),
        due="helper",
        reminders=0,
    )
    if ask is not None:
        claims.no_longer(session, ask, AskState.CLAIMED)
    if case.door is not None or case.phone is not None:
        events.note(session, case.id, Kind.DISCLOSED, actor=claim.person_id)


def call_backup(session: Session, local: Local, case: Case) -> Claim | None:
    """It is free again: whoever stands by first has it held for her. None at night, or when nobody stands by who can now."""
    if cases.waking(local, case, now_of(session)) > now_of(session):
        return None
    for ask in claims.backups(session, case.id):
        volunteer = talents.get(session, ask.person_id)
        if volunteer is None or asking.rests(session, local, volunteer, case):
            continue
        if openings.unsuited_to(session, local, volunteer, case) in REFUSED:
            continue
        try:
            claim = claims.hold(
                session, case_id=case.id, person_id=ask.person_id, max_open=volunteer.max_open
            )
        except HandsFull:
            continue
        claims.no_longer(session, ask, AskState.ASKED)
        events.note(session, case.id, Kind.HELD, actor=ask.person_id, code="backup")
        wait(session, local, case, claim)
        return claim
    return None


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
    # Pressed twice it asks nobody twice, and who only looked by herself leaves no place to another.
    answers = ask.state == AskState.ASKED and "self" not in explain.read(ask.why)
    claims.no_longer(session, ask, AskState.DECLINED)
    if (
        not answers
        or case.state not in cases.LOOKING
        or claims.live(session, case.id)
        or cases.is_over(session, case)
    ):
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
