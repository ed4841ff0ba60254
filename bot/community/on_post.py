"""A need whose kind a standing post is for goes to the people of that post first: of the shift that runs now, or is the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlmodel import Session, col, select

from bot.community import claims, credentials, people, posts, shifts, talents
from bot.community.claims import Ask, AskState, Claim, ClaimState
from bot.community.people import Person
from bot.community.posts import Post
from bot.community.record import now_of
from bot.community.shifts import COMING, THERE, Shift
from bot.community.talents import Volunteer
from bot.data import Local
from bot.matching import eligibility, explain
from bot.matching.eligibility import ANY_HOURS, Candidate, Need
from bot.matching.waves import Chosen
from privacy import consent

SOON = timedelta(weeks=1)  # a shift later than this is no reason to wait for it


def first(session: Session, local: Local, need: Need) -> list[Chosen]:
    """Whoever holds the soonest shift of such a post and may be asked now; nobody where there is none.

    All limits of hers hold as for anybody else; only that she offers this kind, and when, is said by the post.
    """
    for shift, post in _soonest(session, need):
        able = [
            one
            for person in people.those(session, shifts.people_of(session, shift, *COMING, *THERE))
            if (one := candidate(session, local, person, need)) is not None
            and eligibility.not_now(one, need) is None
        ]
        if able:
            day = shift.starts_at.astimezone(local.tz).weekday()
            why = explain.written({"post": post.code or "", "day": str(day)})
            return [Chosen(one.person_id, why) for one in able]
    return []


def _soonest(session: Session, need: Need) -> Iterator[tuple[Shift, Post]]:
    until = now_of(session) + SOON
    found = [
        (shift.starts_at, shift.id, shift, post)
        for post in posts.of_kinds(session, need.kinds)
        for shift, coming in shifts.coming(session, post.id, until)
        if coming
    ]
    yield from ((shift, post) for _, _, shift, post in sorted(found))


def candidate(session: Session, local: Local, person: Person, need: Need) -> Candidate | None:
    """Somebody of whom another knows that she could do this, and when; None for who is not in the pool."""
    volunteer, now = talents.get(session, person.id), now_of(session)
    agreed = consent.is_live(session, person_id=person.id, purpose="pool", at=now)
    if volunteer is None or not agreed or person.quiet_since is not None:
        return None
    day = need.day or now.date()
    asked = session.exec(
        select(Ask.case_id).where(Ask.person_id == person.id, Ask.asked_at > now - eligibility.WEEK)
    ).all()
    known = claims.ask_of(session, need.case_id, person.id)
    return Candidate(
        person.id,
        frozenset(need.kinds),
        area=person.area,
        hours=ANY_HOURS,
        languages=frozenset(volunteer.languages.split(",")),
        credentials=frozenset(
            one.kind for one in credentials.of_person(session, person.id) if credentials.is_live(one, day)
        ),
        gender=volunteer.gender,
        reachable=person.reachable,
        on_duty=volunteer.on_duty,
        paused=volunteer.paused_until is not None and volunteer.paused_until > now,
        asleep=_asleep(session, local, volunteer),
        urgent_ok=volunteer.urgent_ok,
        open_claims=len(_in_hand(session, person)),
        max_open=volunteer.max_open,
        asks_this_week=len(asked),
        asks_a_week=volunteer.asks_a_week,
        asked_before=known is not None and known.state != AskState.AGAIN,
    )


def _in_hand(session: Session, person: Person) -> list[str]:
    held = [ClaimState.HELD.value, ClaimState.CONFIRMED.value]
    found = select(Claim.case_id).where(Claim.person_id == person.id, col(Claim.state).in_(held))
    return list(session.exec(found))


def _asleep(session: Session, local: Local, volunteer: Volunteer) -> bool:
    here = now_of(session).astimezone(local.tz).time()
    since = volunteer.quiet_from or local.quiet_from
    until = volunteer.quiet_until or local.quiet_until
    return eligibility.quiet(here, since, until)
