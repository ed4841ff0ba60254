"""Mediation: two neighbours who both chose it, and somebody in the middle whom both accepted.

Where one may move is a table (bot.community.stages). Each move is one conditional update; whatever lies past the invitation
needs two live consents, by two people, to one version of the notice.

Who said what is in bot.community.statements, when they talk in mediation_times, who sits in the middle in mediators, how it comes
out in outcomes. What was told about the one who is invited is not kept at all: a person brings the slip, and until its bearer
joins nothing but her id stands here.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, String, bindparam, column, delete, func, table, text, update
from sqlmodel import Field, Session, SQLModel, col, or_, select

from bot.community import events, pairs
from bot.community.events import Kind
from bot.community.items import Item, Sort
from bot.community.pairs import Why
from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, rows, table_of, vault_of
from bot.community.slips import LENGTH, LETTERS
from bot.community.stages import (
    AGREED,
    CLOCK,
    LIVE,
    MEDIATOR,
    MOVES,
    SEEKING,
    STAFF,
    TOGETHER,
    WITH_MEDIATOR,
    A,
    B,
    State,
    Who,
)
from bot.data import Local
from bot.errors import OldButton, Refusal
from privacy import consent
from privacy.consent import Status
from privacy.opening import Words
from privacy.retention import rule
from privacy.sealed import Place, Sealed, SealedBytes

PURPOSE = "mediation"
KEEP = rule("mediation").after
KEEP_LINE = rule("mediation_line").after
INVITED = rule("mediation_slip").after
CODE = re.compile(r"m-\s*([a-z0-9]{8})", re.IGNORECASE)
LOOK_AGAIN = timedelta(days=1)  # staff are reminded of what waits for them
WARNING = timedelta(weeks=1)  # so long before its end the time for it is spoken of
_DUE = text("due_at IS NOT NULL")


class NotBothAgreed(Refusal):
    """Past the invitation nothing is done before both have said yes to the same notice, and while both still do."""

    text = "mediate.not_both"


class Mediation(SQLModel, table=True):
    """One quarrel that may become a conversation. What was said is sealed, each side's under a key of its own.

    `a_id`: who asked for it. `b_id`: who came with the slip. `code_index`: a keyed hash of the code that is out.
    `mediator_id`: who is asked to stand in the middle, stands proposed once `declared_at` is set, and is accepted once both
    said `yes`. `title`: the profession she chose to tell both. `longer_*`, `court_*`: who asked for more time, and to be
    reminded of the joint confirmation. `effect_at`: when what was agreed took effect, on paper. `followed_*`: what each said
    afterwards, apart.
    """

    __tablename__ = "mediation"
    __table_args__ = (Index("mediation_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    number: int = Field(unique=True)
    state: str = Field(default=State.APPLIED, max_length=16, index=True)
    version: int = 1
    topic: str = Field(max_length=16)
    a_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    b_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    code_index: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    mediator_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    declared_at: datetime | None = Field(default=None, sa_type=Moment)
    title: str | None = Field(default=None, max_length=16)
    yes_a: datetime | None = Field(default=None, sa_type=Moment)
    yes_b: datetime | None = Field(default=None, sa_type=Moment)
    wording: Sealed | None = Field(default=None, sa_type=SealedBytes)
    agreement: Sealed | None = Field(default=None, sa_type=SealedBytes)
    applied_at: datetime = Field(sa_type=Moment)
    limit_at: datetime | None = Field(default=None, sa_type=Moment)
    longer_a: bool = False
    longer_b: bool = False
    effect_at: datetime | None = Field(default=None, sa_type=Moment)
    court_a: bool = False
    court_b: bool = False
    court_told: bool = False
    follow_at: datetime | None = Field(default=None, sa_type=Moment)
    followed_a: str | None = Field(default=None, max_length=8)
    followed_b: str | None = Field(default=None, max_length=8)
    outcome: str | None = Field(default=None, max_length=16)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    due: str | None = Field(default=None, max_length=16)


class Asked(SQLModel, table=True):
    """Somebody who was asked to stand in the middle of this one and does not: so that she is not asked again."""

    __tablename__ = "mediator_asked"

    mediation_id: str = Field(foreign_key="mediation.id", primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=16, index=True)


_ROWS = table_of(Mediation)
# of bot.community.statements and mediation_times, which know this module
_STATEMENTS = table("statement", column("mediation_id", String), column("side", String))
_TIMES = table("mediation_time", column("mediation_id", String))


def side_of(one: Mediation, person_id: str) -> Who | None:
    """Which side somebody is; None for neither."""
    return {one.a_id: A, one.b_id: B}.get(person_id)


def id_of(one: Mediation, side: Who) -> str | None:
    return one.a_id if side is A else one.b_id


def other(side: Who) -> Who:
    return B if side is A else A


def sides(one: Mediation) -> list[str]:
    """The ids of the sides there are."""
    return [person for person in (one.a_id, one.b_id) if person is not None]


def get(session: Session, mediation_id: str) -> Mediation | None:
    return session.get(Mediation, mediation_id)


def move(
    session: Session, one: Mediation, to: State, who: Who, *, actor: str | None = None, **values: Any
) -> None:
    """The only way its row changes. `actor`: one of the staff; of the sides and the mediator no id is noted for ever.

    Raises OldButton for a move that is not in the table, or when it has moved meanwhile; NotBothAgreed.
    """
    seen = State(one.state)
    if who not in MOVES[seen].get(to, frozenset()):
        raise OldButton
    if to in TOGETHER and not both_agree(session, one):
        raise NotBothAgreed
    rewrite(session, one, state=to.value, **values)
    if seen is State.ACCEPTED and to is not seen:
        _void_times(session, one)
    if to is not seen:
        events.note(session, one.id, Kind.MEDIATION, actor=actor, code=to.value)
    elif actor is not None:  # so that whoever had a hand in it as staff does not stand in the middle too
        events.note(session, one.id, Kind.MEDIATION, actor=actor, code="seen")
    if to not in LIVE:
        _end(session, one, seen)


def rewrite(session: Session, one: Mediation, **values: Any) -> None:
    """Where it stood when it was looked at, and nowhere else. Raises OldButton."""
    session.flush()
    changed = session.execute(
        update(Mediation)
        .where(col(Mediation.id) == one.id, _ROWS.c.state == one.state, _ROWS.c.version == one.version)
        .values(version=one.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        raise OldButton
    session.refresh(one)


def _void_times(session: Session, one: Mediation) -> None:
    """They were for the talking with whoever sat in the middle."""
    session.execute(delete(_TIMES).where(_TIMES.c.mediation_id == one.id))


def _end(session: Session, one: Mediation, before: State) -> None:
    """It is over: nobody reads anybody else's words any more, and the yes of both has had its purpose."""
    now = now_of(session)
    for person in sides(one):
        consent.end(session, person_id=person, purpose=PURPOSE, scope=one.id, at=now)
    outcome = before if one.state == State.FOLLOWED else State(one.state)
    values: dict[str, Any] = {"outcome": outcome.value, "ended_at": now, "code_index": None}
    if before is State.INVITING:
        values["b_id"] = None
    rewrite(session, one, **values, due_at=now + KEEP, due="forget")


