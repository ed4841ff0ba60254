"""How a mediation comes out: what is to stand on paper, the joint confirmation, and how it went, asked of each side apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.community.mediations import (
    INVITED,
    WARNING,
    Mediation,
    NotBothAgreed,
    a_side,
    both_agree,
    move,
    rewrite,
    seal,
    side_of,
)
from bot.community.record import now_of
from bot.community.stages import AGREED, CLOCK, MEDIATOR, A, State, Who
from bot.data import Local
from bot.errors import OldButton
from privacy import consent

FOLLOW_UP = "follow_up"  # the purpose: the mediator hears whether it is kept
KEPT = "kept"  # how it went, where all of it is kept


def draft(session: Session, one: Mediation, person_id: str, words: str) -> None:
    """What is to stand on paper; it counts for nothing before it is signed there. Raises OldButton, NotBothAgreed."""
    if one.mediator_id != person_id or one.state != State.ACCEPTED:
        raise OldButton
    if not both_agree(session, one):
        raise NotBothAgreed
    sealed = seal(session, one, MEDIATOR, "mediation", "agreement", one.id, words)
    rewrite(session, one, agreement=sealed)


def conclude(
    session: Session, one: Mediation, person_id: str, outcome: State, *, follow_at: datetime | None
) -> None:
    """The mediator says how it came out, and when both are asked how it went. Raises OldButton."""
    if one.mediator_id != person_id or outcome not in (*AGREED, State.NOT_AGREED):
        raise OldButton
    values: dict[str, Any] = {}
    if outcome in AGREED:
        if follow_at is None or follow_at <= now_of(session):
            raise OldButton
        values = {"follow_at": follow_at, "effect_at": now_of(session), "due_at": follow_at, "due": "follow"}
    move(session, one, outcome, MEDIATOR, **values)


def ask_court(session: Session, local: Local, one: Mediation, person_id: str) -> bool:
    """She wishes to be reminded of the joint confirmation. Returns whether both do.

    Raises OldButton without a committee, and when the time for it is over.
    """
    side = a_side(one, person_id)
    if not local.mediation.committee or one.state != State.AGREED_WRITTEN or one.effect_at is None:
        raise OldButton
    if court_until(local, one) <= now_of(session):
        raise OldButton
    rewrite(session, one, **{f"court_{side.value}": True})
    at = court_until(local, one) - WARNING
    if court_awaited(one) and (one.due == "close" or (one.due_at is not None and at < one.due_at)):
        rewrite(session, one, due_at=at, due="court_last" if one.due == "close" else "court")
    return one.court_a and one.court_b


def court_awaited(one: Mediation) -> bool:
    """Whether both asked to be reminded, and have yet to be."""
    return one.court_a and one.court_b and not one.court_told


def court_until(local: Local, one: Mediation) -> datetime:
    """The last moment of a joint application: counted from the effect of the agreement, not from the session."""
    assert one.effect_at is not None  # noqa: S101  the callers have looked
    return one.effect_at + timedelta(days=local.mediation.court_days)


def court_reminded(session: Session, one: Mediation) -> None:
    """Next they are asked how it went; where they were before, it waits for who has not said, or is over."""
    assert one.follow_at is not None  # noqa: S101  set with the outcome
    last = one.due == "court_last"
    at, due = (one.follow_at + INVITED, "close") if last else (one.follow_at, "follow")
    rewrite(session, one, court_told=True, due_at=at, due=due)
    if one.followed_a is not None and one.followed_b is not None:
        move(session, one, State.FOLLOWED, CLOCK)


def follow_asked(session: Session, local: Local, one: Mediation) -> None:
    """Both are asked how it went: it is over when both have said, or after a while; who is to be reminded, is before."""
    if court_awaited(one):
        rewrite(session, one, due_at=court_until(local, one) - WARNING, due="court_last")
    else:
        rewrite(session, one, due_at=now_of(session) + INVITED, due="close")


def follow(session: Session, one: Mediation, person_id: str, said: str) -> bool:
    """How it went, by one side, which the other is not told. Returns whether both have said. Raises OldButton."""
    side = a_side(one, person_id)
    if one.state not in AGREED or follow_of(session, one, side) != "asked":
        raise OldButton
    rewrite(session, one, **{f"followed_{side.value}": said})
    if one.followed_a is None or one.followed_b is None:
        return False
    if not court_awaited(one):
        move(session, one, State.FOLLOWED, side)
    return True


def follow_of(session: Session, one: Mediation, side: Who) -> str:
    """How it stands with one side's word on how it went: "said", "asked", or "" while that is to come."""
    if getattr(one, f"followed_{side.value}") is not None:
        return "said"
    return "asked" if one.follow_at is not None and one.follow_at <= now_of(session) else ""


def may_let_know(session: Session, one: Mediation, person_id: str) -> bool:
    """Whether she has said how it went, there is a mediator to hear it, and she has not let her know before."""
    side, at = side_of(one, person_id), now_of(session)
    said = side is not None and getattr(one, f"followed_{side.value}") is not None
    before = consent.standing(session, person_id=person_id, purpose=FOLLOW_UP, scope=one.id, at=at)
    return said and one.mediator_id is not None and before is None


def let_know(session: Session, one: Mediation, person_id: str, language: str) -> bool:
    """Her yes, used up at once: the mediator hears for her alone whether it is kept. Returns that. Raises OldButton."""
    if not may_let_know(session, one, person_id):
        raise OldButton
    at, kept = now_of(session), one.followed_a if side_of(one, person_id) is A else one.followed_b
    consent.record(
        session,
        person_id=person_id,
        purpose=FOLLOW_UP,
        scope=one.id,
        given=True,
        at=at,
        language=language,
    )
    consent.end(session, person_id=person_id, purpose=FOLLOW_UP, scope=one.id, at=at)
    return kept == KEPT
