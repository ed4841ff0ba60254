"""What staff see and say. The role is read at every tap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.community import asking, cases, claims, people, rules, staff, views
from bot.community import queue as waiting
from bot.community.cases import Case, State
from bot.community.claims import ClaimState
from bot.community.events import Kind, note
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import OldButton
from bot.flow import AGAIN, DONE, Heard, Step, Tap
from bot.handlers.review import service
from bot.runtime import letters
from bot.runtime.letters import Letter

QUESTION_MAX = 300
PAGE = 6  # items on one page of the list


def on_duty(context: Context, tap: Tap) -> bool:
    rules.staff_case(context.session, context.person, tap.about)
    return True


def on_duty_now(context: Context, tap: Tap) -> bool:
    case = rules.staff_case(context.session, context.person, tap.about)
    rules.still(case, tap.version)
    if case.state not in (State.RECEIVED, State.ASKED_BACK):
        raise OldButton
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


def on_duty_for_nobody(context: Context, tap: Tap) -> bool:
    case = _case(context, tap)
    rules.still(case, tap.version)
    if case.state not in cases.LOOKING:
        raise OldButton
    return True


def on_duty_to_take(context: Context, tap: Tap) -> bool:
    """What nobody has taken, or not yet, and what nobody may be asked about."""
    if rules.by_staff(context.local, _case(context, tap)):
        return on_duty_now(context, tap)
    return on_duty_while_looking(context, tap)


def on_duty_while_looking(context: Context, tap: Tap) -> bool:
    case = _case(context, tap)
    rules.still(case, tap.version)
    if case.state not in cases.LOOKING:
        raise OldButton
    return True


def _case(context: Context, tap: Tap) -> Case:
    return rules.staff_case(context.session, context.person, tap.about)


async def queue(context: Context, tap: Tap) -> Step:
    """What she may see to, a page at a time, the most pressing first."""
    items = waiting.of(context.session, context.me.id)
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    page = min(page, max(0, len(items) - 1) // PAGE)
    here = items[page * PAGE : page * PAGE + PAGE]
    rows = [_row(context, item, n) for n, item in enumerate(here, page * PAGE + 1)]
    await context.say(
        "review.queue",
        total=len(items),
        counts=_counts(context, items),
        says="\n".join(row["says"] for row in rows),
        rows=rows,
        following=page + 1 if len(items) > (page + 1) * PAGE else None,
    )
    return None


def _counts(context: Context, items: list[Item]) -> str:
    """How many of each sort, in the order of the list."""
    sorts = [item.sort for item in items]
    each = (f"{_sort(context, sort)} {sorts.count(sort)}" for sort in dict.fromkeys(sorts))
    return (", " if context.language == "en" else "、").join(each)


def _sort(context: Context, sort: Sort) -> str:
    return context.house.texts.line("words.sort", context.language, sort=sort.value)


def _row(context: Context, item: Item, n: int) -> dict[str, Any]:
    """One line of the list, and the button that opens it."""
    case = cases.get(context.session, item.case_id) if item.case_id is not None else None
    waited, what = max(timedelta(), context.now() - item.since), _sort(context, item.sort)
    line, language = context.house.texts.line, context.language
    says = line(
        "words.waits",
        language,
        what=what,
        case=case,
        until=item.until if item.since > context.now() else None,
        days=waited.days,
        hours=waited.seconds // 3600,
        minutes=waited.seconds // 60,
    )
    label = line("words.label", language, n=n, case=case, what=what)
    return {"says": f"{n}. {says}", "label": label, "opens": item.opens, "about": item.about}


async def look(context: Context, tap: Tap) -> Step:
    await _show(context, _case(context, tap))
    return None


async def shows(context: Context, case: Case) -> bool:
    if not staff.holds(context.session, context.me.id, Role.MODERATOR) or case.person_id == context.me.id:
        return False
    await _show(context, case)
    return True


async def _show(context: Context, case: Case) -> None:
    if case.state == State.RECEIVED or (case.state == State.ASKED_BACK and case.due is None):
        await context.say("review.card", about=case, **views.staff(context.session, context.local, case))
    elif case.state == State.EMERGENCY:
        view = views.staff(context.session, context.local, case)
        await context.say("review.urgent", about=case, words=view["story"], **view)
    elif case.state in cases.LOOKING and (claim := claims.undecided(context.session, case.id)) is not None:
        view = views.offer(context.session, context.local, case, claim)
        await context.say("claim.staff_offer", about=case, **view)
    elif case.state in cases.LOOKING and case.mark:
        await context.say("review.late", about=case, **views.staff(context.session, context.local, case))
    elif case.state == State.NOBODY:
        await context.say("review.nobody", about=case, **views.staff(context.session, context.local, case))
    elif _is_silent(case):
        await _show_silent(context, case)
    elif case.state == State.HANDLED and case.due is None:
        await context.say("review.worried", about=case)
    elif case.state == State.HANDLED and claims.live(context.session, case.id) is None:
        await context.say("review.ours", about=case, **views.staff(context.session, context.local, case))
    else:
        await context.say("review.decided", about=case)


async def _show_silent(context: Context, case: Case) -> None:
    """The helper was reminded to no avail: staff see who it is, and a way to write to him."""
    claim = claims.live(context.session, case.id)
    if claim is None:
        await context.say("review.decided", about=case)
        return
    helper = people.get(context.session, claim.person_id)
    name = people.name_of(helper)
    await context.say("review.silent", about=case, name=name, helper_id=helper.id)


async def approve(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    anew = service.approve(context.session, context.local, case, context.me)
    await _decided(context, case)
    if anew and not cases.is_over(context.session, case):  # else she is asked for another time at once
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
    if service.suggest(context.session, case, context.me):
        parts = asking.other_parts(context.session, asking.need_of(context.session, context.local, case))
        resident = people.get(context.session, case.person_id)
        await context.tell(resident, "claim.other_time", about=case, parts=parts)
    await context.say("review.time_asked", about=case)
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


async def reasons(context: Context, tap: Tap) -> Step:
    await context.say("review.reasons", about=_case(context, tap), reasons=context.local.reasons)
    return None


async def decline(context: Context, tap: Tap) -> Step:
    reason = context.local.reason(tap.choice or "")
    if reason is None:
        return AGAIN
    case = _case(context, tap)
    service.decline(context.session, case, context.me, reason.code)
    await _decided(context, case)
    person = people.get(context.session, case.person_id)
    await context.tell(person, "review.declined", about=case, reason=reason)
    return None


async def ask_back(context: Context, tap: Tap) -> Step:
    context.begin("review", case=tap.about)
    return "review.question"


async def ask_question(context: Context) -> None:
    await context.say("review.question")


async def hear_question(context: Context, heard: Heard) -> Step:
    if len(heard.text) > QUESTION_MAX:
        await context.say("review.question_long")
        return None
    case = rules.staff_case(context.session, context.person, context.draft["case"])
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
    case = _case(context, tap)
    others = [member for member in rules.staff_for(context.session, case) if member.id != context.me.id]
    for member in others:
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
    note(context.session, case.id, Kind.VOUCHED, actor=context.me.id, code=reader.id)
    await context.say("review.seconded", about=case, aside=True, name=people.name_of(reader))
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


# --- what could not be handled or sent


def on_duty_at_all(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def _letter(context: Context, tap: Tap) -> Letter | None:
    return next((one for one in letters.dead(context.session) if waiting.name_of(one) == tap.about), None)


async def letter(context: Context, tap: Tap) -> Step:
    """That there is one, and whether it came or went; whose it is and what it says is sealed."""
    found = _letter(context, tap)
    if found is None:
        await context.say("review.letter_gone")
        return None
    at = datetime.fromtimestamp(found.at, UTC)
    came = found.name.startswith("inbox")
    await context.say("review.letter", came=came, at=at, letter=found.name, letter_id=tap.about)
    return None


async def replay(context: Context, tap: Tap) -> Step:
    """Put back where it came from, as the doctor's `replay` does."""
    found = _letter(context, tap)
    if found is None:
        await context.say("review.letter_gone")
        return None
    letters.replay(context.session, found.name, context.now().timestamp())
    await context.say("review.replayed", letter=found.name)
    return None
