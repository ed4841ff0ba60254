"""Words to staff and back, kept until they are answered; and what staff tell somebody without Telegram."""

from __future__ import annotations

from typing import Any

from bot.community import cases, events, messages, parting, people, rules, staff
from bot.community.events import Kind
from bot.community.messages import Message, Sort
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotSpokenTo, NotYours, OldButton
from bot.flow import AGAIN, Heard, Step, Tap
from bot.voice import Voice

WORDS_MAX = 500
WAYS = ("phone", "visit", "counter")  # how staff speak with somebody


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


async def command(context: Context, rest: str) -> Step:
    context.begin("talk")
    return "talk.words"


async def begin(context: Context, tap: Tap) -> Step:
    return await command(context, "")


async def ask_words(context: Context) -> None:
    await context.say("talk.staff", open_at=_opens(context))


def _opens(context: Context) -> object:
    """When the office opens next; nothing while it is open."""
    opens = context.local.calendar.next_open(context.now())
    return opens if opens > context.now() else ""


async def hear_words(context: Context, heard: Heard) -> Step:
    """In text, by voice, or as a photo: it waits until somebody has answered, whoever is there now."""
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    session, me = context.session, context.person
    files = f"{heard.kind} {heard.file_id}" if heard.file_id is not None else None
    head = messages.take(session, context.local, Sort.MESSAGE, me, heard.text, files=files)
    members = await context.voice.ring(head)
    for member in members:
        await context.voice.show_files(member, files, about=None)
    opens = _opens(context)
    await context.say(
        "talk.sent", more=context.open, known=me is not None, told=bool(members) and not opens, open_at=opens
    )
    context.stay_open()
    return None


def _head(context: Context, tap: Tap) -> Message:
    """A message or an errand. Raises NotYours where there is none, and for who is not to see to it."""
    session, head = context.session, messages.get(context.session, tap.about)
    if head is None:
        raise NotYours
    person = people.get(session, head.person_id) if head.person_id is not None else None
    case = cases.get(session, head.case_id) if head.case_id is not None else None
    if context.me.id not in [member.id for member in rules.staff_about(session, person, case)]:
        raise NotYours
    return head


async def look(context: Context, tap: Tap) -> Step:
    """From the queue: the card as it stands, with what was sent along."""
    await _show(context, _head(context, tap))
    return None


async def _show(context: Context, head: Message) -> None:
    person = people.get(context.session, head.person_id) if head.person_id is not None else None
    if head.done_at is not None:
        await context.say("talk.settled", **_settled(context, head))
        return
    case = cases.get(context.session, head.case_id) if head.sort == Sort.ASKING and head.case_id else None
    values = context.voice.waiting(head, person, case)
    await context.say(f"talk.{head.sort}", about=case, aside=True, **values)
    for line in messages.thread(context.session, head):
        await context.voice.show_files(context.me, messages.files_of(line), about=None)


def _addressee(context: Context, tap: Tap) -> Person:
    """Whom staff answer: the asker of a case, who wrote a message, or a neighbour."""
    if tap.choice == "case":
        case = rules.staff_case(context.session, context.person, tap.about)
        return people.get(context.session, case.person_id)
    if tap.choice == "message":
        head = _head(context, tap)
        if head.person_id is None:
            raise NotYours
        return people.get(context.session, head.person_id)
    try:
        person = people.get(context.session, tap.about)
    except KeyError:
        raise NotYours from None
    if not rules.looks_after(context.session, context.me, person):
        raise NotYours
    return person


async def reply(context: Context, tap: Tap) -> Step:
    person = _addressee(context, tap)
    if tap.choice == "message" and _head(context, tap).done_at is not None:
        await _show(context, _head(context, tap))
        return None
    if person.quiet_since is not None:
        raise NotSpokenTo
    context.begin("talk", to=person.id)
    context.shown = True  # what is answered stays on screen
    return "talk.answer"


async def ask_answer(context: Context) -> None:
    person = people.get(context.session, context.draft["to"])
    await context.say("talk.reply", name=people.name_of(person), signed=context.draft.get("signed", False))


async def sign(context: Context, tap: Tap) -> Step:
    """Staff answer as the service; who wishes may put her name under it."""
    context.draft["signed"] = not context.draft.get("signed", False)
    return AGAIN


