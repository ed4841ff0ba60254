"""How a case ends: its state, whoever was on it, and what she was shown, all at once."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, claims, disclosure
from bot.community.cases import Case, State
from bot.community.claims import Claim, ClaimState
from bot.community.events import Kind


def close(
    session: Session, case: Case, kind: Kind, *, actor: str | None, code: str | None = None
) -> Claim | None:
    """The end: what was shown is withdrawn (督). Returns the claim that was live, for its helper must hear of it."""
    claim = claims.live(session, case.id)
    cases.move(session, case, State.CLOSED, kind, actor=actor, code=code, due_at=None, due=None)
    disclosure.end(session, case)
    if claim is not None:
        seen = ClaimState(claim.state)
        to = ClaimState.DONE if seen is ClaimState.CONFIRMED else ClaimState.RELEASED
        claims.settle(session, claim, seen=seen, to=to)
    return claim
