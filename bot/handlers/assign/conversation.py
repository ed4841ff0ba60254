"""What staff are asked, and read: whom they think of, and that she was asked. Why somebody cannot be asked is told to nobody."""

from __future__ import annotations

from bot.community import people, rules, views
from bot.community.cases import Case
from bot.context import Context
from bot.errors import OldButton
from bot.flow import DONE, Heard, Step, Tap
from bot.handlers.assign import service


def may_ask(context: Context, tap: Tap) -> bool:
    _sought(context, tap.about, tap.version)
    return True


def _sought(context: Context, case_id: str, version: int) -> Case:
    """A case volunteers are asked about. Raises OldButton for any other."""
    case = rules.sought_case(context.session, context.person, case_id, version)
    if rules.by_staff(context.local, case):
        raise OldButton
    return case


async def begin(context: Context, tap: Tap) -> Step:
    context.begin("assign", case=tap.about, version=tap.version)
    return "assign.who"


async def ask_who(context: Context) -> None:
    await context.say("assign.who")


async def hear_who(context: Context, heard: Heard) -> Step:
    """By her whole name, as at the desk; who does not match is not hinted at."""
    session, draft = context.session, context.draft
    case = _sought(context, draft["case"], draft["version"])
    called = people.called(session, heard.text)
    found = [one for one in called if rules.looks_after(session, context.me, one) and not people.is_gone(one)]
    ask = service.ask(session, context.local, case, found[0], context.me) if len(found) == 1 else None
    if ask is None:
        await context.say("assign.not_asked", several=len(found) > 1)
        return None
    view = views.asked(context.local, case, ask)
    await context.tell(found[0], "claim.ask", about=case, guard=f"open:{case.id}", **view)
    await context.say("assign.asked", name=people.name_of(found[0]))
    return DONE
