"""Staff have a poster or a roster made, to be printed; a volunteer says whether her name may stand on it."""

from __future__ import annotations

from bot.community import cases, parting, people, posts, rules, shifts, staff
from bot.community.posts import State
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, PostGone
from bot.flow import Step, Tap
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
    found = posts.listed(context.session, State.OPEN, State.PAUSED)
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
    if post.state not in (State.OPEN, State.PAUSED):
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
