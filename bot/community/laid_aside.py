"""What could not be handled or sent, as staff see it: a number, whether they have heard of it, and whether somebody saw to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from bot.community import events, staff
from bot.community.events import NO_CASE, Event, Kind
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.record import now_of
from bot.community.staff import Role
from bot.runtime import letters
from bot.runtime.letters import Letter

TOLD_EVERY = timedelta(hours=1)  # the word that one was laid aside can be laid aside itself
HEARD, SEEN = "heard", "seen"


def name_of(letter: Letter) -> str:
    """A dead letter as a tap names it."""
    return letter.name.replace(":", "-")


def unseen(session: Session) -> list[Letter]:
    """Those nobody has seen to, the oldest of what came first."""
    return [one for one, last in _with_last(session) if last != SEEN]


def find(session: Session, about: str) -> Letter | None:
    """One that is there still, by the name a tap has for it."""
    return next((one for one in unseen(session) if name_of(one) == about), None)


def waiting(session: Session) -> list[Item]:
    return [
        Item(Sort.DEAD_LETTER, name_of(one), datetime.fromtimestamp(one.at, UTC), for_all=True)
        for one in unseen(session)
    ]


def due(session: Session) -> list[str]:
    """The first of those to be told of: one word tells of all."""
    return untold(session)[:1]


def untold(session: Session) -> list[str]:
    """Those of which staff have not heard; none while they have heard of another within the hour."""
    found = [name_of(one) for one, last in _with_last(session) if last is None]
    since = now_of(session) - TOLD_EVERY
    lately = select(Event.id).where(
        Event.case_id == NO_CASE,
        Event.kind == Kind.LAID_ASIDE,
        Event.at > since,
        col(Event.actor_id).is_(None),
    )
    return found if found and session.exec(lately).first() is None else []


def hearers(session: Session) -> list[Person]:
    """The stewards; where there is none, whoever looks at needs."""
    return staff.on_duty(session, Role.STEWARD) or staff.on_duty(session)


def heard(session: Session, names: Sequence[str]) -> None:
    for name in names:
        events.note(session, NO_CASE, Kind.LAID_ASIDE, code=f"{HEARD}:{name}")


def seen_to(session: Session, letter: Letter, by: str) -> None:
    """Nothing more is done about it; it lies there until its time is over."""
    events.note(session, NO_CASE, Kind.LAID_ASIDE, actor=by, code=f"{SEEN}:{name_of(letter)}")


def again(session: Session, letter: Letter, by: str) -> None:
    """Put back where it came from; should it fail once more, staff hear of it anew."""
    letters.replay(session, letter.name, now_of(session).timestamp())
    events.note(session, NO_CASE, Kind.REPLAYED, actor=by, code=name_of(letter))


def _with_last(session: Session) -> list[tuple[Letter, str | None]]:
    """Each with what staff know of it: heard, seen, or nothing since it was last tried again."""
    dead = letters.dead(session)
    known = (  # all of them: after a bad night there may be more letters than a statement takes values
        select(Event.code)
        .where(Event.case_id == NO_CASE, col(Event.kind).in_((Kind.LAID_ASIDE, Kind.REPLAYED)))
        .order_by(col(Event.id))
    )
    last: dict[str, str | None] = {}
    for code in session.exec(known) if dead else ():
        what, _, name = (code or "").rpartition(":")
        last[name] = what or None
    return [(one, last.get(name_of(one))) for one in dead]
