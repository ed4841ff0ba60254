"""A gap becomes a need, and who claims the need has the shift."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, claims, parting, proposals, shifts
from bot.community.cases import Case, Contact, State
from bot.community.claims import AskState, Claim
from bot.community.events import Kind
from bot.community.parting import Tiding
from bot.community.people import Person
from bot.community.posts import Post
from bot.community.proposals import ShiftNeed
from bot.community.record import now_of
from bot.community.shifts import Shift
from bot.data import Local


def ask_all(
    session: Session, local: Local, post: Post, shift: Shift, member: Person, story: str, *, actor: str | None
) -> Case:
    """A need in the name of a member of staff: it goes out at once (采接). `actor`: who looked at it; None: its time has come."""
    now, urgency = now_of(session), local.kind(post.kind).urgency
    case = cases.submit(
        session,
        person_id=member.id,
        skill=post.kind,
        area=None,
        urgency=urgency,
        when=(shift.starts_at, shift.ends_at),
        story=story,
        contact=Contact(None, None),
        files=None,
        promised_at=local.promise(now, urgency),
    )
    cases.move(session, case, State.OPEN, Kind.ACCEPTED, actor=actor, due_at=now, due="wave", reminders=0)
    proposals.opened(session, shift.id, case)
    return case


def join(session: Session, local: Local, shift: Shift, need: ShiftNeed, person_id: str) -> None:
    """Who claimed the need has the place; another gap of the shift is looked at. Raises PlacesTaken as shifts.take does."""
    shifts.take(session, local, shift, person_id)
    proposals.came_by(session, need, person_id)
    proposals.filled(session, shift.id)
    if shifts.free(session, shift):
        shifts.tend_now(session, shift)


def turn_away(session: Session, local: Local, case: Case, claim: Claim) -> None:
    """What staff must have seen for this post is not seen: others are asked, and she is not asked about it again."""
    parting.release(session, local, case, claim, actor=None, reason="unseen")
    ask = claims.ask_of(session, case.id, claim.person_id)
    if ask is not None:
        claims.no_longer(session, ask, AskState.DECLINED)


def give_back(session: Session, need: ShiftNeed, shift: Shift) -> None:
    """She has given the need back, and so the place, unless she is there already; others are asked about the need."""
    place = shifts.place_of(session, shift.id, need.taken_by or "")
    if place is not None and place.state in shifts.COMING and shifts.is_on(session, shift):
        shifts.decline(session, shift, place)
    proposals.came_by(session, need, None)


def no_longer_needed(session: Session, case: Case) -> list[Tiding]:
    """Somebody else comes, or the shift does not take place."""
    return parting.withdraw(session, case, actor=None, reason="filled")
