"""One question at a time; the bot says how it understood; nothing goes out before the check page."""

from __future__ import annotations

from bot.community import appointments, cases, messages, people, restrictions, rules, views
from bot.community.cases import State
from bot.community.restrictions import May
from bot.context import Context
from bot.errors import OldButton
from bot.flow import AGAIN, HOME, Heard, Step, Tap
from bot.handlers.ask import service
from bot.understanding import care, doors, kin, route, times
from bot.understanding.yes_no import yes_no
from privacy import scrub

WISHES = {"f": "f", "m": "m", "any": None}
GREETING_MAX = 6  # characters; shorter words that name no need get the menu rather than a form


async def begin(context: Context, tap: Tap) -> Step:
    if _something_written(context):
        await context.say("ask.unfinished")
        return None
    return _start(context)


def _something_written(context: Context) -> bool:
    draft = (context.under("ask") or {}).get("draft", {})
    return any(draft.get(answer) for answer in ("told", "files", "kind", "held"))


def own_declined(context: Context, tap: Tap) -> bool:
    if rules.own_case(context.session, context.person, tap.about).state != State.DECLINED:
        raise OldButton
    return True


async def resend(context: Context, tap: Tap) -> Step:
    """What was not sent out, to be changed and sent again."""
    if _something_written(context):
        await context.say("ask.unfinished")
        return None
    case = rules.own_case(context.session, context.person, tap.about)
    context.begin("ask", **service.again(context.session, case, context.me))
    context.shown = True  # why it was declined stays on screen
    return "ask.details"


async def afresh(context: Context, tap: Tap) -> Step:
    return _start(context)


def _start(context: Context) -> Step:
    """A new draft; somebody we do not know yet is asked to be known first, and comes back to it."""
    known = {"area": context.person.area} if context.person is not None and context.person.area else {}
    context.begin("ask", step="ask.what", **known)
    return context.introduce() or "ask.what"


async def typed(context: Context, heard: Heard) -> Step:
    """Words while no question waits: most likely a need."""
    if (
        heard.kind == "text"
        and len(heard.text) <= GREETING_MAX
        and context.local.lexicon.guess(heard.text) is None
    ):
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
    new = not draft.get("told") and "aside" not in draft.get("ways", [])
    if new and route.route(heard.text, None).go == route.RIGHT:
        draft["aside"] = heard.text  # about her data, and no need: kept only in case it was one
        return "ask.way"
    draft.pop("aside", None)
    cleaned, held = service.sift(heard.text)
    if not service.tell(draft, cleaned):
        await context.say("ask.too_long")
        return None
    service.propose(draft, times.mentioned(heard.text, context.now(), context.local.tz))
    guessed = service.guess(context.local, draft, heard.text)
    after = "ask.way" if service.way(context.local, draft) else "ask.guess" if guessed else "ask.what"
    return service.hold(draft, held, after)


async def ask_way(context: Context) -> None:
    """What her words seem to be about, when neighbours are not who is asked about it. She says how it goes on."""
    found = service.way(context.local, context.draft)
    way, _, why = (service.token(found) if found else "").partition(":")
    await context.say(
        "ask.way",
        way=way,
        why=why,
        reason=context.local.reason(why),
        body=context.local.body(why),
        urgent=found is not None and found.urgency == route.URGENT,
    )


async def way(context: Context, tap: Tap) -> Step:
    draft, found = context.draft, service.way(context.local, context.draft)
    if found is None:
        return service.next_step(context.local, draft)
    if tap.choice == "staff":
        service.to_staff(context.local, draft, found, times.write(times.When(None, None)))
        return service.next_step(context.local, draft)
    if tap.choice == "change":
        return "ask.anew"
    if tap.choice != "on" or found.go == route.DECLINE:
        return AGAIN
    draft["ways"] = [*draft.get("ways", []), service.token(found)]
    if "aside" in draft:
        draft["ways"].append("aside")
        return await hear_what(context, Heard("text", draft["aside"]))
    return (
        "ask.guess" if "guess" in draft and "kind" not in draft else service.next_step(context.local, draft)
    )


async def hear_way(context: Context, heard: Heard) -> Step:
    """Other words are more of the need; which button a yes would be for is not clear."""
    if heard.kind == "text" and yes_no(heard.text) is not None:
        return AGAIN
    if "kind" not in context.draft:
        return await hear_what(context, heard)
    step = await hear_details(context, heard)
    return service.next_step(context.local, context.draft) if step == "ask.details" else step


