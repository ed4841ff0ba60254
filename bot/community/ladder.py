"""The time there is to find somebody, and who hears of it: at half of it, three quarters and its end, until a human has answered.

A need in which volunteers are looked for always has its next mark (`Case.mark_at`), so that none ends in silence.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.community import cases
from bot.community.cases import Case
from bot.community.record import now_of
from bot.community.staff import Role
from bot.data import Local

SHARES = (0.5, 0.75, 1.0)  # of the hours of its level (urgency.toml)
FULL = len(SHARES)
OF_OLD_AGE = "elder"  # the category of help for old people


def is_pressing(local: Local, case: Case) -> bool:
    """Whether its marks come in half the time: something was told that needed a yes of its own, or it is for an old person."""
    kind = local.kind(case.skill)
    return case.sensitive is not None or OF_OLD_AGE in (kind.code, kind.category)


def mark_of(local: Local, case: Case, mark: int) -> datetime:
    """When this mark (1 to 3) is reached. Days on which no staff are there do not count, but for what is urgent."""
    hours = local.level(case.urgency).hours * (0.5 if is_pressing(local, case) else 1)
    since, there_is = case.let_out_at or case.received_at, timedelta(hours=hours * SHARES[mark - 1])
    return since + there_is if case.urgency == "U1" else local.calendar.days_open(since, there_is)


def role_of(local: Local, mark: int) -> Role:
    """Who is told at this mark."""
    named = local.escalation
    return Role((named.half, named.three_quarters, named.full)[mark - 1])


def reach(session: Session, local: Local, case: Case) -> int | None:
    """The mark that must be told now, if there is one; of several that passed unseen, the last. The next one is set.

    At night it waits, but for what is urgent; the last one is told again every morning.
    """
    now = now_of(session)
    awake = cases.waking(local, case, now)
    if awake > now:
        wait(session, case, awake)
        return None
    passed = sum(mark_of(local, case, mark) <= now for mark in range(1, FULL + 1))
    told = passed if passed > case.mark or passed == FULL else None
    case.mark = max(case.mark, passed)
    following = local.morning_after(now) if case.mark == FULL else mark_of(local, case, case.mark + 1)
    wait(session, case, cases.waking(local, case, following))
    return told


def wait(session: Session, case: Case, until: datetime) -> None:
    """Look again then: at night, and while somebody is making up her mind."""
    case.mark_at = until
    session.add(case)
    session.flush()
