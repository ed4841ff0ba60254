"""Staff have a poster or a roster made, to be printed; a volunteer says whether her name may stand on it."""

from __future__ import annotations

import re

from bot.community import (
    cases,
    disclosure,
    events,
    messages,
    parting,
    people,
    posts,
    queue,
    rules,
    shifts,
    staff,
)
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.items import Sort
from bot.community.posts import State
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, PostGone
from bot.flow import DONE, Heard, Step, Tap
from bot.handlers.paper import service

SHOWN = 5  # posters to choose from at once
PERIODS = ("week", "next", "month")


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def on_roster(context: Context, tap: Tap) -> bool:
    """Who holds a post or comes to a shift: nobody else could stand on it."""
    me = rules.known(context.person).id
    coming = shifts.of_person(context.session, me, since=context.now())
    return bool(posts.of_person(context.session, me) or coming)


async def list_(context: Context, tap: Tap) -> Step:
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    found = [one for one in posts.listed(context.session, State.OPEN, State.PAUSED) if not one.hidden]
    shown = found[page * SHOWN : (page + 1) * SHOWN]
    following = page + 1 if len(found) > (page + 1) * SHOWN else None
    await context.say(
        "paper.list", posters=[{"id": post.id, "name": post.name} for post in shown], following=following
    )
    return None


async def poster(context: Context, tap: Tap) -> Step:
    post = posts.get(context.session, tap.about)
    if post is None:
        raise NotYours
    if post.hidden or post.state not in (State.OPEN, State.PAUSED):
        raise PostGone
    page = service.poster(context.local, context.house.texts, post, bot=context.bot.username)
    await context.give("paper.poster_file", file=page, called=f"poster-{post.number:04d}.html")
    return None


async def roster(context: Context, tap: Tap) -> Step:
    """Names are opened for her who has it made, of those who agreed to it and of nobody else."""
    session, local = context.session, context.local
    first, end = service.period(local, context.now(), tap.choice if tap.choice in PERIODS else "week")
    willing = service.on_paper(session, local, first, end)
    opened = context.voice.opened({one.id: people.name_of(one) for one in willing}, context.me, None)
    names = {one: name for one, name in opened.items() if name and name != cases.HIDDEN}
    page = service.roster(
        session, local, context.house.texts, first, end, language=context.language, names=names
    )
    await context.give("paper.roster_file", file=page, called=f"roster-{first:%Y-%m-%d}.html")
    return None


# --- a day that is worked from paper


async def day(context: Context, tap: Tap) -> Step:
    """What waits for her, by number and time. A name and a phone only of those she must ring; of a report nothing at all."""
    session, here = context.session, context.now().astimezone(context.local.tz)
    items = [item for item in queue.of(session, context.me.id) if item.sort != Sort.REPORT]
    calls = {}
    for item in items:
        head = messages.get(session, item.about) if item.sort == Sort.ERRAND else None
        if head is not None and head.person_id is not None:
            person = people.get(session, head.person_id)
            calls[item.about] = {"name": people.name_of(person), "phone": people.phone_of(person)}
    coming = [
        {
            "name": people.name_of(person),
            "phone": people.phone_of(person),
            "case": what if post is None else None,
            "shift": what if post is not None else None,
            "post": post,
        }
        for person, what, post in service.without_telegram(session, context.local)
        if rules.looks_after(session, context.me, person)
    ]
    page = service.day(
        session,
        context.local,
        context.house.texts,
        items,
        context.voice.opened(calls, context.me, None),
        context.voice.opened(coming, context.me, None),
        at=here,
        language=context.language,
    )
    events.note(session, context.me.id, Kind.PRINTED, actor=context.me.id, code="day")
    await context.give("paper.day_file", file=page, called=f"duty-{here:%Y-%m-%d}.html")
    return None


async def notice(context: Context, tap: Tap) -> Step:
    page = service.notice(context.house.texts, bot=context.bot.username)
    await context.give("paper.notice_file", file=page, called="notice.html")
    return None


async def which(context: Context, tap: Tap) -> Step:
    context.begin("paper")
    return "paper.which"


async def ask_which(context: Context) -> None:
    await context.say("paper.which")


async def hear_which(context: Context, heard: Heard) -> Step:
    number = re.search(r"\d{1,9}", heard.text)
    case = cases.numbered(context.session, int(number[0])) if number else None
    if case is None:
        await context.say("paper.no_such")
        return None
    await _slip(context, rules.staff_case(context.session, context.person, case.id))
    return DONE


def of_case(context: Context, tap: Tap) -> bool:
    rules.staff_case(context.session, context.person, tap.about)
    return True


async def slip(context: Context, tap: Tap) -> Step:
    await _slip(context, rules.staff_case(context.session, context.person, tap.about))
    return None


async def _slip(context: Context, case: Case) -> None:
    """For who goes without a telephone. Door and phone stand on it only with the asker's yes to that, while it is under way."""
    session, contact = context.session, cases.contact_of(case)
    person = people.get(session, case.person_id)
    shown = case.state in cases.LIVE and disclosure.is_agreed(session, case)
    words = {
        "name": people.name_of(person),
        "story": cases.story_of(case),
        "door": contact.door if shown else None,
        "phone": contact.phone if shown else None,
    }
    page = service.case_slip(
        session,
        context.local,
        context.house.texts,
        case,
        context.voice.opened(words, context.me, case),
    )
    events.note(session, case.id, Kind.PRINTED, actor=context.me.id, code="slip")
    await context.give("paper.slip_file", file=page, called=f"slip-{case.number:04d}.html")


# --- a name on the wall


async def name(context: Context, tap: Tap) -> Step:
    await context.say("paper.name", printed=service.agrees(context.session, context.me))
    return None


async def name_yes(context: Context, tap: Tap) -> Step:
    service.agree(context.session, context.me)
    await context.say("paper.named")
    return None


async def name_no(context: Context, tap: Tap) -> Step:
    """The sheet on the wall is older than her word, so staff hear that it is to be printed anew."""
    if service.agrees(context.session, context.me):
        parting.take_back(context.session, context.local, context.me, service.ROSTER, None)
        for member in rules.others_on_duty(context.session, context.me):
            await context.tell(member, "paper.print_anew")
    await context.say("paper.not_named")
    return None
