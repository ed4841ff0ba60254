"""What follows when a decision was wrong."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, claims, restrictions
from bot.community.appeals import Appeal
from bot.community.cases import Case
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.errors import OldButton


def overturn(session: Session, local: Local, appeal: Appeal, case: Case | None, member: Person) -> None:
    """The need is looked at anew, or what was withheld is free again. Raises OldButton where nothing is left to change."""
    if case is None:
        held = restrictions.get(session, appeal.restriction_id or "")
        if held is None:
            raise OldButton
        restrictions.end(session, held, actor=member.id)
        return
    if case.story is None:
        raise OldButton
    promise = local.promise(now_of(session), case.urgency)
    cases.take_up_again(session, case, promise, actor=member.id, code="appeal")
    claims.may_ask_again(session, case.id)