# --- the two sides


def both_agree(session: Session, one: Mediation) -> bool:
    """Two live yeses, of two people, to one version of the notice."""
    if one.a_id is None or one.b_id is None or one.a_id == one.b_id:
        return False
    versions = {_version(session, one, person) for person in sides(one)}
    return len(versions) == 1 and None not in versions


def _outdated(session: Session, one: Mediation) -> bool:
    """Whether both said yes and took nothing back, but to notices that are not the same, or not what it is now."""
    known = (Status.GIVEN, Status.SUPERSEDED)
    now, both = now_of(session), sides(one)
    said = [consent.standing(session, person_id=p, purpose=PURPOSE, scope=one.id, at=now) for p in both]
    return len(both) == 2 and all(standing in known for standing in said) and not both_agree(session, one)


def agrees(session: Session, one: Mediation, person_id: str) -> bool:
    return _version(session, one, person_id) is not None


def _version(session: Session, one: Mediation, person_id: str) -> int | None:
    """The version of the notice she has agreed to and still does."""
    return consent.version(session, person_id=person_id, purpose=PURPOSE, scope=one.id, at=now_of(session))


def agree(session: Session, one: Mediation, person_id: str, language: str) -> None:
    """Her yes to the notice as it is now, for this one alone."""
    consent.record(
        session,
        person_id=person_id,
        purpose=PURPOSE,
        scope=one.id,
        given=True,
        at=now_of(session),
        language=language,
    )


