"""What we hold about one person, for her own eyes: what it is, and until when it is kept (PIPL 17, 45)."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.community import (
    appeals,
    cases,
    complaints,
    credentials,
    flags,
    mediations,
    messages,
    pairs,
    people,
    posts,
    restrictions,
    shifts,
    talents,
)
from bot.community.appeals import Appeal
from bot.community.cases import Case, State
from bot.community.complaints import Complaint
from bot.community.credentials import Credential
from bot.community.flags import Flag
from bot.community.mediations import Mediation
from bot.community.messages import Message
from bot.community.pairs import Pair
from bot.community.people import Person
from bot.community.posts import Post, PostMember
from bot.community.record import now_of
from bot.community.restrictions import Restriction
from bot.community.shifts import Shift, ShiftPlace
from bot.community.talents import Volunteer
from bot.data import Local
from privacy import access_log, consent
from privacy.access_log import Access
from privacy.consent import Status
from privacy.ledger import ConsentEvent
from privacy.purposes import purposes


class HeldCase(NamedTuple):
    """A case of hers: `words` while its story is kept, `until` when they go; None while it is under way."""

    case: Case
    words: bool
    until: datetime | None


class Agreed(NamedTuple):
    """A yes that is live: its line, and the case it is for where it is given case by case."""

    line: ConsentEvent
    case: Case | None

    @property
    def purpose(self) -> str:
        return self.line.purpose

    @property
    def at(self) -> datetime:
        return self.line.at

    @property
    def version(self) -> int:
        return self.line.notice_version


class Holding(NamedTuple):
    """Everything of one person's, by name."""

    person: Person
    cases: list[HeldCase]
    volunteer: Volunteer | None
    kinds: list[str]
    credentials: list[Credential]
    agreed: list[Agreed]
    opened: list[Access]
    complaints: list[Complaint]
    apart: list[Pair]
    ties: list[Pair]
    posts: list[tuple[Post, PostMember]]
    shifts: list[tuple[Shift, ShiftPlace]]
    proposed: list[Post]
    restrictions: list[Restriction]
    appeals: list[Appeal]
    flags: list[Flag]
    messages: list[Message]
    mediations: list[Mediation]


def of(session: Session, person: Person) -> Holding:
    return Holding(
        person,
        cases_of(session, person),
        talents.get(session, person.id),
        talents.kinds_of(session, person.id),
        credentials.of_person(session, person.id),
        agreed(session, person),
        access_log.of(session, person.id),
        complaints.of_person(session, person.id),
        pairs.said_by(session, person.id),
        pairs.said_by(session, person.id, pairs.Why.TIE),
        posts_of(session, person),
        shifts.of_person(session, person.id),
        list(posts.proposed_by(session, person.id)),
        restrictions.of_person(session, person.id),
        appeals.of_person(session, person.id),
        flags.of_person(session, person.id),
        messages.of_person(session, person.id),
        mediations.of_person(session, person.id),
    )


def posts_of(session: Session, person: Person) -> list[tuple[Post, PostMember]]:
    """The standing posts she holds or waits for, in the order of time."""
    held = posts.of_person(session, person.id)
    return [(post, one) for one in held if (post := posts.get(session, one.post_id)) is not None]


def cases_of(session: Session, person: Person) -> list[HeldCase]:
    """Her cases, those with words first, the newest first."""
    held = [
        HeldCase(case, case.story is not None, case.ended_at + cases.keep_of(case) if case.ended_at else None)
        for case in cases.of_person(session, person.id, State)
    ]
    return sorted(held, key=lambda one: not one.words)


def agreed(session: Session, person: Person) -> list[Agreed]:
    """What she has agreed to and not taken back, in the order of the purposes, each use once.

    Not a mediation: that is ended where it takes place, with one tap.
    """
    now = now_of(session)
    last = {(line.purpose, line.scope): line for line in consent.history(session, person_id=person.id)}
    live = [
        line
        for (purpose, scope), line in last.items()
        if line.status == Status.GIVEN
        and purpose != mediations.PURPOSE
        and consent.is_live(session, person_id=person.id, purpose=purpose, scope=scope, at=now)
    ]
    order = list(purposes())
    live.sort(key=lambda line: order.index(line.purpose))
    return [Agreed(line, cases.get(session, line.scope) if line.scope else None) for line in live]


def openings(session: Session, person: Person) -> list[Access]:
    """Who opened her words, the newest first; what one reader opened at one moment for one purpose is told once."""
    lines = access_log.of(session, person.id)
    return [next(together) for _, together in groupby(lines, key=_occasion)]


def _occasion(line: Access) -> tuple[Any, ...]:
    return line.at, line.reader_id, line.part, line.purpose, line.case_id


def summary(session: Session, local: Local, person: Person) -> dict[str, Any]:
    """The first page: a line for each sort of thing."""
    mine = cases_of(session, person)
    volunteer = talents.get(session, person.id)
    seen = credentials.live(session, local, person.id)
    return {
        "name": people.name_of(person),
        "area": local.area(person.area) if person.area else None,
        "many": len(mine),
        "live": sum(one.until is None for one in mine),
        "kinds": [local.kind(code) for code in talents.kinds_of(session, person.id)] if volunteer else [],
        "credentials": [one for one in local.credentials if one.code in seen],
        "posts": [post for post, _ in posts_of(session, person)],
        "restrictions": len(restrictions.of_person(session, person.id)),
        "yes": len(agreed(session, person)),
        "seen": len(openings(session, person)),
    }
