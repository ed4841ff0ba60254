"""What staff see and do at the desk. Who they are is read at every tap; whose word it is and how it came is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from bot.community import cases, copying, erasing, events, holdings, pairs, parting, people, rules, staff
from bot.community.events import Kind
from bot.community.holdings import Agreed
from bot.community.parting import Word
from bot.community.people import Person
from bot.community.proxy import WAYS
from bot.community.record import community_of
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, DONE, HOME, Heard, Step, Tap, in_talk
from bot.texts import LANGUAGES
from bot.understanding import past
from privacy import access_log, consent, scrub
from privacy.consent import By

FAMILY = {"family": By.PROXY}  # the family's word counts only for who has died (PIPL 49)
DOINGS = {
    "agreed": "desk.agreed",
    "name": "desk.name",
    "area": "desk.area",
    "language": "desk.language",
    "tie": "desk.tie",
    "erase": "desk.erase",
    "phone": "desk.phone",
    "for_her": "desk.told",
}
TOLD = {"today": 0, "yesterday": 1, "before": 2}  # days ago
NOTICE = ("account", "telegram")  # what somebody is read before she is entered
SHOWN = 5  # people of one name
HERE = ("counter", "visit")  # she stands before them


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def of_somebody(context: Context, tap: Tap) -> bool:
    _here(context, tap.about)
    return True


def in_search(context: Context, tap: Tap) -> bool:
    return on_duty(context, tap) and in_talk(context, tap)


def at_desk(context: Context, tap: Tap) -> bool:
    """Staff, with the neighbour of the talk in hand before them, who is not themselves."""
    in_talk(context, tap)
    _person(context)
    return True


def _person(context: Context) -> Person:
    if context.talk is None or "person" not in context.draft:
        raise OldButton
    return _here(context, context.draft["person"])


def _here(context: Context, person_id: str) -> Person:
    """Raises NotYours or StepAside as rules.staff_person does, OldButton for who has been erased."""
    person = rules.staff_person(context.session, context.person, person_id)
    if people.is_gone(person):
        raise OldButton
    return person


def _word(context: Context) -> Word:
    """Hers, as staff heard it. Raises OldButton before it was said how."""
    way = context.draft.get("way")
    if way is None:
        raise OldButton
    return Word({**WAYS, **FAMILY}[way], context.me.id, way)


def _note(context: Context, person: Person, act: str) -> None:
    people.seen(context.session, person)  # she came, called or wrote
    way = context.draft["way"]
    channel = way if way in WAYS else "counter"
    events.note(
        context.session, person.id, Kind.DESK, actor=context.me.id, code=f"{act}:{way}", channel=channel
    )


async def begin(context: Context, tap: Tap) -> Step:
    context.begin("desk")
    return "desk.find"


async def open_(context: Context, tap: Tap) -> Step:
    context.begin("desk", person=tap.about)
    return "desk.how"


async def ask_find(context: Context) -> None:
    await context.say("desk.find")


async def hear_find(context: Context, heard: Heard) -> Step:
    """By the number of a case, or by the whole name; nobody is listed, and who does not match is not hinted at."""
    if not staff.holds(context.session, context.me.id, Role.MODERATOR):
        raise NotYours
    found = _found(context, heard.text)
    name = " ".join(heard.text.split())
    context.draft["new"] = None if _number(context, name) or people.name_trouble(name) else name
    if not found:
        await context.say("desk.nobody", new=context.draft["new"])
        return None
    context.draft["found"] = [person.id for person in found[:SHOWN]]
    return _chosen(context, found[0]) if len(found) == 1 else "desk.which"


def _number(context: Context, words: str) -> re.Match[str] | None:
    """The number of a case, as it is said on the phone."""
    prefix = re.escape(context.local.prefix)
    return re.fullmatch(rf"(?:{prefix}-?)?(\d{{1,9}})", words.strip(), re.IGNORECASE)


def _found(context: Context, words: str) -> list[Person]:
    number = _number(context, words)
    if number is not None:
        case = cases.numbered(context.session, int(number[1]))
        found = [people.get(context.session, case.person_id)] if case is not None else []
    else:
        found = people.called(context.session, words)
    session, me = context.session, context.me
    return [one for one in found if not people.is_gone(one) and rules.looks_after(session, me, one)]


def _chosen(context: Context, person: Person) -> Step:
    rules.staff_person(context.session, context.person, person.id)
    context.draft["person"] = person.id
    return "desk.how"


async def ask_which(context: Context) -> None:
    found = people.those(context.session, context.draft["found"])
    lines = [{"n": n, "area": context.local.area(one.area or "")} for n, one in enumerate(found)]
    await context.say("desk.which", name=people.name_of(found[0]), found=lines, new=context.draft.get("new"))


async def one(context: Context, tap: Tap) -> Step:
    found = context.draft.get("found", [])
    if tap.choice is None or not tap.choice.isdecimal() or int(tap.choice) >= len(found):
        return AGAIN
    return _chosen(context, _here(context, found[int(tap.choice)]))


async def ask_how(context: Context) -> None:
    person = _person(context)
    await context.say(
        "desk.how",
        name=people.name_of(person),
        quiet=person.quiet_since is not None,
        new=context.draft.get("new"),
    )


async def hear_how(context: Context, heard: Heard) -> Step:
    return AGAIN


async def how(context: Context, tap: Tap) -> Step:
    person = _person(context)
    if tap.choice not in (FAMILY if person.quiet_since is not None else WAYS):
        return AGAIN
    context.draft["way"] = tap.choice
    _note(context, person, "see")
    return "desk.page"


async def ask_page(context: Context) -> None:
    person = _person(context)
    summary = holdings.summary(context.session, context.local, person)
    await context.say(
        "desk.page",
        **summary,
        person_id=person.id,
        chat=people.has_chat(person),
        quiet=person.quiet_since is not None,
        here=context.draft["way"] in HERE,
    )


async def hear_page(context: Context, heard: Heard) -> Step:
    return AGAIN


async def page(context: Context, tap: Tap) -> Step:
    _word(context)
    return "desk.page"


async def do(context: Context, tap: Tap) -> Step:
    _word(context)
    if tap.choice == "copy":
        return await _copy(context)
    return DOINGS.get(tap.choice or "", AGAIN)


async def _copy(context: Context) -> Step:
    """A file for staff to hand over or to print; the passphrase is laid over the chat, as for everybody."""
    person = _person(context)
    locked, key = copying.for_staff(context.session, context.local, context.house.texts, person, context.me)
    _note(context, person, "copy")
    copying.keep_key(context.session, context.me.id, copying.DESK, key)
    await context.say("desk.copied")
    await context.give("desk.copy_file", file=locked, called=copying.file_name(context.local, context.now()))
    await _tell(context, person, "copy")
    return None


async def key(context: Context, tap: Tap) -> Step:
    if context.incoming.callback_query is None:
        return AGAIN  # its words were typed: in the chat it would stay
    kept = copying.key_kept(context.session, context.me.id, copying.DESK)
    if kept is None:
        await context.toast("my_data.no_key", alert=True)
    else:
        await context.toast("my_data.key", alert=True, key=kept)
    return None


async def noted(context: Context, tap: Tap) -> Step:
    copying.forget_key(context.session, context.me.id, copying.DESK)
    return AGAIN


async def ask_agreed(context: Context) -> None:
    agreed = holdings.agreed(context.session, _person(context))
    await context.say("desk.agreed", agreed=[one for one in agreed if _alone(one)])


def _uses(context: Context, choice: str | None) -> Agreed:
    """A live yes of hers: its purpose, and the case it is for. Raises OldButton when there is none."""
    for one in holdings.agreed(context.session, _person(context)):
        if _alone(one) and choice == ".".join(filter(None, [one.purpose, one.line.scope])):
            return one
    raise OldButton


def _alone(one: Agreed) -> bool:
    """Whether it can be taken back alone: everything stands on the others."""
    return one.purpose in ("pool", "hours", "roster") or one.case is not None


async def withdraw(context: Context, tap: Tap) -> Step:
    context.draft["use"] = tap.choice
    _uses(context, tap.choice)
    return "desk.withdraw"


async def ask_withdraw(context: Context) -> None:
    one = _uses(context, context.draft["use"])
    await context.say("desk.withdraw", purpose=one.purpose, matter=one.case)


async def withdraw_yes(context: Context, tap: Tap) -> Step:
    person, one = _person(context), _uses(context, context.draft.get("use"))
    tidings = parting.take_back(context.session, context.local, person, one.purpose, one.case, _word(context))
    await context.voice.bring(tidings)
    return await _did(context, person, one.purpose)


async def _did(context: Context, person: Person, what: str) -> Step:
    """Noted, and told to her too: nobody acts in her name unseen."""
    _note(context, person, what)
    await _tell(context, person, what)
    return "desk.page"


async def _tell(context: Context, person: Person, what: str) -> None:
    """Who has no Telegram has just said so herself."""
    if people.has_chat(person):
        await context.tell(person, "desk.done_for", what=what, way=context.draft["way"])


async def ask_name(context: Context) -> None:
    await context.say("desk.name", name=people.name_of(_person(context)))


async def hear_name(context: Context, heard: Heard) -> Step:
    person = _person(context)
    _word(context)
    name = " ".join(heard.text.split())
    trouble = people.name_trouble(name)
    if trouble is not None:
        await context.say(trouble)
        return None
    people.rename(context.session, person, name)
    return await _did(context, person, "name")


async def ask_area(context: Context) -> None:
    await context.say("desk.area")


async def area(context: Context, tap: Tap) -> Step:
    if tap.choice != "none" and context.local.area(tap.choice or "") is None:
        return AGAIN
    return await _moved(context, None if tap.choice == "none" else tap.choice)


async def hear_area(context: Context, heard: Heard) -> Step:
    code = context.local.area_in(heard.text)
    return AGAIN if code is None else await _moved(context, code)


async def _moved(context: Context, code: str | None) -> Step:
    person = _person(context)
    _word(context)
    people.update(context.session, person, area=code)
    step = await _did(context, person, "area")
    return step if rules.looks_after(context.session, context.me, person) else await _theirs(context, person)


async def _theirs(context: Context, person: Person) -> Step:
    """From now on the staff of another community look after her."""
    there = community_of(context.session, person.area)
    where = context.local.community(there) or context.local
    await context.say("desk.theirs", where=where)
    return DONE


async def ask_language(context: Context) -> None:
    await context.say("desk.language")


async def language(context: Context, tap: Tap) -> Step:
    """In it she is written to, her errands are told, and her helpers are looked for."""
    person = _person(context)
    _word(context)
    if tap.choice not in LANGUAGES:
        return AGAIN
    people.update(context.session, person, language=tap.choice)
    return await _did(context, person, "language")


async def ask_tie(context: Context) -> None:
    await context.say("desk.tie", name=people.name_of(_person(context)))


async def hear_tie(context: Context, heard: Heard) -> Step:
    """Somebody close to her, found as everybody is at the desk; the same one once more, and it is written no longer."""
    person = _person(context)
    _word(context)
    found = [one for one in _found(context, heard.text) if one.id != person.id]
    if not found:
        await context.say("desk.nobody", new=None)
        return None
    if len(found) > 1:
        await context.say("desk.tie_which")
        return None
    other = found[0].id  # what that one has said is not hers to take back, nor told
    if any(pair.other == other for pair in pairs.said_by(context.session, person.id, pairs.Why.TIE)):
        pairs.rejoin(context.session, person.id, other, pairs.Why.TIE)
        return await _did(context, person, "untied")
    pairs.part(context.session, person.id, other, pairs.Why.TIE)
    return await _did(context, person, "tie")


async def ask_erase(context: Context) -> None:
    person = _person(context)
    live = len(cases.of_person(context.session, person.id))
    await context.say("desk.erase", name=people.name_of(person), live=live)


async def erase_done(context: Context, tap: Tap) -> Step:
    person = _person(context)
    _word(context)
    erasing.erase_done(context.session, person)
    return await _did(context, person, "erase_done")


async def erase_all(context: Context, tap: Tap) -> Step:
    person, word = _person(context), _word(context)
    tidings = parting.stop_everything(context.session, context.local, person, actor=context.me.id)
    _note(context, person, "erase_all")
    await context.voice.bring(tidings)
    await context.voice.clear(person)
    parting.take_all_back(context.session, person, word)
    receipt: dict[str, Any] = {
        "at": context.now(),
        "until": context.now() + access_log.KEPT,
        "ledger_id": person.id,
    }
    if people.has_chat(person):
        await context.tell(person, "my_data.erased", **receipt)
    erasing.erase_person(context.session, person.id)
    await context.say("desk.erased", **receipt)
    return DONE


# --- somebody who has no Telegram is entered, on her word


def may_enter(context: Context, tap: Tap) -> bool:
    """Somebody was looked for by a name, and she is not the one who is there."""
    on_duty(context, tap)
    if context.talk is None or not context.draft.get("new"):
        raise OldButton
    return on_duty(context, tap)


async def enter(context: Context, tap: Tap) -> Step:
    """Where she lives comes first: it says whose staff look after her."""
    context.draft.pop("person", None)
    return "desk.new_area"


async def ask_new_area(context: Context) -> None:
    await context.say("desk.new_area", new=context.draft["new"])


async def hear_new_area(context: Context, heard: Heard) -> Step:
    return _lives(context, context.local.area_in(heard.text))


async def lives(context: Context, tap: Tap) -> Step:
    return _lives(context, tap.choice)


def _lives(context: Context, code: str | None) -> Step:
    if code != "none" and context.local.area(code or "") is None:
        return AGAIN
    context.draft["area"] = None if code == "none" else code
    return "desk.speaks"


async def ask_speaks(context: Context) -> None:
    await context.say("desk.speaks", new=context.draft["new"])


async def speaks(context: Context, tap: Tap) -> Step:
    """Hers, not that of whoever enters her: the notice is read to her in it."""
    if tap.choice not in LANGUAGES:
        return AGAIN
    context.draft["language"] = tap.choice
    return "desk.new"


async def ask_new(context: Context) -> None:
    """The notice is read to her, whole; what she agrees to is the same as in the chat."""
    notice = context.house.texts.render("start.full", language=context.draft["language"])
    name = context.draft["new"]
    await context.say("desk.new", new=name, notice=Markup(notice.html))  # noqa: S704  a message of ours, escaped


async def new(context: Context, tap: Tap) -> Step:
    """She has agreed: she is known from now on, and whose word it was stands in the ledger."""
    if tap.choice not in WAYS or not {"area", "language"} <= context.draft.keys():
        return AGAIN
    hers = context.draft["language"]
    person = people.enter(context.session, name=context.draft["new"], language=hers)
    people.update(context.session, person, area=context.draft["area"])
    context.draft["person"], context.draft["way"], context.draft["new"] = person.id, tap.choice, None
    for purpose in NOTICE:
        consent.record(
            context.session,
            person_id=person.id,
            purpose=purpose,
            given=True,
            at=context.now(),
            language=hers,
            way=tap.choice,
            by=WAYS[tap.choice],
            by_id=context.me.id,
        )
    _note(context, person, "enter")
    if not rules.looks_after(context.session, context.me, person):
        return await _theirs(context, person)
    return "desk.phone"


async def ask_phone(context: Context) -> None:
    await context.say("desk.phone")


async def hear_phone(context: Context, heard: Heard) -> Step:
    """Where staff reach somebody without Telegram; who has Telegram is reached there."""
    person = _person(context)
    _word(context)
    number = next((one for one in scrub.find(heard.text) if one.kind == "phone"), None)
    if number is None or people.has_chat(person):
        await context.say("ask.phone_unclear")
        return None
    people.set_phone(context.session, person, heard.text[number.start : number.end])
    return await _did(context, person, "phone")


async def no_phone(context: Context, tap: Tap) -> Step:
    person = _person(context)
    _word(context)
    people.set_phone(context.session, person, None)
    return await _did(context, person, "phone")


# --- standing in for her


async def ask_told(context: Context) -> None:
    await context.say("desk.told")


async def told(context: Context, tap: Tap) -> Step:
    if tap.choice == "now":
        return await _stand_in(context, None)
    if tap.choice not in TOLD:
        return AGAIN
    day = context.now().astimezone(context.local.tz) - timedelta(days=TOLD[tap.choice])
    said = past.parse(f"{day:%m-%d}", context.now(), context.local.tz)
    return await _stand_in(context, said.isoformat() if said else None)


async def hear_told(context: Context, heard: Heard) -> Step:
    said = past.parse(heard.text, context.now(), context.local.tz)
    if said is None:
        await context.say("desk.told_unclear")
        return None
    return await _stand_in(context, said.isoformat())


async def _stand_in(context: Context, was_at: str | None) -> Step:
    """From now on what staff do here is hers: asking, following, saying yes, and that it is done."""
    person, word = _person(context), _word(context)
    if word.way not in WAYS or person.quiet_since is not None:
        raise OldButton
    _note(context, person, "for_her")
    context.end()
    context.stand_in(person, way=word.way, was_at=was_at)
    return HOME


def standing_in(context: Context, tap: Tap) -> bool:
    if context.proxy is None:
        raise OldButton
    return True


async def over(context: Context, tap: Tap) -> Step:
    """Done for her: herself again, at the same neighbour's page."""
    person = context.me
    way = context.stand_down()
    context.begin("desk", person=person.id, way=way)
    return "desk.page"
