"""What staff see and say. The role is read at every tap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.community import asking, cases, claims, laid_aside, notes, people, rules, staff, views
from bot.community import queue as waiting
from bot.community.cases import Case, State
from bot.community.claims import ClaimState
from bot.community.events import Kind, note
from bot.community.items import Item
from bot.community.people import Person
from bot.community.staff import Role
from bot.community.standing import vouch
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, DONE, Heard, Step, Tap
from bot.handlers.review import service
from bot.runtime.letters import Letter
from bot.voice import REMINDER, Voice
from privacy import scrub

QUESTION_MAX = 300
NOTES = 5  # the last so many notes on a case are shown
PAGE = 6  # items on one page of the list


def on_duty(context: Context, tap: Tap) -> bool:
    rules.staff_case(context.session, context.person, tap.about)
    return True


def on_duty_now(context: Context, tap: Tap) -> bool:
    rules.undecided_case(context.session, context.person, tap.about, tap.version)
    return True


def on_duty_to_let_out(context: Context, tap: Tap) -> bool:
    """Neither a child, nor an emergency, nor what staff arrange is offered to volunteers (R47, R22, A3)."""
    on_duty_now(context, tap)
    case = _case(context, tap)
    if rules.by_staff(context.local, case) or case.urgency == cases.EMERGENCY:
        raise OldButton
    return True


def on_duty_for_child(context: Context, tap: Tap) -> bool:
    """There are words of a child, and they are still needed."""
    case = _case(context, tap)
    if case.minor is None or case.state not in cases.LIVE:
        raise OldButton
    return True


def on_duty_to_second(context: Context, tap: Tap) -> bool:
    """A second pair of eyes is somebody else's (Regulations on the Protection of Minors in Cyberspace 36)."""
    on_duty_for_child(context, tap)
    rules.colleague(context.session, context.person, _case(context, tap), tap.choice)
    return True


def on_duty_to_settle(context: Context, tap: Tap) -> bool:
    """Only what waits for staff can be dealt with by them: an emergency, a case said to be done, a silent helper's."""
    case = _case(context, tap)
    if case.state not in (State.EMERGENCY, State.HANDLED) and not _is_silent(case):
        raise OldButton
    return True


def _is_silent(case: Case) -> bool:
    """The helper was asked and reminded, and nothing more will be asked of him."""
    return case.state == State.ENGAGED and case.due is None


def on_duty_to_take(context: Context, tap: Tap) -> bool:
    """What nobody has taken, or not yet, and what nobody may be asked about."""
    if rules.by_staff(context.local, _case(context, tap)):
        return on_duty_now(context, tap)
    return on_duty_while_looking(context, tap)


def on_duty_while_looking(context: Context, tap: Tap) -> bool:
    rules.sought_case(context.session, context.person, tap.about, tap.version)
    return True


def _case(context: Context, tap: Tap) -> Case:
    return rules.staff_case(context.session, context.person, tap.about)


