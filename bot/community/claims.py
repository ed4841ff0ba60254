"""Who was asked, who holds, who is on it, who stands by: one need, one helper, decided by the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BindParameter,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    column,
    delete,
    func,
    table,
    text,
    update,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community.cases import LOOKING, Case
from bot.community.items import Item, Sort
from bot.community.people import OFFLINE, Person
from bot.community.record import Moment, first, new_id, now_of, records, rows, table_of
from bot.errors import AlreadyTaken, HandsFull, NoLongerOpen
from bot.matching.waves import Chosen
from privacy.prepared import Prepared

HOLD = timedelta(minutes=15)
REMIND = timedelta(minutes=5)  # so long before a hold ends its holder is told
BACKUPS = 2  # so many at most stand by for one need
_LIVE = text("state IN ('held', 'proposed', 'confirmed')")
_OPEN_END = text("state IN ('held', 'proposed')")


class AskState(StrEnum):
    """What became of asking one volunteer."""

    ASKED = "asked"
    DECLINED = "declined"
    CLAIMED = "claimed"
    CLOSED = "closed"
    AGAIN = "again"
    BACKUP = "backup"  # she stands by, and is asked before anybody else when it comes free


class Step(StrEnum):
    """What was said last while a claim waits: its holder was reminded, the asker was asked, staff were asked."""

    REMINDED = "reminded"
    ASKER = "asker"
    STAFF = "staff"


class ClaimState(StrEnum):
    """What became of one volunteer's claim."""

    HELD = "held"
    PROPOSED = "proposed"  # she would come; the asker's yes is awaited
    CONFIRMED = "confirmed"
    RELEASED = "released"
    DONE = "done"


