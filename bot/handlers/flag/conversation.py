"""Who was shown something says which rule it breaks; staff decide; its author hears the rule, and never who said so."""

from __future__ import annotations

from typing import Any

from bot.community import cases, events, flags, people, posts, rules, staff
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.flags import Flag, Verdict
from bot.community.people import Person
from bot.community.posts import Post, State
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton, PostGone
from bot.flow import AGAIN, Step, Tap
from bot.voice import Voice

Matter = Case | Post
WRITES = ("suggested", "opened", "changed")  # of all that is done about a post, what puts words on its page
BY_NEIGHBOURS = ("card", "words", "idea")  # what a post's page says is the house's own


def shown(context: Context, tap: Tap) -> bool:
    """A volunteer who was asked about a case; anybody known who may read the page of a post; staff who read an idea."""
    _shown(context, tap)
    return True


def _shown(context: Context, tap: Tap) -> Matter:
    post = posts.get(context.session, tap.about)
    if post is None:
        return rules.asked_case(context.session, context.person, tap.about)
    me = rules.known(context.person).id
    if post.state != State.PROPOSED:
        if not posts.in_sight(context.session, post, me):
            raise PostGone
    elif post.proposed_by is None or not staff.holds(context.session, me, Role.MODERATOR):
        raise NotYours
    return post


def own(context: Context, tap: Tap) -> bool:
    """What she said herself, while nobody has looked at it."""
    flag = flags.get(context.session, tap.about)
    if flag is None or flag.person_id != rules.known(context.person).id:
        raise NotYours
    if flag.verdict is not None:
        raise OldButton
    return True


def may_settle(context: Context, tap: Tap) -> bool:
    _open(context, tap)
    return True


def _open(context: Context, tap: Tap) -> tuple[Flag, Matter]:
    """One that waits, for staff of the case, or any of them for a post, who neither said it nor are meant."""
    flag = flags.get(context.session, tap.about)
    me = rules.known(context.person)
    if flag is None or me.id in (flag.person_id, flag.author_id):
        raise NotYours
    if flag.case_id is not None:
        matter: Matter = rules.staff_case(context.session, me, flag.case_id)
    elif not staff.holds(context.session, me.id, Role.MODERATOR):
        raise NotYours
    else:
        matter = _matter(context, flag)
    if flag.verdict is not None:
        raise OldButton
    return flag, matter


def _matter(context: Context, flag: Flag) -> Matter:
    get = cases.get if flag.case_id is not None else posts.get
    matter = get(context.session, flag.about)
    assert matter is not None  # noqa: S101  a foreign key
    return matter


async def begin(context: Context, tap: Tap) -> Step:
    matter = _shown(context, tap)
    context.shown = True  # what it is about stays on screen
    await context.say("flag.rules", about_id=matter.id, version=matter.version, aside=True, flag_id=None)
    return None


async def rule(context: Context, tap: Tap) -> Step:
    """Once for a card: what is said twice waits for its answer."""
    matter, me, named = _shown(context, tap), context.me, context.local.rule(tap.choice or "")
    if named is None:
        return AGAIN
    flag = flags.put(context.session, person_id=me.id, rule=named.code, **_whose(context, matter))
    if flag is not None:
        looking = (
            rules.staff_for(context.session, matter)
            if isinstance(matter, Case)
            else staff.on_duty(context.session)
        )
        for member in looking:
            if member.id not in (me.id, flag.author_id):
                await context.tell(member, "flag.card", **_view(context, member, flag, matter))
    await context.say("flag.thanks")
    return None


def _whose(context: Context, matter: Matter) -> dict[str, Any]:
    """What is meant and whose words it is made of: those of a page are of who wrote it last, while another can look."""
    if isinstance(matter, Case):
        return {"case_id": matter.id, "author_id": matter.person_id, "what": "card"}
    if matter.state == State.PROPOSED:
        return {"post_id": matter.id, "author_id": matter.proposed_by, "what": "idea"}
    lines = reversed(events.of_case(context.session, matter.id))
    writer = next((line.actor_id for line in lines if line.kind == Kind.POST and line.code in WRITES), None)
    others = [one for one in staff.on_duty(context.session) if one.id not in (writer, context.me.id)]
    author = writer if others and writer != context.me.id else None
    return {"post_id": matter.id, "author_id": author, "what": "post"}


async def which(context: Context, tap: Tap) -> Step:
    await context.say("flag.rules", about_id="-", version=0, flag_id=tap.about)
    return None


async def name(context: Context, tap: Tap) -> Step:
    flag, named = flags.get(context.session, tap.about), context.local.rule(tap.choice or "")
    if flag is None or named is None:
        return AGAIN
    flags.name(context.session, flag, named.code)
    await context.say("flag.thanks")
    return None


def _view(voice: Context | Voice, reader: Person, flag: Flag, matter: Matter) -> dict[str, Any]:
    """`person_id`: of the neighbour whose words are meant."""
    return {
        "it": _called(voice, reader, matter),
        "rule": voice.local.rule(flag.rule or ""),
        "what": flag.what,
        "flag_id": flag.id,
        "matter_id": matter.id,
        "matter_version": matter.version,
        "person_id": flag.author_id if flag.what in BY_NEIGHBOURS else None,
        "author": flag.author_id is not None,
    }


def _called(voice: Context | Voice, reader: Person, matter: Matter) -> str:
    """A case by its number, a post by its name."""
    case, post = (matter, None) if isinstance(matter, Case) else (None, matter)
    return voice.house.texts.line("flag.it", reader.language, case=case, post=post)


async def look(context: Context, tap: Tap) -> Step:
    await _show(context, "flag.card", *_open(context, tap))
    return None


async def _show(context: Context, name: str, flag: Flag, matter: Matter, **values: Any) -> None:
    await context.say(name, **_view(context, context.me, flag, matter), **values)


async def agree(context: Context, tap: Tap) -> Step:
    """Only now its author hears: which rule, and what can be done. Where nobody named one, staff do."""
    flag, matter = _open(context, tap)
    named = context.local.rule(tap.choice or flag.rule or "")
    if named is None:
        await context.say("flag.agree_on", flag_id=flag.id)
        return None
    flags.settle(context.session, flag, Verdict.AGREED, rule=named.code, staff_id=context.me.id)
    await _show(context, "flag.settled", flag, matter, breach=True)
    if flag.author_id is not None:
        author = people.get(context.session, flag.author_id)
        await context.tell(author, "flag.author", **_view(context, author, flag, matter))
    await _answer(context, flag, matter, breach=True)
    return None


async def dismiss(context: Context, tap: Tap) -> Step:
    """Its author never hears of it."""
    flag, matter = _open(context, tap)
    flags.settle(context.session, flag, Verdict.NOT, rule=flag.rule, staff_id=context.me.id)
    await _show(context, "flag.settled", flag, matter, breach=False)
    await _answer(context, flag, matter, breach=False)
    return None


async def _answer(context: Context, flag: Flag, matter: Matter, *, breach: bool) -> None:
    person = people.get(context.session, flag.person_id)
    await context.tell(
        person,
        "flag.answer",
        it=_called(context, person, matter),
        breach=breach,
        author=flag.author_id is not None,
    )


async def let_go(voice: Voice, flag_id: str) -> None:
    """Kept long enough."""
    flag = flags.get(voice.session, flag_id)
    if flag is not None and flag.due_at is not None and flag.due_at <= voice.now():
        flags.drop(voice.session, flag)
