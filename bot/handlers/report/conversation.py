"""What somebody who tells of violence is asked and told; what the few who look after it see and do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.community import people, reports
from bot.community.events import Kind, note
from bot.community.people import Person
from bot.community.reports import Report, Who
from bot.community.reports import Step as Done
from bot.community.standing import vouch
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, DONE, HOME, Heard, Step, Tap
from bot.understanding import past
from bot.voice import Voice
from privacy.opening import Closed

WORDS_MAX = 1000
SIGNS = {who: ("violence", "silent", *(["minor"] if who is Who.CHILD else [])) for who in Who}
DOINGS = (Done.POLICE, Done.AGENCY, Done.SPOKE)
REASONS = ("police", "agency", "wish", "safe", "other")
SENT = "sent"  # in memory: the messages of the last report, to be taken back


async def command(context: Context, rest: str) -> Step:
    """A talk with all of staff that was left open is over: nothing of this may slip into it."""
    _hers(context)
    context.memory["talks"] = [talk for talk in context.memory.get("talks", []) if talk["flow"] != "talk"]
    context.begin("report")
    return "report.who"


async def begin(context: Context, tap: Tap) -> Step:
    return await command(context, "")


async def _say(name: str, context: Context, **values: Any) -> None:
    """Said, and remembered, so that one tap takes all of it back."""
    await context.say(name, **values)
    context.memory[SENT] = [*context.memory.get(SENT, []), context.last_said]


def _hers(context: Context) -> None:
    """What she wrote herself goes with it."""
    message = context.incoming.effective_message
    if message is not None and context.incoming.callback_query is None:
        context.memory[SENT] = [*context.memory.get(SENT, []), message.message_id]


async def ask_who(context: Context) -> None:
    lines = context.local.hotlines_for(SIGNS[Who.CHILD])
    await _say("report.who", context, lines=lines, noted="words" in context.draft)


async def hear_who(context: Context, heard: Heard) -> Step:
    """Whoever is in fear writes before she is asked: it is kept."""
    return AGAIN if await _took_in(context, heard) else None


async def _took_in(context: Context, heard: Heard) -> bool:
    """Added to what she has written. False where that is more than one report holds."""
    _hers(context)
    words = "\n".join(filter(None, [context.draft.get("words"), heard.text]))
    if len(words) > WORDS_MAX:
        await _say("report.too_long", context)
        return False
    context.draft["words"] = words
    return True


async def who(context: Context, tap: Tap) -> Step:
    if tap.choice not in set(Who):
        return AGAIN
    context.draft["who"] = tap.choice
    return "report.check" if "words" in context.draft else "report.words"


async def ask_words(context: Context) -> None:
    await _say("report.words", context, child=context.draft["who"] == Who.CHILD)


async def hear_words(context: Context, heard: Heard) -> Step:
    return "report.check" if await _took_in(context, heard) else None


async def ask_check(context: Context) -> None:
    await _say(
        "report.check",
        context,
        of_staff=context.draft.get("of_staff", False),
        known=context.person is not None,
        child=context.draft["who"] == Who.CHILD,
    )


async def anew(context: Context, tap: Tap) -> Step:
    context.draft.pop("words", None)
    return "report.words"


async def of_staff(context: Context, tap: Tap) -> Step:
    context.draft["of_staff"] = not context.draft.get("of_staff", False)
    return "report.check"


async def send(context: Context, tap: Tap) -> Step:
    """To the few who look after it. Unnamed, nothing is kept that leads to her."""
    draft = context.draft
    if not draft.get("words"):
        return "report.words"
    teller = context.person if tap.choice == "named" else None
    told = Who(draft["who"])
    report = reports.submit(
        context.session, teller, told, draft["words"], of_staff=draft.get("of_staff", False)
    )
    heard = await _ring(context.voice, report)
    draft.pop("words")
    context.stay_open()  # what she adds is told to the same few, as one more
    await _say(
        "report.sent",
        context,
        n=report.number,
        told=bool(heard),
        named=teller is not None,
        lines=context.local.hotlines_for(SIGNS[told]),
    )
    return None


async def hide(context: Context, tap: Tap) -> Step:
    """Everything of it vanishes from this screen, as far as Telegram deletes (48 hours back); what is in hand goes too."""
    if context.under("report") is not None:
        context.memory["talks"] = [talk for talk in context.memory["talks"] if talk["flow"] != "report"]
    await context.wipe(context.memory.pop(SENT, []))
    return HOME


# --- who looks after it


def guards(context: Context, tap: Tap) -> bool:
    _report(context, tap.about)
    return True


def _report(context: Context, report_id: str) -> Report:
    """One she looks after at this moment. Raises NotYours for every other, and for one that is not there."""
    person = context.person
    report = reports.get(context.session, report_id)
    if report is None or person is None or not reports.is_guard(context.session, person.id, report.id):
        raise NotYours
    return report


async def _ring(voice: Voice, report: Report) -> list[Person]:
    """That there is one, and nothing of it."""
    found = reports.guards(voice.session, report)
    shown = dict[str, int]()
    for member in found:
        sent = await voice.tell(
            member, "report.alert", priority=0, n=report.number, since=report.since, report_id=report.id
        )
        shown |= {member.id: sent} if sent is not None else {}
    reports.show(voice.session, report, shown)
    return found


async def look(context: Context, tap: Tap) -> Step:
    await _card(context, _report(context, tap.about))
    return None


async def _card(context: Context, report: Report) -> None:
    if report.closed_at is not None:
        await context.say("report.closed", n=report.number)
        return
    words = reports.words_of(report)
    may = _may_open(context, report)
    if may:
        reports.opened(context.session, context.local, report, context.me.id)
    await context.say(
        "report.card",
        n=report.number,
        who=report.who,
        since=report.since,
        words=words if may else "",
        sealed=not may,
        alone=not reports.seconds(context.session, report, context.me.id),
        named=report.person_id is not None,
        steps=[
            _step(line.code or "", line.was_at or line.at)
            for line in reports.steps_of(context.session, report)
        ],
        report_id=report.id,
    )


def _step(code: str, at: datetime) -> dict[str, Any]:
    return {"what": code.partition(":")[0], "at": at}


def _may_open(context: Context, report: Report) -> bool:
    try:
        context.voice.allows(reports.words_of(report), context.me, report.id)
    except Closed:
        return False
    return True


async def ask_second(context: Context, tap: Tap) -> Step:
    """Of a child nobody reads alone: another one of staff agrees, and reads nothing by it."""
    report = _report(context, tap.about)
    others = reports.seconds(context.session, report, context.me.id)
    again = vouch(context.session, report.id, context.me.id, Kind.VOUCH_ASKED)
    if others and not again:
        note(context.session, report.id, Kind.VOUCH_ASKED, actor=context.me.id, code=context.me.id)
    for member in others if not again else []:
        await context.tell(
            member,
            "report.second",
            name=people.name_of(context.me),
            n=report.number,
            reader_id=context.me.id,
            report_id=report.id,
        )
    await context.toast("report.second_asked", alert=not others, colleagues=len(others))
    return None


def may_second(context: Context, tap: Tap) -> bool:
    """Another one of staff, for who looks after it: never for herself."""
    report = reports.get(context.session, tap.about)
    if report is None or context.person is None or not tap.choice:
        raise NotYours
    if not reports.is_guard(context.session, tap.choice, report.id):
        raise NotYours
    if context.me.id not in [one.id for one in reports.seconds(context.session, report, tap.choice)]:
        raise NotYours
    if report.closed_at is not None:
        raise OldButton
    return True


async def second(context: Context, tap: Tap) -> Step:
    report = reports.get(context.session, tap.about)
    assert report is not None and tap.choice is not None  # noqa: S101, PT018  the rule has seen to it
    reader = people.get(context.session, tap.choice)
    await context.say("report.seconded", name=people.name_of(reader), n=report.number)
    if vouch(context.session, report.id, reader.id, Kind.VOUCHED):
        return None
    note(context.session, report.id, Kind.VOUCHED, actor=context.me.id, code=reader.id)
    await context.tell(
        reader, "report.alert", n=report.number, since=report.since, report_id=report.id, priority=0
    )
    return None


async def did(context: Context, tap: Tap) -> Step:
    """Reported, or spoken with her: when is asked, so that it can be shown."""
    report = _report(context, tap.about)
    if tap.choice not in DOINGS or report.closed_at is not None:
        raise OldButton
    context.begin("report", report=report.id, did=tap.choice)
    return "report.when"


async def ask_when(context: Context) -> None:
    await context.say("report.when", did=context.draft["did"])


async def when(context: Context, tap: Tap) -> Step:
    return await _did(context, None) if tap.choice == "now" else AGAIN


async def hear_when(context: Context, heard: Heard) -> Step:
    said = past.parse(heard.text, context.now(), context.local.tz)
    if said is None:
        await context.say("desk.told_unclear")
        return None
    return await _did(context, said)


async def _did(context: Context, was_at: datetime | None) -> Step:
    report = _report(context, context.draft["report"])
    done = Done(context.draft["did"])
    reports.note(context.session, report, done, actor=context.me.id, was_at=was_at)
    await _card(context, report)
    return DONE


async def call(context: Context, tap: Tap) -> Step:
    """She is asked to ring, in words that say nothing to whoever else reads them."""
    report = _report(context, tap.about)
    if report.person_id is None or report.closed_at is not None:
        raise OldButton
    await context.tell(people.get(context.session, report.person_id), "report.call_us")
    reports.note(context.session, report, Done.CALLED, actor=context.me.id)
    await _card(context, report)
    return None


async def reasons(context: Context, tap: Tap) -> Step:
    report = _report(context, tap.about)
    await context.say("report.reasons", n=report.number, report_id=report.id)
    return None


async def close(context: Context, tap: Tap) -> Step:
    report = _report(context, tap.about)
    if tap.choice not in REASONS:
        return AGAIN
    reports.close(context.session, report, staff_id=context.me.id, reason=tap.choice)
    await context.say("report.closed", n=report.number)
    return None


async def look_after(voice: Voice, report_id: str) -> None:
    """Nobody forgets one; and three years after it is closed it is gone."""
    report = reports.get(voice.session, report_id)
    if report is None or report.due_at is None or report.due_at > voice.now():
        return
    if report.closed_at is not None:
        reports.erase(voice.session, report)
        return
    reports.look_again(voice.session, voice.local, report)
    await _ring(voice, report)
