"""Who has not been here for very long is asked once whether she stays; silence is a no (PIPL 19, 47).

A volunteer is asked about the talent pool, anybody with nothing under way about all that is kept of her. Being here in any way
answers too (people.seen). Who is quiet has a rule of her own (bot.community.quiet).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Date, bindparam, exists, or_, select, union_all, update
from sqlmodel import Session

from bot.community import claims, erasing, parting, people, talents
from bot.community.cases import LIVE, Case
from bot.community.claims import Claim
from bot.community.complaints import Complaint
from bot.community.messages import Message
from bot.community.parting import Tiding
from bot.community.people import Person
from bot.community.record import Moment, now_of, rows, table_of
from bot.community.staff import Duty
from bot.community.talents import Volunteer
from bot.data import Local
from privacy.retention import rule


class Stay(StrEnum):
    """What she is asked about."""

    POOL = "pool"
    ACCOUNT = "account"


IDLE = {Stay.POOL: rule("pool_idle").after, Stay.ACCOUNT: rule("account").after}
SILENT = {Stay.POOL: rule("pool_silent").after, Stay.ACCOUNT: rule("account_silent").after}

_PEOPLE, _CASES, _CLAIMS = table_of(Person), table_of(Case), table_of(Claim)
_DUTIES, _COMPLAINTS, _POOL = table_of(Duty), table_of(Complaint), table_of(Volunteer)
_MESSAGES = table_of(Message)
_NOW = bindparam("now", type_=Moment())
# Others count on her, or she on us: then nobody is asked whether she stays.
_AWAITED = or_(
    exists().where(_CASES.c.person_id == _PEOPLE.c.id, _CASES.c.state.in_([state.value for state in LIVE])),
    exists().where(
        _CLAIMS.c.person_id == _PEOPLE.c.id,
        _CLAIMS.c.state.in_(claims.LIVE),
    ),
    exists().where(
        _DUTIES.c.person_id == _PEOPLE.c.id, or_(_DUTIES.c.until.is_(None), _DUTIES.c.until > _NOW)
    ),
    exists().where(
        _COMPLAINTS.c.person_id == _PEOPLE.c.id,
        _COMPLAINTS.c.answered_at.is_(None),
        _COMPLAINTS.c.words.is_not(None),
    ),
    exists().where(_MESSAGES.c.person_id == _PEOPLE.c.id, _MESSAGES.c.done_at.is_(None)),
)
_MAY_ASK = select(_PEOPLE.c.id).where(
    _PEOPLE.c.asked.is_(None),
    _PEOPLE.c.quiet_since.is_(None),
    or_(_PEOPLE.c.stay_at.is_(None), _PEOPLE.c.stay_at <= _NOW),
)


def _idle(*which: Any) -> CompoundSelect[Any]:
    """Two questions, so that neither looks through all who have been away for a year."""
    return union_all(
        _MAY_ASK.where(
            *which,
            _PEOPLE.c.id.in_(select(_POOL.c.person_id)),
            _PEOPLE.c.seen_on <= bindparam("year", type_=Date()),
        ),
        _MAY_ASK.where(
            *which,
            _PEOPLE.c.id.not_in(select(_POOL.c.person_id)),
            _PEOPLE.c.seen_on <= bindparam("years", type_=Date()),
            ~_AWAITED,
        ),
    )


_TO_ASK = _idle()
_IS_TO_ASK = _idle(_PEOPLE.c.id == bindparam("person"))
_UNANSWERED = (
    select(_PEOPLE.c.id)
    .where(_PEOPLE.c.asked.is_not(None), _PEOPLE.c.stay_at <= _NOW)
    .order_by(_PEOPLE.c.stay_at)
)
_IS_AWAITED = select(_PEOPLE.c.id).where(_PEOPLE.c.id == bindparam("person"), _AWAITED)
_ANEW = update(_PEOPLE).where(_PEOPLE.c.asked.is_not(None)).values(asked=None, stay_at=None)


def to_ask(session: Session) -> list[str]:
    """Who has not been here for so long that she is asked."""
    return list(rows(session, _TO_ASK, **_since(session)).scalars())


def is_to_ask(session: Session, person_id: str) -> bool:
    """Whether she still is one of them."""
    return rows(session, _IS_TO_ASK, person=person_id, **_since(session)).first() is not None


def _since(session: Session) -> dict[str, Any]:
    now = now_of(session)
    year, years = (now.date() - IDLE[which] for which in Stay)
    return {"now": now, "year": year, "years": years}


def ask(session: Session, local: Local, person: Person) -> Stay | None:
    """What to ask her about now; None in quiet hours, when it waits for the morning."""
    now = now_of(session)
    if (morning := local.awake(now)) > now:
        people.update(session, person, stay_at=morning)
        return None
    which = Stay.ACCOUNT if talents.get(session, person.id) is None else Stay.POOL
    people.update(session, person, asked=which.value, stay_at=local.awake(now + SILENT[which]))
    return which


def unanswered(session: Session) -> list[str]:
    """Who was asked and has not been here since, until her time was over."""
    return list(rows(session, _UNANSWERED, now=now_of(session)).scalars())


def is_unanswered(session: Session, person: Person) -> bool:
    """Whether she still is one of them."""
    return person.asked is not None and person.stay_at is not None and person.stay_at <= now_of(session)


def leave_pool(session: Session, person: Person) -> list[Tiding]:
    """Silence: she has left the talent pool, as if she had said so."""
    people.update(session, person, asked=None, stay_at=None)
    return parting.leave_pool(session, person, parting.ITS_TIME)


def is_awaited(session: Session, person: Person) -> bool:
    """Whether something of hers is under way, or she holds a role."""
    return rows(session, _IS_AWAITED, person=person.id, now=now_of(session)).first() is not None


def stop(session: Session, local: Local, person: Person) -> list[Tiding]:
    """Silence about everything: what others still must hear of, before her last word and `let_go`."""
    tidings = parting.stop_everything(session, local, person, actor=None)
    parting.take_all_back(session, person, parting.ITS_TIME)
    return tidings


def let_go(session: Session, person: Person) -> None:
    """All of her is erased, as by herself."""
    erasing.erase_person(session, person.id)


def ask_anew(session: Session) -> None:
    """After older data was restored: an answer given since is lost, so nobody's silence counts."""
    rows(session, _ANEW)