async def hear_answer(context: Context, heard: Heard) -> Step:
    if not staff.holds(context.session, context.me.id, Role.MODERATOR):
        raise NotYours
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    person = people.get(context.session, context.draft["to"])
    if person.quiet_since is not None:
        raise NotSpokenTo
    head = messages.waiting_of(context.session, Sort.MESSAGE, person.id)
    if head is not None:
        await _settle(context, head, "answered")
    by = context.voice.opened(people.name_of(context.me), context.me, None)
    signed = by if context.draft.get("signed", False) else ""
    await context.tell(person, "talk.answer", words=heard.text, signed=signed)
    await context.say("talk.replied", name=people.name_of(person), more=context.open)
    context.stay_open()
    return None


async def _settle(context: Context, head: Message, how: str) -> None:
    """It waits no more, and the card of every colleague says who has seen to it."""
    messages.settle(context.session, head, staff_id=context.me.id)
    about = head.case_id or head.person_id or head.id
    if head.sort == Sort.ASKING:
        word, _, way = how.partition(".")
        events.note(context.session, about, Kind.HER_WORD, actor=context.me.id, code=word, channel=way)
    elif head.sort == Sort.ERRAND:
        events.note(context.session, about, Kind.TOLD, actor=context.me.id, channel=how)
    else:
        events.note(context.session, about, Kind.REPLIED, actor=context.me.id, code=how)
    tapped = context.incoming.callback_query.message if context.incoming.callback_query else None
    for member in people.those(context.session, sorted(head.shown)):
        mine = member.id == context.me.id and tapped is not None
        if not mine and people.has_chat(member):
            await context.voice.amend(
                member, head.shown[member.id], "talk.settled", **_settled(context, head)
            )


def _settled(context: Context, head: Message) -> dict[str, Any]:
    """What its card says once it is done; her words are on it no more."""
    session = context.session
    person = people.get(session, head.person_id) if head.person_id is not None else None
    return {
        "sort": head.sort,
        "name": people.name_of(person) if person is not None else "",
        "by": people.name_of(people.get(session, head.done_by or "")),
        "at": head.done_at,
        "person_id": person.id if person is not None and people.has_chat(person) else None,
    }


async def seen(context: Context, tap: Tap) -> Step:
    """A message that needs no answer, or cannot have one here."""
    head = _head(context, tap)
    await _settle(context, head, "seen")
    await context.say("talk.settled", **_settled(context, head))
    return None


async def told(context: Context, tap: Tap) -> Step:
    """Staff have told her, in person or by telephone; that they did is written down, what they said is gone."""
    head = _head(context, tap)
    if head.sort != Sort.ERRAND or head.person_id is None or tap.choice not in WAYS:
        raise OldButton
    people.seen(context.session, people.get(context.session, head.person_id))
    await _settle(context, head, tap.choice)
    await context.say("talk.settled", **_settled(context, head))
    return None


async def her(context: Context, tap: Tap) -> Step:
    """Whom another asked for was asked herself. Her no ends it, and who asked for her hears so."""
    head = _head(context, tap)
    word, _, way = (tap.choice or "").partition(".")
    if head.sort != Sort.ASKING or head.case_id is None or word not in ("yes", "no") or way not in WAYS:
        raise OldButton
    case = rules.staff_case(context.session, context.person, head.case_id)
    if case.state not in cases.LIVE:
        raise OldButton
    await _settle(context, head, f"{word}.{way}")
    if word == "no":
        tidings = parting.withdraw(context.session, case, actor=context.me.id, reason="her_no")
        await context.voice.bring(tidings)
    await context.tell(
        people.get(context.session, case.person_id), "talk.her_word", about=case, yes=word == "yes"
    )
    await context.say("talk.settled", **_settled(context, head))
    return None


async def phone(context: Context, tap: Tap) -> Step:
    """Her number, over the chat and not in it, and noted."""
    head = _head(context, tap)
    if context.incoming.callback_query is None or head.person_id is None:
        return AGAIN  # its words were typed: in the chat it would stay
    person = people.get(context.session, head.person_id)
    await context.toast("talk.phone", alert=True, phone=people.phone_of(person))
    return None


async def look_after(voice: Voice, message_id: str) -> None:
    """What still waits is brought to staff again; what was kept long enough goes."""
    head = messages.get(voice.session, message_id)
    if head is None or head.due_at is None or head.due_at > voice.now():
        return
    if head.done_at is not None or messages.is_over(voice.session, head):
        messages.erase(voice.session, head)
        return
    messages.look_again(voice.session, voice.local, head)
    await voice.ring(head)
