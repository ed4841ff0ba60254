"""What somebody who complains is asked, and how she is answered."""

from __future__ import annotations

from typing import Any

from bot.community import cases, complaints, people, rules, staff
from bot.community.cases import Case, State
from bot.community.complaints import Complaint
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, DONE, Heard, Step, Tap
from bot.handlers.complain import service
from bot.understanding import route
from bot.understanding.yes_no import yes_no
from bot.voice import REMINDER, Voice
from privacy import scrub

WORDS_MAX = 1000  # characters, all of them together
ANSWER_MAX = 500
OFFERED = 5  # cases to choose from


async def command(context: Context, rest: str) -> Step:
    if context.person is None:
        await context.say("start.first")
        return None
    mine = complaints.of_person(context.session, context.me.id)
    if not mine:
        return _write(context)
    await context.say("complain.list", complaints=mine[:OFFERED])
    return None


async def begin(context: Context, tap: Tap) -> Step:
    return await command(context, "")


async def write(context: Context, tap: Tap) -> Step:
    return _write(context)


def _write(context: Context) -> Step:
    told = _told(context)
    context.begin("complain")
    if told:
        context.draft["words"] = told
    return "complain.about"


def _told(context: Context) -> str:
    """What she wrote as a need, where it was a complaint, is not asked for twice."""
    ask = context.under("ask")
    aside = ask["draft"].get("aside", "") if ask is not None else ""
    if len(aside) > WORDS_MAX or route.route(aside, None).why != route.COMPLAINT:
        return ""
    context.memory["talks"] = [talk for talk in context.memory["talks"] if talk["flow"] != "ask"]
    return scrub.clean(aside, cases.HIDDEN)[0]


async def ask_about(context: Context) -> None:
    mine = cases.of_person(context.session, context.me.id, State)[:OFFERED]
    await context.say("complain.about", cases=[context.voice.item(case, context.language) for case in mine])


async def hear_about(context: Context, heard: Heard) -> Step:
    """She tells it at once: then it is about no case, and these are the words already."""
    context.draft["case"] = None
    return await hear_words(context, heard)


async def about(context: Context, tap: Tap) -> Step:
    if tap.choice is None:
        return AGAIN
    case_id = None if tap.choice == "none" else tap.choice
    if case_id is not None:
        rules.own_case(context.session, context.person, case_id)
    context.draft["case"] = case_id
    if not _hearers(context):
        return await _nobody(context)
    return "complain.check" if "words" in context.draft else "complain.words"


async def _nobody(context: Context) -> Step:
    """All who could look had a hand in it: nothing is kept, and she hears whom she can turn to outside."""
    await context.say("complain.outside")
    return DONE


async def ask_words(context: Context) -> None:
    await context.say("complain.words", matter=_matter(context))


def _matter(context: Context) -> Case | None:
    case_id = context.draft.get("case")
    return rules.own_case(context.session, context.person, case_id) if case_id else None


def _hearers(context: Context) -> list[Person]:
    return complaints.hearers(context.session, person_id=context.me.id, case_id=context.draft.get("case"))


async def hear_words(context: Context, heard: Heard) -> Step:
    cleaned, _ = scrub.clean(heard.text, cases.HIDDEN)
    words = "\n".join(filter(None, [context.draft.get("words"), cleaned]))
    if len(words) > WORDS_MAX:
        await context.say("complain.too_long")
        return None
    context.draft["words"] = words
    return "complain.check"


async def ask_check(context: Context) -> None:
    await context.say("complain.check", words=context.draft["words"], matter=_matter(context))


async def hear_check(context: Context, heard: Heard) -> Step:
    """Sending is a tap of its own; words here are one more line."""
    answer = yes_no(heard.text)
    return await hear_words(context, heard) if answer is None else AGAIN


async def anew(context: Context, tap: Tap) -> Step:
    context.draft.pop("words", None)
    return "complain.words"


async def send(context: Context, tap: Tap) -> Step:
    """To everybody who had no hand in it; the first answer counts."""
    matter, hearers = _matter(context), _hearers(context)
    if not hearers:
        return await _nobody(context)
    complaint = service.submit(context.session, context.local, context.me, matter, context.draft["words"])
    for member in hearers:
        await _show(context.voice, member, complaint)
    await context.say("complain.sent", n=complaint.number, until=complaint.promised_at)
    return DONE


async def _show(voice: Voice, member: Person, complaint: Complaint, *, reminder: bool = False) -> None:
    values = _card(voice, complaint)
    await voice.tell(member, "complain.card", priority=REMINDER, reminder=reminder, **values)


def _card(voice: Voice, complaint: Complaint) -> dict[str, Any]:
    return {
        "n": complaint.number,
        "name": people.name_of(people.get(voice.session, complaint.person_id)),
        "words": complaints.words_of(complaint),
        "matter": cases.get(voice.session, complaint.case_id) if complaint.case_id else None,
        "until": complaint.promised_at,
        "complaint_id": complaint.id,
    }


def may_answer(context: Context, tap: Tap) -> bool:
    _open_to(context, tap.about)
    return True


def _open_to(context: Context, complaint_id: str) -> Complaint:
    """A complaint that waits for an answer, for staff who had no hand in the matter. Raises NotYours or OldButton."""
    me = rules.known(context.person)
    if not staff.holds(context.session, me.id, Role.MODERATOR):
        raise NotYours
    complaint = complaints.get(context.session, complaint_id)
    if complaint is None:
        raise NotYours
    may = complaints.hearers(context.session, person_id=complaint.person_id, case_id=complaint.case_id)
    if me.id not in [member.id for member in may]:
        raise NotYours
    if complaint.answered_at is not None or complaint.words is None:
        raise OldButton
    return complaint


async def show(context: Context, tap: Tap) -> Step:
    complaint = _open_to(context, tap.about)
    await context.say("complain.card", reminder=False, **_card(context.voice, complaint))
    return None


async def reply(context: Context, tap: Tap) -> Step:
    context.begin("complain", complaint=tap.about)
    context.shown = True  # what is answered stays on screen
    return "complain.answer"


async def ask_answer(context: Context) -> None:
    await context.say("complain.answer")


async def hear_answer(context: Context, heard: Heard) -> Step:
    if len(heard.text) > ANSWER_MAX:
        await context.say("talk.too_long")
        return None
    complaint = _open_to(context, context.draft["complaint"])
    complaints.answer(context.session, complaint, staff_id=context.me.id, words=heard.text)
    person = people.get(context.session, complaint.person_id)
    await context.tell(person, "complain.answered", n=complaint.number, words=heard.text)
    await context.say("complain.replied", n=complaint.number)
    return DONE


async def look(voice: Voice, complaint_id: str) -> None:
    """Before the day it is due staff are reminded; when it is late she hears so; a year after the answer all of it goes."""
    complaint = complaints.get(voice.session, complaint_id)
    if complaint is None or complaint.due_at is None or complaint.due_at > voice.now():
        return
    if complaint.answered_at is not None:
        complaints.erase(voice.session, complaint)
        return
    late = service.look_again(voice.session, voice.local, complaint)
    for member in complaints.hearers(voice.session, person_id=complaint.person_id, case_id=complaint.case_id):
        await _show(voice, member, complaint, reminder=True)
    if late:
        person = people.get(voice.session, complaint.person_id)
        await voice.tell(person, "complain.late", n=complaint.number)
