"""A case is any need with a number: what is asked, where it stands, and who may move it where (domain §4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    String,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal,
    text,
    update,
)
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import events, notes, record
from bot.community.events import Event, Kind
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.proxy import proxy_of
from bot.community.record import Moment, gate_of, new_id, now_of, rows, table_of, vault_of
from bot.data import Local
from bot.errors import AskFirst, OldButton
from bot.understanding import times
from privacy.opening import Words
from privacy.prepared import Prepared
from privacy.retention import rule
from privacy.sealed import Place, Sealed, SealedBytes


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    ASKED_BACK = "asked_back"
    OPEN = "open"
    ENGAGED = "engaged"
    HANDLED = "handled"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    NOBODY = "nobody"
    EMERGENCY = "emergency"
    REFERRED = "referred"  # another body's; she is asked whether it has answered
    MERGED = "merged"  # the same as another case, by whose end this one's asker hears


_ELSEWHERE = (State.REFERRED, State.MERGED)
# The whole life of a case: from a state, the states it may move to. Nothing else moves it.
MOVES: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset(
        {State.ASKED_BACK, State.OPEN, State.HANDLED, State.DECLINED, State.WITHDRAWN, *_ELSEWHERE}
    ),
    State.ASKED_BACK: frozenset(
        {State.RECEIVED, State.OPEN, State.HANDLED, State.DECLINED, State.WITHDRAWN, *_ELSEWHERE}
    ),
    State.OPEN: frozenset(
        {
            State.RECEIVED,
            State.ENGAGED,
            State.NOBODY,
            State.HANDLED,
            State.CLOSED,
            State.WITHDRAWN,
            *_ELSEWHERE,
        }
    ),
    State.NOBODY: frozenset(
        {State.RECEIVED, State.OPEN, State.ENGAGED, State.HANDLED, State.CLOSED, State.WITHDRAWN, *_ELSEWHERE}
    ),
    State.ENGAGED: frozenset({State.OPEN, State.HANDLED, State.CLOSED, State.WITHDRAWN, State.REFERRED}),
    State.REFERRED: frozenset({State.RECEIVED, State.CLOSED, State.WITHDRAWN}),
    State.HANDLED: frozenset({State.CLOSED, State.ENGAGED, State.NOBODY, State.WITHDRAWN}),
    State.EMERGENCY: frozenset({State.CLOSED, State.RECEIVED}),
    State.CLOSED: frozenset(),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.MERGED: frozenset(),
}
HIDDEN = "\u2587\u2587\u2587"  # stands in a story where a phone or door number was
EMERGENCY = "U0"  # the urgency of words that told of danger
TIME_TO_ASK = timedelta(hours=2)  # less than this of a promise is too little for a round of asking
LEAD = timedelta(minutes=30)  # staff are reminded this long before a promise lapses
KEEP = rule("case").after  # the words of a case stay this long after it ended
KEEP_OF_A_CHILD = rule("minor").after
KEEP_TRAIL = rule("trail").after
TRAIL = "trail"  # what is due of a case that has ended: nobody can tell any more who helped
KEPT = "kept"  # `Case.due` of what staff see to themselves: no sweep ends it by her silence
LOOK = (State.RECEIVED.value, State.EMERGENCY.value, State.NOBODY.value)  # staff must look at these,
# and at these when nothing more happens by itself: reminders went unanswered, or somebody is worried.
LOOK_AT_LAST = (State.ASKED_BACK.value, State.ENGAGED.value, State.HANDLED.value)
LOOKING = (State.OPEN, State.NOBODY)  # volunteers are asked
ASKING = (
    State.OPEN,
    State.NOBODY,
    State.ENGAGED,
)  # volunteers are asked, or have it: never for a child (R47)
STAYS_HERE = (  # what happens to a need before anybody outside hears of it
    State.RECEIVED,
    State.ASKED_BACK,
    State.DECLINED,
    State.WITHDRAWN,
    State.CLOSED,
    State.MERGED,
)
_MERGED_INTO = text("merged_into IS NOT NULL")
LIVE = tuple(state for state, onward in MOVES.items() if onward)


class Case(SQLModel, table=True):
    """One need. Words and contacts are sealed under the case's own key, so that erasing the key erases them.

    `let_out_at`, `mark`, `mark_at`: since when somebody is looked for, how many marks of that time staff were told of, and when
    the next is due (bot.community.ladder).
    `could`: how many could have done it when the asking began, 20 at most. `gender`: the asker's wish of who comes, where
    the kind allows one. `told_at`, `channel`: when and how it was told, where staff wrote it down later (R13). `whom`: name and
    phone of the one it is for, where another asks for her.
    `proposed`: what volunteers should read instead, as staff would have it, until she has said yes or no.
    `merged_into`: the case by whose end this one's asker hears how it went; None once she has.
    """

    __tablename__ = "help_case"  # CASE is a word of SQL
    __table_args__ = (
        Index("case_received", "received_at"),
        Index(
            "case_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "case_ended",
            "ended_at",
            sqlite_where=text("story IS NOT NULL"),
            postgresql_where=text("story IS NOT NULL"),
        ),
        Index(
            "case_mark",
            "mark_at",
            sqlite_where=text("mark_at IS NOT NULL"),
            postgresql_where=text("mark_at IS NOT NULL"),
        ),
        Index("case_merged", "merged_into", sqlite_where=_MERGED_INTO, postgresql_where=_MERGED_INTO),
    )
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    number: int = Field(sa_type=Integer, unique=True)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    state: str = Field(max_length=16, index=True)
    version: int = 1
    skill: str = Field(max_length=24)
    area: str | None = Field(default=None, max_length=16)
    urgency: str = Field(default="U3", max_length=4)
    when_from: datetime | None = Field(default=None, sa_type=Moment)
    when_until: datetime | None = Field(default=None, sa_type=Moment)
    story: Sealed | None = Field(default=None, sa_type=SealedBytes)
    phone: Sealed | None = Field(default=None, sa_type=SealedBytes)
    door: Sealed | None = Field(default=None, sa_type=SealedBytes)
    files: Sealed | None = Field(default=None, sa_type=SealedBytes)
    proposed: Sealed | None = Field(default=None, sa_type=SealedBytes)
    sensitive: Sealed | None = Field(default=None, sa_type=SealedBytes)
    minor: Sealed | None = Field(default=None, sa_type=SealedBytes)
    whom: Sealed | None = Field(default=None, sa_type=SealedBytes)
    of_a_child: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    received_at: datetime = Field(sa_type=Moment)
    promised_at: datetime = Field(sa_type=Moment)
    handled_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    due: str | None = Field(default=None, max_length=16)
    reminders: int = 0
    reason: str | None = Field(default=None, max_length=32)
    let_out_at: datetime | None = Field(default=None, sa_type=Moment)
    mark: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    mark_at: datetime | None = Field(default=None, sa_type=Moment)
    could: int | None = None
    gender: str | None = Field(default=None, max_length=1)
    merged_into: str | None = Field(default=None, max_length=16)
    told_at: datetime | None = Field(default=None, sa_type=Moment)
    channel: str = Field(default="telegram", max_length=16, sa_column_kwargs={"server_default": "telegram"})


class CaseNumber(SQLModel, table=True):
    """Hands out the numbers people say on the phone; a number is never used twice."""

    __tablename__ = "case_number"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )


class Contact(NamedTuple):
    """How the one helper finds the resident; either may be missing, as she wished."""

    phone: str | None
    door: str | None


class SealedContact(NamedTuple):
    """The same, unopened."""

    phone: Words
    door: Words


_CLASSES = {
    "story": "story",
    "files": "story",
    "proposed": "story",
    "phone": "contact",
    "door": "contact",
    "sensitive": "sensitive",
    "minor": "minor",
    "whom": "contact",
}


def _place(case_id: str, column: str) -> Place:
    return Place("case", column, case_id)


def seal(session: Session, case_id: str, column: str, words: str | None) -> Sealed | None:
    if words is None:
        return None
    return vault_of(session).seal(
        words, subject=case_id, data_class=_CLASSES[column], place=_place(case_id, column)
    )


def keep_of(case: Case) -> timedelta:
    """How long its words are kept after it has ended."""
    return KEEP_OF_A_CHILD if case.of_a_child else KEEP


def words_of(case: Case, column: str) -> Words:
    """What stands in a sealed column, unopened; none once it was erased."""
    return Words(
        getattr(case, column),
        case.id,
        _CLASSES[column],
        _place(case.id, column),
        owner=case.person_id,
        case=case.id,
        until=case.ended_at + keep_of(case) if case.ended_at is not None else None,
    )


# Asked or written at every step of a case, so built once.
_CASES = table_of(Case)
_NUMBER = table_of(CaseNumber).insert()
_MOVED = tuple(column.name for column in _CASES.columns if column.name not in ("id", "number", "person_id"))
_MOVE = Prepared(
    update(_CASES)
    .where(
        _CASES.c.id == bindparam("row"),
        _CASES.c.state == bindparam("seen"),
        _CASES.c.version == bindparam("version_seen"),
    )
    .values({name: bindparam(f"new_{name}") for name in _MOVED})
)
_DUE = (
    select(Case.id)
    .where(col(Case.due_at).is_not(None), col(Case.due_at) <= bindparam("now"), Case.due == bindparam("what"))
    .order_by(col(Case.due_at))
)


_MARKED = (
    select(Case.id)
    .where(col(Case.mark_at).is_not(None), col(Case.mark_at) <= bindparam("now"))
    .order_by(col(Case.mark_at))
)


def submit(
    session: Session,
    *,
    person_id: str,
    skill: str,
    area: str | None,
    urgency: str,
    when: tuple[datetime | None, datetime | None],
    story: str,
    contact: Contact,
    files: str | None,
    promised_at: datetime,
    gender: str | None = None,
    whom: str | None = None,
    state: State = State.RECEIVED,
) -> Case:
    """Take up a need: it gets a number and the first line of its history (采)."""
    number = rows(session, _NUMBER).inserted_primary_key[0]  # type: ignore[index]  # an INSERT has one
    case_id, proxy = new_id(), proxy_of(session)
    case = Case(
        id=case_id,
        number=number,
        told_at=proxy.was_at if proxy is not None else None,
        channel=proxy.way if proxy is not None else "telegram",
        person_id=person_id,
        state=state,
        skill=skill,
        area=area,
        urgency=urgency,
        when_from=when[0],
        when_until=when[1],
        story=seal(session, case_id, "story", story),
        phone=seal(session, case_id, "phone", contact.phone),
        door=seal(session, case_id, "door", contact.door),
        files=seal(session, case_id, "files", files),
        whom=seal(session, case_id, "whom", whom),
        received_at=now_of(session),
        promised_at=promised_at,
        gender=gender,
        due_at=promised_at - LEAD if state is State.RECEIVED else None,
        due="review" if state is State.RECEIVED else None,
    )
    session.add(case)
    session.flush()
    kind = Kind.EMERGENCY if state is State.EMERGENCY else Kind.RECEIVED
    events.note(session, case_id, kind, actor=person_id)
    return case


def story_of(case: Case) -> Words:
    """The cleaned words of the need (identifiers already taken out by the writer)."""
    return words_of(case, "story")


def told_by(session: Session, case: Case, person: Person, *, column: str = "story") -> str:
    """What she told, for herself, who goes on writing it. Raises privacy.opening.Closed for anybody else.

    Where staff stand in for her it is staff who read the story, and the log says so.
    """
    proxy = proxy_of(session)
    if proxy is not None and proxy.person_id == person.id and column == "story":
        return (
            gate_of(session).open(session, words_of(case, column), reader=proxy.staff_id, case=case.id) or ""
        )
    return gate_of(session).open(session, words_of(case, column), reader=person.id, purpose="own") or ""


def files_of(case: Case) -> Words:
    return words_of(case, "files")


def contact_of(case: Case) -> SealedContact:
    """Phone and door: for the one engaged helper of this case, and for staff on need."""
    return SealedContact(words_of(case, "phone"), words_of(case, "door"))


def keep_more(session: Session, case: Case, person: Person, column: str, lines: Iterable[str]) -> None:
    """Add to what she tells apart from the story (`sensitive`, `minor`); the caller has recorded the consent."""
    known = told_by(session, case, person, column=column)
    setattr(case, column, seal(session, case.id, column, "\n".join(filter(None, [known, *lines]))))
    case.of_a_child = case.of_a_child or column == "minor"
    session.add(case)


def rewrite(session: Session, case: Case, story: str) -> None:
    case.story = seal(session, case.id, "story", story)
    session.add(case)


def erase(session: Session, case: Case) -> None:
    """Her words, door, phone, files and wish are gone for good: first their keys, then what the keys sealed."""
    vault_of(session).forget(case.id)
    case.story = case.proposed = case.phone = case.door = case.files = None
    case.sensitive = case.minor = case.whom = None
    case.gender = None
    notes.forget(session, case.id)
    session.add(case)
    session.flush()


def get(session: Session, case_id: str) -> Case | None:
    return record.get(session, Case, case_id)


def numbered(session: Session, number: int) -> Case | None:
    """The case people know by this number."""
    return session.exec(select(Case).where(Case.number == number)).first()


def move(
    session: Session,
    case: Case,
    to: State,
    event: Kind,
    *,
    actor: str | None,
    code: str | None = None,
    **values: Any,
) -> None:
    """Move a case (or change it where it stands) if it is still as we saw it; the database decides who was first.

    Raises OldButton when it has moved meanwhile, ValueError for a move nobody may make.
    """
    seen = State(case.state)
    if to not in MOVES[seen] | {seen} or (case.of_a_child and to in ASKING):
        raise OldButton
    if to not in (seen, *STAYS_HERE) and not was_asked(session, case):
        raise AskFirst
    if to is not seen and not MOVES[to]:
        now = now_of(session)
        values |= {"ended_at": now, "due": TRAIL, "due_at": now + KEEP_TRAIL}
    values = _let_out(session, seen, to, event) | values
    _move(session, case, to, event, actor, code, values)


def was_asked(session: Session, case: Case) -> bool:
    """Whether the one it is for, where another asks for her, has said yes herself: before, nothing goes out."""
    return case.whom is None or events.happened(session, case.id, Kind.HER_WORD, code="yes")


def _let_out(session: Session, seen: State, to: State, event: Kind) -> dict[str, Any]:
    """Its time to find somebody begins when volunteers may take it, and anew with another time; it ends with the looking."""
    if to not in LOOKING:
        return {"mark": 0, "mark_at": None}
    if seen in LOOKING and event is not Kind.NEW_TIME:
        return {}
    now = now_of(session)
    return {"let_out_at": now, "mark": 0, "mark_at": now}


def _move(
    session: Session,
    case: Case,
    to: State,
    event: Kind,
    actor: str | None,
    code: str | None,
    values: dict[str, Any],
) -> None:
    after = {name: getattr(case, name) for name in _MOVED} | values
    after |= {"state": to.value, "version": case.version + 1}
    new = {f"new_{name}": value for name, value in after.items()}
    moved = rows(session, _MOVE, row=case.id, seen=case.state, version_seen=case.version, **new)
    if moved.rowcount != 1:
        raise OldButton
    for name, value in after.items():
        set_committed_value(case, name, value)
    events.note(session, case.id, event, actor=actor, code=code)


def take_up_again(
    session: Session, case: Case, promised_at: datetime, *, actor: str, code: str = "mistake"
) -> None:
    """The one way back from an end: staff were mistaken, and look at it anew. Raises OldButton when it has moved meanwhile."""
    urgent = case.urgency == EMERGENCY  # its words were never meant for volunteers
    _move(
        session,
        case,
        State.EMERGENCY if urgent else State.RECEIVED,
        Kind.REOPENED,
        actor,
        code,
        {
            "reason": None,
            "merged_into": None,
            "ended_at": None,
            "promised_at": promised_at,
            "due_at": None if urgent else promised_at - LEAD,
            "due": None if urgent else "review",
            "reminders": 0,
        },
    )


def of_person(session: Session, person_id: str, states: Iterable[State] = LIVE) -> list[Case]:
    """Her own cases, newest first."""
    return list(
        session.exec(
            select(Case)
            .where(Case.person_id == person_id, col(Case.state).in_([s.value for s in states]))
            .order_by(col(Case.number).desc())
        )
    )


_NOTED = select(func.max(col(Event.at))).where(Event.case_id == col(Case.id)).scalar_subquery()
_AS_IT_STANDS = cast(col(Case.version), String)
# Staff heard that few could come or nobody is left to ask, and have not seen to it as the case stands.
_HEARD_DRY = (
    exists()
    .where(col(Event.case_id) == col(Case.id), col(Event.kind) == Kind.DRY.value)
    .where(col(Event.code).in_([literal("few-v") + _AS_IT_STANDS, literal("dry-v") + _AS_IT_STANDS]))
)
_SEEN_TO_DRY = (
    exists()
    .where(col(Event.case_id) == col(Case.id), col(Event.kind) == Kind.DRY.value)
    .where(col(Event.code).in_([literal("time-v") + _AS_IT_STANDS, literal("seen-v") + _AS_IT_STANDS]))
)
_WAITING = (
    select(Case, _NOTED)
    .where(
        col(Case.state).in_(LOOK)
        | (col(Case.state).in_(LOOK_AT_LAST) & col(Case.due).is_(None))
        | ((col(Case.state) == State.HANDLED.value) & (col(Case.due) == KEPT))
        | ((col(Case.state) == State.OPEN.value) & ((col(Case.mark) > 0) | (_HEARD_DRY & ~_SEEN_TO_DRY)))
    )
    .order_by(col(Case.number))
)
_SORTS = {
    State.EMERGENCY: Sort.EMERGENCY,
    State.NOBODY: Sort.NOBODY,
    State.ENGAGED: Sort.SILENT,
    State.HANDLED: Sort.WORRY,
}


def waiting(session: Session) -> list[Item]:
    """What staff must look at, oldest first. What is put before them again waits since then, a need since it was told."""
    return [_item(case, noted) for case, noted in session.exec(_WAITING)]


def heard_dry(session: Session, case: Case) -> bool:
    """Whether staff heard that few could come, and have not seen to it as the case stands."""
    heard = select(Case.id).where(Case.id == case.id, _HEARD_DRY, ~_SEEN_TO_DRY)
    return session.exec(heard).first() is not None


def staff_were_told(session: Session, case: Case) -> bool:
    """Whether a card of theirs asks them to do something about it."""
    asks = (Kind.DRY, Kind.NOBODY, Kind.LATE, Kind.ESCALATED)
    return any(events.happened(session, case.id, kind) for kind in asks)


def _item(case: Case, noted: datetime | None) -> Item:
    sort = _SORTS.get(State(case.state), Sort.NEED)
    since, until = case.received_at, None
    if case.state == State.HANDLED and case.due == KEPT:
        return Item(Sort.NEED, case.id, case.handled_at or since, case.urgency, case.id, case.area)
    if case.state == State.OPEN:
        sort = Sort.OVERDUE if case.mark else Sort.DRY
        since = case.let_out_at or since
    elif sort in (Sort.SILENT, Sort.WORRY):
        since = noted or since
    if sort in (Sort.NEED, Sort.DRY, Sort.OVERDUE):
        until = case.promised_at
    return Item(sort, case.id, since, case.urgency, case.id, case.area, until)


def alike(session: Session, case: Case, most: int) -> list[Case]:
    """Live cases this one may be the same as: hers, and those of the same kind in the same area; the newest first."""
    same = (col(Case.skill) == case.skill) & (col(Case.area) == case.area)
    found = (
        select(Case)
        .where(
            Case.id != case.id,
            col(Case.state).in_([state.value for state in LIVE]),
            (col(Case.person_id) == case.person_id) | same,
        )
        .order_by(col(Case.number).desc())
        .limit(most)
    )
    return list(session.exec(found))


_OTHER = aliased(Case)
_FOLLOWERS = select(Case.number, Case.id).where(
    text("help_case.merged_into IS NOT NULL"),  # as the index says it, or it is not used
    exists()
    .where(col(_OTHER.id) == col(Case.merged_into))
    .where(col(_OTHER.ended_at).is_not(None), col(_OTHER.state) != State.MERGED.value),
)


def followers(session: Session) -> list[str]:
    """Cases that went into one which has ended, whose askers have yet to hear so."""
    return [case_id for _, case_id in sorted(map(tuple, rows(session, _FOLLOWERS)))]


def follow_on(session: Session, case: Case, into: Case) -> None:
    """Whatever went into this case goes on into the other."""
    session.execute(update(Case).where(col(Case.merged_into) == case.id).values(merged_into=into.id))


_OUTLIVED = (
    select(Case.id)
    .where(
        text("story IS NOT NULL"),
        (col(Case.ended_at) <= bindparam("since", type_=Moment()))
        | (col(Case.of_a_child) & (col(Case.ended_at) <= bindparam("since_of_a_child", type_=Moment()))),
    )
    .order_by(col(Case.ended_at))
)


def outlived(session: Session) -> list[str]:
    """Cases that ended so long ago that their words must go."""
    now = now_of(session)
    found = rows(session, _OUTLIVED, since=now - KEEP, since_of_a_child=now - KEEP_OF_A_CHILD)
    return list(found.scalars())


def free_again(session: Session, case_id: str) -> Case | None:
    """Whoever had it in hand has it no more: the next are asked now. None where nobody is looked for."""
    case = get(session, case_id)
    if case is None or case.state not in LOOKING:
        return None
    case.due_at, case.due = now_of(session), "wave"
    session.add(case)
    session.flush()
    return case


def is_over(session: Session, case: Case) -> bool:
    """Whether the time she wished for has passed."""
    return times.is_over(case.when_from, case.when_until, now_of(session))


def is_too_late(session: Session, local: Local, case: Case) -> bool:
    """Whether the time she wished for will have passed before anybody may be asked."""
    return times.is_over(case.when_from, case.when_until, waking(local, case, now_of(session)))


def is_awaited(case: Case) -> bool:
    """Whether the resident is asked if it is done, and nobody has begun to look at why not."""
    return case.due == "verify"


def promise(session: Session, local: Local, case: Case) -> datetime:
    """By when she will hear: as promised, or anew where too little of that is left to do anything in."""
    now = now_of(session)
    enough = case.promised_at - waking(local, case, now) >= TIME_TO_ASK
    return case.promised_at if enough else max(case.promised_at, local.promise(now, case.urgency))


def waking(local: Local, case: Case, at: datetime) -> datetime:
    """This moment, or the morning when it falls into quiet hours; what is urgent waits for nobody's sleep."""
    return local.awake_for(case.urgency, at)


def marked(session: Session) -> list[str]:
    """Needs whose next mark of the time to find somebody is due, the longest waiting first."""
    return list(rows(session, _MARKED, now=now_of(session)).scalars())


def due(session: Session, what: str) -> list[str]:
    """Cases whose next promise of this sort is due, the longest waiting first."""
    return list(rows(session, _DUE, now=now_of(session), what=what).scalars())


def still_due(session: Session, case_id: str, what: str) -> Case | None:
    """The case, if its next promise is of this sort and due."""
    case = get(session, case_id)
    due = case is not None and case.due == what and case.due_at is not None and case.due_at <= now_of(session)
    return case if due else None
