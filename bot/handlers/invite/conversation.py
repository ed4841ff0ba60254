"""A slip to print, with a code to scan and the same in letters, in both languages."""

from __future__ import annotations

from bot.community import events, rules, slips, staff
from bot.community.events import Kind
from bot.community.staff import Role
from bot.context import Context
from bot.flow import AGAIN, Step, Tap
from bot.qr import drawn
from bot.texts import LANGUAGES
from bot.voice import Voice

FILE = "invitation.html"  # nothing of anybody's is in the name
MET = {"met": True, "new": False}  # whether she has met whom she gives it to


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


async def begin(context: Context, tap: Tap) -> Step:
    await context.say("invite.begin")
    return None


async def write(context: Context, tap: Tap) -> Step:
    if tap.choice not in MET:
        return AGAIN
    met = MET[tap.choice]
    code = slips.write(context.session, known_by=context.me.id if met else None)
    events.note(context.session, events.NO_CASE, Kind.INVITED, actor=context.me.id, code="slip")
    link = f"https://t.me/{context.bot.username}?start=i-{code}"
    await context.say("invite.written", code=code, met=met)
    page = context.house.texts.page(
        "slip",
        language=context.language,
        code=code,
        qr=drawn(link),
        bot=context.bot.username,
        languages=LANGUAGES,
    )
    await context.give("invite.file", file=page.encode(), called=FILE)
    return None


async def void(voice: Voice, index: str) -> None:
    slips.drop(voice.session, index)