def apply(
    session: Session, *, person_id: str, language: str, topic: str, wording: str, promised_at: datetime
) -> Mediation:
    """A asks for it, having read the notice and approved `wording`, word by word, for the other side."""
    one = Mediation(
        number=(session.exec(select(func.max(Mediation.number))).one() or 0) + 1,
        topic=topic,
        a_id=person_id,
        applied_at=now_of(session),
        due_at=promised_at,
        due="staff",
    )
    one.wording = seal(session, one, A, "mediation", "wording", one.id, wording)
    session.add(one)
    session.flush()
    agree(session, one, person_id, language)
    events.note(session, one.id, Kind.MEDIATION, code=State.APPLIED.value)
    return one


def write_slip(session: Session, one: Mediation, *, staff_id: str) -> str:
    """A code for whoever the slip is given to; an earlier one is void, and whoever came with it and has not joined is forgotten.

    Raises OldButton past the invitation, NotBothAgreed when A has taken her yes back.
    """
    if one.a_id is None or not agrees(session, one, one.a_id):
        raise NotBothAgreed
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    until = now_of(session) + INVITED
    values: dict[str, Any] = {"code_index": _index(session, code), "b_id": None}
    if one.b_id is not None:  # whatever she had agreed to has had its purpose
        consent.end(session, person_id=one.b_id, purpose=PURPOSE, scope=one.id, at=now_of(session))
    move(session, one, State.INVITING, STAFF, actor=staff_id, **values, due_at=until, due="no_answer")
    return code


def _index(session: Session, code: str) -> int:
    return vault_of(session).index("mediation", "code", code.lower())


def by_code(session: Session, code: str) -> Mediation | None:
    """The one a slip invites to, while it is good."""
    one = session.exec(select(Mediation).where(Mediation.code_index == _index(session, code))).first()
    good = one is not None and one.state == State.INVITING and one.due_at is not None
    return one if good and one is not None and (one.due_at or now_of(session)) > now_of(session) else None


def arrive(session: Session, code: str, person_id: str) -> Mediation:
    """Its bearer is here, and listens first: nothing of hers is noted but that she came. The code is used up.

    Raises OldButton for a code nobody wrote, an old or a used one, and for who asked for it herself.
    """
    one = by_code(session, code)
    if one is None or one.a_id == person_id or one.b_id not in (None, person_id):
        raise OldButton
    if any(line.actor_id == person_id for line in events.of_case(session, one.id)):
        raise OldButton  # whoever of the staff wrote the slip does not come with it
    move(session, one, State.INVITING, B, b_id=person_id, code_index=None)
    return one


def join(session: Session, local: Local, one: Mediation, person_id: str, language: str) -> bool:
    """One side's yes: to come, or to the notice as it is now. Returns whether there are two now, to the same one.

    Raises OldButton for anybody else, and where nothing is asked of her.
    """
    side = side_of(one, person_id)
    if side is None or not may_agree(session, one):
        raise OldButton
    agree(session, one, person_id, language)
    if not both_agree(session, one):
        return False
    if one.state in TOGETHER:
        return True
    assert one.a_id is not None  # noqa: S101  both agree
    assert one.b_id is not None  # noqa: S101  the same
    limit = now_of(session) + _limit(local, one)
    move(session, one, State.CONSENTED, side, limit_at=limit, due_at=limit - WARNING, due="warn")
    pairs.part(session, one.a_id, one.b_id, Why.DISPUTE)  # meanwhile neither is sent to the other to help
    return True


def may_agree(session: Session, one: Mediation) -> bool:
    """Whether there is something for a side to say yes to: the invitation, or a notice that means something else by now."""
    return one.state == State.INVITING or (one.state in TOGETHER and _outdated(session, one))


