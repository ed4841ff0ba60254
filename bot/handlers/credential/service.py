"""What follows when staff have not seen something, or no longer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import Session

from bot.community import cases, claims, credentials, parting, people
from bot.community.cases import State
from bot.community.claims import ClaimState
from bot.community.credentials import Credential, Lack
from bot.community.parting import How, Tiding
from bot.community.people import Person
from bot.data import Local

SHOWN = 4  # lines of what she lacks; the others follow when these are seen


def years_from(day: date, years: int) -> date:
    """The same day so many years later; of 29 February, the day before."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def lacks(found: Iterable[Lack], local: Local) -> list[dict[str, Any]]:
    """A line for each of what is lacking: what it is for, and what staff must see."""
    return [
        {
            "kind": lack.kinds[0],
            "many": len(lack.kinds),
            "credentials": [local.credential(code) for code in lack.credentials],
        }
        for lack in list(found)[:SHOWN]
    ]


def take_back(session: Session, local: Local, person: Person, held: Credential) -> list[Tiding]:
    """She says no more that she has it."""
    counted = credentials.is_live(held, credentials.today(session, local))
    credentials.drop(session, held)
    return give_back(session, local, person, held.kind) if counted else []


def give_back(session: Session, local: Local, person: Person, lost: str) -> list[Tiding]:
    """What she has in hand and may not do without it goes back, and is open to others at once."""
    seen = credentials.live(session, local, person.id)
    tidings = []
    for claim in claims.of_person(session, person.id):
        case = cases.get(session, claim.case_id)
        if case is None or case.state == State.HANDLED:
            continue
        kind = local.kind(case.skill)
        if lost not in kind.credentials or credentials.covers(seen, kind):
            continue
        if claim.state != ClaimState.CONFIRMED:
            tidings += [*parting.let_go(session, claim), Tiding(person, How.REDRAW, "claim.gone", case)]
            continue
        parting.release(session, local, case, claim, actor=None, reason="credential")
        tidings += [
            Tiding(person, How.TAKE_BACK, "claim.released", case),
            Tiding(person, How.TELL, "claim.released", case),
            Tiding(
                people.get(session, case.person_id),
                How.TELL,
                "claim.changing",
                case,
                {"name": people.name_of(person)},
            ),
        ]
    return tidings
