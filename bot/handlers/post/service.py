"""Holding a post, letting it go, changing its terms, and what is due."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from typing import Any

from sqlmodel import Session

from bot.community import events, posts, shifts, staff, talents
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.posts import Holding, Post, PostMember, State
from bot.community.record import now_of
from bot.community.shifts import Shift
from bot.data import Local
from bot.data.local import LANGUAGES
from bot.errors import NotInsured
from bot.understanding import lexicon
from privacy import consent

NAME_MAX, LINE_MAX = 24, 60  # characters; what stands on a button, and a line of a card
SLOTS_MAX = 30


def may_hold(session: Session, person: Person) -> bool:
    """Whoever is in the talent pool has agreed to be asked and reminded."""
    agreed = consent.is_live(session, person_id=person.id, purpose="pool", at=now_of(session))
    return agreed and talents.get(session, person.id) is not None


def join(session: Session, local: Local, post: Post, person: Person) -> PostMember:
    """She holds a place, and one in each shift ahead; or she waits."""
    member = posts.take(session, post, person.id, look_at=local.morning_after(now_of(session)))
    shifts.generate(session, local, post)
    return member


def accept(session: Session, local: Local, post: Post, member: PostMember) -> None:
    """The place that was offered is hers. Raises OldButton when the offer is over."""
    posts.answered(session, member, look_at=local.morning_after(now_of(session)))
    shifts.generate(session, local, post)


def pass_on(session: Session, local: Local, member: PostMember) -> None:
    posts.passed(session, member, look_at=local.morning_after(now_of(session)))


def tend(session: Session, local: Local, post: Post) -> list[PostMember]:
    """The shifts of the coming weeks are there, and free places are offered to who waits, who are returned."""
    now = now_of(session)
    shifts.generate(session, local, post)
    awake = local.awake(now)
    asleep = awake > now and bool(posts.members(session, post.id, Holding.WAITING))
    post.due_at = awake if asleep else local.morning_after(now)
    session.add(post)
    session.flush()
    return [] if asleep else posts.offer(session, post, until=local.awake(now + posts.OFFER_LASTS))


def start(session: Session, post: Post, *, seen: int, actor: str) -> None:
    """It is opened, for the first time or again. Raises OldButton as posts.move does."""
    posts.move(session, post, State.OPEN, seen=seen)
    note(session, post, "opened", actor)


def stop(session: Session, post: Post, to: State, *, seen: int, actor: str) -> list[str]:
    """It rests or ends: nothing ahead takes place, but what is going on. Returns whom to tell; where it ends, nobody holds a
    place of it any more.
    """
    posts.move(session, post, to, seen=seen)
    told = dict.fromkeys([one.person_id for one in posts.members(session, post.id)])
    told |= dict.fromkeys(shifts.cancel_all(session, post))
    if to == State.CLOSED:
        for member in posts.members(session, post.id):
            shifts.leave(session, member, begun=False)
    note(session, post, to.value, actor)
    return list(told)


def note(session: Session, post: Post, what: str, actor: str | None) -> None:
    """A line about a post has its id in the place of a case's."""
    events.note(session, post.id, Kind.POST, actor=actor, code=what)


def propose(session: Session, person: Person, local: Local, words: str) -> Post:
    """What it seems to be about tells what would be needed; staff decide."""
    guessed = local.lexicon.guess(words)
    kind = local.kind(guessed.kind if guessed else lexicon.NOT_GUESSED)
    post = posts.propose(session, person_id=person.id, kind=kind.code, words=words)
    post.credentials, post.cautions = ",".join(kind.credentials), ",".join(kind.risks)
    session.add(post)
    session.flush()
    return post


def give_up(session: Session, local: Local, post: Post) -> bool:
    """Nobody has decided on a proposal. Returns whether it was kept long enough, and ends now; else, when next to look."""
    if now_of(session) < post.at + posts.KEPT:
        post.due_at = local.awake(post.at + posts.KEPT)
        session.add(post)
        session.flush()
        return False
    posts.move(session, post, State.CLOSED, seen=post.version)
    note(session, post, "undecided", None)
    return True