def _limit(local: Local, one: Mediation) -> timedelta:
    return timedelta(days=local.mediation.topic(one.topic).days)


def longer(session: Session, local: Local, one: Mediation, person_id: str) -> bool:
    """More time, which both must want. Returns whether both do; then it is so. Raises OldButton, also for who has said so."""
    side = a_side(one, person_id)
    said = one.longer_a if side is A else one.longer_b
    if one.state not in (*SEEKING, State.ACCEPTED) or one.limit_at is None or said:
        raise OldButton
    if not both_agree(session, one):
        raise NotBothAgreed
    rewrite(session, one, **{f"longer_{side.value}": True})
    if not (one.longer_a and one.longer_b):
        return False
    limit = one.limit_at + _limit(local, one)
    rewrite(session, one, limit_at=limit, longer_a=False, longer_b=False, due_at=limit - WARNING, due="warn")
    return True


def decline(session: Session, one: Mediation, person_id: str) -> None:
    """Who was invited does not come: she is forgotten at once. Raises OldButton for anybody else."""
    if side_of(one, person_id) is not B:
        raise OldButton
    move(session, one, State.DECLINED, B)


def decline_unknown(session: Session, code: str) -> Mediation:
    """The same before anything at all was noted of her. Raises OldButton for a code that is not good."""
    one = by_code(session, code)
    if one is None or one.b_id is not None:
        raise OldButton
    move(session, one, State.DECLINED, B)
    return one


def withdraw(session: Session, one: Mediation, person_id: str) -> None:
    """Either side stops, without a reason. Who was invited and has not joined simply does not come. Raises OldButton."""
    side = a_side(one, person_id)
    consent.withdraw(session, person_id=person_id, purpose=PURPOSE, scope=one.id, at=now_of(session))
    _over(session, one, side)


def _over(session: Session, one: Mediation, side: Who) -> None:
    declined = one.state == State.INVITING and side is B
    move(session, one, State.DECLINED if declined else State.WITHDRAWN, side)


def a_side(one: Mediation, person_id: str) -> Who:
    side = side_of(one, person_id)
    if side is None:
        raise OldButton
    return side


def stop(session: Session, one: Mediation, who: Who, *, actor: str | None = None) -> None:
    """Somebody is afraid, or was threatened: it ends, and nobody but staff hears why. Raises OldButton."""
    move(session, one, State.STOPPED, who, actor=actor)


def dismiss(session: Session, one: Mediation, to: State, *, staff_id: str) -> None:
    """Staff: it is nothing for this, or it goes on by telephone and on paper. Raises OldButton."""
    if to not in (State.NOT_SUITABLE, State.OFFLINE):
        raise OldButton
    move(session, one, to, STAFF, actor=staff_id)


# --- the one in the middle


def look_for_another(session: Session, one: Mediation, who: Who) -> None:
    """Another is looked for; that is no step onward, so it waits for no new reading of a notice that has changed since."""
    gone = one.mediator_id
    assert gone is not None  # noqa: S101  the callers have looked
    to = State.CONSENTED if one.state == State.CONSENTED else State.PROPOSED
    none: dict[str, Any] = dict.fromkeys(
        ("mediator_id", "declared_at", "title", "yes_a", "yes_b", "agreement")
    )
    if _outdated(session, one):
        rewrite(session, one, state=to.value, **none)
        _void_times(session, one)
        events.note(session, one.id, Kind.MEDIATION, code=to.value)
    else:
        move(session, one, to, who, **none)
    vault_of(session).forget(subject(one, MEDIATOR))
    note_asked(session, one, gone)


def without_mediator(session: Session, one: Mediation) -> None:
    """Whoever stood in the middle cannot any more: another is looked for, or it stops where a yes is gone too."""
    if both_agree(session, one) or _outdated(session, one):
        look_for_another(session, one, MEDIATOR)
    else:
        stop(session, one, MEDIATOR)


