"""What is said when a notice has changed its meaning: what it is about, and a way to read it."""

from __future__ import annotations

from bot.context import Context
from bot.flow import AGAIN, Step, Tap
from bot.handlers.renew import service
from bot.voice import REMINDER, Voice


async def ask(voice: Voice, item: str) -> None:
    found = service.still_due(voice.session, item)
    if found is not None:
        person, purpose = found
        await voice.tell(person, "renew.changed", purpose=purpose, priority=REMINDER)


async def read(context: Context, tap: Tap) -> Step:
    """The notice itself, with the yes it asks for, in the flow that knows what follows from it."""
    flow = {"account": "start", "telegram": "start", "pool": "register"}.get(tap.choice or "")
    if flow is None:
        return AGAIN
    context.begin(flow, step=f"{flow}.notice")
    return f"{flow}.notice"
