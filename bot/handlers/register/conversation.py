"""What a volunteer is asked once, in two minutes, and can change at any time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from bot.community import asking, credentials, parting, people, rules, slips, staff, talents
from bot.community.credentials import KNOWN, Standing
from bot.community.talents import ANY_HOURS, PARTS, Volunteer
from bot.context import Context
from bot.data.local import Kind
from bot.errors import OldButton
from bot.flow import AGAIN, BACK, DONE, Heard, Step, Tap
from bot.handlers.register import service
from bot.understanding.numerals import fold, number
from bot.understanding.yes_no import yes_no

CAPS = ("1", "3", "7")  # asks a week she allows
DAYS, WORKDAYS = range(7), range(5)
MORNING, AFTERNOON, EVENING = range(len(PARTS))


def bit(day: int, part: int) -> int:
    """A part of the week, as `Volunteer.hours` has it; Monday is 0."""
    return 1 << (day * len(PARTS) + part)


PRESETS = {
    "any": ANY_HOURS,
    "evenings": sum(bit(day, EVENING) for day in WORKDAYS),
    "weekend": sum(bit(day, part) for day in (5, 6) for part in range(len(PARTS))),
    "daytime": sum(bit(day, part) for day in DAYS for part in (MORNING, AFTERNOON)),
}
# What she can say with one tap: the message that asks it, and what each answer sets.
CHOICES: Mapping[str, tuple[str, Mapping[str, Mapping[str, Any]]]] = {
    "most": ("register.most", {n: {"max_open": int(n)} for n in ("1", "2", "3")}),
    "urgent": ("register.urgent", {"yes": {"urgent_ok": True}, "no": {"urgent_ok": False}}),
    "title": ("register.title", {"yes": {"shows_title": True}, "no": {"shows_title": False}}),
    "gender": ("register.gender", {"f": {"gender": "f"}, "m": {"gender": "m"}, "none": {"gender": None}}),
    "quiet": (
        "register.quiet",
        {
            "all": {"quiet_from": None, "quiet_until": None},
            "long": {"quiet_from": time(20), "quiet_until": time(9)},
            "longer": {"quiet_from": time(18), "quiet_until": time(10)},
            "short": {"quiet_from": time(22), "quiet_until": time(7)},
        },
    ),
    "rest": ("register.rest", {"till": {"on_duty": False}}),
}
RESTS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
ANEW = {
    "kinds": "register.kinds",
    "hours": "register.hours",
    "languages": "register.languages",
    "often": "register.often",
}
SEVERAL = re.compile(r"[、，,;；。\n]|\band\b")


def member(context: Context, tap: Tap) -> bool:
    _volunteer(context)
    return True


def _volunteer(context: Context) -> Volunteer:
    """Hers. Raises OldButton when she is not in the pool any more."""
    volunteer = talents.get(context.session, rules.known(context.person).id)
    if volunteer is None:
        raise OldButton
    return volunteer


# Coming: by herself, or with a slip of paper from staff


async def slip(context: Context, code: str) -> Step:
    """Greeted by the neighbourhood; the slip is used up once she has joined."""
    if not slips.is_good(context.session, code):
        await context.say("register.slip_void")
        return None
    if context.person is not None and talents.get(context.session, context.me.id) is not None:
        await _welcome(context, code)
        await _card(context)
        return None
    context.memory["slip"] = code
    await context.say("register.invited")
    return None


async def hears_a_code(context: Context, heard: Heard) -> bool:
    """The code typed from paper, where nothing could be scanned."""
    written = slips.WRITTEN.fullmatch(heard.text.strip()) if heard.kind == "text" else None
    quiet = context.person is not None and context.person.quiet_since is not None
    if written is None or quiet:
        return False
    await slip(context, written[1])
    return True


async def begin(context: Context, tap: Tap) -> Step:
    """Her own card if she is in the pool, else the notice; somebody new is asked to be known first."""
    if context.person is not None and talents.get(context.session, context.me.id) is not None:
        context.close_open()
        if context.talk is not None and context.talk["flow"] == "register":
            context.end()  # the card ends a change that was left hanging
        await _card(context)
        return None
    half = (context.under("register") or {}).get("draft", {})
    context.begin("register", step="register.notice")
    if "anew" not in half:  # what she had ticked when she was called away
        context.draft.update(half)
    return context.introduce() or "register.notice"


async def _card(context: Context) -> None:
    volunteer, local = _volunteer(context), context.local
    now = context.now()
    await context.say(
        "register.card",
        volunteer=volunteer,
        kinds=[local.kind(code) for code in talents.kinds_of(context.session, context.me.id)],
        preset=_preset(volunteer.hours),
        parts=volunteer.hours.bit_count(),
        languages=[one for one in local.languages if one.code in volunteer.languages.split(",")],
        quiet=(volunteer.quiet_from or local.quiet_from, volunteer.quiet_until or local.quiet_until),
        paused=volunteer.paused_until is not None and volunteer.paused_until > now,
    )


def _preset(hours: int) -> str:
    return next((name for name, mask in PRESETS.items() if mask == hours), "")


async def ask_notice(context: Context) -> None:
    await context.say("register.notice")


async def hear_notice(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else (await _agreed(context) if answer else BACK)


async def agree(context: Context, tap: Tap) -> Step:
    return await _agreed(context)


async def _agreed(context: Context) -> Step:
    """Somebody who is in the pool has read a notice that changed; what she offers stays as it is."""
    if talents.get(context.session, context.me.id) is None:
        return "register.kinds"
    service.agree(context.session, context.me)
    context.end()
    await _card(context)
    return None


# What she can do


async def ask_kinds(context: Context) -> None:
    await context.say("register.kinds", kinds=context.local.front, **_chosen(context))


async def ask_categories(context: Context) -> None:
    await context.say("register.categories", kinds=context.local.categories, **_chosen(context))


async def ask_skills(context: Context) -> None:
    kind = context.local.kind(context.draft["open"])
    kinds = context.local.skills_of(kind.code)
    await context.say("register.skills", kind=kind, kinds=kinds, **_chosen(context))


def _chosen(context: Context) -> dict[str, Any]:
    """What is ticked, by name; `marked`: the codes that bear a tick, a category for any skill in it too."""
    chosen = [context.local.kind(code) for code in context.draft.get("kinds", [])]
    return {"chosen": chosen, "marked": {one.code for one in chosen} | {one.category for one in chosen}}


async def all_(context: Context, tap: Tap) -> Step:
    return "register.categories"


async def open_(context: Context, tap: Tap) -> Step:
    """A category, or the tick of one that has no skills."""
    found = _kind(context, tap.choice or "")
    if found is None or not context.local.skills_of(found.code):
        return AGAIN
    context.draft["open"] = found.code
    return "register.skills"


async def kind(context: Context, tap: Tap) -> Step:
    """The button says what it does, so that a tap that comes twice does it once."""
    sign, code = (tap.choice or " ")[0], (tap.choice or " ")[1:]
    found = _kind(context, code)
    if found is not None:
        _tick(context, found, on=sign == "+")
    return AGAIN


def _kind(context: Context, code: str) -> Kind | None:
    return next((one for one in context.local.kinds if one.code == code), None)


def _tick(context: Context, kind: Kind, *, on: bool) -> None:
    """A category stands for all in it, so its skills go when it comes, and it goes when one of them comes."""
    gone = {kind.code}
    if on:
        gone |= {one.code for one in context.local.skills_of(kind.code)} | {kind.category}
    rest = [code for code in context.draft.get("kinds", []) if code not in gone]
    context.draft["kinds"] = [*rest, kind.code] if on else rest


async def hear_kinds(context: Context, heard: Heard) -> Step:
    """One thing she can do, or several in one message; what was understood is ticked and read back."""
    offered = context.local.lexicon.offers(heard.text)
    if not offered:
        await context.say("home.not_that", kind="text")
        return None
    for code in offered:
        _tick(context, context.local.kind(code), on=True)
    return AGAIN


async def enough(context: Context, tap: Tap) -> Step:
    if not context.draft.get("kinds"):
        await context.toast("register.choose_one", alert=True)
        return None
    if await _changed(context):
        return None
    return "register.hours" if context.me.area is not None else "register.area"


async def ask_area(context: Context) -> None:
    await context.say("register.area")


async def area(context: Context, tap: Tap) -> Step:
    if tap.choice != "none":
        if context.local.area(tap.choice or "") is None:
            return AGAIN
        people.update(context.session, context.me, area=tap.choice)
    return "register.hours"


async def hear_area(context: Context, heard: Heard) -> Step:
    code = context.local.area_in(heard.text)
    if code is None:
        await context.say("home.not_that", kind="text")
        return None
    people.update(context.session, context.me, area=code)
    return "register.hours"


# When she can


async def ask_hours(context: Context) -> None:
    await context.say("register.hours")


async def hear_button(context: Context, heard: Heard) -> Step:
    """The words of a button are as good as a tap and never come so far."""
    await context.say("home.not_that", kind="text")
    return None


async def hours(context: Context, tap: Tap) -> Step:
    if tap.choice == "own":
        return "register.week"
    if tap.choice not in PRESETS:
        return AGAIN
    context.draft["hours"] = PRESETS[tap.choice]
    return await _timed(context)


async def ask_week(context: Context) -> None:
    mask = context.draft.get("hours", 0)
    week = [[bool(mask & bit(day, part)) for part in range(len(PARTS))] for day in DAYS]
    await context.say("register.week", week=week)


async def part(context: Context, tap: Tap) -> Step:
    sign, slot = (tap.choice or " ")[0], (tap.choice or " ")[1:]
    if slot.isdecimal() and int(slot) < len(DAYS) * len(PARTS):
        mask = context.draft.get("hours", 0)
        context.draft["hours"] = mask | 1 << int(slot) if sign == "+" else mask & ~(1 << int(slot))
    return AGAIN


async def hours_done(context: Context, tap: Tap) -> Step:
    if not context.draft.get("hours"):
        await context.toast("register.choose_part", alert=True)
        return None
    return await _timed(context)


async def _timed(context: Context) -> Step:
    return None if await _changed(context) else "register.languages"


async def ask_languages(context: Context) -> None:
    await context.say("register.languages", languages=context.local.languages, ticked=_spoken(context))


def _spoken(context: Context) -> list[str]:
    """What she has ticked, or what goes with the language of the chat."""
    natural = [one.code for one in context.local.languages if one.of == context.language]
    spoken: list[str] = context.draft.get("languages", natural)
    return spoken


async def language(context: Context, tap: Tap) -> Step:
    sign, code = (tap.choice or " ")[0], (tap.choice or " ")[1:]
    spoken = set(_spoken(context))
    wanted = spoken | {code} if sign == "+" else spoken - {code}
    context.draft["languages"] = [one.code for one in context.local.languages if one.code in wanted]
    return AGAIN


async def languages_done(context: Context, tap: Tap) -> Step:
    if not _spoken(context):
        await context.toast("register.choose_language", alert=True)
        return None
    context.draft["languages"] = _spoken(context)
    return None if await _changed(context) else "register.often"


async def ask_often(context: Context) -> None:
    month = asking.asks_a_month(context.session, context.local, context.draft["kinds"])
    await context.say("register.often", month=month)


async def often(context: Context, tap: Tap) -> Step:
    return await _often(context, tap.choice or "")


async def hear_often(context: Context, heard: Heard) -> Step:
    return await _often(context, str(number(fold(heard.text).strip())))


async def _often(context: Context, cap: str) -> Step:
    if cap not in CAPS:
        return AGAIN
    context.draft["often"] = int(cap)
    return None if await _changed(context) else await _join(context)


async def _join(context: Context) -> Step:
    draft = context.draft
    service.join(context.session, context.me, draft["kinds"])
    _keep(context)
    if "slip" in context.memory:
        await _welcome(context, context.memory.pop("slip"))
    if credentials.of_kind(context.session, context.me.id, KNOWN) is None:
        await _introduce(context)
    lacks = bool(credentials.lacking(context.session, context.local, context.me.id, draft["kinds"]))
    await context.say("register.joined", name=people.name_of(context.me), lacks=lacks)
    return DONE


async def _introduce(context: Context) -> None:
    """Staff hear of somebody they have not met; whoever is staff herself is met by another."""
    known = credentials.declare(context.session, context.me.id, KNOWN)
    for member in rules.others_on_duty(context.session, context.me):
        await context.tell(
            member, "credential.card", **credentials.card(context.session, context.local, known)
        )


async def _welcome(context: Context, code: str) -> None:
    """The slip is used up. Whoever handed it over had met her, and hears who came, for paper changes hands."""
    used = slips.use(context.session, code)
    if used is None or used.known_by in (None, context.me.id):
        return
    giver = people.get(context.session, used.known_by)
    if not staff.holds(context.session, giver.id, staff.Role.MODERATOR):
        return  # then another member of staff meets her
    known = credentials.declare(context.session, context.me.id, KNOWN)
    if known.state == Standing.CHECKED:
        return
    credentials.check(context.session, context.local, known, by=giver.id, expires_on=None)
    await context.tell(giver, "credential.came", **credentials.card(context.session, context.local, known))


def _keep(context: Context) -> None:
    """What of hours, languages and how often she has answered in this talk."""
    draft = context.draft
    values: dict[str, Any] = {name: draft[key] for key, name in service.FIELDS.items() if key in draft}
    if "languages" in draft:
        values["languages"] = ",".join(draft["languages"])
    service.set_(context.session, _volunteer(context), **values)


# What she can change


async def change(context: Context, tap: Tap) -> Step:
    await context.say("register.change")
    return None


async def anew(context: Context, tap: Tap) -> Step:
    """One question of the first talk, once more."""
    step = ANEW.get(tap.choice or "")
    if step is None:
        return AGAIN
    volunteer = _volunteer(context)
    kinds = talents.kinds_of(context.session, context.me.id)
    languages = volunteer.languages.split(",")
    context.begin("register", anew=True, kinds=kinds, hours=volunteer.hours, languages=languages)
    return step


async def _changed(context: Context) -> bool:
    """Whether that was a change, not one answer of many: then it is kept, and her card is shown."""
    if not context.draft.get("anew"):
        return False
    _volunteer(context)
    service.offer(context.session, context.me, context.draft["kinds"])
    _keep(context)
    context.end()
    await _card(context)
    return True


async def one(context: Context, tap: Tap) -> Step:
    asked = CHOICES.get(tap.choice or "")
    if asked is None:
        return AGAIN
    await context.say(asked[0])
    return None


async def set_(context: Context, tap: Tap) -> Step:
    group, _, answer = (tap.choice or "").partition(".")
    if group == "rest" and answer in RESTS:
        until = context.now() + RESTS[answer]
        service.set_(context.session, _volunteer(context), paused_until=until, on_duty=True)
    elif group in CHOICES and answer in CHOICES[group][1]:
        service.set_(context.session, _volunteer(context), **CHOICES[group][1][answer])
    await _card(context)
    return None


async def wake(context: Context, tap: Tap) -> Step:
    service.set_(context.session, _volunteer(context), paused_until=None, on_duty=True)
    await _card(context)
    return None


async def leave(context: Context, tap: Tap) -> Step:
    await context.say("register.leave")
    return None


async def leave_yes(context: Context, tap: Tap) -> Step:
    tidings = parting.leave_pool(context.session, context.me)
    await context.say("register.left")
    await context.voice.bring(tidings)
    return None
