"""The menu and what fits everywhere."""

from __future__ import annotations

from typing import Any

from bot.community import cases, claims, mediations, people, staff, talents
from bot.community.cases import Case
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.flow import AGAIN, BACK, DONE, HOME, Heard, Step, Tap, on_screen

ASKED = 3  # shown to staff who stand in for somebody


async def menu(context: Context, rest: str) -> Step:
    person = context.person
    if person is None:
        await context.say("start.hello")
        return None
    if context.proxy is not None:
        await context.say(
            "desk.standing_in",
            draft=context.unfinished,
            cases=bool(cases.of_person(context.session, person.id)),
            **_helps(context, person),
            asked=_asked(context, person),
        )
        return None
    on_duty = staff.holds(context.session, person.id, Role.MODERATOR)
    talks = mediations.of_person(context.session, person.id)
    await context.say(
        "home.menu",
        name=people.name_of(person),
        draft=context.unfinished,
        cases=bool(cases.of_person(context.session, person.id)),
        **_helps(context, person),
        staff=on_duty,
        talks=bool(talks) or (on_duty and bool(mediations.to_arrange(context.session))),
        of_staff=bool(staff.communities(context.session, person.id)),
    )
    return None


def _helps(context: Context, person: Person) -> dict[str, Any]:
    pool = talents.get(context.session, person.id) is not None
    return {"pool": pool, "helping": bool(claims.of_person(context.session, person.id))}


def _asked(context: Context, person: Person) -> list[Case]:
    """What she was asked, has not answered, and still looks for somebody: the first few."""
    found = (cases.get(context.session, ask.case_id) for ask in claims.open_asks(context.session, person.id))
    return [case for case in found if case is not None and case.state in cases.LOOKING][:ASKED]


async def to_menu(context: Context, tap: Tap) -> Step:
    return HOME


async def go_on(context: Context, tap: Tap) -> Step:
    return AGAIN


def from_here(context: Context, tap: Tap) -> bool:
    """Back from the question on screen; where no question is in hand, home."""
    return context.talk is None or on_screen(context, tap)


async def back(context: Context, tap: Tap) -> Step:
    return BACK if context.talk is not None else HOME


async def help_(context: Context, rest: str) -> Step:
    await context.say("home.help")
    return None


async def cancel(context: Context, rest: str) -> Step:
    """The talk in hand is dropped; what lies beneath it is taken up. Who will not be known drops everything."""
    if context.open:
        return await all_said(context, "")
    context.close_open()
    if context.talk is not None and not context.alone and context.talk["flow"] != "start":
        await context.say("home.cancelled_one")
        return DONE
    name = "home.nothing_to_cancel" if context.talk is None else "home.cancelled"
    context.forget()
    await context.say(name)
    return None


async def all_said(context: Context, rest: str) -> Step:
    """An answer in several messages is over."""
    await context.say("home.all_said")
    return DONE


async def tap_all_said(context: Context, tap: Tap) -> Step:
    return await all_said(context, "")


async def privacy(context: Context, rest: str) -> Step:
    await context.say("home.privacy", known=context.person is not None)
    return None


async def tap_privacy(context: Context, tap: Tap) -> Step:
    return await privacy(context, "")


async def notice(context: Context, tap: Tap) -> Step:
    await context.say("home.notice")
    return None


async def settings(context: Context, rest: str) -> Step:
    await context.say("home.settings", known=context.person is not None)
    return None


async def tap_settings(context: Context, tap: Tap) -> Step:
    return await settings(context, "")


async def other_language(context: Context, rest: str) -> Step:
    other = "en" if context.language == "zh" else "zh"
    if context.person is not None:
        people.update(context.session, context.person, language=other)
    else:
        context.memory["language"] = other
    return await settings(context, "")


async def tap_language(context: Context, tap: Tap) -> Step:
    return await other_language(context, "")


async def simple(context: Context, tap: Tap) -> Step:
    if context.person is not None:
        people.update(context.session, context.person, simple=not context.simple)
    else:
        context.memory["simple"] = not context.simple
    return await settings(context, "")


async def rename(context: Context, tap: Tap) -> Step:
    context.begin("home")
    return "home.rename"


async def ask_rename(context: Context) -> None:
    await context.say("home.rename")


async def hear_name(context: Context, heard: Heard) -> Step:
    name = " ".join(heard.text.split())
    trouble = people.name_trouble(name)
    if trouble is not None:
        await context.say(trouble)
        return None
    people.rename(context.session, context.me, name)
    context.end()
    await context.say("home.renamed", name=name)
    return None