async def ask_what(context: Context) -> None:
    await context.say("ask.what", kinds=context.local.front, noted=_noted(context))


def _noted(context: Context) -> bool:
    draft = context.draft
    return bool(draft.get("fresh") if draft.get("changing") else draft.get("told") or draft.get("files"))


async def all_kinds(context: Context, tap: Tap) -> Step:
    return "ask.kinds"


async def ask_kinds(context: Context) -> None:
    await context.say("ask.kinds", kinds=context.local.categories)


async def category(context: Context, tap: Tap) -> Step:
    """The skills of a category; one without any is chosen itself."""
    if tap.choice not in {kind.code for kind in context.local.categories}:
        return AGAIN
    if not context.local.skills_of(tap.choice):
        return await _chosen(context, tap.choice)
    context.draft["category"] = tap.choice
    return "ask.skills"


async def ask_skills(context: Context) -> None:
    code = context.draft["category"]
    await context.say("ask.skills", kind=context.local.kind(code), kinds=context.local.skills_of(code))


async def hear_what(context: Context, heard: Heard) -> Step:
    assert context.talk is not None  # noqa: S101  a question is only heard inside a talk
    return await _take(context, context.talk, heard)


async def kind(context: Context, tap: Tap) -> Step:
    if tap.choice is None or tap.choice not in {kind.code for kind in context.local.kinds}:
        return AGAIN
    return await _chosen(context, tap.choice)


async def _chosen(context: Context, code: str) -> Step:
    if service.choose(context.draft, code):
        await context.say("ask.story_changed")
    return service.next_step(context.local, context.draft)


async def ask_guess(context: Context) -> None:
    kind = context.local.kind(context.draft["guess"])
    category = context.local.kind(kind.category) if kind.category else None
    await context.say("ask.guess", kind=kind, category=category)


async def guess(context: Context, tap: Tap) -> Step:
    return await _guessed(context, tap.choice == "yes")


