"""One question at a time; the bot says how it understood; nothing goes out before the check page."""

from __future__ import annotations

from bot.community import cases, people, rules, views
from bot.context import Context
from bot.flow import AGAIN, HOME, Heard, Step, Tap
from bot.handlers.ask import service
from bot.understanding import category, times
from bot.understanding.yes_no import yes_no
from privacy import scrub

GREETING_MAX = 6  # characters; shorter words that name no need get the menu rather than a form


async def begin(context: Context, tap: Tap) -> Step:
    if context.under("ask") is not None:
        await context.say("ask.unfinished")
        return None
    return _start(context)


async def afresh(context: Context, tap: Tap) -> Step:
    return _start(context)


def _start(context: Context) -> Step:
    """A new draft; somebody we do not know yet is asked to be known first, and comes back to it."""
    known = {"area": context.person.area} if context.person is not None and context.person.area else {}
    context.begin("ask", step="ask.what", **known)
    return context.introduce() or "ask.what"


async def typed(context: Context, heard: Heard) -> Step:
    """Words while no question waits: most likely a need."""
    if heard.kind == "text" and len(heard.text) <= GREETING_MAX and category.guess(heard.text) is None:
        return HOME
    if heard.kind not in ("text", "voice", "photo"):
        await context.say("home.not_that", kind=heard.kind)
        return None
    _start(context)
    draft = context.under("ask")
    assert draft is not None  # noqa: S101  _start has just begun it
    step = await _take(context, draft, heard)
    first = context.talk is not None and context.talk["flow"] == "start"
    if step is None or not first:
        return step
    draft["step"] = step
    return "start.notice" if context.person is None else "start.name"


async def _take(context: Context, talk: dict[str, object], heard: Heard) -> Step:
    """A need in somebody's own words: the kind is guessed and asked back, the words are kept as its story."""
    draft = talk["draft"]
    assert isinstance(draft, dict)  # noqa: S101  written by begin()
    if heard.kind != "text":
        service.attach(draft, heard.kind, heard.file_id or "")
    if not heard.text:
        return "ask.what"
    cleaned, held = service.sift(heard.text)
    if not service.tell(draft, cleaned):
        await context.say("ask.too_long")
        return None
    guessed = category.guess(heard.text)
    if guessed is not None:
        draft["guess"] = guessed.kind
    step = "ask.guess" if guessed is not None else "ask.what"
    if not held["kinds"]:
        return step
    draft["held"], draft["after"] = held, step
    return "ask.found"


async def ask_what(context: Context) -> None:
    await context.say("ask.what", kinds=context.local.kinds)


async def hear_what(context: Context, heard: Heard) -> Step:
    assert context.talk is not None  # noqa: S101  a question is only heard inside a talk
    return await _take(context, context.talk, heard)


async def kind(context: Context, tap: Tap) -> Step:
    if tap.choice not in {kind.code for kind in context.local.kinds}:
        return AGAIN
    context.draft["kind"] = tap.choice
    return service.next_step(context.draft)


async def ask_guess(context: Context) -> None:
    await context.say("ask.guess", kind=context.local.kind(context.draft["guess"]))


async def guess(context: Context, tap: Tap) -> Step:
    return _guessed(context, tap.choice == "yes")


