"""A gap becomes a need, and who claims the need has the shift."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, parting, posts, proposals, shifts
from bot.community.cases import Case, Contact, State
from bot.community.events import Kind
from bot.community.parting import Tiding
from bot.community.people import Person
from bot.community.posts import Post
from bot.community.proposals import ShiftGap
from bot.community.record import now_of
from bot.community.shifts import Shift
from bot.data import Local


def is_asking(session: Session, gap: ShiftGap) -> bool:
    """Whether a need was made of it that is still looking, or was claimed and the place taken."""
    case = cases.get(session, gap.case_id) if gap.case_id is not None else None
    return case is not None and case.state in cases.LOOKING


def ask_all(session: Session, local: Local, post: Post, shift: Shift, member: Person, story: str) -> Case:
    """A need in the name of the member of staff, who has looked at it by asking: it goes out at once (采接)."""
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
    cases.move(session, case, State.OPEN, Kind.ACCEPTED, actor=member.id, due_at=now, due="wave", reminders=0)
    proposals.opened(session, shift.id, case)
    return case


def join(session: Session, local: Local, post: Post, shift: Shift, person_id: str) -> bool:
    """Who claimed the need has the place. False where it is gone, or staff have not seen what it needs."""
    if posts.lacking(session, local, post, person_id) or not shifts.free(session, shift):
        return False
    shifts.take(session, local, shift, person_id)
    return True


def give_back(session: Session, gap: ShiftGap, shift: Shift) -> None:
    """She has given the need back, and so the place; others are asked about the need already."""
    place = shifts.place_of(session, shift.id, gap.taken_by or "")
    if place is not None and place.seat is not None and shifts.is_on(session, shift):
        shifts.decline(session, shift, place)
    gap.taken_by = None
    session.add(gap)
    session.flush()


def no_longer_needed(session: Session, case: Case) -> list[Tiding]:
    """Somebody else comes, or the shift does not take place."""
    return parting.withdraw(session, case, actor=None, reason="filled")
