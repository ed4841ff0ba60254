"""One question after a very long time, and what follows when nothing is said."""

from __future__ import annotations

from bot.community import people, staying, talents
from bot.community.people import Person
from bot.community.staying import Stay
from bot.context import Context
from bot.flow import Step, Tap
from bot.voice import REMINDER, Voice
from privacy import access_log

ASKED = {Stay.POOL: "stay.pool", Stay.ACCOUNT: "stay.account"}


async def ask(voice: Voice, person_id: str) -> None:
    """By day only, and once: the next question comes after another long time away."""
    if not staying.is_to_ask(voice.session, person_id):
        return
    person = people.get(voice.session, person_id)
    which = staying.ask(voice.session, voice.local, person)
    if which is not None:
        await voice.tell(person, ASKED[which], priority=REMINDER, until=person.stay_at)


async def yes(context: Context, tap: Tap) -> Step:
    """That she taps is the answer (people.seen); who was silent too long hears how to come back."""
    left = tap.choice == Stay.POOL and talents.get(context.session, context.me.id) is None
    await context.say("stay.left" if left else "stay.stays")
    return None


async def let_go(voice: Voice, person_id: str) -> None:
    person = people.get(voice.session, person_id)
    if not staying.is_unanswered(voice.session, person):
        return
    if person.asked == Stay.POOL:
        await voice.bring(staying.leave_pool(voice.session, person))
        await voice.tell(person, "stay.left", priority=REMINDER)
    elif staying.is_awaited(voice.session, person):
        people.update(voice.session, person, asked=None, stay_at=None)
    else:
        await _erase(voice, person)


async def _erase(voice: Voice, person: Person) -> None:
    """In the order in which she would have done it herself; the receipt is her last message."""
    await voice.bring(staying.stop(voice.session, voice.local, person))
    await voice.clear(person)
    until = voice.now() + access_log.KEPT
    await voice.tell(
        person, "my_data.erased", priority=REMINDER, at=voice.now(), until=until, ledger_id=person.id
    )
    staying.let_go(voice.session, person)