async def hear_guess(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return await hear_what(context, heard) if answer is None else await _guessed(context, answer)


async def _guessed(context: Context, right: bool) -> Step:
    if right:
        return await _chosen(context, context.draft["guess"])
    context.draft["not"] = context.draft.pop("guess")
    return "ask.what"


async def ask_when(context: Context) -> None:
    today = times.day("today", context.now(), context.local.tz)
    await context.say(
        "ask.when",
        over=context.draft.pop("over", False),
        asked_from=context.local.awake(context.now()) if _too_late(context, today) else None,
    )


def _too_late(context: Context, when: times.When) -> bool:
    return service.too_late(context.local, context.draft, when, context.now())


async def when(context: Context, tap: Tap) -> Step:
    if tap.choice not in times.DAYS:
        return AGAIN
    context.draft["said"] = tap.choice
    return _when(context, times.write(times.day(tap.choice, context.now(), context.local.tz)))


def _when(context: Context, span: list[str | None]) -> Step:
    context.draft.pop("proposed", None)
    if _too_late(context, times.read(span)):
        return _another_time(context)
    context.draft["when"] = span
    return service.next_step(context.local, context.draft)


def _another_time(context: Context) -> Step:
    """The time cannot be met any more; everything else she told stays."""
    context.draft["over"] = True
    context.draft.pop("said", None)
    return "ask.when"


async def hear_when(context: Context, heard: Heard) -> Step:
    """A time in one message or in several: a later one fills in what an earlier one left open."""
    now, tz = context.now(), context.local.tz
    words = times.further(context.draft.get("said", ""), heard.text, now, tz)
    said = times.parse(words, now, tz)
    if isinstance(said, times.When):
        context.draft["said"], context.draft["heard"] = words, times.write(said)
        return "ask.when_right"
    if isinstance(said, times.Unclear) and len(said.options) == 1:  # today's has passed
        context.draft["said"], context.draft["heard"] = words, times.write(said.options[0])
        context.draft["passed"] = True
        return "ask.when_right"
    if isinstance(said, times.Unclear) and said.options:
        context.draft["said"], context.draft["options"] = words, [times.write(o) for o in said.options]
        return "ask.when_which"
    await context.say("ask.when_unclear")
    return None


def _more_time(context: Context, heard: Heard) -> bool:
    """Whether these words, heard at the next question, still belong to the time she has just told."""
    told = heard.kind == "text" and "said" in context.draft
    return told and times.alone(heard.text, context.now(), context.local.tz)


async def ask_when_right(context: Context) -> None:
    passed = context.draft.pop("passed", False)
    await context.say("ask.when_right", when=times.read(context.draft["heard"]), passed=passed)


async def when_right(context: Context, tap: Tap) -> Step:
    return _when_right(context, tap.choice == "yes")


async def hear_when_right(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return await hear_when(context, heard) if answer is None else _when_right(context, answer)


def _when_right(context: Context, right: bool) -> Step:
    if not right:
        context.draft.pop("said", None)
        return "ask.when"
    return _when(context, context.draft["heard"])


async def ask_when_which(context: Context) -> None:
    await context.say("ask.when_which", options=[times.read(o) for o in context.draft["options"]])


async def when_which(context: Context, tap: Tap) -> Step:
    options = context.draft["options"]
    if tap.choice is None or not tap.choice.isdecimal() or int(tap.choice) >= len(options):
        return AGAIN
    return _when(context, options[int(tap.choice)])


async def ask_area(context: Context) -> None:
    await context.say("ask.area")


async def area(context: Context, tap: Tap) -> Step:
    if tap.choice != "none" and context.local.area(tap.choice or "") is None:
        return AGAIN
    return _area(context, None if tap.choice == "none" else tap.choice)


async def hear_area(context: Context, heard: Heard) -> Step:
    if _more_time(context, heard):
        return await hear_when(context, heard)
    code = context.local.area_in(heard.text)
    if code is None and yes_no(heard.text) is False:
        return _area(context, None)
    if code is None:
        await context.say("home.not_that", kind="text")
        return None
    after = str(_area(context, code))
    _, held = service.sift(heard.text)  # a door told along with the block need not be asked for
    return service.hold(context.draft, held, after) if "door" not in context.draft else after


def _area(context: Context, code: str | None) -> Step:
    context.draft.pop("said", None)
    context.draft["area"] = code
    if code is not None:
        people.update(context.session, context.me, area=code)
    return service.next_step(context.local, context.draft)


async def ask_wish(context: Context) -> None:
    await context.say("ask.wish")


async def wish(context: Context, tap: Tap) -> Step:
    if tap.choice not in WISHES:
        return AGAIN
    context.draft["wish"] = WISHES[tap.choice]
    return service.next_step(context.local, context.draft)


async def hear_wish(context: Context, heard: Heard) -> Step:
    await context.say("home.not_that", kind="text")
    return None


async def ask_details(context: Context) -> None:
    draft = context.draft
    await context.say("ask.details", told=draft.get("told", []), files=len(draft.get("files", [])))


async def hear_details(context: Context, heard: Heard) -> Step:
    """Any number of messages, voice notes and photos; each is read back."""
    if _more_time(context, heard):
        return await hear_when(context, heard)
    context.draft.pop("said", None)
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
    return service.hold(context.draft, held, "ask.details")


async def anew(context: Context, tap: Tap) -> Step:
    return "ask.anew"


async def ask_anew(context: Context) -> None:
    await context.say("ask.anew")


async def hear_anew(context: Context, heard: Heard) -> Step:
    """The old words stay until the first new one is there."""
    context.draft["anew"] = True
    step = await (hear_details if "kind" in context.draft else hear_what)(context, heard)
    context.draft.pop("anew", None)
    return step


async def keep(context: Context, tap: Tap) -> Step:
    return "ask.details"


async def enough(context: Context, tap: Tap) -> Step:
    return _enough(context)


def _enough(context: Context) -> Step:
    context.draft.pop("said", None)
    context.draft["enough"] = True
    return service.next_step(context.local, context.draft)


async def ask_found(context: Context) -> None:
    held = context.draft["held"]
    movable = [*(["phone"] if held["phone"] else []), *(["door", "street"] if held["door"] else [])]
    await context.say(
        "ask.found",
        things=context.local.identifiers(held["kinds"]),
        others=context.local.identifiers(set(held["kinds"]) - set(movable)),
        movable=bool(movable),
        noted=context.draft.pop("noted", False),
    )


async def found(context: Context, tap: Tap) -> Step:
    return _found(context, tap.choice == "keep")


async def hear_found(context: Context, heard: Heard) -> Step:
    """A yes or a no; other words are more of the story, and what they hide is asked about along with the rest."""
    answer = yes_no(heard.text) if heard.kind == "text" else None
    if answer is not None:
        return _found(context, answer)
    draft = context.draft
    cleaned, held = service.sift(heard.text)
    attached = heard.kind == "text" or service.attach(draft, heard.kind, heard.file_id or "")
    if not attached or (cleaned and not service.tell(draft, cleaned)):
        await context.say("ask.too_long")
        return None
    service.hold(draft, held, draft["after"])
    draft["noted"] = True
    return AGAIN


def _found(context: Context, keep: bool) -> Step:
    """The writer's choice: for the helper's eyes, or gone. Either way it is no longer in the story."""
    held = context.draft.pop("held", {})
    if keep:
        for what in ("phone", "door"):
            if held.get(what):
                context.draft[what] = held[what]
    return str(context.draft.pop("after", "ask.details"))


async def ask_care(context: Context) -> None:
    """What needs its own yes is asked for once all is told, and before anything is noted."""
    lines, word = service.told(context.draft)
    purpose = care.need(lines, word) or ""
    await context.say(
        "ask.care", to="ask.care", purpose=purpose, told=care.needing(lines, word).get(purpose, [])
    )


async def care_for(context: Context, tap: Tap) -> Step:
    return _care(context, tap.choice or "")


async def hear_care(context: Context, heard: Heard) -> Step:
    """A yes or a no; other words are more of the story."""
    answer = yes_no(heard.text) if heard.kind == "text" else None
    if answer is not None:
        return _care(context, "keep" if answer else "drop")
    step = await hear_details(context, heard)
    return service.next_step(context.local, context.draft) if step == "ask.details" else step


def _care(context: Context, choice: str) -> Step:
    settled = care.settle(*service.told(context.draft), choice)
    if settled is None:
        return AGAIN
    context.draft["told"], context.draft["care"] = settled
    return service.next_step(context.local, context.draft)


async def ask_door(context: Context) -> None:
    await context.say("ask.door")


async def no_door(context: Context, tap: Tap) -> Step:
    context.draft["door"] = None
    return service.next_step(context.local, context.draft)


async def hear_door(context: Context, heard: Heard) -> Step:
    if yes_no(heard.text) is False:
        context.draft["door"] = None
    elif doors.is_question(heard.text):
        await context.say("ask.door_what")
        return None
    elif len(heard.text) <= service.DOOR_MAX:
        context.draft["door"], context.draft["door_open"] = heard.text.strip(), True
    else:
        await context.say("ask.door_long")
        return None
    return service.next_step(context.local, context.draft)


def _more_door(context: Context, heard: Heard) -> bool:
    """Whether these words, heard later, are nothing but a piece of the door she has told; then they join it."""
    draft = context.draft
    if not draft.get("door") or heard.kind != "text" or not doors.is_piece(heard.text):
        return False
    joined = f"{draft['door']} {heard.text.strip()}"
    if len(joined) > service.DOOR_MAX:
        return False
    draft["door"] = joined
    return True


async def ask_phone(context: Context) -> None:
    draft = context.draft
    door = draft["door"] if draft.get("door_open") else None
    await context.say("ask.phone", door=door, chat=people.has_chat(context.me))


async def phone(context: Context, tap: Tap) -> Step:
    context.draft.pop("door_open", None)
    if tap.choice == "yes":
        return "ask.number"
    context.draft["phone"] = None
    return service.next_step(context.local, context.draft)


async def hear_phone(context: Context, heard: Heard) -> Step:
    if context.draft.get("door_open") and _more_door(context, heard):
        return AGAIN
    if heard.kind == "text" and yes_no(heard.text) is True:
        return "ask.number"
    return await hear_number(context, heard)


async def ask_number(context: Context) -> None:
    await context.say("ask.number", standing_in=context.proxy is not None)


async def hear_number(context: Context, heard: Heard) -> Step:
    standing_in = context.proxy is not None
    if heard.kind == "contact":
        if heard.own_contact == standing_in:  # then the telephone is one's, and the need another's
            await context.say("ask.not_your_card", standing_in=standing_in)
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
    return service.next_step(context.local, context.draft)


async def ask_check(context: Context) -> None:
    draft = context.draft
    service.settle(draft)
    lines, word = service.told(draft)
    private = care.private(lines, word)
    line = context.house.texts.line
    await context.say(
        "ask.check",
        kind=context.local.kind(draft["kind"]),
        story="\n".join(line for line in lines if line not in private),
        sensitive="\n".join(private),
        files=len(draft.get("files", [])),
        when=times.read(draft["when"]),
        area=context.local.area(draft["area"]) if draft["area"] else None,
        wish=draft.get("wish") if service.may_wish(context.local, draft) else None,
        door=draft["door"],
        phone=draft["phone"],
        no_phone="" if people.has_chat(context.me) else line("ask.passed_on", context.language),
        whom=line("ask.for_whom", context.language, whom=draft["whom"]) if "whom" in draft else "",
        kin=kin.for_another("\n".join(lines)),
    )


async def ask_whom(context: Context) -> None:
    """She asks for somebody else: who that is, so that she is asked herself before anything goes out."""
    await context.say("ask.whom", known="whom" in context.draft)


async def hear_whom(context: Context, heard: Heard) -> Step:
    name = " ".join(heard.text.split())
    trouble = people.name_trouble(name)
    if trouble is not None:
        await context.say(trouble)
        return None
    context.draft["naming"] = name
    return "ask.whom_phone"


async def ask_whom_phone(context: Context) -> None:
    await context.say("ask.whom_phone")


async def hear_whom_phone(context: Context, heard: Heard) -> Step:
    number = next((one for one in scrub.find(heard.text) if one.kind == "phone"), None)
    phone = heard.phone or (heard.text[number.start : number.end] if number is not None else None)
    if phone is None:
        await context.say("ask.phone_unclear")
        return None
    context.draft["whom"] = f"{context.draft.pop('naming', '')} {phone}"
    return "ask.check"


async def for_me(context: Context, tap: Tap) -> Step:
    context.draft.pop("whom", None)
    return "ask.check"


async def hear_check(context: Context, heard: Heard) -> Step:
    """Sending is a tap of its own; words here are one more detail."""
    if _more_door(context, heard):
        return AGAIN
    if yes_no(heard.text) is not None:
        return AGAIN
    context.draft.pop("door_open", None)
    step = await hear_details(context, heard)
    if step == "ask.found":
        context.draft["after"] = "ask.check"
    return "ask.check" if step == "ask.details" else step


async def ask_change(context: Context) -> None:
    await context.say("ask.change", may_wish=service.may_wish(context.local, context.draft))


async def change(context: Context, tap: Tap) -> Step:
    return "ask.change"


async def hear_change(context: Context, heard: Heard) -> Step:
    return AGAIN


async def change_one(context: Context, tap: Tap) -> Step:
    if tap.choice not in ("what", "when", "area", "wish", "details", "door", "phone", "whom"):
        return AGAIN
    return service.reopen(context.draft, tap.choice)


async def drop(context: Context, tap: Tap) -> Step:
    context.end()
    await context.say("ask.dropped")
    return None


async def send(context: Context, tap: Tap) -> Step:
    if service.next_step(context.local, context.draft) != "ask.check":
        return service.next_step(context.local, context.draft)
    if _too_late(context, times.read(context.draft["when"])):  # the page has waited too long
        return _another_time(context)
    restrictions.check(context.session, context.me.id, May.ASK)
    case = service.submit(context.session, context.local, context.me, context.draft)
    to_staff = context.draft.get("to_staff", False)
    context.end()
    by_staff = rules.by_staff(context.local, case)
    post = None if by_staff or to_staff else appointments.for_kind(context.session, context.local, case.skill)
    await context.say(
        "ask.received",
        about=case,
        by_staff=by_staff,
        to_staff=to_staff,
        whom=case.whom is not None,
        at_post={"id": post.id, "name": post.name} if post is not None else None,
    )
    if case.whom is not None:
        asking = messages.Sort.ASKING
        await context.voice.ring(
            messages.take(context.session, context.local, asking, None, "", case_id=case.id)
        )
    for member in rules.staff_for(context.session, case):
        await context.tell(
            member, "review.card", about=case, **views.staff(context.session, context.local, case)
        )
        if (
            not case.of_a_child
        ):  # what is told of a child waits for a second member of staff, and so does what shows it
            await context.voice.show_files(member, cases.files_of(case), about=case)
    return None