def note_asked(session: Session, one: Mediation, person_id: str) -> None:
    if session.get(Asked, (one.id, person_id)) is None:
        session.add(Asked(mediation_id=one.id, person_id=person_id))
        session.flush()


def asked_before(session: Session, one: Mediation) -> set[str]:
    return set(session.exec(select(Asked.person_id).where(Asked.mediation_id == one.id)))


# --- timed work


_TO_LOOK_AT = (
    select(Mediation.id)
    .where(col(Mediation.due_at).is_not(None), col(Mediation.due_at) <= bindparam("now", type_=Moment()))
    .order_by(col(Mediation.due_at))
)


def due(session: Session) -> list[str]:
    """What there is something to do about now."""
    return list(rows(session, _TO_LOOK_AT, now=now_of(session)).scalars())


def get_due(session: Session, mediation_id: str) -> Mediation | None:
    """One of them, if it still is."""
    one = get(session, mediation_id)
    return one if one is not None and one.due_at is not None and one.due_at <= now_of(session) else None


def look_again(session: Session, one: Mediation, at: datetime, due: str) -> None:
    rewrite(session, one, due_at=at, due=due)


def time_is_over(session: Session, one: Mediation) -> None:
    """What the clock does by itself: nobody came, the time for it is over, nobody said how it went; at last it is forgotten."""
    match one.due:
        case "no_answer":
            move(session, one, State.NO_ANSWER, CLOCK)
        case "lapse":
            move(session, one, State.LAPSED, CLOCK)
        case "close":
            move(session, one, State.FOLLOWED, CLOCK)
        case "forget":
            forget(session, one)
        case "line":
            session.execute(delete(Mediation).where(col(Mediation.id) == one.id))
            session.expunge(one)


def forget(session: Session, one: Mediation) -> None:
    """What was said and who they were goes; number, topic, days and outcome stay as a line of the register."""
    assert one.ended_at is not None  # noqa: S101  only what is over is forgotten
    if one.a_id and one.b_id and not _another(session, one):
        for two in ((one.a_id, one.b_id), (one.b_id, one.a_id)):
            pairs.rejoin(session, *two, Why.DISPUTE)
    for side in (A, B, MEDIATOR):
        vault_of(session).forget(subject(one, side))
    session.execute(delete(_STATEMENTS).where(_STATEMENTS.c.mediation_id == one.id))
    session.execute(delete(Asked).where(col(Asked.mediation_id) == one.id))
    none = dict.fromkeys(("a_id", "b_id", "mediator_id", "wording", "agreement", "followed_a", "followed_b"))
    rewrite(session, one, **none, due_at=one.ended_at + KEEP_LINE, due="line")


def _another(session: Session, one: Mediation) -> bool:
    """Whether the same two have another one, whoever asked for it, under way or not yet forgotten."""
    return any(
        found.id != one.id and set(sides(found)) == set(sides(one)) and found.state != State.INVITING
        for found in of_person(session, one.a_id or "")
    )


# --- looking


def of_person(session: Session, person_id: str, *states: State) -> list[Mediation]:
    """Where she is a side, or the one in the middle; the newest first."""
    hers = or_(
        col(Mediation.a_id) == person_id,
        col(Mediation.b_id) == person_id,
        col(Mediation.mediator_id) == person_id,
    )
    wanted = select(Mediation).where(
        hers, col(Mediation.state).in_([s.value for s in states or tuple(State)])
    )
    return list(session.exec(wanted.order_by(col(Mediation.number).desc())))


