"""What happened, in order, for ever: the five ledgers 采接派处督 are sums over these lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import BigInteger, Integer, bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community.proxy import proxy_of
from bot.community.record import Moment, now_of, records, rows, table_of
from privacy.prepared import Prepared


class Kind(StrEnum):
    """One word a line. The comment says which of the five duties it settles."""

    RECEIVED = "received"  # 采
    ACCEPTED = "accepted"  # 接
    DECLINED = "declined"  # 接
    ASKED_BACK = "asked_back"
    ANSWERED = "answered"
    EMERGENCY = "emergency"
    VOLUNTEERS_ASKED = "volunteers_asked"
    HELD = "held"
    PROPOSED = "proposed"  # somebody would come, if the asker says yes
    LATE = "late"  # a mark of the time to find somebody; `code` names it
    ENGAGED = "engaged"  # 派
    SUGGESTED = (
        "suggested"  # which way the words of a need seemed to go; `code`: the way, and a reason or a body
    )
    RELEASED = "released"
    HANDLED = "handled"  # 处
    VERIFIED = "verified"  # 督
    REVIEWED = "reviewed"  # 督: somebody of staff who did not handle it has looked at how it went
    SAMPLED = "sampled"  # a supervisor looked at how it went, drawn by lot; `code`: fine, or why not
    NO_ANSWER = "no_answer"
    REOPENED = "reopened"
    NEW_TIME = "new_time"
    WORRY = "worry"
    REPORTED = "reported"
    NOBODY = "nobody"
    DRY = "dry"  # staff heard that few could come, or nobody was left to ask
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    THANKED = "thanked"
    DISCLOSED = "disclosed"
    TAKEN_BACK = "taken_back"
    REFERRED = "referred"  # 接, 派: to another body; `code` names it
    MERGED = "merged"  # 接: the same as another case; `code`: its number
    EDITED = "edited"  # what volunteers read; `code`: proposed, agreed, own, left
    KEPT = "kept"  # not listed, staff see to it; `code`: the reason
    HIDDEN = "hidden"  # taken from volunteers' eyes until staff let it out again; `code`: the reason
    SECOND_LOOK = "second_look"  # staff asked a colleague to decide; `code`: as the case stood then
    APPEALED = "appealed"  # "look again", by the asker or by staff
    LOOKED_AGAIN = "looked_again"  # somebody else did; `code`: upheld or overturned
    FLAGGED = "flagged"  # `code`: the rule somebody named
    RESTRICTED = "restricted"  # what somebody may not do for a while; `code`: what
    VOUCH_ASKED = "vouch_asked"  # the one in `code` asked for that; nobody is asked twice in a day
    VOUCHED = "vouched"  # a second one of staff agreed that the one in `code` reads what is told of a child
    DESK = "desk"
    COMPLAINED = "complained"
    COMPLAINT_ANSWERED = "complaint_answered"
    QUIET = "quiet"
    ASKED_ANEW = "asked_anew"  # told that a notice means something else; `code` names it
    CREDENTIAL = "credential"  # staff have seen one, or took it back; `code` says which
    POST = "post"  # what staff did with a standing post; `code` says what
    NOTED = "noted"  # a word of staff to each other, sealed elsewhere
    CORRECTED = "corrected"  # staff set right who was at a shift; `code` says why
    MEDIATION = "mediation"  # where one stands now; of the sides and the mediator no id is noted
    HARM = "harm"  # what staff did about a report of violence or harm; `code` says what, nothing says of whom
    REPLIED = (
        "replied"  # staff answered what she had written, or saw that it needs no answer; `code` says which
    )
    PRINTED = "printed"  # staff made a paper with words of hers on it; `code` says which
    HER_WORD = "her_word"  # whom another asked for was asked herself; `code`: yes or no, `channel`: how
    TOLD = "told"  # staff told somebody without Telegram what she should hear; `channel`: how
    ROLE = "role"  # given to her, made longer, or ended; `code` says which role
    INVITED = "invited"  # staff wrote a code: a slip for a neighbour, or a role; `code` says which
    TAKEN = (
        "taken"  # one of staff sees to something that waits; `code`, here and below: what sort of thing it is
    )
    GIVEN_BACK = "given_back"  # she leaves it to all of them again
    HANDED_ON = "handed_on"  # she would hand it to a colleague
    PUT_OFF = "put_off"
    LAID_ASIDE = (
        "laid_aside"  # what could not be handled or sent was heard of, or seen to; `code`: which, its number
    )
    REPLAYED = "replayed"  # the same is tried again; `code`: its number
    MOVED = "moved"  # towards an account bound anew; `code`: which step
    STEPPED_ASIDE = "stepped_aside"  # one of staff has to do with it, and looks at it no more as staff
    GROUP = "group"  # the staff's own group; `code`: connected as what, ended, or the bot was put out of it
    DAYS = "days"  # a holiday or a day with hours of its own was entered or taken out; `code`: which
    COUNTED = "counted"  # staff heard of the quarter in `code`: what nobody could be found for
    READ_MUCH = "read_much"  # somebody has opened the words of very many people in a day


NO_CASE = "-"  # stands in a line that is about no case


class Event(SQLModel, table=True):
    """A line is written once and never changed (a trigger of the database refuses; R25).

    What was done about a person herself, and no case of hers, has her id in the place of a case's; so have posts and shifts.
    `was_at`: when it was told or done, where it was only written down at `at`: from paper, or in somebody's name.
    """

    __tablename__ = "event"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    at: datetime = Field(sa_type=Moment)
    case_id: str = Field(max_length=16, index=True)
    kind: str = Field(max_length=24)
    actor_id: str | None = Field(default=None, max_length=16)
    channel: str = Field(default="telegram", max_length=16)
    was_at: datetime | None = Field(default=None, sa_type=Moment)
    code: str | None = Field(default=None, max_length=32)


_OF_CASE = Prepared(select(Event).where(Event.case_id == bindparam("case")).order_by(col(Event.id)))
_NOTE = Prepared(table_of(Event).insert())
_OF_ACTOR = Prepared(
    select(Event.case_id).where(
        col(Event.case_id).in_(bindparam("cases", expanding=True)),
        Event.kind == bindparam("kind"),
        Event.actor_id == bindparam("actor"),
    )
)
_ACTORS = Prepared(
    select(Event.actor_id).where(
        Event.case_id == bindparam("case"), Event.kind == bindparam("kind"), col(Event.actor_id).is_not(None)
    )
)


def note(
    session: Session,
    case_id: str,
    kind: Kind,
    *,
    actor: str | None = None,
    code: str | None = None,
    channel: str = "telegram",
    was_at: datetime | None = None,
) -> None:
    """Write a line. `actor` is a person's id, or None for the service itself.

    Where staff stand in for a neighbour (`bot.community.proxy`), the line has the way her word came and when it was; a second
    one says who of staff wrote it down.
    """
    proxy = proxy_of(session)
    for_her = proxy is not None and actor == proxy.person_id
    line = {"at": now_of(session), "case_id": case_id, "kind": kind.value, "actor_id": actor, "code": code}
    line |= {"channel": channel, "was_at": was_at}
    if proxy is not None and for_her:
        line |= {"channel": proxy.way, "was_at": proxy.was_at}
    rows(session, _NOTE, **line)
    if proxy is not None and for_her:
        line |= {"kind": Kind.DESK.value, "actor_id": proxy.staff_id, "code": kind.value}
        rows(session, _NOTE, **line)
        proxy.done.append(case_id)


def of_case(session: Session, case_id: str) -> list[Event]:
    return records(session, Event, _OF_CASE, case=case_id)


def code_of(session: Session, case_id: str, kind: Kind) -> str:
    """The code of the last such line; empty where there is none."""
    return next((line.code or "" for line in reversed(of_case(session, case_id)) if line.kind == kind), "")


def happened(
    session: Session, case_id: str, kind: Kind, *, code: str | None = None, since: datetime | None = None
) -> bool:
    """Whether there is such a line: with this code, and not before this moment, where they are given."""
    wanted = _happened(code is not None, since is not None)
    return rows(session, wanted, case=case_id, kind=kind, code=code, since=since).first() is not None


@cache
def _happened(with_code: bool, with_since: bool) -> Prepared:
    line = table_of(Event).c
    wanted = sa_select(line.id).where(line.case_id == bindparam("case"), line.kind == bindparam("kind"))
    if with_code:
        wanted = wanted.where(line.code == bindparam("code"))
    if with_since:
        wanted = wanted.where(line.at >= bindparam("since"))
    return Prepared(wanted.limit(1))


def actors(session: Session, case_id: str, kind: Kind) -> set[str]:
    """Who did this on a case."""
    return {str(line) for line in rows(session, _ACTORS, case=case_id, kind=kind.value).scalars()}


def of_actor(session: Session, case_ids: Sequence[str], kind: Kind, actor: str) -> set[str]:
    """On which of these cases somebody did this."""
    found = rows(session, _OF_ACTOR, cases=list(case_ids), kind=kind.value, actor=actor)
    return set(found.scalars())


def did(
    session: Session, kind: Kind, actor: str, *, since: datetime | None = None, code: str | None = None
) -> bool:
    """Whether somebody did this, on any case or none: since a moment, with this code, where they are given."""
    wanted = select(Event.id).where(Event.actor_id == actor, Event.kind == kind)
    if since is not None:
        wanted = wanted.where(Event.at >= since)
    if code is not None:
        wanted = wanted.where(Event.code == code)
    return session.exec(wanted).first() is not None
