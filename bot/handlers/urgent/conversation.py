"""What is said when life may be in danger; the draft in hand stays as it is."""

from __future__ import annotations

from bot.community import cases, people, staff
from bot.community.cases import Case, Contact, State
from bot.context import Context
from bot.flow import AGAIN, Heard, Step, Tap
from bot.understanding import emergency


async def listens(context: Context, heard: Heard) -> bool:
    """Every typed word is read for danger before any question hears it. True when it was."""
    signs = emergency.signs(heard.text)
    if not signs:
        return False
    members = staff.on_duty(context.session)
    case = _case(context, heard.text)
    context.memory["alarm"] = {"case": case.id if case else None, "words": heard.text}
    for member in members:
        await context.tell(
            member,
            "review.urgent",
            about=case,
            words=heard.text,
            priority=0,
            name=people.name_of(context.session, context.me) if case else "",
            area=context.local.area(case.area) if case and case.area else None,
        )
    await context.say("urgent.numbers", lines=context.local.hotlines_for(signs), told=bool(members))
    return True


def _case(context: Context, words: str) -> Case | None:
    """A number for it, so that staff can write down how it ended; never listed, never sent to volunteers."""
    if context.person is None:
        return None
    return cases.submit(
        context.session,
        person_id=context.person.id,
        skill="other",
        area=context.person.area,
        urgency="U0",
        when=(None, None),
        story=words,
        contact=Contact(None, None),
        files=None,
        promised_at=context.now(),
        state=State.EMERGENCY,
    )


async def called(context: Context, tap: Tap) -> Step:
    await context.say("urgent.called")
    return None


async def not_urgent(context: Context, tap: Tap) -> Step:
    """Her word is believed; staff are told and still decide for themselves. Her words go on as an ordinary answer."""
    alarm = context.memory.pop("alarm", None)
    if alarm is None:
        return AGAIN
    case = cases.get(context.session, alarm["case"]) if alarm["case"] else None
    if case is not None and case.state == State.EMERGENCY:
        for member in staff.on_duty(context.session):
            await context.tell(member, "urgent.false_alarm", about=case)
    return Heard("text", alarm["words"])
