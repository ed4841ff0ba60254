"""What a volunteer and the staff say to each other about what has to be seen."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.community import credentials, people, rules, staff, talents
from bot.community.credentials import KNOWN, Credential, Standing
from bot.community.people import Person
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, Heard, Step, Tap, in_talk
from bot.handlers.credential import service
from bot.understanding import calendar_days
from bot.understanding.numerals import fold
from bot.voice import REMINDER, Voice

ANYTHING = frozenset({"text", "photo", "other", "voice", "sticker", "location", "contact"})
YEARS = {"1": 1, "2": 2}
PAGE = 6  # lines of what waits to be seen


def member(context: Context, tap: Tap) -> bool:
    _in_pool(context, rules.known(context.person))
    return True


def in_own_talk(context: Context, tap: Tap) -> bool:
    """The tap answers a question of this flow: what another's draft holds is something else."""
    in_talk(context, tap)
    if context.talk is None or context.talk["flow"] != "credential":
        raise OldButton
    return True


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, staff.Role.MODERATOR)


def hers(context: Context, tap: Tap) -> bool:
    """Her own credential. Raises NotYours for another's, OldButton for one that is gone."""
    if _credential(context, tap).person_id != rules.known(context.person).id:
        raise NotYours
    return True


def staff_of(context: Context, tap: Tap) -> bool:
    """Staff, about the credential of somebody who is not themselves."""
    rules.staff_person(context.session, context.person, _credential(context, tap).person_id)
    return True


def staff_of_person(context: Context, tap: Tap) -> bool:
    """Staff, about a volunteer who is not themselves."""
    rules.staff_person(context.session, context.person, tap.about)
    return True


def _in_pool(context: Context, person: Person) -> None:
    if talents.get(context.session, person.id) is None:
        raise OldButton


def _credential(context: Context, tap: Tap) -> Credential:
    credential = context.session.get(Credential, tap.about)
    if credential is None:
        raise OldButton
    return credential


# Her own pages. A photo sent on one of them is not taken.


async def mine(context: Context, tap: Tap) -> Step:
    context.begin("credential")
    return "credential.mine"


async def ask_mine(context: Context) -> None:
    context.show_page()
    local, me = context.local, context.me
    kinds = talents.kinds_of(context.session, me.id)
    await context.say(
        "credential.mine",
        held=[_line(context, one) for one in credentials.of_person(context.session, me.id)],
        lacks=service.lacks(credentials.lacking(context.session, local, me.id, kinds), local),
    )


def _line(context: Context, held: Credential) -> dict[str, Any]:
    return {"held": held, "credential": context.local.credential(held.kind)}


async def list_(context: Context, tap: Tap) -> Step:
    return "credential.list"


async def ask_list(context: Context) -> None:
    context.show_page()
    held = {one.kind for one in credentials.of_person(context.session, context.me.id)}
    await context.say(
        "credential.list",
        credentials=[one for one in context.local.credentials if one.code not in held],
    )


async def one(context: Context, tap: Tap) -> Step:
    if context.local.credential(tap.choice or "") is None:
        return AGAIN
    if context.talk is None or context.talk["flow"] != "credential":
        context.begin("credential")
    context.draft["kind"] = tap.choice
    return "credential.one"


async def ask_one(context: Context) -> None:
    context.show_page()
    kind = context.draft["kind"]
    held = credentials.of_kind(context.session, context.me.id, kind)
    await context.say("credential.one", credential=context.local.credential(kind), held=held)


async def hear_page(context: Context, heard: Heard) -> Step:
    """A picture is refused, and its file is not even noted; words are about something else."""
    if heard.kind != "text":
        await context.say("credential.no_copy")
        return None
    context.end()
    return heard


async def declare(context: Context, tap: Tap) -> Step:
    if "kind" not in context.draft:
        return AGAIN
    _in_pool(context, context.me)
    kind = context.draft["kind"]
    held = credentials.of_kind(context.session, context.me.id, kind)
    if held is None or held.state == Standing.EXPIRED:
        await _to_staff(context, credentials.declare(context.session, context.me.id, kind))
    return AGAIN


