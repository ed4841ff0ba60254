"""Who is asked about a need next: the pool is read from near to far, and only what can still be among the first is read.

The database leaves out whom the rules of bot.matching.eligibility leave out; those rules then decide once more, on each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import chain, groupby, islice, repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import claims, on_post, pairs, people, proposals, restrictions
from bot.community.cases import Case, State
from bot.community.claims import Ask, AskState, Claim
from bot.community.credentials import Credential, Standing
from bot.community.people import Person
from bot.community.record import Moment, get, now_of, rows, table_of
from bot.community.restrictions import May
from bot.community.talents import NEVER, Talent, Volunteer
from bot.data import Local
from bot.matching import aggregates, eligibility, explain, fit, waves
from bot.matching.eligibility import Candidate, Need, Urgency
from bot.matching.waves import Chosen
from privacy import consent
from privacy.prepared import Prepared

PAGE = 96  # offers read at once
SMALL = 64  # fewer people nearby, and not many more elsewhere, are put in order as a whole; others are read ring by ring
FORTNIGHT = timedelta(days=14)
MET = (State.ENGAGED, State.HANDLED, State.CLOSED)
ASKED_AROUND = (State.OPEN, State.NOBODY, *MET)
TOLD_FROM = 5  # fewer people than this are not told as a number: staff would know who


_T, _V, _P, _A, _C = (table_of(model) for model in (Talent, Volunteer, Person, Ask, Claim))
_K = table_of(Credential)
# Asked of who passed all that can be read in her own row: the last table of the three is the one they hang on.
_CREDENTIAL = (
    sa.select(_K.c.kind)
    .where(
        _K.c.person_id == _P.c.id,
        bindparam("credentials", type_=sa.String).like("%," + _K.c.kind + ",%"),
        _K.c.state == Standing.CHECKED.value,
        sa.or_(_K.c.expires_on.is_(None), _K.c.expires_on >= bindparam("day", type_=sa.Date)),
    )
    .limit(1)
    .scalar_subquery()
)
_IN_THIS = sa.select(_A.c.id).where(_A.c.person_id == _P.c.id, _A.c.case_id == bindparam("case"))
_ASKED_NOW = _IN_THIS.where(_A.c.state != AskState.AGAIN.value).exists()
_ASKED_OLDER = _IN_THIS.where(_A.c.state == AskState.AGAIN.value).exists()
_OPEN_CLAIMS = (
    sa.select(sa.func.count())
    .where(
        _C.c.person_id == _P.c.id,
        _C.c.state.in_(claims.LIVE),
    )
    .scalar_subquery()
)
_THIS_WEEK = (
    sa.select(sa.func.count())
    .where(_A.c.person_id == _P.c.id, _A.c.asked_at > bindparam("week", type_=Moment))
    .scalar_subquery()
)
_URGENT = bindparam("urgent", type_=sa.Boolean)
# Whom the need does not suit, in the order of their price.
_HOURS_ASKED = bindparam("hours", type_=sa.Integer)
_HOURS = sa.or_(
    bindparam("hours", type_=sa.Integer) == 0, _V.c.hours.op("&")(bindparam("hours", type_=sa.Integer)) != 0
)
_LANGUAGE = ("," + _V.c.languages + ",").like(bindparam("language"))
_GENDER = sa.or_(
    bindparam("gender", type_=sa.String) == "", _V.c.gender == bindparam("gender", type_=sa.String)
)
_HAS_CREDENTIAL = sa.or_(bindparam("free", type_=sa.Boolean), _CREDENTIAL.is_not(None))
_THERE = sa.and_(
    _P.c.quiet_since.is_(None),
    consent.live_of(_P.c.id),
)
_SAME = _P.c.id == _V.c.person_id.concat(
    ""
)  # so SQLite reads a volunteer's row before it asks the rest of her
_POOL = _V.join(_P, _SAME)
_APART = _T.c.person_id.not_in(bindparam("apart", expanding=True))
OFFERS = _T.c.kind.in_(bindparam("kinds", expanding=True))
ALLOWED = (
    _HOURS,
    _LANGUAGE,
    _GENDER,
    _V.c.on_duty,
    sa.or_(_V.c.paused_until.is_(None), _V.c.paused_until <= bindparam("now", type_=Moment)),
    sa.or_(
        sa.not_(bindparam("night", type_=sa.Boolean)),
        sa.and_(_URGENT, _V.c.urgent_ok),
        _V.c.quiet_from.is_not(None),
    ),
    _P.c.reachable,
    sa.not_(_ASKED_NOW),
    _HAS_CREDENTIAL,
    _THERE,
)
# What is read of her and decided by the rules, where there are only some dozens.
LIMITS = (
    _V.c.max_open > _OPEN_CLAIMS,
    _V.c.asks_a_week + sa.case((sa.and_(_URGENT, _V.c.urgent_ok), 1), else_=0) > _THIS_WEEK,
)
# Two steps: who is near and rested, from the index alone, and of the first of these who may be asked. Of those as long rested,
# first whose number follows the need's own, which is as much by chance as theirs: so another is first for each need.
_BEFORE = sa.case((_T.c.person_id < bindparam("start", type_=sa.String), 1), else_=0)
_PLACE = (_T.c.asked_at, _BEFORE, _T.c.person_id)
_AFTER = (
    bindparam("since", type_=Moment),
    bindparam("before", type_=sa.Integer),
    bindparam("person", type_=sa.String),
)
NEAR = Prepared(
    sa.select(_T.c.person_id, _T.c.kind, _T.c.area, _T.c.asked_at, _BEFORE.label("before"))
    .where(
        OFFERS,
        sa.or_(_HOURS_ASKED == 0, _T.c.hours.op("&")(_HOURS_ASKED) != 0),
        _T.c.area.in_(bindparam("areas", expanding=True)),
        _T.c.asked_at.between(bindparam("since", type_=Moment), bindparam("latest", type_=Moment)),
        sa.tuple_(*_PLACE) > sa.tuple_(*_AFTER),
    )
    .order_by(*_PLACE)
    .limit(PAGE)
)
_MAY = sa.select(
    *(column for column in _V.c if column.name not in ("joined_at", "shows_title")),
    _P.c.reachable,
    _CREDENTIAL.label("credential"),
    _OPEN_CLAIMS.label("open_claims"),
    _THIS_WEEK.label("asks_this_week"),
    _ASKED_OLDER.label("asked_older"),
).select_from(_POOL)
CHUNKS = (12, 24, 40, 80)  # people looked at in one question: each a statement that is built once
MAY = {
    people: Prepared(
        _MAY.where(_V.c.person_id.in_([bindparam(f"p{number}") for number in range(people)]), *ALLOWED)
    )
    for people in CHUNKS
}
OFFERING = _T.join(_V, _V.c.person_id == _T.c.person_id).join(_P, _SAME)
_COULD = (
    sa.select(_P.c.id)
    .select_from(OFFERING)
    .where(OFFERS, _APART, _HOURS, _LANGUAGE, _GENDER, _HAS_CREDENTIAL, _THERE)
    .distinct()
)
_COUNT = Prepared(
    sa.select(sa.func.count()).select_from(_COULD.limit(bindparam("most", type_=sa.Integer)).subquery())
)
_WHEN = Prepared(
    sa.select(_V.c.hours, sa.func.count(_P.c.id.distinct()).label("many"))
    .select_from(OFFERING)
    .where(OFFERS, _APART, _LANGUAGE, _GENDER, _HAS_CREDENTIAL, _THERE)
    .group_by(_V.c.hours)
)


_N = table_of(Case)
_LATELY = Prepared(
    sa.select(_N.c.area, _N.c.state).where(
        _N.c.received_at > bindparam("since", type_=Moment),
        _N.c.state.in_([state.value for state in ASKED_AROUND]),
    )
)
_VULNERABLE = sa.or_(_N.c.sensitive.is_not(None), _N.c.skill.like("elder%"))
_DUE = Prepared(
    sa.select(_N.c.id)
    .where(_N.c.due == "wave", _N.c.due_at <= bindparam("now", type_=Moment))
    .order_by(
        sa.case((_VULNERABLE, 0), else_=1),
        _N.c.urgency,
        sa.func.coalesce(_N.c.could, 0),
        _N.c.received_at,
    )
)


Ring = Sequence[str | None]  # areas, equally far away
Offer = tuple[str, list[Any]]  # a volunteer, and what she offers that fits


class AskingSum(SQLModel, table=True):
    """How many were asked in a month, about one category, so far away, in one part of the day, and how many said yes."""

    __tablename__ = "asking_sum"

    month: str = Field(primary_key=True, max_length=7)
    category: str = Field(primary_key=True, max_length=24)
    ring: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    part: str = Field(primary_key=True, max_length=16)
    asked: int = 0
    yes: int = 0


class Why(StrEnum):
    """Why a pool is dry: all have been asked, the rest of them or everybody is resting or busy, or nobody could at all."""

    TIME = "time"
    CREDENTIAL = "credential"
    LANGUAGE = "language"
    WISH = "wish"
    ALL = "all"
    REST = "rest"
    AWAY = "away"
    FEW = "few"
    NOBODY = "nobody"


# What a need asks of whoever comes, one after the other, each on top of those before it.
LEFT_OUT: dict[Why, dict[str, Any]] = {
    Why.TIME: {"hours": 0},
    Why.CREDENTIAL: {"credentials": frozenset()},
    Why.LANGUAGE: {"languages": frozenset()},
    Why.WISH: {"gender": None},
}


@dataclass(frozen=True)
class Dry:
    """Nobody is left to ask, or few could come at all; `could`: how many, when it may be told."""

    why: Why
    could: int | None


@dataclass(frozen=True)
class Wave:
    """Who is asked now, and what staff must hear about the pool."""

    asks: list[Ask]
    dry: Dry | None = None


def need_of(session: Session, local: Local, case: Case) -> Need:
    """What this case asks of whoever is asked about it."""
    asker = people.get(session, case.person_id)
    kind = local.kind(case.skill)
    is_shift = proposals.need(session, case.id) is not None
    hours, day = 0, now_of(session).astimezone(local.tz).date()
    if case.when_from is not None:
        since = case.when_from.astimezone(local.tz)
        until = (case.when_until or case.when_from).astimezone(local.tz)
        hours, day = eligibility.parts_of(since, until), since.date()
    return Need(
        case.id,
        asker.id,
        tuple(local.offers(case.skill)),
        waves.urgency_of(case.urgency),
        area=case.area,
        hours=hours,
        day=day,
        # a shift is nobody's wish: the asker is only who of the staff was on duty
        languages=frozenset() if is_shift else frozenset(local.spoken_in(asker.language)),
        credentials=frozenset(kind.credentials),
        gender=case.gender if kind.wish else None,
        apart=frozenset(
            pairs.apart_from(session, asker.id)
            | proposals.have_answered(session, case.id)
            | restrictions.may_not(session, May.CLAIM)
        ),
    )


def next_wave(session: Session, local: Local, case: Case) -> Wave:
    """Note the next few as asked, those of a post for such needs first. Nobody is asked twice, against her limits, or at night.

    `dry` says when fewer than waves.ALARM could come at all (with the first wave), or nobody is left (with an empty one).
    """
    need = need_of(session, local, case)
    first = case.could is None
    if case.could is None:
        case.could = eligible_count(session, need)
    asked = claims.asks_of(session, case.id)
    few, share = case.could < waves.FEW, share_of(session, case)
    size = waves.size(
        need.urgency,
        wave=max((ask.wave for ask in asked), default=0),
        asked=len(asked),
        slots=need.slots,
        share=share,
    )
    on_duty = on_post.first(session, local, need) if first else []
    asks = ask(session, local, case, on_duty or chosen(session, local, need, size=size, few=few, share=share))
    if on_duty:
        return Wave(asks)
    if not asks:
        return Wave(asks, _dry(session, need, len(asked)))
    if first and case.could < waves.ALARM:
        return Wave(asks, Dry(Why.FEW, _told(case.could)))
    return Wave(asks)


def share_of(session: Session, case: Case) -> float:
    """How much more may be asked for this area: of the needs of the last fortnight, how many were met here and everywhere."""
    met = {True: [0, 0], False: [0, 0]}
    for row in rows(session, _LATELY, since=now_of(session) - FORTNIGHT):
        if row.area is not None:
            met[row.area == case.area][0] += row.state in MET
            met[row.area == case.area][1] += 1
    here, elsewhere = met[True], met[False]
    return waves.share(here[0], here[1], here[0] + elsewhere[0], here[1] + elsewhere[1])


def due(session: Session) -> list[str]:
    """The needs whose next wave is due: the vulnerable first, then what is urgent, what few could do, and what waits longest."""
    return list(rows(session, _DUE, now=now_of(session)).scalars())


def replace_one(session: Session, local: Local, case: Case) -> list[Ask]:
    """Somebody said "not this time": one other is asked at once, in the same wave."""
    need = need_of(session, local, case)
    few = (case.could or 0) < waves.FEW
    asked = claims.asks_of(session, case.id)
    room = waves.size(need.urgency, wave=0, asked=len(asked), slots=need.slots)
    one = chosen(session, local, need, size=min(room, 1), few=few)
    return ask(session, local, case, one, wave=max((ask.wave for ask in asked), default=1))


def ask(
    session: Session, local: Local, case: Case, chosen: list[Chosen], *, wave: int | None = None
) -> list[Ask]:
    """They are asked now: in the next wave, or this one."""
    asks = claims.ask(session, case.id, chosen, wave=wave)
    for ask in asks:
        _sum(session, local, case, ask).asked += 1
    return asks


def said_yes(session: Session, local: Local, case: Case, person_id: str) -> None:
    """Somebody who was asked takes it: one more in the sums, which do not know who."""
    ask = claims.ask_of(session, case.id, person_id)
    if ask is not None and "self" not in explain.read(ask.why):
        _sum(session, local, case, ask).yes += 1


def _sum(session: Session, local: Local, case: Case, ask: Ask) -> AskingSum:
    now = now_of(session).astimezone(local.tz)
    near = explain.read(ask.why).get("near")
    kind = local.kind(case.skill)
    when = case.when_from.astimezone(local.tz) if case.when_from else None
    month, category = f"{now:%Y-%m}", kind.category or kind.code
    ring = aggregates.RINGS - 1 if near is None else 0 if near else 1
    part = eligibility.PARTS[eligibility.part_of(when.time())] if when else "any"
    found = get(session, AskingSum, month, category, ring, part) or AskingSum(
        month=month, category=category, ring=ring, part=part
    )
    session.add(found)
    return found


def asks_a_month(session: Session, local: Local, kinds: list[str]) -> float | None:
    """How many asks reach one volunteer who offers these kinds, in a month; None where too little is known to say so.

    From the sums of this month and the last, by the categories, over everybody who offers something in them.
    """
    now = now_of(session).astimezone(local.tz)
    last = now.replace(day=1) - timedelta(days=1)
    categories = {local.kind(kind).category or kind for kind in kinds}
    asked = session.exec(
        select(sa.func.sum(AskingSum.asked)).where(
            col(AskingSum.month).in_([f"{now:%Y-%m}", f"{last:%Y-%m}"]),
            col(AskingSum.category).in_(categories),
        )
    ).one()
    within = {kind.code for kind in local.kinds if kind.code in categories or kind.category in categories}
    volunteers = session.exec(
        select(sa.func.count(sa.distinct(col(Talent.person_id)))).where(col(Talent.kind).in_(within))
    ).one()
    return aggregates.each_month(asked or 0, (now.day + last.day) / 30, volunteers)


def round_of(session: Session, case: Case) -> int:
    """How many waves there have been."""
    return max((ask.wave for ask in claims.asks_of(session, case.id)), default=0)


def gap(session: Session, case: Case) -> timedelta:
    """How long those who were asked have to answer, before others are."""
    return waves.gap(waves.urgency_of(case.urgency), max(round_of(session, case) - 1, 0))


def eligible_count(session: Session, need: Need, *, most: int = waves.FEW) -> int:
    """How many could do it at all, whether or not they are rested now; `most` where there are more."""
    return int(rows(session, _COUNT, most=most, **_asked(session, need)).scalar_one())


def other_parts(session: Session, need: Need) -> list[tuple[int, int]]:
    """The parts of the week (day from Monday, part of it) in which most people could do it, the two fullest; none told of few."""
    many = [0] * 7 * len(eligibility.PARTS)
    for row in rows(session, _WHEN, **_asked(session, need)):
        many = [count + row.many * (row.hours >> bit & 1) for bit, count in enumerate(many)]
    fullest = sorted((-count, bit) for bit, count in enumerate(many) if count >= TOLD_FROM)
    return [divmod(bit, len(eligibility.PARTS)) for _, bit in fullest[:2]]


def dry(session: Session, local: Local, case: Case) -> Dry:
    """How it stands with a case of which staff have heard that few could come, or nobody is left."""
    need, asked = need_of(session, local, case), claims.asks_of(session, case.id)
    if any(ask.state == AskState.ASKED for ask in asked):
        return Dry(Why.FEW, _told(eligible_count(session, need)))
    return _dry(session, need, len(asked))


def _dry(session: Session, need: Need, asked: int) -> Dry:
    """Nobody is left to ask: have all been asked, do they rest, or what must be left out of the need before anybody could?"""
    if could := eligible_count(session, need, most=asked + 1):
        return Dry(Why.AWAY if not asked else Why.ALL if could <= asked else Why.REST, None)
    for why, left_out in LEFT_OUT.items():
        need = replace(need, **left_out)
        if eligible_count(session, need, most=1):
            return Dry(why, None)
    return Dry(Why.NOBODY, None)


def _told(could: int) -> int | None:
    return could if could >= TOLD_FROM else None


def chosen(
    session: Session, local: Local, need: Need, *, size: int, few: bool = False, share: float = 1.0
) -> list[Chosen]:
    """The `size` who fit best of those who may be asked now; `few`: farther away and less rested too."""
    if size <= 0:
        return []
    bound = waves.bar(need.urgency, few=few, share=share)
    rings = [
        areas for hop, areas in enumerate(local.rings[need.area]) if fit.rested_enough(hop, bound) is not None
    ]
    if not rings:
        return []
    near = _near(session, need, rings[0], _days(0, bound))
    first = list(islice(near, SMALL))
    whole = _whole(session, need, first, [area for areas in rings[1:] for area in areas], bound)
    if whole is not None:
        found = _of_all(session, local, need, whole, rings, size)
    else:
        found = _ring_by_ring(session, local, need, chain(first, near), rings, size, bound)
    return waves.choose(found, need, size=size, few=few, share=share)


def _whole(
    session: Session, need: Need, first: list[Offer], elsewhere: Ring, bound: float
) -> list[Offer] | None:
    """Everybody near enough, where they are few: few as the `first`, and as there would be elsewhere were all areas alike."""
    if len(first) == SMALL or len(first) * len(elsewhere) > PAGE:
        return None
    far = list(islice(_near(session, need, elsewhere, _days(1, bound)), PAGE)) if elsewhere else []
    return [*first, *far] if len(far) < PAGE else None


def _of_all(
    session: Session, local: Local, need: Need, near: list[Offer], rings: Sequence[Ring], size: int
) -> list[tuple[int, Candidate]]:
    """A small pool: everybody near enough is put in order, and looked at till there are enough."""
    now = now_of(session)
    hops = {area or "": hop for hop, areas in enumerate(rings) for area in areas}

    def order(offer: Offer) -> tuple[float, float, str]:
        person_id, rows_ = offer
        rested = None if rows_[0].asked_at == NEVER else now - rows_[0].asked_at
        return fit.order(need.case_id, person_id, hops[rows_[0].area], rested)

    able = _able(session, local, need, iter(sorted(near, key=order)), size)
    return [(hops[one.area or ""], one) for one in able]


def _ring_by_ring(
    session: Session,
    local: Local,
    need: Need,
    near: Iterator[Offer],
    rings: Sequence[Ring],
    size: int,
    bound: float,
) -> list[tuple[int, Candidate]]:
    """A large one: from near to far, till nobody farther can be before those found."""
    found: list[tuple[int, Candidate]] = []
    values: list[float] = []
    for hop, areas in enumerate(rings):
        left = size - sum(value > fit.nearness(hop) for value in values)  # nobody from here is before those
        if left <= 0 or fit.rested_enough(hop, bound) is None:
            break
        here = _near(session, need, areas, _days(hop, bound)) if hop else near
        found += [(hop, one) for one in _able(session, local, need, here, left)]
        values = sorted(fit.value(ring, one.rested_for) for ring, one in found)
        if len(found) >= size:
            bound = max(bound, values[-size])
    return found


def _days(hop: int, bound: float) -> float:
    return fit.rested_enough(hop, bound) or 0


def _able(session: Session, local: Local, need: Need, near: Iterator[Offer], size: int) -> list[Candidate]:
    """Who of these may be asked: the first `size` or a few more."""
    able: list[Candidate] = []
    seen, likely = 0, 2 * size
    suited = (one for one in near if one[0] != need.asker_id and one[0] not in need.apart)
    while len(able) < size and (some := dict(islice(suited, _chunk(likely)))):
        able += _read(session, local, need, some)
        seen += len(some)
        likely = (size - len(able) + 1) * seen // max(1, len(able))
    return able


def _chunk(people: int) -> int:
    """As many are looked at in one question, or a few more: the database knows a question of that length."""
    return next((chunk for chunk in CHUNKS if chunk >= people), CHUNKS[-1])


def _near(session: Session, need: Need, areas: Sequence[str | None], days: float) -> Iterator[Offer]:
    """Who offers it in these areas, with what she offers of it: the longest rested first."""
    where = {"kinds": list(need.kinds), "hours": need.hours, "areas": [area or "" for area in areas]}
    latest, after = now_of(session) - timedelta(days=days), {"since": NEVER, "before": 0, "person": ""}
    while True:
        read = rows(session, NEAR, **where, start=need.case_id, latest=latest, **after).all()
        offers = [(one, list(hers)) for one, hers in groupby(read, key=lambda row: row.person_id)]
        is_all = len(read) < PAGE
        if not is_all:
            offers.pop()  # there may be more of what she offers
        yield from offers
        if is_all:
            return
        last = offers[-1][1][-1]
        after = {"since": last.asked_at, "before": last.before, "person": last.person_id}


def _read(session: Session, local: Local, need: Need, some: dict[str, list[Any]]) -> list[Candidate]:
    """Who of these may be asked, in the same order."""
    now = now_of(session)
    here, night = _hour(local, now)
    chunk = _chunk(len(some))
    names = dict(zip((f"p{number}" for number in range(chunk)), chain(some, repeat("")), strict=False))
    read = {row.person_id: row for row in rows(session, MAY[chunk], **names, **may(session, local, need))}
    able = [
        _candidate(read[person_id], offered, now, _asleep(read[person_id], here, night))
        for person_id, offered in some.items()
        if person_id in read
    ]
    return [one for one in able if eligibility.not_now(one, need) is None]


def may(session: Session, local: Local, need: Need) -> dict[str, Any]:
    """What ALLOWED and OFFERS bind."""
    now = now_of(session)
    return _asked(session, need) | {
        "week": now - eligibility.WEEK,
        "urgent": need.urgency is Urgency.URGENT,
        "night": _hour(local, now)[1],
    }


def _hour(local: Local, now: datetime) -> tuple[time, bool]:
    """The local time, and whether these are everybody's quiet hours."""
    here = now.astimezone(local.tz).time()
    return here, eligibility.quiet(here, local.quiet_from, local.quiet_until)


