"""What is said when life may be in danger; the draft in hand stays as it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.community import cases, people, rules
from bot.community.cases import Case, Contact, State
from bot.context import Context
from bot.flow import AGAIN, Heard, Step, Tap
from bot.understanding import emergency

RINGS = 2  # staff are told of one emergency this often; more words of it are written onto the same card
QUIET = timedelta(hours=1)  # after this long a danger is news again
APART = (
    "report"  # the talk in which danger is told to few, the numbers stand on top, and no case is made of it
)
STORY_MAX = 2000  # characters; the last ones count


async def listens(context: Context, heard: Heard) -> bool:
    """Words are read for danger before any question hears them. True when there was some.

    What follows in the same emergency joins it: staff are told anew once, after that their card is brought up to date.
    """
    signs = emergency.signs(heard.text)
    if not signs or (context.talk is not None and context.talk["flow"] == APART):
        return False
    members = rules.staff_near(context.session, context.person)
    case = _case(context, heard)
    rings = _remember(context, case, heard)
    words = cases.story_of(case) if case else heard.text
    for member in members:
        values: dict[str, Any] = {
            "words": words,
            "name": people.name_of(context.me) if case else "",
            "area": context.local.area(case.area) if case and case.area else None,
        }
        if case is None or rings <= RINGS:
            await context.tell(member, "review.urgent", about=case, priority=0, **values)
        else:
            await context.voice.redraw(member, "review.urgent", about=case, **values)
        if heard.file_id is not None:
            await context.voice.show_files(member, _file(heard), about=case)
    await context.say(
        "urgent.numbers",
        lines=context.local.hotlines_for(signs),
        told=bool(members),
        known=context.person is not None,
    )
    return True


def _case(context: Context, heard: Heard) -> Case | None:
    """Her emergency still open, with these words added; or a new number, so that staff can write down how it ended.

    Never listed, never sent to volunteers. None for somebody we do not know.
    """
    if context.person is None:
        return None
    for case in cases.of_person(context.session, context.person.id, [State.EMERGENCY]):
        story = "\n".join([cases.told_by(context.session, case, context.person), heard.text])
        cases.rewrite(context.session, case, story[-STORY_MAX:])
        return case
    return cases.submit(
        context.session,
        person_id=context.person.id,
        skill="other",
        area=context.person.area,
        urgency=cases.EMERGENCY,
        when=(None, None),
        story=heard.text,
        contact=Contact(None, None),
        files=_file(heard),
        promised_at=context.now(),
        state=State.EMERGENCY,
    )


def _file(heard: Heard) -> str | None:
    return f"{heard.kind} {heard.file_id}" if heard.file_id is not None else None


def _remember(context: Context, case: Case | None, heard: Heard) -> int:
    """Keep the words in case it was no danger. Returns how often staff have been told, this time included."""
    known = case.id if case else None
    alarm = context.memory.get("alarm")
    if alarm is None or alarm["case"] != known or datetime.fromisoformat(alarm["at"]) < context.now() - QUIET:
        alarm = {"case": known, "heard": [], "rings": 0}
    context.memory["alarm"] = {
        "case": known,
        "heard": [*alarm["heard"], list(heard[:3])],
        "rings": alarm["rings"] + 1,
        "at": context.now().isoformat(),
    }
    return int(alarm["rings"]) + 1


async def called(context: Context, tap: Tap) -> Step:
    await context.say("urgent.called", draft=context.unfinished)
    return None


async def not_urgent(context: Context, tap: Tap) -> Step:
    """Her word is believed; staff are told and still decide for themselves. Her words go on as an ordinary answer."""
    alarm = context.memory.pop("alarm", None)
    if alarm is None:
        return AGAIN
    case = cases.get(context.session, alarm["case"]) if alarm["case"] else None
    if case is not None and case.state == State.EMERGENCY:
        for member in rules.staff_near(context.session, context.person):
            await context.tell(member, "urgent.false_alarm", about=case)
    said = "\n".join(text for _, text, _ in alarm["heard"])
    kind, file_id = next(((k, f) for k, _, f in reversed(alarm["heard"]) if f), ("text", None))
    return Heard(kind, said, file_id)