def waiting(session: Session) -> list[Item]:
    """The same, as it stands in the queue: the stage and no more."""
    return [
        Item(
            Sort.MEDIATION,
            one.id,
            one.applied_at,
            area=area_of(session, one),
            until=one.due_at if one.state == State.APPLIED else None,
        )
        for one in to_arrange(session)
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Of those, the ones she is part of, or was asked to be."""
    return {one.id for one in to_arrange(session) if person_id in part_of(session, one)}


def part_of(session: Session, one: Mediation) -> set[str]:
    """Everybody who is, or was asked to be, part of it: as staff they step aside."""
    return {*sides(one), *filter(None, [one.mediator_id]), *asked_before(session, one)}


def area_of(session: Session, one: Mediation) -> str | None:
    """Whose staff see to it: where who asked for it lives."""
    person = session.get(Person, one.a_id) if one.a_id is not None else None
    return person.area if person is not None else None


def to_arrange(session: Session) -> list[Mediation]:
    """What waits for staff: somebody to talk to and a slip to write, or somebody to be asked into the middle."""
    wanted = select(Mediation).where(
        or_(
            col(Mediation.state) == State.APPLIED.value,
            col(Mediation.state).in_([state.value for state in SEEKING])
            & col(Mediation.declared_at).is_(None),
        )
    )
    return list(session.exec(wanted.order_by(col(Mediation.number))))


def leave(session: Session, person_id: str) -> list[tuple[Mediation, State, str | None]]:
    """She goes, or has died: what she is a side of ends, and another is looked for where she stood in the middle.

    Returns which, how each stood before, and who had come with a slip and not joined.
    """
    left = []
    for one in of_person(session, person_id, *LIVE):
        before = State(one.state)
        guest = one.b_id if before is State.INVITING and one.b_id != person_id else None
        if one.mediator_id == person_id:
            if before in AGREED:
                continue  # what was agreed stands; both are still asked how it went
            without_mediator(session, one)
        else:
            _over(session, one, a_side(one, person_id))
        left.append((one, before, guest))
    return left


def erase(session: Session, person_id: str) -> None:
    """After she has left: her words go with their keys, and no row leads to her any more."""
    for one in of_person(session, person_id):
        side = side_of(one, person_id) or MEDIATOR
        vault_of(session).forget(subject(one, side))
        gone: dict[str, Any] = {f"{side.value}_id": None}
        if side is not B:
            gone["wording" if side is A else "agreement"] = None
        session.execute(
            delete(_STATEMENTS).where(_STATEMENTS.c.mediation_id == one.id, _STATEMENTS.c.side == side.value)
        )
        rewrite(session, one, **gone)
    session.execute(delete(Asked).where(col(Asked.person_id) == person_id))


# --- words


def subject(one: Mediation, side: Who) -> str:
    """Whose key: that of one side of one mediation."""
    return f"{one.id}.{side.value}"


def seal(
    session: Session, one: Mediation, side: Who, table: str, column: str, row: str, words: str
) -> Sealed:
    place = Place(table, column, row)
    return vault_of(session).seal(words, subject=subject(one, side), data_class=PURPOSE, place=place)


def words(one: Mediation, side: Who, sealed: Sealed | None, place: Place) -> Words:
    """Sealed words of one side, or of the mediator, unopened."""
    owner = one.mediator_id if side is MEDIATOR else id_of(one, side)
    until = one.ended_at + KEEP if one.ended_at is not None else None
    return Words(
        sealed if owner else None, subject(one, side), PURPOSE, place, owner or "", case=one.id, until=until
    )


def wording_of(one: Mediation) -> Words:
    """What A lets the other side read before she decides."""
    return words(one, A, one.wording, Place("mediation", "wording", one.id))


def agreement_of(one: Mediation) -> Words:
    """What the mediator has written down for the paper."""
    return words(one, MEDIATOR, one.agreement, Place("mediation", "agreement", one.id))


def parts(session: Session, *, reader: str, mediation_id: str, owner: str, staff: bool) -> frozenset[str]:
    """As what somebody reads here. Staff: the name of who asked, until there are two sides; not a word more (R33)."""
    one = get(session, mediation_id)
    if one is None or one.state not in LIVE:
        return frozenset()
    state, found = State(one.state), set()
    reads, owns = side_of(one, reader), side_of(one, owner)
    if staff and owns is A and reads is None and state in (State.APPLIED, State.INVITING):
        found.add("convener")
    if state is State.INVITING and reads is B and owns is A:
        found.add("invited")
    if state in TOGETHER:
        declared = owner == one.mediator_id and one.declared_at is not None
        if reads is not None and (owns is not None or declared):
            found.add("party")
        if reader == one.mediator_id and owns is not None:
            found.add("mediator" if state in WITH_MEDIATOR else "candidate")
    return frozenset(found)