def _asleep(row: Any, here: time, night: bool) -> bool:
    if row.quiet_from is None or row.quiet_until is None:
        return night
    return eligibility.quiet(here, row.quiet_from, row.quiet_until)


def rests(session: Session, local: Local, volunteer: Volunteer, case: Case) -> bool:
    """Whether she is to be left in peace now: she rests, or it is night to her and she is not to be woken for this."""
    now = now_of(session)
    if volunteer.paused_until is not None and volunteer.paused_until > now:
        return True
    urgent = waves.urgency_of(case.urgency) is Urgency.URGENT and volunteer.urgent_ok
    return not urgent and _asleep(volunteer, *_hour(local, now))


def _candidate(row: Any, offered: list[Any], now: datetime, asleep: bool) -> Candidate:
    asked_at = offered[0].asked_at
    return Candidate(
        row.person_id,
        frozenset(each.kind for each in offered),
        area=offered[0].area or None,
        hours=row.hours,
        languages=frozenset(row.languages.split(",")),
        credentials=frozenset(filter(None, [row.credential])),
        gender=row.gender,
        reachable=row.reachable,
        on_duty=row.on_duty,
        paused=row.paused_until is not None and row.paused_until > now,
        asleep=asleep,
        urgent_ok=row.urgent_ok,
        open_claims=row.open_claims,
        max_open=row.max_open,
        asks_this_week=row.asks_this_week,
        asks_a_week=row.asks_a_week,
        rested_for=None if asked_at == NEVER else now - asked_at,
        asked_older=row.asked_older,
    )


def _asked(session: Session, need: Need) -> dict[str, Any]:
    """What the need asks, for the database."""
    now = now_of(session)
    return {
        "kinds": list(need.kinds),
        "hours": need.hours,
        "language": f"%,{min(need.languages)},%" if len(need.languages) == 1 else "%",
        "credentials": f",{','.join(sorted(need.credentials))},",
        "free": not need.credentials,
        "day": need.day or now.date(),
        "gender": need.gender or "",
        "apart": [need.asker_id, *need.apart],
        "case": need.case_id,
        "now": now,
        **consent.bound("pool", now),
    }
