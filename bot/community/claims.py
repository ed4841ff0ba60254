"""Who was asked, who holds, who is on it: one need, one helper, decided by the database."""

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
    table,
    text,
    update,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community.record import Moment, new_id, now_of, rows, table_of
from bot.errors import AlreadyTaken
from bot.matching.waves import Chosen

HOLD = timedelta(minutes=15)
_LIVE = text("state IN ('held', 'confirmed')")


class AskState(StrEnum):
    """What became of asking one volunteer."""

    ASKED = "asked"
    DECLINED = "declined"
    CLAIMED = "claimed"
    CLOSED = "closed"
    AGAIN = "again"


class ClaimState(StrEnum):
    """What became of one volunteer's claim."""

    HELD = "held"
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


class Claim(SQLModel, table=True):
    """A volunteer takes a case. At most one claim of a case is live: a unique index is the wall."""

    __tablename__ = "claim"
    __table_args__ = (
        Index("claim_live", "case_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(
            "claim_held",
            "held_until",
            sqlite_where=text("state = 'held'"),
            postgresql_where=text("state = 'held'"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="help_case.id", max_length=16, index=True)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    state: str = Field(default=ClaimState.HELD, max_length=16)
    held_until: datetime = Field(sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    code_word: int | None = None
    progress: str | None = Field(default=None, max_length=16)


# Who claims is a side of the case: whoever holds it, and whoever was ever engaged on it.
SIDE = col(Claim.confirmed_at).is_not(None) | (col(Claim.state) == ClaimState.HELD.value)

# Asked at nearly every tap, so built once.
_CASE: BindParameter[str] = bindparam("case")
_PERSON: BindParameter[str] = bindparam("person")
_ASKS = select(Ask).where(Ask.case_id == _CASE).order_by(col(Ask.asked_at), col(Ask.id))
_ASK = select(Ask).where(Ask.case_id == _CASE, Ask.person_id == _PERSON)
_OPEN_ASKS = (
    select(Ask).where(Ask.person_id == _PERSON, Ask.state == AskState.ASKED.value).order_by(col(Ask.asked_at))
)
_STANDING = select(Claim).where(Claim.case_id == _CASE, col(Claim.state).in_(["held", "confirmed"]))
_DONE = select(Claim).where(Claim.case_id == _CASE, Claim.state == ClaimState.DONE)
_HELPERS = select(Claim.person_id).where(Claim.case_id == _CASE, SIDE)
_EXPIRED = (
    select(Claim.id)
    .where(Claim.state == "held", col(Claim.held_until) <= bindparam("now"))
    .order_by(col(Claim.held_until))
)
_SETTLE = (
    update(table_of(Claim))
    .where(col(Claim.id) == bindparam("row"), col(Claim.state) == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "confirmed_at", "code_word")})
)
_TALENT = table("talent", column("person_id", String), column("asked_at", Moment))  # bot.community.talents
_ASKED_NOW = (
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
        asks.append(ask)
    session.add_all(asks)
    rows(session, _ASKED_NOW, persons=[one.person_id for one in chosen], at=now)
    return asks


def asks_of(session: Session, case_id: str) -> list[Ask]:
    return list(session.exec(_ASKS, params={"case": case_id}))


def asked(session: Session, case_id: str) -> list[str]:
    """Who has been asked and has not answered."""
    return [ask.person_id for ask in asks_of(session, case_id) if ask.state == AskState.ASKED]


def ask_of(session: Session, case_id: str, person_id: str) -> Ask | None:
    return session.exec(_ASK, params={"case": case_id, "person": person_id}).first()


def open_asks(session: Session, person_id: str) -> list[Ask]:
    """What this volunteer was asked and has not answered, or holds."""
    return list(session.exec(_OPEN_ASKS, params={"person": person_id}))


def may_ask_again(session: Session, case_id: str) -> None:
    """The need has changed: whoever was asked about the old one may be asked about the new one."""
    session.execute(update(Ask).where(col(Ask.case_id) == case_id).values(state=AskState.AGAIN.value))


def forget(session: Session, case_id: str) -> None:
    """Nobody can tell any more who was asked about this case and who took it."""
    for model in (Ask, Claim):
        session.execute(delete(model).where(col(model.case_id) == case_id))


def done(session: Session, case_id: str) -> Claim | None:
    """The claim that was carried through."""
    return session.exec(_DONE, params={"case": case_id}).first()


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
    return session.exec(_STANDING, params={"case": case_id}).first()


def hold(session: Session, *, case_id: str, person_id: str) -> Claim:
    """First tap holds for a quarter of an hour. Raises AlreadyTaken when somebody was quicker."""
    standing = live(session, case_id)
    if standing is not None:
        if standing.person_id == person_id:
            return standing
        raise AlreadyTaken
    claim = Claim(case_id=case_id, person_id=person_id, held_until=now_of(session) + HOLD)
    session.add(claim)
    session.flush()  # the unique index decides between two at once
    return claim


def settle(session: Session, claim: Claim, *, seen: ClaimState, to: ClaimState, **values: object) -> bool:
    """Move a claim if it still stands where we saw it."""
    after = {"confirmed_at": claim.confirmed_at, "code_word": claim.code_word, **values, "state": to.value}
    new = {f"new_{name}": value for name, value in after.items()}
    if rows(session, _SETTLE, row=claim.id, seen=seen.value, **new).rowcount != 1:
        session.refresh(claim)
        return False
    for name, value in after.items():
        set_committed_value(claim, name, value)
    return True


def expired(session: Session) -> list[str]:
    """Holds whose quarter of an hour has passed."""
    return list(rows(session, _EXPIRED, now=now_of(session)).scalars())


def release_expired(session: Session, claim_id: str) -> Claim | None:
    """The hold that is over now. None when it has become something else."""
    claim = session.get(Claim, claim_id)
    if claim is None or claim.held_until > now_of(session):
        return None
    return claim if settle(session, claim, seen=ClaimState.HELD, to=ClaimState.RELEASED) else None


def of_person(session: Session, person_id: str) -> list[Claim]:
    """What this volunteer is on right now."""
    return list(
        session.exec(
            select(Claim)
            .where(Claim.person_id == person_id, col(Claim.state).in_(["held", "confirmed"]))
            .order_by(col(Claim.held_until))
        )
    )