async def hear_guess(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return await hear_what(context, heard) if answer is None else _guessed(context, answer)


def _guessed(context: Context, right: bool) -> Step:
    code = context.draft["guess"]
    if not right:
        return "ask.what"
    context.draft["kind"] = code
    return service.next_step(context.draft)


async def ask_when(context: Context) -> None:
    await context.say("ask.when")


async def when(context: Context, tap: Tap) -> Step:
    if tap.choice not in times.DAYS:
        return AGAIN
    context.draft["when"] = times.write(times.day(tap.choice, context.now(), context.local.tz))
    return service.next_step(context.draft)


async def hear_when(context: Context, heard: Heard) -> Step:
    said = times.parse(heard.text, context.now(), context.local.tz)
    if isinstance(said, times.When):
        context.draft["heard"] = times.write(said)
        return "ask.when_right"
    if isinstance(said, times.Unclear) and said.options:
        context.draft["options"] = [times.write(o) for o in said.options]
        return "ask.when_which"
    await context.say("ask.when_unclear")
    return None


async def ask_when_right(context: Context) -> None:
    await context.say("ask.when_right", when=times.read(context.draft["heard"]))


async def when_right(context: Context, tap: Tap) -> Step:
    return _when_right(context, tap.choice == "yes")


async def hear_when_right(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return await hear_when(context, heard) if answer is None else _when_right(context, answer)


def _when_right(context: Context, right: bool) -> Step:
    span = context.draft["heard"]
    if not right:
        return "ask.when"
    context.draft["when"] = span
    return service.next_step(context.draft)


async def ask_when_which(context: Context) -> None:
    await context.say("ask.when_which", options=[times.read(o) for o in context.draft["options"]])


async def when_which(context: Context, tap: Tap) -> Step:
    options = context.draft["options"]
    if tap.choice is None or not tap.choice.isdecimal() or int(tap.choice) >= len(options):
        return AGAIN
    context.draft["when"] = options[int(tap.choice)]
    return service.next_step(context.draft)


async def ask_area(context: Context) -> None:
    await context.say("ask.area")


async def area(context: Context, tap: Tap) -> Step:
    if tap.choice != "none" and context.local.area(tap.choice or "") is None:
        return AGAIN
    return _area(context, None if tap.choice == "none" else tap.choice)


async def hear_area(context: Context, heard: Heard) -> Step:
    code = context.local.area_in(heard.text)
    if code is None:
        await context.say("home.not_that", kind="text")
        return None
    return _area(context, code)


def _area(context: Context, code: str | None) -> Step:
    context.draft["area"] = code
    if code is not None:
        people.update(context.session, context.me, area=code)
    return service.next_step(context.draft)


async def ask_details(context: Context) -> None:
    draft = context.draft
    await context.say("ask.details", told=draft.get("told", []), files=len(draft.get("files", [])))


async def hear_details(context: Context, heard: Heard) -> Step:
    """Any number of messages, voice notes and photos; each is read back."""
    if heard.kind != "text" and not service.attach(context.draft, heard.kind, heard.file_id or ""):
        await context.say("ask.too_long")
        return None
    if not heard.text:
        return "ask.details"
    if heard.kind == "text" and yes_no(heard.text) is False:
        return _enough(context)
    cleaned, held = service.sift(heard.text)
    if not service.tell(context.draft, cleaned):
        await context.say("ask.too_long")
        return None
    if not held["kinds"]:
        return "ask.details"
    context.draft["held"], context.draft["after"] = held, "ask.details"
    return "ask.found"


async def enough(context: Context, tap: Tap) -> Step:
    return _enough(context)


def _enough(context: Context) -> Step:
    context.draft["enough"] = True
    return service.next_step(context.draft)


async def ask_found(context: Context) -> None:
    held = context.draft["held"]
    await context.say(
        "ask.found",
        things=context.local.identifiers(held["kinds"]),
        movable=bool(held["phone"] or held["door"]),
    )


async def found(context: Context, tap: Tap) -> Step:
    return _found(context, tap.choice == "keep")


async def hear_found(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else _found(context, answer)


def _found(context: Context, keep: bool) -> Step:
    """The writer's choice: for the helper's eyes, or gone. Either way it is no longer in the story."""
    held = context.draft.pop("held", {})
    if keep:
        for what in ("phone", "door"):
            if held.get(what):
                context.draft[what] = held[what]
    return str(context.draft.pop("after", "ask.details"))


async def ask_door(context: Context) -> None:
    await context.say("ask.door")


async def no_door(context: Context, tap: Tap) -> Step:
    context.draft["door"] = None
    return service.next_step(context.draft)


async def hear_door(context: Context, heard: Heard) -> Step:
    if yes_no(heard.text) is False:
        context.draft["door"] = None
    elif len(heard.text) <= service.DOOR_MAX:
        context.draft["door"] = heard.text.strip()
    else:
        await context.say("ask.door_long")
        return None
    return service.next_step(context.draft)


async def ask_phone(context: Context) -> None:
    await context.say("ask.phone")


async def phone(context: Context, tap: Tap) -> Step:
    if tap.choice == "yes":
        return "ask.number"
    context.draft["phone"] = None
    return service.next_step(context.draft)


async def hear_phone(context: Context, heard: Heard) -> Step:
    if heard.kind == "text" and yes_no(heard.text) is True:
        return "ask.number"
    return await hear_number(context, heard)


async def ask_number(context: Context) -> None:
    await context.say("ask.number")


async def hear_number(context: Context, heard: Heard) -> Step:
    if heard.kind == "contact":
        if not heard.own_contact:
            await context.say("ask.not_your_card")
            return None
        context.draft["phone"] = heard.phone
    elif yes_no(heard.text) is False:
        context.draft["phone"] = None
    else:
        number = next((f for f in scrub.find(heard.text) if f.kind == "phone"), None)
        if number is None:
            await context.say("ask.phone_unclear")
            return None
        context.draft["phone"] = heard.text[number.start : number.end]
    await context.say("ask.noted")
    return service.next_step(context.draft)


async def ask_check(context: Context) -> None:
    draft = context.draft
    await context.say(
        "ask.check",
        kind=context.local.kind(draft["kind"]),
        story="\n".join(draft.get("told", [])),
        files=len(draft.get("files", [])),
        when=times.read(draft["when"]),
        area=context.local.area(draft["area"]) if draft["area"] else None,
        door=draft["door"],
        phone=draft["phone"],
    )


async def hear_check(context: Context, heard: Heard) -> Step:
    """Sending is a tap of its own; words here are one more detail."""
    context.draft.pop("enough", None)
    step = await hear_details(context, heard)
    if step == "ask.details":
        context.draft["enough"] = True
        return "ask.check"
    return step


async def ask_change(context: Context) -> None:
    await context.say("ask.change")


async def change(context: Context, tap: Tap) -> Step:
    return "ask.change"


async def hear_change(context: Context, heard: Heard) -> Step:
    return AGAIN


async def change_one(context: Context, tap: Tap) -> Step:
    if tap.choice not in ("what", "when", "area", "details", "door", "phone"):
        return AGAIN
    return service.reopen(context.draft, tap.choice)


async def drop(context: Context, tap: Tap) -> Step:
    context.end()
    await context.say("ask.dropped")
    return None


async def send(context: Context, tap: Tap) -> Step:
    if service.next_step(context.draft) != "ask.check":
        return service.next_step(context.draft)
    case = service.submit(context.session, context.local, context.me, context.draft)
    context.end()
    await context.say("ask.received", about=case)
    for member in rules.staff_for(context.session, case):
        await context.tell(
            member, "review.card", about=case, **views.staff(context.session, context.local, case)
        )
        await context.voice.show_files(member, cases.files_of(context.session, case))
    return None