def understood(what: str, words: str) -> dict[str, Any] | None:
    """What staff wrote of one of the terms, as it is kept; None when it is not understood."""
    folded = " ".join(unicodedata.normalize("NFKC", words).split())
    if what == "hours":
        return _hours(folded)
    if what == "slots":
        fits = folded.isdecimal() and 1 <= int(folded) <= SLOTS_MAX
        return {"slots": int(folded)} if fits else None
    said = [part.strip() for part in folded.split(" / ", 1)]
    longest = NAME_MAX if what == "name" else LINE_MAX
    if not all(said) or any(len(part) > longest for part in said):
        return None
    return {what: dict(zip(LANGUAGES, said if len(said) == 2 else said * 2, strict=True))}


def _hours(words: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\d{1,2}):(\d{2}) ?[-–—~] ?(\d{1,2}):(\d{2})", words)
    if found is None:
        return None
    try:
        first, last = (time(int(found[n]), int(found[n + 1])) for n in (1, 3))
    except ValueError:
        return None
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    return {"starts": first, "minutes": minutes} if minutes > 0 else None


def change(session: Session, local: Local, post: Post, *, seen: int, actor: str, **values: Any) -> list[Any]:
    """New terms; what was joined moves with them. Returns what reschedule returns, or nothing where the post is not open.

    Raises NotInsured.
    """
    posts.change(session, post, seen=seen, **values)
    if post.state == State.OPEN and "insurance" in posts.missing(local, post):
        raise NotInsured
    note(session, post, "changed", actor)
    if post.state != State.OPEN:
        return [[], []]
    posts.tend_now(session, post.id)
    return list(shifts.reschedule(session, local, post))


def call(session: Session, local: Local, post: Post, many: int, actor: str) -> Shift:
    shift = shifts.call(session, local, post, many)
    note(session, post, "called", actor)
    return shift


def step_in(session: Session, local: Local, post: Post, shift: Shift) -> list[str]:
    """Who is asked now to step in: nobody at night, but for a called shift those who wished to be asked at any hour."""
    if not shifts.wanted(session, shift) or not shifts.is_on(session, shift):
        return []
    night = local.awake(now_of(session)) > now_of(session)
    could = [one for one in shifts.to_ask(session, shift) if _may_ask(session, one, night=night)]
    if night and not post.on_call:
        return []
    shifts.ask(session, shift, could)
    return could


def _may_ask(session: Session, person_id: str, *, night: bool) -> bool:
    """Nobody who rests or wants not to be asked; at night only who wished to be."""
    volunteer = talents.get(session, person_id)
    if volunteer is None or not volunteer.on_duty:
        return False
    rests = volunteer.paused_until is not None and volunteer.paused_until > now_of(session)
    return not rests and (volunteer.urgent_ok or not night)


def look_again(session: Session, local: Local, shift: Shift) -> bool:
    """When the shift is looked at next. Returns whether staff must hear now that places are free."""
    now = now_of(session)
    awake, near = local.awake(now), shift.starts_at - shifts.NEAR
    if awake > now and shifts.wanted(session, shift) and shifts.is_on(session, shift):
        shift.due_at = min(awake, shift.ends_at + shifts.LATE)
    else:
        shift.due_at = shifts.next_look(local, shift, now)
    session.add(shift)
    session.flush()
    return awake == now and near <= now < shift.starts_at and bool(shifts.free(session, shift))


def expired(session: Session, local: Local, post: Post, member: PostMember) -> bool:
    """Whether what she needs has expired: then she holds the post no more. Else, when it is looked at next."""
    if posts.lacking(session, local, post, member.person_id):
        shifts.leave(session, member)
        return True
    posts.look_again(session, member, local.morning_after(now_of(session)))
    return False


def keep_hours(session: Session, person: Person) -> None:
    """Her yes to having her hours kept for her."""
    consent.record(
        session,
        person_id=person.id,
        purpose=shifts.HOURS,
        given=True,
        at=now_of(session),
        language=person.language,
    )


def is_staff(session: Session, person: Person | None) -> bool:
    return person is not None and staff.holds(session, person.id, staff.Role.MODERATOR)
