"""What becomes of a need that is not let out as it stands."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.community import cases, claims, disclosure, events, parting, people
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.community.parting import How, Tiding
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.data.local import Reason

REMIND_AFTER = timedelta(days=1)


def decide(session: Session, local: Local, case: Case, member: Person, reason: Reason) -> None:
    """Raises OldButton when it has moved meanwhile."""
    {"hold": _hold, "keep": _keep, "decline": _decline}[reason.effect](
        session, local, case, member, reason.code
    )


def _hold(session: Session, local: Local, case: Case, member: Person, code: str) -> None:
    """She changes it; the promise rests until she has."""
    cases.move(
        session,
        case,
        State.ASKED_BACK,
        Kind.ASKED_BACK,
        actor=member.id,
        code=code,
        reason=code,
        due_at=cases.waking(local, case, now_of(session) + REMIND_AFTER),
        due="answer",
        reminders=0,
    )


def _keep(session: Session, local: Local, case: Case, member: Person, code: str) -> None:
    """Staff see to it themselves: nobody else is asked, and it waits before them until they have, or she says so."""
    now = now_of(session)
    events.note(session, case.id, Kind.KEPT, actor=member.id, code=code)
    cases.move(
        session,
        case,
        State.HANDLED,
        Kind.HANDLED,
        actor=member.id,
        code="self",
        reason=code,
        handled_at=now,
        due_at=None,
        due=cases.KEPT,
        reminders=0,
    )


def _decline(session: Session, local: Local, case: Case, member: Person, code: str) -> None:
    """It ends; the reason is a code whose sentence she was told (R20)."""
    cases.move(
        session, case, State.DECLINED, Kind.DECLINED, actor=member.id, code=code, reason=code, due_at=None
    )
    disclosure.end(session, case)


def hide(session: Session, local: Local, case: Case, member: Person, reason: Reason) -> list[Tiding]:
    """Back to staff. Whoever was asked may be asked again, once it is let out anew."""
    asked = [ask.person_id for ask in claims.asks_of(session, case.id)]
    claim = claims.live(session, case.id)
    promise = cases.promise(session, local, case)
    cases.move(
        session,
        case,
        State.RECEIVED,
        Kind.HIDDEN,
        actor=member.id,
        code=reason.code,
        promised_at=promise,
        due_at=promise - cases.LEAD,
        due="review",
        reminders=0,
    )
    if claim is not None:
        claims.release(session, claim)
    claims.free_backups(session, case.id)
    claims.may_ask_again(session, case.id)
    tidings = [Tiding(one, How.REDRAW, "claim.set_aside", case) for one in people.those(session, asked)]
    return tidings + parting.to_staff(session, case, but=member.id)