async def _to_staff(context: Context, credential: Credential) -> None:
    shown = credentials.card(context.session, context.local, credential)
    for one in rules.others_on_duty(context.session, context.me):
        await context.tell(one, "credential.card", **shown)


async def again(context: Context, tap: Tap) -> Step:
    """It ends soon, or has ended, and she has a new one: staff hear so; the old one holds until its last day."""
    credential = _credential(context, tap)
    known = credential.again_at is not None or credential.state == Standing.DECLARED
    credentials.renew(context.session, credential)
    if not known:
        await _to_staff(context, credential)
    await context.say("credential.asked", credential=context.local.credential(credential.kind))
    return None


async def take_back(context: Context, tap: Tap) -> Step:
    held = credentials.of_kind(context.session, context.me.id, context.draft.get("kind", ""))
    if held is not None:
        await context.voice.bring(service.take_back(context.session, context.local, context.me, held))
    return "credential.mine"


# What staff do


async def of(context: Context, tap: Tap) -> Step:
    await _page(context, people.get(context.session, tap.about))
    return None


async def _page(context: Context, person: Person) -> None:
    await context.say(
        "credential.of",
        name=people.name_of(person),
        person_id=person.id,
        volunteer=talents.get(context.session, person.id) is not None,
        held=[_line(context, one) for one in credentials.of_person(context.session, person.id)],
        credentials=context.local.credentials,
    )


async def waiting(context: Context, tap: Tap) -> Step:
    """All that is to be seen, the longest waiting first; her own is for others."""
    barred = credentials.barred(context.session, context.me.id)
    found = [item for item in credentials.waiting(context.session) if item.about not in barred]
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    shown = [context.session.get(Credential, item.about) for item in found[page * PAGE : (page + 1) * PAGE]]
    await context.say(
        "credential.waiting",
        to_see=[credentials.card(context.session, context.local, one) for one in shown if one is not None],
        following=page + 1 if len(found) > (page + 1) * PAGE else None,
    )
    return None


async def pick(context: Context, tap: Tap) -> Step:
    """One of hers, or one she has shown without saying so before. Looking says nothing in her name."""
    person, kind = _of_pool(context, tap), context.local.credential(tap.choice or "")
    if kind is None:
        return AGAIN
    held = credentials.of_kind(context.session, person.id, kind.code)
    if held is not None:
        await _card(context, held)
    else:
        await context.say(
            "credential.unsaid", person_id=person.id, name=people.name_of(person), credential=kind
        )
    return None


async def shown(context: Context, tap: Tap) -> Step:
    """Staff have seen what she had not spoken of: it is noted with the last tap, and not before."""
    code, _, last = (tap.choice or "").partition(".")
    person, kind = _of_pool(context, tap), context.local.credential(code)
    if kind is None:
        return AGAIN
    if code != KNOWN and not last:
        await context.say(
            "credential.until", held=None, person_id=person.id, name=people.name_of(person), credential=kind
        )
        return None
    if last == "date":
        context.begin("credential", person=person.id, kind=code)
        return "credential.date"
    if code != KNOWN and last not in (*YEARS, "never"):
        return AGAIN
    today = credentials.today(context.session, context.local)
    day = service.years_from(today, YEARS[last]) if last in YEARS else None
    return await _checked(context, credentials.declare(context.session, person.id, code), day)


def _of_pool(context: Context, tap: Tap) -> Person:
    person = people.get(context.session, tap.about)
    _in_pool(context, person)
    return person


async def _card(context: Context, credential: Credential) -> None:
    await context.say("credential.card", **credentials.card(context.session, context.local, credential))


async def look(context: Context, tap: Tap) -> Step:
    await _card(context, _credential(context, tap))
    return None


async def seen(context: Context, tap: Tap) -> Step:
    """Having met somebody holds for good; of anything else there may be a last day."""
    credential = _credential(context, tap)
    if credential.kind == KNOWN:
        return await _checked(context, credential, None)
    await context.say("credential.until", **credentials.card(context.session, context.local, credential))
    return None


