"""The staff's own group of a community: where numbers and sorts of what waits are heard, and whoever connects it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import JSON, BigInteger, bindparam, exists, select, update
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as select_rows

from bot.community import events, staff
from bot.community.events import NO_CASE, Kind
from bot.community.record import Moment, now_of, rows, table_of
from bot.community.staff import Role
from privacy.retention import rule

GOOD_FOR = rule("staff_code").after
GROUP = "group"  # what a code connects, if it is no topic of it


class StaffGroup(SQLModel, table=True):
    """The group of one community ("" is the house itself), by Telegram's id; `topics`: by family of what waits (items.FAMILIES).

    A code connects the group, or a topic of it, once: only its hash is kept, who asked for it, for what, until when.
    """

    __tablename__ = "staff_group"

    community: str = Field(primary_key=True, max_length=16)
    chat: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    topics: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    code_hash: str | None = Field(default=None, max_length=64, unique=True)
    code_for: str = Field(default=GROUP, max_length=8)
    code_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    code_until: datetime | None = Field(default=None, sa_type=Moment)


_ROWS = table_of(StaffGroup)
_BOUND = select(_ROWS.c.community).where(_ROWS.c.chat.is_not(None))
_IN = select(exists().where(_ROWS.c.chat == bindparam("chat")))
_NO_CODE = {"code_hash": None, "code_by": None, "code_until": None}
_SPEND = (
    update(_ROWS)
    .where(
        _ROWS.c.code_hash == bindparam("hashed"),
        _ROWS.c.code_by == bindparam("who"),
        _ROWS.c.code_until > bindparam("now", type_=Moment()),
    )
    .values(**_NO_CODE)
)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def of(session: Session, community: str) -> StaffGroup | None:
    """The group that is connected there."""
    group = session.get(StaffGroup, community)
    return group if group is not None and group.chat is not None else None


def bound(session: Session) -> set[str]:
    """The communities whose staff have a group."""
    return set(rows(session, _BOUND).scalars())


def is_bound(session: Session, chat: int) -> bool:
    return bool(rows(session, _IN, chat=chat).scalar_one())


def write_code(session: Session, community: str, person_id: str, what: str = GROUP) -> str:
    """A fresh code of 12 characters (72 bits), hers alone, used once, void after an hour; one before is void at once."""
    code = secrets.token_urlsafe(9)
    group = session.get(StaffGroup, community) or StaffGroup(community=community)
    group.code_hash, group.code_for, group.code_by = _hash(code), what, person_id
    group.code_until = now_of(session) + GOOD_FOR
    session.add(group)
    session.flush()
    return code


def accept(
    session: Session, code: str, person_id: str, chat: int, topic: int | None, heard: Callable[[], None]
) -> StaffGroup | None:
    """This chat is the group of the community the code was written for, or this topic the place of its family.

    `heard`: done before anything is posted there. None where the code is void or not hers, she is no steward there any more, the
    chat is another community's, or the topic lies in another chat; the code is spent only where it was good.
    """
    found = select_rows(StaffGroup).where(StaffGroup.code_hash == _hash(code))
    group = session.exec(found.execution_options(populate_existing=True)).first()
    if group is None or not staff.holds(session, person_id, Role.STEWARD, group.community):
        return None
    what = group.code_for
    fits = group.chat == chat or (what == GROUP and not is_bound(session, chat))
    if not fits or (what != GROUP and topic is None):
        return None
    if rows(session, _SPEND, hashed=_hash(code), who=person_id, now=now_of(session)).rowcount != 1:
        return None
    session.refresh(group)
    if what != GROUP and topic is not None:
        group.topics = {**group.topics, what: topic}
    elif group.chat != chat:
        group.chat, group.topics = chat, {}
    session.add(group)
    session.flush()
    if what == GROUP:
        heard()
    events.note(session, NO_CASE, Kind.GROUP, actor=person_id, code=f"connected:{what}")
    return group


def end(session: Session, group: StaffGroup, *, by: str | None) -> None:
    """Nothing is posted there any more. `by`: None where the bot was put out of it."""
    group.chat, group.topics = None, {}
    group.code_hash = group.code_by = group.code_until = None
    session.add(group)
    session.flush()
    events.note(session, NO_CASE, Kind.GROUP, actor=by, code="ended" if by else "put_out")


def in_chat(session: Session, chat: int) -> StaffGroup | None:
    return session.exec(select_rows(StaffGroup).where(StaffGroup.chat == chat)).first()


def moved(session: Session, old: int, new: int) -> None:
    """The group became a supergroup, which has another id."""
    group = in_chat(session, old)
    if group is not None:
        group.chat = new
        session.add(group)
        session.flush()


def forget(session: Session, person_id: str) -> None:
    """A code of hers connects nothing."""
    session.execute(update(StaffGroup).where(col(StaffGroup.code_by) == person_id).values(**_NO_CODE))
