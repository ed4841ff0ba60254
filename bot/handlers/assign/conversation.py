"""What staff are asked, and read: whom they think of, and that she was asked. Why somebody cannot be asked is told to nobody."""

from __future__ import annotations

from bot.community import people, rules, views
from bot.community.cases import Case
from bot.community.people import Person
from bot.context import Context
from bot.errors import OldButton
from bot.flow import DONE, Heard, Step, Tap, in_talk
from bot.handlers.assign import service

SHOWN = 5  # of those whose name has the part in it


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
    """By her name, or a part of it, of the volunteers who live where the case does; a few are shown, and no more."""
    case = _sought(context, context.draft["case"], context.draft["version"])
    found = service.called(context.session, heard.text, case)
    if len(found) > SHOWN:
        await context.say("assign.too_many")
        return None
    if len(found) > 1:
        context.draft["found"] = [person.id for person in found]
        return "assign.which"
    return await _ask(context, found[0] if found else None)


async def _ask(context: Context, person: Person | None) -> Step:
    """Why somebody cannot be asked, or that nobody is called so, is the same to whoever asks."""
    draft = context.draft
    case = _sought(context, draft["case"], draft["version"])
    ask = person and service.ask(context.session, context.local, case, person, context.me)
    if person is None or not ask:
        await context.say("assign.not_asked")
        return None
    view = views.asked(context.local, case, ask)
    await context.tell(person, "claim.ask", about=case, guard=f"open:{case.id}", **view)
    await context.say("assign.asked", name=people.name_of(person))
    return DONE


def may_choose(context: Context, tap: Tap) -> bool:
    """Of those who were found, for a case that is still looked for."""
    in_talk(context, tap)
    _sought(context, context.draft.get("case", ""), context.draft.get("version", 0))
    return True


async def ask_which(context: Context) -> None:
    found = people.those(context.session, context.draft["found"])
    lines = [
        {"n": n, "name": people.name_of(one), "area": context.local.area(one.area or "")}
        for n, one in enumerate(found)
    ]
    await context.say("assign.which", found=lines)


async def one(context: Context, tap: Tap) -> Step:
    """Raises OldButton for who is not hers to ask any more."""
    found = people.those(context.session, context.draft.get("found", []))
    if tap.choice is None or not tap.choice.isdecimal() or int(tap.choice) >= len(found):
        raise OldButton
    person = found[int(tap.choice)]
    if not rules.looks_after(context.session, context.me, person):
        raise OldButton
    return await _ask(context, person)