async def until(context: Context, tap: Tap) -> Step:
    credential = _credential(context, tap)
    if tap.choice == "date":
        context.begin("credential", credential=credential.id)
        return "credential.date"
    if tap.choice in YEARS:
        today = credentials.today(context.session, context.local)
        return await _checked(context, credential, service.years_from(today, YEARS[tap.choice]))
    return await _checked(context, credential, None) if tap.choice == "never" else AGAIN


async def _checked(context: Context, credential: Credential, last: date | None) -> Step:
    if credential.state == Standing.CHECKED and credential.expires_on == last:  # a colleague was quicker
        await _card(context, credential)
        return None
    credentials.check(context.session, context.local, credential, by=context.me.id, expires_on=last)
    await _card(context, credential)
    person = people.get(context.session, credential.person_id)
    kind = context.local.credential(credential.kind)
    await context.tell(person, "credential.checked", held=credential, credential=kind)
    return None


async def ask_date(context: Context) -> None:
    await context.say("credential.date")


async def hear_date(context: Context, heard: Heard) -> Step:
    """The last day it holds, which lies ahead; a member whose role has ended meanwhile is turned away."""
    draft = context.draft
    credential = context.session.get(Credential, draft["credential"]) if "credential" in draft else None
    person_id = credential.person_id if credential is not None else draft.get("person")
    if person_id is None:
        context.end()
        raise OldButton
    _in_pool(context, rules.staff_person(context.session, context.person, person_id))
    today = credentials.today(context.session, context.local)
    days, _ = calendar_days.read(fold(heard.text), today)
    if days is None or len(days) != 1 or days[0].days != 1 or days[0].first <= today:
        await context.say("credential.date_unclear")
        return None
    context.end()
    credential = credential or credentials.declare(context.session, person_id, draft["kind"])
    return await _checked(context, credential, days[0].first)


async def not_yet(context: Context, tap: Tap) -> Step:
    credential = _credential(context, tap)
    shown = credentials.card(context.session, context.local, credential)
    if credential.state != Standing.DECLARED:
        await _card(context, credential)
        return None
    await context.say("credential.not_yet", **shown)
    person = people.get(context.session, credential.person_id)
    await context.tell(person, "credential.bring", credential=shown["credential"])
    return None


async def mistaken(context: Context, tap: Tap) -> Step:
    """Not seen after all, or somebody else's."""
    credential = _credential(context, tap)
    if credential.state == Standing.CHECKED:
        person = people.get(context.session, credential.person_id)
        credentials.uncheck(context.session, credential, by=context.me.id)
        kind = context.local.credential(credential.kind)
        await context.tell(person, "credential.unchecked", credential=kind)
        await context.voice.bring(service.give_back(context.session, context.local, person, credential.kind))
    await _card(context, credential)
    return None


# What comes by itself


async def due(voice: Voice, credential_id: str) -> None:
    """Reminded twice before its last day, ended the day after, forgotten when its time is over; by day only."""
    credential = credentials.get_due(voice.session, credential_id)
    if credential is None:
        return
    person = people.get(voice.session, credential.person_id)
    kind = voice.local.credential(credential.kind)
    if credential.state != Standing.CHECKED:
        said = "credential.dropped" if credential.state == Standing.DECLARED else None
        credentials.drop(voice.session, credential)
        if said is not None:
            await voice.tell(person, said, priority=REMINDER, credential=kind)
    elif credentials.is_live(credential, credentials.today(voice.session, voice.local)):
        credentials.plan(voice.session, voice.local, credential)
        await voice.tell(person, "credential.ends", priority=REMINDER, held=credential, credential=kind)
    else:
        credentials.expire(voice.session, credential)
        await voice.bring(service.give_back(voice.session, voice.local, person, credential.kind))
        await voice.tell(person, "credential.ended", priority=REMINDER, held=credential, credential=kind)
        shown = credentials.card(voice.session, voice.local, credential)
        for member in rules.others_on_duty(voice.session, person):
            await voice.tell(member, "credential.card", priority=REMINDER, **shown)
