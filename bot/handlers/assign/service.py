"""Staff think of somebody: she is asked, within every limit of hers."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from bot.community import asking, cases, events, on_post, people, talents
from bot.community.cases import Case
from bot.community.claims import Ask
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import community_of, now_of
from bot.data import Local
from bot.matching import eligibility
from bot.matching.waves import Chosen

BY_STAFF = "staff"  # why she is asked (bot.matching.explain); what she takes by it counts as assigned


def called(session: Session, words: str, case: Case) -> list[Person]:
    """The volunteers of the community of this case whose whole name this is; else those in whose name it is a part."""
    pool = talents.of_community(session, community_of(session, case.area))
    named = {one.id for one in people.called(session, words)}
    return [one for one in pool if one.id in named] or people.called_like(session, words, pool)


def ask(session: Session, local: Local, case: Case, person: Person, member: Person) -> Ask | None:
    """None where she may not be asked now: that she could do it, and when, is all that staff may know better.

    Who has no Telegram is reached by staff themselves.
    """
    need = asking.need_of(session, local, case)
    one = on_post.candidate(session, local, person, need)
    if one is not None and not people.has_chat(person):
        one = replace(one, reachable=True)
    over = cases.is_over(session, case) or cases.waking(local, case, now_of(session)) > now_of(session)
    if one is None or over or eligibility.not_now(one, need) is not None:
        return None
    events.note(session, case.id, Kind.VOLUNTEERS_ASKED, actor=member.id, code=BY_STAFF)
    [asked] = asking.ask(session, local, case, [Chosen(person.id, BY_STAFF)])
    return asked