async def queue(context: Context, tap: Tap) -> Step:
    """What she may see to, a page at a time, the most pressing first; what is put off stands on a page of its own."""
    held, now = waiting.holds(context.session), context.now()
    every = waiting.of(context.session, context.me.id)
    off = [item for item in every if waiting.rests(held.get(item.about), item, now)]
    resting = tap.choice == "rest"
    items = off if resting else [item for item in every if item not in off]
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    page = min(page, max(0, len(items) - 1) // PAGE)
    here = items[:PAGE] if resting else items[page * PAGE : page * PAGE + PAGE]
    rows = [context.voice.line(item, context.me, n) for n, item in enumerate(here, page * PAGE + 1)]
    await context.say(
        "review.queue",
        total=len(items),
        counts=context.voice.counts(items, context.me),
        says="\n".join(row["says"] for row in rows),
        rows=rows,
        following=page + 1 if not resting and len(items) > (page + 1) * PAGE else None,
        off=0 if resting else len(off),
        resting=resting,
        hers=bool(waiting.of_holder(context.session, context.me.id)),
    )
    return None


# --- who sees to it, and when


def in_queue(context: Context, tap: Tap) -> bool:
    """It waits, and she may see to it."""
    _item(context, tap)
    return True


def _item(context: Context, tap: Tap) -> Item:
    """Raises NotYours for who is no staff, OldButton for what waits no more or must not be hers."""
    me = rules.known(context.person)
    if not staff.holds(context.session, me.id, Role.MODERATOR):
        raise NotYours
    found = waiting.find(context.session, me.id, tap.about)
    if found is None:
        raise OldButton
    return found


async def arrange(context: Context, tap: Tap) -> Step:
    """Whether she sees to it, or it is put off."""
    await _arrange(context, _item(context, tap))
    return None


async def _arrange(context: Context, item: Item) -> None:
    hold = waiting.hold_of(context.session, item.about)
    who = waiting.holder(hold, context.now())
    case = cases.get(context.session, item.case_id) if item.case_id is not None else None
    await context.say(
        "review.arrange",
        **context.voice.line(item, context.me),
        mine=who == context.me.id,
        theirs=who not in (None, context.me.id),
        until=hold.taken_until if hold is not None and who == context.me.id else None,
        moments=list(waiting.moments(context.local, item, context.now())),
        promised=item.until,
        never=item.sort in waiting.FIRST,
        noted=case is not None,
    )


async def take(context: Context, tap: Tap) -> Step:
    item = _item(context, tap)
    if waiting.take(context.session, context.local, item, context.me.id):
        await _held_anew(context.voice, item, context.me)
    await _arrange(context, item)
    return None


async def give_back(context: Context, tap: Tap) -> Step:
    item = _item(context, tap)
    hold = waiting.hold_of(context.session, item.about)
    if hold is not None and hold.taken_by == context.me.id:
        waiting.let_go(context.session, hold, by=context.me.id)
        await _held_anew(context.voice, item, context.me)
    await _arrange(context, item)
    return None


async def _held_anew(voice: Voice, item: Item, member: Person) -> None:
    """The cards of her colleagues say who sees to it now."""
    case = cases.get(voice.session, item.case_id) if item.case_id is not None else None
    if case is None:
        return
    name, values = _card(voice, case)
    for colleague in rules.staff_for(voice.session, case):
        if colleague.id != member.id:
            await voice.redraw(colleague, name, about=case, **values)


async def put_off(context: Context, tap: Tap) -> Step:
    item = _item(context, tap)
    until = waiting.moments(context.local, item, context.now()).get(tap.choice or "")
    if until is None or not waiting.put_off(context.session, item, context.me.id, until):
        await _arrange(context, item)
        return None
    await context.say("review.off", **context.voice.line(item, context.me), until=until)
    return None


async def come_back(voice: Voice, about: str) -> None:
    """Put off until now, or seen to by somebody who has been quiet too long: it is everybody's again, and she hears so."""
    hold = waiting.hold_of(voice.session, about)
    if hold is None or about not in waiting.due(voice.session):
        return
    item = waiting.find(voice.session, None, about)
    who, name = (hold.taken_by, "review.lapsed") if hold.taken_by else (hold.snoozed_by, "review.back")
    waiting.let_go(voice.session, hold)
    if item is None or who is None:
        return
    member = people.get(voice.session, who)
    if name == "review.lapsed":
        await _held_anew(voice, item, member)
    if staff.holds(voice.session, who, Role.MODERATOR):
        await voice.tell(member, name, **voice.line(item, member))


# --- one case


async def look(context: Context, tap: Tap) -> Step:
    waiting.goes_on(context.session, context.local, tap.about, context.me.id)
    await _show(context, _case(context, tap))
    return None


async def shows(context: Context, case: Case) -> bool:
    if not rules.sees_to(context.session, context.me, case):
        return False
    await _show(context, case)
    return True


async def _show(context: Context, case: Case) -> None:
    name, values = _card(context, case)
    await context.say(name, about=case, **values)


def _card(voice: Voice | Context, case: Case) -> tuple[str, dict[str, Any]]:
    """The card of a case as it stands, for any of the staff."""
    session, local = voice.session, voice.local
    claim = claims.live(session, case.id)
    if case.state in cases.LOOKING and (offer := claims.undecided(session, case.id)) is not None:
        shown = {"seen_to_by": views.seen_to_by(session, case.id)}
        return "claim.staff_offer", views.offer(session, local, case, offer) | shown
    view = views.staff(session, local, case)
    if case.state == State.RECEIVED or (case.state == State.ASKED_BACK and case.due is None):
        return "review.card", view
    if case.state == State.EMERGENCY:
        return "review.urgent", view | {"words": view["story"]}
    if case.state == State.OPEN and not case.mark and cases.heard_dry(session, case):
        dry = asking.dry(session, local, case)
        return "review.dry", view | {"why": dry.why, "could": dry.could}
    if case.state == State.NOBODY and not case.mark:
        return "review.nobody", view
    if case.state in cases.LOOKING and case.mark:
        return "review.late", view
    last = claim or claims.last_engaged(session, case.id)
    if _is_silent(case) and last is not None:  # reminded to no avail: who it is, and a way to write to him
        helper = people.get(session, last.person_id)
        return "review.silent", view | {"name": people.name_of(helper), "helper_id": helper.id}
    if case.state == State.HANDLED and case.due is None:
        return "review.worried", view
    if case.state == State.HANDLED and claim is None:
        return "review.ours", view
    return "review.decided", {"gap": view["gap"]}


async def approve(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    anew = service.approve(context.session, context.local, case, context.me)
    await _decided(context, case)
    if anew and not cases.is_too_late(context.session, context.local, case):  # else: for another time
        await context.tell(people.get(context.session, case.person_id), "review.let_out", about=case)
    return None


async def ours(context: Context, tap: Tap) -> Step:
    """Found by telephone, or gone oneself: nobody else is asked, and the resident hears who sees to it."""
    case = _case(context, tap)
    offered = _offers(context, case)
    service.take_over(context.session, context.local, case, context.me)
    view = views.staff(context.session, context.local, case)
    await context.say("review.ours", about=case, **view)
    await _colleagues(context, case, "review.ours", **view)
    await _no_longer_asked(context, case, offered)
    await context.tell(people.get(context.session, case.person_id), "close.ours", about=case)
    return None


async def other_time(context: Context, tap: Tap) -> Step:
    """The resident is asked, once for the need as it stands, whether another time would do."""
    case = _case(context, tap)
    if case.when_from is None:  # any time would do already
        raise OldButton
    if service.suggest(context.session, case, context.me):
        parts = asking.other_parts(context.session, asking.need_of(context.session, context.local, case))
        resident = people.get(context.session, case.person_id)
        await context.tell(resident, "claim.other_time", about=case, parts=parts)
    await context.say("review.time_asked", about=case)
    return None


async def seen(context: Context, tap: Tap) -> Step:
    """That few can be asked is known now; it goes on as it does."""
    case = _case(context, tap)
    service.seen(context.session, case, context.me)
    await context.say("review.seen", about=case)
    return None


async def cannot(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    offered = _offers(context, case)
    service.give_up(context.session, case, context.me)
    await _decided(context, case)
    await _no_longer_asked(context, case, offered)
    await context.tell(people.get(context.session, case.person_id), "close.explained", about=case)
    return None


def _offers(context: Context, case: Case) -> Person | None:
    """Who would have come, and was promised an answer."""
    claim = claims.live(context.session, case.id)
    waits = claim is not None and claim.state == ClaimState.PROPOSED
    return people.get(context.session, claim.person_id) if claim is not None and waits else None


async def _no_longer_asked(context: Context, case: Case, offered: Person | None = None) -> None:
    standing = claims.free_backups(context.session, case.id)
    await context.voice.redraw_all(standing, "claim.free", about=case)
    await context.voice.redraw_all(claims.asked(context.session, case.id), "claim.gone", about=case)
    if offered is not None:
        await context.tell(offered, "claim.not_this_time", about=case)


async def ask_back(context: Context, tap: Tap) -> Step:
    context.begin("review", case=tap.about, version=tap.version)
    return "review.question"


async def ask_question(context: Context) -> None:
    await context.say("review.question")


async def hear_question(context: Context, heard: Heard) -> Step:
    if len(heard.text) > QUESTION_MAX:
        await context.say("review.question_long")
        return None
    draft = context.draft
    case = rules.undecided_case(context.session, context.person, draft["case"], draft["version"])
    service.ask_back(context.session, context.local, case, context.me)
    await _decided(context, case)
    await context.tell(
        people.get(context.session, case.person_id), "review.asked_back", about=case, words=heard.text
    )
    return DONE


async def _decided(context: Context, case: Case) -> None:
    """This card and those of the colleagues say what was decided."""
    await context.say("review.decided", about=case)
    await _colleagues(context, case)


async def _colleagues(context: Context, case: Case, name: str = "review.decided", /, **values: Any) -> None:
    for member in rules.staff_for(context.session, case):
        if member.id != context.me.id:
            await context.voice.redraw(member, name, about=case, **values)


async def phone(context: Context, tap: Tap) -> Step:
    """The asker's number, for a worry of hers: over the chat, not in it, and noted (domain §4.4: on need, logged)."""
    case = _case(context, tap)
    if (
        context.incoming.callback_query is None
    ):  # its words were typed: there is no alert, and in the chat it would stay
        return AGAIN
    note(context.session, case.id, Kind.DISCLOSED, actor=context.me.id, code="staff")
    await context.toast("review.phone", alert=True, about=case, phone=cases.contact_of(case).phone)
    return None


async def ask_second(context: Context, tap: Tap) -> Step:
    """Nobody is asked twice in a day, and who has a colleague's yes reads."""
    case = _case(context, tap)
    if vouch(context.session, case.id, context.me.id, Kind.VOUCHED):
        await _show(context, case)
        return None
    others = [member for member in rules.staff_for(context.session, case) if member.id != context.me.id]
    again = vouch(context.session, case.id, context.me.id, Kind.VOUCH_ASKED)
    if others and not again:
        note(context.session, case.id, Kind.VOUCH_ASKED, actor=context.me.id, code=context.me.id)
    for member in others if not again else []:
        await context.tell(
            member,
            "review.second",
            about=case,
            aside=True,
            name=people.name_of(context.me),
            reader_id=context.me.id,
        )
    await context.toast("review.second_asked", alert=not others, colleagues=len(others))
    return None


async def second(context: Context, tap: Tap) -> Step:
    """Agreed for a day, and written down; whoever asked reads it in a new card."""
    case = _case(context, tap)
    reader = rules.colleague(context.session, context.person, case, tap.choice)
    await context.say("review.seconded", about=case, aside=True, name=people.name_of(reader))
    if vouch(context.session, case.id, reader.id, Kind.VOUCHED):
        return None
    note(context.session, case.id, Kind.VOUCHED, actor=context.me.id, code=reader.id)
    card = "review.card" if case.state in (State.RECEIVED, State.ASKED_BACK) else "review.ours"
    await context.tell(reader, card, about=case, **views.staff(context.session, context.local, case))
    await context.voice.show_files(reader, cases.files_of(case), about=case)
    return None


async def settled(context: Context, tap: Tap) -> Step:
    """Dealt with: the case ends as it does in every other way, and all three hear of it."""
    case = _case(context, tap)
    claim = service.settle(context.session, case, context.me)
    await context.say("review.settled", about=case)
    await _no_longer_asked(context, case)
    await _colleagues(context, case)
    await context.tell(people.get(context.session, case.person_id), "close.settled", about=case)
    if claim is not None:
        helper = people.get(context.session, claim.person_id)
        await context.voice.take_back(helper, "close.finished", about=case)
        await context.tell(helper, "close.finished", about=case)
    return None


# --- what staff note for each other


async def show_notes(context: Context, tap: Tap) -> Step:
    await _notes(context, _case(context, tap))
    return None


async def _notes(context: Context, case: Case) -> None:
    written = notes.of_case(context.session, case.id)[-NOTES:]
    await context.say(
        "review.notes",
        about=case,
        aside=True,
        written=[
            {
                "at": one.at,
                "who": people.name_of(people.get(context.session, one.author_id)),
                "says": notes.words_of(one, owner=case.person_id),
            }
            for one in written
        ],
    )


async def note_down(context: Context, tap: Tap) -> Step:
    context.begin("review", case=_case(context, tap).id)
    return "review.note"


async def ask_note(context: Context) -> None:
    await context.say("review.note", most=QUESTION_MAX)


async def hear_note(context: Context, heard: Heard) -> Step:
    """Numbers of telephones and doors are taken out here as everywhere."""
    cleaned, _ = scrub.clean(heard.text, cases.HIDDEN)
    if len(heard.text) > QUESTION_MAX or not cleaned.strip():
        await context.say("review.question_long")
        return None
    context.draft["note"] = cleaned
    return "review.note_of"


async def ask_note_of(context: Context) -> None:
    await context.say("review.note_of", words=context.draft["note"])


async def hear_note_of(context: Context, heard: Heard) -> Step:
    return AGAIN


async def note_keep(context: Context, tap: Tap) -> Step:
    """A member whose role has ended meanwhile notes nothing."""
    if tap.choice not in ("her", "others") or "note" not in context.draft:
        return AGAIN
    case = rules.staff_case(context.session, context.person, context.draft["case"])
    notes.write(
        context.session,
        case_id=case.id,
        author_id=context.me.id,
        words=context.draft["note"],
        of_others=tap.choice == "others",
    )
    note(context.session, case.id, Kind.NOTED, actor=context.me.id)
    waiting.goes_on(context.session, context.local, case.id, context.me.id)
    await _notes(context, case)
    return DONE


# --- what could not be handled or sent


def on_duty_at_all(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def sees_letters(context: Context, tap: Tap) -> bool:
    """Whoever looks at needs, and whoever answers for the machine."""
    me = rules.known(context.person)
    return any(staff.holds(context.session, me.id, role) for role in (Role.MODERATOR, Role.STEWARD))


def _of_letter(context: Context | Voice, reader: Person, found: Letter, more: int = 0) -> dict[str, Any]:
    """That there is one, and whether it came or went; whose it is and what it says is sealed."""
    return {
        "came": found.name.startswith("inbox"),
        "at": datetime.fromtimestamp(found.at, UTC),
        "letter": found.name,
        "letter_id": laid_aside.name_of(found),
        "more": more,
        "lists": staff.holds(context.session, reader.id, Role.MODERATOR),
    }


async def _letter(context: Context, tap: Tap) -> Letter | None:
    found = laid_aside.find(context.session, tap.about)
    if found is None:
        await context.say(
            "review.letter_gone", lists=staff.holds(context.session, context.me.id, Role.MODERATOR)
        )
    return found


async def letter(context: Context, tap: Tap) -> Step:
    found = await _letter(context, tap)
    if found is not None:
        await context.say("review.letter", **_of_letter(context, context.me, found))
    return None


async def replay(context: Context, tap: Tap) -> Step:
    """Put back where it came from, as the doctor's `replay` does."""
    found = await _letter(context, tap)
    if found is not None:
        laid_aside.again(context.session, found, context.me.id)
        await context.say("review.replayed", **_of_letter(context, context.me, found))
    return None


async def let_lie(context: Context, tap: Tap) -> Step:
    """Seen to in another way, or worth nothing any more."""
    found = await _letter(context, tap)
    if found is not None:
        laid_aside.seen_to(context.session, found, context.me.id)
        await context.say("review.let_lie", **_of_letter(context, context.me, found))
    return None


async def tell_letters(voice: Voice, about: str) -> None:
    """One word for all that staff have not heard of, with the first of them."""
    names = laid_aside.untold(voice.session)
    found = laid_aside.find(voice.session, about) if about in names else None
    if found is None:
        return
    laid_aside.heard(voice.session, names)
    for member in laid_aside.hearers(voice.session):
        shown = _of_letter(voice, member, found, more=len(names) - 1)
        await voice.tell(member, "review.letter", priority=REMINDER, **shown)
