"""Somebody says that what was written here breaks a rule of the house: staff look, and both sides hear. Never who said so."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, bindparam, text, update
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import events
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.items import Item, Sort
from bot.community.record import Moment, new_id, now_of, rows, table_of
from bot.errors import OldButton
from privacy.retention import rule

KEEP = rule("flag").after
_DUE = text("due_at IS NOT NULL")


class Verdict(StrEnum):
    """What staff found."""

    AGREED = "agreed"
    NOT = "not"


class Flag(SQLModel, table=True):
    """One remark about one case or one post: by whom, about whose words, which rule. No words.

    `what`: the card of a case, words in a talk, the page of a post, or an idea for one. `author_id`: none where the words are the
    house's own and nobody else is there to look.
    """

    __tablename__ = "flag"
    __table_args__ = (Index("flag_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str | None = Field(default=None, foreign_key="help_case.id", max_length=16, index=True)
    post_id: str | None = Field(default=None, foreign_key="post.id", max_length=16, index=True)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    author_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    what: str = Field(max_length=8)
    rule: str | None = Field(default=None, max_length=24)
    at: datetime = Field(sa_type=Moment)
    verdict: str | None = Field(default=None, max_length=8)
    due_at: datetime | None = Field(default=None, sa_type=Moment)

    @property
    def about(self) -> str:
        """The id of the case or the post."""
        about = self.case_id or self.post_id
        assert about is not None  # noqa: S101  put() gives one of the two
        return about


_ROWS = table_of(Flag)
_SETTLE = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.verdict.is_(None))
    .values(verdict=bindparam("how"), rule=bindparam("which"), due_at=bindparam("over"))
)
_OVER = (
    select(Flag.id)
    .where(col(Flag.due_at).is_not(None), col(Flag.due_at) <= bindparam("now", type_=Moment()))
    .order_by(col(Flag.due_at))
)


def put(
    session: Session,
    *,
    person_id: str,
    author_id: str | None,
    what: str,
    case_id: str | None = None,
    post_id: str | None = None,
    rule: str | None = None,
) -> Flag | None:
    """None where she has said so about this already, and nobody has looked yet."""
    again = select(Flag.id).where(
        Flag.case_id == case_id,
        Flag.post_id == post_id,
        Flag.person_id == person_id,
        Flag.what == what,
        col(Flag.verdict).is_(None),
    )
    if session.exec(again).first() is not None:
        return None
    flag = Flag(
        case_id=case_id,
        post_id=post_id,
        person_id=person_id,
        author_id=author_id,
        what=what,
        rule=rule,
        at=now_of(session),
    )
    session.add(flag)
    session.flush()
    events.note(session, flag.about, Kind.FLAGGED, actor=person_id, code=rule)
    return flag


def get(session: Session, flag_id: str) -> Flag | None:
    return session.get(Flag, flag_id)


def name(session: Session, flag: Flag, rule: str) -> None:
    """She says which rule it is."""
    flag.rule = rule
    session.add(flag)
    session.flush()


def settle(session: Session, flag: Flag, verdict: Verdict, *, rule: str | None, staff_id: str) -> None:
    """The first counts. Raises OldButton when a colleague was quicker."""
    over = now_of(session) + KEEP
    if rows(session, _SETTLE, row=flag.id, how=verdict.value, which=rule, over=over).rowcount != 1:
        raise OldButton
    session.refresh(flag)
    events.note(session, flag.about, Kind.FLAGGED, actor=staff_id, code=f"{rule or '-'}:{verdict}")


def waiting(session: Session) -> list[Item]:
    """Those nobody of the staff has looked at."""
    found = select(Flag, Case.area).join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
    unseen = session.exec(found.where(col(Flag.verdict).is_(None)).order_by(col(Flag.at)))
    return [
        Item(Sort.FLAG, one.id, one.at, case_id=one.case_id, area=area, for_all=one.post_id is not None)
        for one, area in unseen
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Of those, what she said herself, or is said of her."""
    hers = (Flag.person_id == person_id) | (Flag.author_id == person_id)
    return set(session.exec(select(Flag.id).where(col(Flag.verdict).is_(None), hers)))


def of_person(session: Session, person_id: str) -> list[Flag]:
    """What she said, the newest first."""
    found = select(Flag).where(Flag.person_id == person_id).order_by(col(Flag.at).desc())
    return list(session.exec(found))


def due(session: Session) -> list[str]:
    """Those kept long enough."""
    return list(rows(session, _OVER, now=now_of(session)).scalars())


def drop(session: Session, flag: Flag) -> None:
    session.delete(flag)
    session.flush()


def forget(session: Session, person_id: str) -> None:
    """What she said, and what was said of her."""
    hers = (col(Flag.person_id) == person_id) | (col(Flag.author_id) == person_id)
    session.execute(delete(Flag).where(hers))