class Ask(SQLModel, table=True):
    """One volunteer asked about one case, with the reasons she was told (`why`: codes of bot.matching.explain)."""

    __tablename__ = "ask"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id", name="ask_once"),
        Index("ask_lately", "person_id", "asked_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="help_case.id", max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16)
    state: str = Field(default=AskState.ASKED, max_length=16)
    wave: int = 1
    why: str = Field(default="", max_length=120)
    asked_at: datetime = Field(sa_type=Moment)
    stands_by_since: datetime | None = Field(default=None, sa_type=Moment)


class Claim(SQLModel, table=True):
    """A volunteer takes a case. At most one claim of a case is live: a unique index is the wall.

    `held_until`: when what it waits for is due: the second tap of who holds it, or the next `step` towards the asker's yes.
    """

    __tablename__ = "claim"
    __table_args__ = (
        Index("claim_live", "case_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(
            "claim_held",
            "held_until",
            sqlite_where=_OPEN_END,
            postgresql_where=_OPEN_END,
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="help_case.id", max_length=16, index=True)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    state: str = Field(default=ClaimState.HELD, max_length=16)
    held_until: datetime = Field(sa_type=Moment)
    step: str | None = Field(default=None, max_length=16)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    code_word: int | None = None
    progress: str | None = Field(default=None, max_length=16)


LIVE = (ClaimState.HELD.value, ClaimState.PROPOSED.value, ClaimState.CONFIRMED.value)
# Who claims is a side of the case: whoever holds it or offers to come, and whoever was ever engaged on it.
SIDE = col(Claim.confirmed_at).is_not(None) | col(Claim.state).in_(LIVE)

# Asked at nearly every tap, so built once.
_CASE: BindParameter[str] = bindparam("case")
_PERSON: BindParameter[str] = bindparam("person")
_ASKS = Prepared(select(Ask).where(Ask.case_id == _CASE).order_by(col(Ask.asked_at), col(Ask.id)))
_ASK = Prepared(select(Ask).where(Ask.case_id == _CASE, Ask.person_id == _PERSON))
_OPEN_ASKS = Prepared(
    select(Ask)
    .where(Ask.person_id == _PERSON, col(Ask.state).in_([AskState.ASKED.value, AskState.BACKUP.value]))
    .order_by(col(Ask.asked_at))
)
_STANDING = Prepared(select(Claim).where(Claim.case_id == _CASE, col(Claim.state).in_(LIVE)))
_DONE = Prepared(select(Claim).where(Claim.case_id == _CASE, Claim.state == ClaimState.DONE))
_HELPERS = Prepared(select(Claim.person_id).where(Claim.case_id == _CASE, SIDE))
_HELPED_BY = Prepared(select(Claim.case_id).where(Claim.person_id == _PERSON, SIDE))
_WAITS = text("claim.state IN ('held', 'proposed')")  # as the index says it, or it is not used
_WAITING = Prepared(
    select(Claim.id)
    .where(
        _WAITS,
        (col(Claim.held_until) <= bindparam("now"))
        | (
            (col(Claim.state) == ClaimState.HELD.value)
            & col(Claim.step).is_(None)
            & (col(Claim.held_until) <= bindparam("soon"))
        ),
    )
    .order_by(col(Claim.held_until))
)
_OF_PERSON = Prepared(
    select(Claim)
    .where(Claim.person_id == _PERSON, col(Claim.state).in_(LIVE))
    .order_by(col(Claim.held_until))
)
_OPEN_OF = Prepared(select(func.count()).where(Claim.person_id == _PERSON, col(Claim.state).in_(LIVE)))
_BACKUPS = Prepared(
    select(Ask)
    .where(Ask.case_id == _CASE, Ask.state == AskState.BACKUP.value)
    .order_by(col(Ask.stands_by_since), col(Ask.id))
)
_LAST_ENGAGED = Prepared(
    select(Claim)
    .where(Claim.case_id == _CASE, col(Claim.confirmed_at).is_not(None))
    .order_by(col(Claim.confirmed_at).desc())
)
_SETTLED = ("state", "confirmed_at", "code_word", "held_until", "step")
_SETTLE = Prepared(
    update(table_of(Claim))
    .where(col(Claim.id) == bindparam("row"), col(Claim.state) == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in _SETTLED})
)
_LOCKED_CASE = Prepared(select(Case.state).where(Case.id == _CASE).with_for_update())
_LOCKED_PERSON = Prepared(select(Person.id).where(Person.id == _PERSON).with_for_update())
_TALENT = table("talent", column("person_id", String), column("asked_at", Moment))  # bot.community.talents
_ASKED_NOW = Prepared(
    update(_TALENT)
    .where(_TALENT.c.person_id.in_(bindparam("persons", expanding=True)))
    .values(asked_at=bindparam("at", type_=Moment))
)


def ask(session: Session, case_id: str, chosen: list[Chosen], *, wave: int | None = None) -> list[Ask]:
    """Note that they are asked, for the first time or, after a change of the need, again: in this wave, or the next."""
    known = {ask.person_id: ask for ask in asks_of(session, case_id)}
    wave = wave or max((ask.wave for ask in known.values()), default=0) + 1
    now = now_of(session)
    asks = []
    for one in chosen:
        ask = known.get(one.person_id) or Ask(case_id=case_id, person_id=one.person_id, asked_at=now)
        ask.state, ask.wave, ask.why, ask.asked_at = AskState.ASKED, wave, one.why, now
        ask.stands_by_since = None
        asks.append(ask)
    session.add_all(asks)
    rows(session, _ASKED_NOW, persons=[one.person_id for one in chosen], at=now)
    return asks


def looked(session: Session, case_id: str, person_id: str) -> Ask:
    """She opened it by herself: as good as being asked. Who stands by goes on standing by."""
    hers = ask_of(session, case_id, person_id)
    if hers is not None and hers.state == AskState.BACKUP:
        return hers
    known = asks_of(session, case_id)
    wave = max((ask.wave for ask in known), default=1)
    [ask_] = ask(session, case_id, [Chosen(person_id, "self")], wave=wave)
    return ask_


def asks_of(session: Session, case_id: str) -> list[Ask]:
    return records(session, Ask, _ASKS, case=case_id)


def asked(session: Session, case_id: str) -> list[str]:
    """Who has been asked and has not answered."""
    return [ask.person_id for ask in asks_of(session, case_id) if ask.state == AskState.ASKED]


def ask_of(session: Session, case_id: str, person_id: str) -> Ask | None:
    return first(session, Ask, _ASK, case=case_id, person=person_id)


def open_asks(session: Session, person_id: str) -> list[Ask]:
    """What this volunteer was asked and has not answered, holds, or stands by for."""
    return records(session, Ask, _OPEN_ASKS, person=person_id)


def may_ask_again(session: Session, case_id: str) -> None:
    """The need has changed: whoever was asked about the old one may be asked about the new one; who stands by still does."""
    session.execute(
        update(Ask)
        .where(col(Ask.case_id) == case_id, col(Ask.state) != AskState.BACKUP.value)
        .values(state=AskState.AGAIN.value)
    )


def forget(session: Session, case_id: str) -> None:
    """Nobody can tell any more who was asked about this case and who took it."""
    for model in (Ask, Claim):
        session.execute(delete(model).where(col(model.case_id) == case_id))


def done(session: Session, case_id: str) -> Claim | None:
    """The claim that was carried through."""
    return first(session, Claim, _DONE, case=case_id)


def ever(session: Session, case_id: str, person_id: str) -> bool:
    """Whether she was ever engaged on this case."""
    found = session.exec(
        select(Claim.id).where(
            Claim.case_id == case_id, Claim.person_id == person_id, col(Claim.confirmed_at).is_not(None)
        )
    ).first()
    return found is not None


def helpers_of(session: Session, case_id: str) -> set[str]:
    """Who holds it now, and everybody who was ever engaged on it."""
    return set(rows(session, _HELPERS, case=case_id).scalars())


def live(session: Session, case_id: str) -> Claim | None:
    """The claim that is held or confirmed, if there is one."""
    return first(session, Claim, _STANDING, case=case_id)


def hold(session: Session, *, case_id: str, person_id: str, max_open: int) -> Claim:
    """First tap holds for a quarter of an hour.

    Raises NoLongerOpen, AlreadyTaken when somebody was quicker, HandsFull when she has as many needs in hand as she takes at
    once. Two at once are one after the other here, for the case and for the person.
    """
    state = _one_at_a_time(session, case_id, person_id)
    standing = live(session, case_id)
    if standing is not None:
        if standing.person_id == person_id:
            return standing
        raise AlreadyTaken
    if state not in LOOKING:
        raise NoLongerOpen
    if open_of(session, person_id) >= max_open:
        raise HandsFull
    claim = Claim(case_id=case_id, person_id=person_id, held_until=now_of(session) + HOLD)
    session.add(claim)
    session.flush()  # the unique index is the wall behind
    return claim


def _one_at_a_time(session: Session, case_id: str, person_id: str) -> str | None:
    """Whoever else claims this case, or anything for this person, waits: PostgreSQL locks the rows, SQLite has one writer.

    Returns the state of the case as the database has it.
    """
    state = rows(session, _LOCKED_CASE, case=case_id).scalar()
    rows(session, _LOCKED_PERSON, person=person_id)
    return state


def settle(session: Session, claim: Claim, *, seen: ClaimState, to: ClaimState, **values: object) -> bool:
    """Move a claim if it still stands where we saw it."""
    after = {name: getattr(claim, name) for name in _SETTLED} | {**values, "state": to.value}
    new = {f"new_{name}": value for name, value in after.items()}
    if rows(session, _SETTLE, row=claim.id, seen=seen.value, **new).rowcount != 1:
        session.refresh(claim)
        return False
    for name, value in after.items():
        set_committed_value(claim, name, value)
    return True


def waiting(session: Session) -> list[str]:
    """Holds that end soon or are over, and offers whose next step is due."""
    now = now_of(session)
    return list(rows(session, _WAITING, now=now, soon=now + REMIND).scalars())


def still_waiting(session: Session, claim_id: str) -> Claim | None:
    """The claim, if something about it still is due."""
    claim = session.get(Claim, claim_id)
    now = now_of(session)
    if claim is None or claim.state not in (ClaimState.HELD, ClaimState.PROPOSED):
        return None
    soon = claim.state == ClaimState.HELD and claim.step is None and claim.held_until <= now + REMIND
    return claim if soon or claim.held_until <= now else None


def release(session: Session, claim: Claim) -> bool:
    """What is not certain yet comes to nothing; false when it is certain, or has become something else meanwhile."""
    seen = ClaimState(claim.state)
    if seen not in (ClaimState.HELD, ClaimState.PROPOSED):
        return False
    return settle(session, claim, seen=seen, to=ClaimState.RELEASED)


def hold_anew(session: Session, claim: Claim) -> bool:
    """What she offered to do has changed, so she reads it and confirms again. False for a claim that is no offer."""
    until = now_of(session) + HOLD
    return settle(session, claim, seen=ClaimState.PROPOSED, to=ClaimState.HELD, held_until=until, step=None)


def said(session: Session, claim: Claim, step: str | None, *, until: datetime) -> None:
    """This was said last while it waits, and what comes next is due then."""
    stays = ClaimState(claim.state)
    settle(session, claim, seen=stays, to=stays, step=step, held_until=until)


def stand_by(session: Session, ask: Ask) -> bool:
    """She is asked before anybody else if it comes free. False when as many as may stand by already do."""
    _one_at_a_time(session, ask.case_id, ask.person_id)
    if ask.state == AskState.BACKUP:
        return True
    if len(backups(session, ask.case_id)) >= BACKUPS:
        return False
    ask.state, ask.stands_by_since = AskState.BACKUP, now_of(session)
    session.add(ask)
    session.flush()
    return True


def backups(session: Session, case_id: str) -> list[Ask]:
    """Who stands by, in the order they said so."""
    return records(session, Ask, _BACKUPS, case=case_id)


def no_longer(session: Session, ask: Ask, state: AskState) -> None:
    """She stands by no more."""
    ask.state, ask.stands_by_since = state, None
    session.add(ask)
    session.flush()


def left_to_staff(session: Session) -> list[Item]:
    """Cases in which somebody would come, and staff decide since the asker has not answered."""
    found = (
        select(Case)
        .join(Claim, col(Claim.case_id) == col(Case.id))
        .where(_WAITS, Claim.state == ClaimState.PROPOSED, Claim.step == Step.STAFF)
    )
    return [
        Item(Sort.CLAIM, case.id, case.received_at, case.urgency, case.id, case.area)
        for case in session.exec(found)
    ]


def helped_by(session: Session, person_id: str) -> set[str]:
    """The cases whose helper she is or once was, or would be."""
    return set(rows(session, _HELPED_BY, person=person_id).scalars())


def undecided(session: Session, case_id: str) -> Claim | None:
    """The offer of this case that staff decide on."""
    claim = live(session, case_id)
    waits = claim is not None and claim.state == ClaimState.PROPOSED and claim.step == Step.STAFF
    return claim if waits else None


def free_backups(session: Session, case_id: str) -> list[str]:
    """It is over, so nobody need stand by. Returns who did."""
    standing = backups(session, case_id)
    for ask in standing:
        no_longer(session, ask, AskState.CLOSED)
    return [ask.person_id for ask in standing]


def open_of(session: Session, person_id: str) -> int:
    """How many needs she has in hand, against how many she takes at once."""
    return int(rows(session, _OPEN_OF, person=person_id).scalar_one())


def last_engaged(session: Session, case_id: str) -> Claim | None:
    """Of everybody who was ever on it, who came last."""
    return first(session, Claim, _LAST_ENGAGED, case=case_id)


def met(session: Session, case_id: str, claim_id: str | None) -> Claim | None:
    """The claim of this case with this id, if the two were brought together by it."""
    claim = session.get(Claim, claim_id) if claim_id is not None else None
    known = claim is not None and claim.case_id == case_id and claim.confirmed_at is not None
    return claim if known else None


def in_offline_hands(session: Session) -> list[tuple[Person, Case]]:
    """Who has no Telegram and is on a need right now, and which."""
    found = (
        select(Person, Case)
        .join(Claim, col(Claim.person_id) == col(Person.id))
        .join(Case, col(Case.id) == col(Claim.case_id))
        .where(Claim.state == ClaimState.CONFIRMED, Person.telegram_index == OFFLINE)
        .order_by(col(Case.number))
    )
    return [(person, case) for person, case in session.exec(found)]


def of_person(session: Session, person_id: str) -> list[Claim]:
    """What this volunteer is on right now."""
    return records(session, Claim, _OF_PERSON, person=person_id)
