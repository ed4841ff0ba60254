"""What a supervisor sees of a few needs: how they went, and nothing of what they were about, nor who."""

from __future__ import annotations

from bot.community import rules, staff
from bot.community.cases import Case
from bot.community.staff import Role
from bot.context import Context
from bot.errors import OldButton, Refusal
from bot.flow import Step, Tap
from bot.handlers.sample import service

LINES = 6  # the last so many steps on one card


def above(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.SUPERVISOR)


def drawn(context: Context, tap: Tap) -> bool:
    """One of the few, for who had no hand in it. Raises OldButton for any other, and for one that was looked at."""
    case = rules.supervised_case(context.session, context.person, tap.about)
    if case.id not in [one.id for one in _waiting(context)]:
        raise OldButton
    return True


def _waiting(context: Context) -> list[Case]:
    hers = staff.communities(context.session, context.me.id, Role.SUPERVISOR)
    found = [case for there in hers for case in service.drawn(context.session, context.local, there)]
    return [case for case in found if not service.is_looked_at(context.session, case) and _may(context, case)]


def _may(context: Context, case: Case) -> bool:
    try:
        rules.supervised_case(context.session, context.person, case.id)
    except Refusal:
        return False
    return True


async def list_(context: Context, tap: Tap) -> Step:
    kind = context.local.kind
    shown = [{"case": case, "kind": kind(case.skill)} for case in _waiting(context)]
    await context.say("sample.list", unseen=shown)
    return None


async def look(context: Context, tap: Tap) -> Step:
    case = rules.supervised_case(context.session, context.person, tap.about)
    way = service.way(context.session, case)
    went = [{"at": one.at, "what": one.kind} for one in way[-LINES:]]
    kind, more = context.local.kind(case.skill), max(0, len(way) - LINES)
    await context.say("sample.one", about=case, kind=kind, went=went, more=more)
    return None


async def judge(context: Context, tap: Tap) -> Step:
    """Fine, or a reason; where it was not, those who look at needs hear the number and the reason."""
    if tap.choice not in (service.FINE, *service.WRONG):
        raise OldButton
    case = rules.supervised_case(context.session, context.person, tap.about)
    service.judge(context.session, case, tap.choice, context.me.id)
    if tap.choice != service.FINE:
        for member in rules.staff_for(context.session, case):
            await context.tell(member, "sample.wrong", about=case, aside=True, why=tap.choice)
    return await list_(context, tap)
