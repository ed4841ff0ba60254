"""The line to keep, and the lines to forget."""

from __future__ import annotations

from bot.community import board, reading
from bot.voice import Voice
from privacy import ledger


async def post_note(voice: Voice, day: str) -> None:
    """Once for each day: whoever keeps it can show that the ledger was not written anew."""
    if day not in board.to_post(voice.session):
        return
    board.posted(voice.session, day)
    note = ledger.note_of(voice.session, day)
    if note is not None:
        await voice.post("ledger.posted", "ledger.line", note=note.posted())


async def forget_lines(voice: Voice, what: str) -> None:
    """Three years after it has ended nothing is left of what a line of the ledger said."""
    reading.forget_agreed(voice.session)
