"""What the two of one case tell each other, and the way out when a word hurts."""

from __future__ import annotations

from telegram import Message

from bot.community import cases, claims, events, flags, people, restrictions, rules, views
from bot.community.cases import Case, State
from bot.community.claims import Claim, ClaimState
from bot.community.events import Kind
from bot.community.flags import Flag
from bot.community.people import Person
from bot.community.restrictions import May
from bot.context import Context
from bot.errors import NotYours
from bot.flow import AGAIN, Heard, Step, Tap
from privacy import scrub

WORDS_MAX = 200
WAYS = ("on_way", "late", "here")


def engaged(context: Context, tap: Tap) -> bool:
    rules.helped_case(context.session, context.person, tap.about)
    return True


def one_of_two(context: Context, tap: Tap) -> bool:
    rules.side_of(context.session, context.person, tap.about)
    return True


def ever_one_of_two(context: Context, tap: Tap) -> bool:
    """A word can be reported after the case is over, too."""
    case = cases.get(context.session, tap.about)
    me = rules.known(context.person)
    return case is not None and (case.person_id == me.id or claims.ever(context.session, case.id, me.id))


async def list_(context: Context, tap: Tap) -> Step:
    mine = [
        case
        for claim in claims.of_person(context.session, context.me.id)
        if (case := cases.get(context.session, claim.case_id)) is not None
    ]
    await context.say("meet.list", cases=[context.voice.item(case, context.language) for case in mine])
    return None


async def shows(context: Context, case: Case) -> bool:
    claim = claims.live(context.session, case.id)
    if claim is None or claim.person_id != context.me.id or claim.state != ClaimState.CONFIRMED:
        return False
    if case.state != State.ENGAGED:  # she has said it is done: door and phone have gone back
        await context.say("close.waiting", about=case, again=cases.is_awaited(case))
        return True
    view = views.helper(context.session, context.local, case, claim)
    await context.say("claim.yours", about=case, secret=True, guard=f"claim:{claim.id}", **view)
    return True


async def card(context: Context, tap: Tap) -> Step:
    case, _ = rules.helped_case(context.session, context.person, tap.about)
    await shows(context, case)
    return None


async def way(context: Context, tap: Tap) -> Step:
    """On the way, ten minutes late, at the door: one tap, each told once."""
    case, claim = rules.helped_case(context.session, context.person, tap.about)
    if tap.choice not in WAYS:
        return AGAIN
    resident = people.get(context.session, case.person_id)
    if claim.progress != tap.choice:
        claim.progress = tap.choice
        context.session.add(claim)
        await context.tell(
            resident,
            "meet.way",
            about=case,
            choice=tap.choice,
            name=people.name_of(context.me),
            words=views.code_word(context.session, context.local, case, claim),
        )
    chat = people.has_chat(resident)
    await context.toast("meet.told", alert=not chat, chat=chat)
    return None


async def write(context: Context, tap: Tap) -> Step:
    rules.side_of(context.session, context.person, tap.about)
    restrictions.check(context.session, context.me.id, May.WRITE)
    context.begin("meet", case=tap.about)
    context.shown = True  # the card with the code word stays on screen
    return "meet.words"


async def ask_words(context: Context) -> None:
    other = _other(context, *rules.side_of(context.session, context.person, context.draft["case"]))
    await context.say("meet.write", chat=people.has_chat(other))


async def hear_words(context: Context, heard: Heard) -> Step:
    case, claim = rules.side_of(context.session, context.person, context.draft["case"])
    restrictions.check(context.session, context.me.id, May.WRITE)
    if len(heard.text) > WORDS_MAX:
        await context.say("meet.too_long")
        return None
    cleaned, hidden = scrub.clean(heard.text, cases.HIDDEN)
    other = _other(context, case, claim)
    await context.tell(
        other,
        "meet.relay",
        about=case,
        aside=True,
        words=cleaned,
        name=people.name_of(context.me),
    )
    talk = context.talk["id"] if context.talk else "-"
    chat = people.has_chat(other)
    await context.say(
        "meet.sent", about=case, aside=True, hidden=bool(hidden), more=context.open, talk=talk, chat=chat
    )
    context.stay_open()
    return None


def _other(context: Context, case: Case, claim: Claim) -> Person:
    other_id = claim.person_id if case.person_id == context.me.id else case.person_id
    return people.get(context.session, other_id)


async def report(context: Context, tap: Tap) -> Step:
    """The words go to staff as they stand on the reporter's own screen, each message once; we kept no copy."""
    case = cases.get(context.session, tap.about)
    query = context.incoming.callback_query
    if case is None or query is None or not isinstance(query.message, Message):
        raise NotYours
    message = str(query.message.message_id)
    again = events.happened(context.session, case.id, Kind.REPORTED, code=message)
    if not again:
        events.note(context.session, case.id, Kind.REPORTED, actor=context.me.id, code=message)
    members = rules.staff_for(context.session, case)
    flag = _flagged(context, case) if members and not again else None
    for member in members if not again else []:
        await context.tell(
            member,
            "review.reported",
            flag_id=flag.id if flag is not None else None,
            about=case,
            aside=True,
            words=query.message.text or "",
            name=people.name_of(context.me),
        )
    flag_id = flag.id if flag is not None else None
    await context.say("meet.reported" if members else "talk.unheard", about=case, aside=True, flag_id=flag_id)
    return None


def _flagged(context: Context, case: Case) -> Flag | None:
    """Whose words they are: the other side's."""
    claim = claims.last_engaged(context.session, case.id)
    author = claim.person_id if claim is not None and case.person_id == context.me.id else case.person_id
    if author == context.me.id:
        return None
    return flags.put(
        context.session, case_id=case.id, person_id=context.me.id, author_id=author, what="words"
    )


async def back(context: Context, tap: Tap) -> Step:
    case, _ = rules.side_of(context.session, context.person, tap.about)
    if case.person_id == context.me.id:
        view = views.resident(context.session, context.local, case)
        await context.say("follow.card", about=case, **view)
    else:
        await shows(context, case)
    return None
