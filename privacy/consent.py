"""Who agreed to what, when, under which notice, and by whose word. Lines are only added (PIPL 14, 15).

Each use has a story: given, then withdrawn, expired or superseded, perhaps given again; or refused. The lines are a
ledger whose every change shows (privacy.ledger).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from privacy import ledger
from privacy.ledger import LINES, ConsentEvent
from privacy.prepared import Prepared
from privacy.purposes import Purpose, purposes


class ConsentMissing(Exception):
    """This use was never agreed to, no longer is, or its notice means something else by now."""


class Status(StrEnum):
    """What a line says."""

    GIVEN = "given"
    REFUSED = "refused"  # asked, and no
    WITHDRAWN = "withdrawn"  # a yes taken back
    EXPIRED = "expired"  # its time or its purpose was over
    SUPERSEDED = "superseded"  # another yes took its place, or its notice has another meaning by now


class By(StrEnum):
    """Whose word it is."""

    SELF = "self"
    GUARDIAN = "guardian"  # for a child under 14 (PIPL 31), or whoever a guardian must speak for
    PROXY = "proxy"  # somebody else tapped, with the person's own word
    PAPER = "paper"  # signed or spoken before a witness
    SERVICE = "service"  # nobody's: a time or a purpose was over


_SPOKEN = "privacy.consent"  # in session.info


class _Spoken(NamedTuple):
    """Somebody's word in this transaction, by the hand of another."""

    person_id: str
    by: By
    by_id: str
    way: str


def speak_for(
    session: Session, person_id: str | None, by: By = By.SELF, by_id: str = "", way: str = ""
) -> None:
    """For the rest of this transaction, what would be this person's own word is noted as brought by another. None: no more."""
    session.info[_SPOKEN] = _Spoken(person_id, by, by_id, way) if person_id is not None else None


class _Use(NamedTuple):
    """What a word is about."""

    person_id: str
    purpose: str
    scope: str


class _Word(NamedTuple):
    """The last line on a use."""

    status: str
    notice_version: int
    at: datetime
    until: datetime | None

    def now(self, purpose: Purpose, at: datetime) -> Status:
        """What it amounts to at this moment."""
        if self.status != Status.GIVEN:
            return Status(self.status)
        if self.until is not None and self.until <= at:
            return Status.EXPIRED
        return Status.GIVEN if self.notice_version >= purpose.meaning else Status.SUPERSEDED


# built once: building a statement costs more than running it
_LAST = Prepared(
    sa.select(LINES.c.status, LINES.c.notice_version, LINES.c.at, LINES.c.until)
    .where(
        LINES.c.person_id == sa.bindparam("person_id"),
        LINES.c.purpose == sa.bindparam("purpose"),
        LINES.c.scope == sa.bindparam("scope"),
    )
    .order_by(LINES.c.id.desc())
    .limit(1)
)
_YES = sa.select(LINES.c.person_id).where(
    LINES.c.id.in_(
        sa.select(sa.func.max(LINES.c.id))
        .where(LINES.c.purpose == sa.bindparam("purpose"), LINES.c.scope == "")
        .group_by(LINES.c.person_id)
        .scalar_subquery()
    ),
    LINES.c.status == Status.GIVEN.value,
)
_SUPERSEDED = _YES.where(LINES.c.notice_version < sa.bindparam("meaning"))
_LIVE = _YES.where(
    LINES.c.notice_version >= sa.bindparam("meaning"),
    sa.or_(LINES.c.until.is_(None), LINES.c.until > sa.bindparam("at", type_=ledger.Instant)),
)


def live_of(person: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same as a condition in another question, asked of each of its people: bind what `bound` says."""
    at = sa.bindparam("consent_at", type_=ledger.Instant)
    return (
        sa.select(
            sa.and_(
                LINES.c.status == Status.GIVEN.value,
                LINES.c.notice_version >= sa.bindparam("consent_meaning", type_=sa.Integer),
                sa.or_(LINES.c.until.is_(None), LINES.c.until > at),
            )
        )
        .where(
            LINES.c.person_id == person, LINES.c.purpose == sa.bindparam("consent_to"), LINES.c.scope == ""
        )
        .order_by(LINES.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def bound(purpose: str, at: datetime) -> dict[str, object]:
    """What a question with `live_of` in it binds. Raises KeyError for a purpose nobody declared."""
    return {"consent_to": purpose, "consent_meaning": _scoped(purpose, "").meaning, "consent_at": at}


def record(
    session: Session,
    *,
    person_id: str,
    purpose: str,
    given: bool,
    at: datetime,
    language: str = "",
    scope: str = "",
    way: str = "telegram",
    by: By = By.SELF,
    by_id: str = "",
    until: datetime | None = None,
) -> int:
    """Write a yes or a no, under the present notice; returns the number of the line.

    A no takes back the yes before it, otherwise it is a refusal. A yes over a yes ends that one first, in a line of its
    own. Raises KeyError for a purpose nobody declared, ValueError for a scope it needs or does not have, for an `until`
    that is not later than `at` or belongs to a no, and for a `by_id` beside the person's own word.
    """
    known = _scoped(purpose, scope)
    if until is not None and (not given or until <= at):
        raise ValueError("only a yes has an end, and it lies ahead")
    if by is By.SERVICE or (by_id and by is By.SELF):
        raise ValueError("the service speaks for nobody, and a person for herself needs no other")
    spoken: _Spoken | None = session.info.get(_SPOKEN)
    if spoken is not None and spoken.person_id == person_id and by is By.SELF:
        _, by, by_id, way = spoken
    use = _Use(person_id, purpose, scope)
    before = _yes(session, use)
    if given and before is not None:
        expired = before.now(known, at) is Status.EXPIRED
        _close(session, use, before, Status.EXPIRED if expired else Status.SUPERSEDED, at)
    status = Status.GIVEN if given else Status.REFUSED if before is None else Status.WITHDRAWN
    return ledger.append(
        session,
        **use._asdict(),
        at=at,
        status=status.value,
        by=by.value,
        by_id=by_id,
        notice_version=known.notice,
        language=language,
        way=way,
        until=until,
    )


def standing(
    session: Session, *, person_id: str, purpose: str, at: datetime, scope: str = ""
) -> Status | None:
    """Where it stands at this moment: the last word, or what has become of it since. None: nothing was ever said."""
    known = _scoped(purpose, scope)
    last = _last(session, _Use(person_id, purpose, scope))
    return None if last is None else last.now(known, at)


def version(session: Session, *, person_id: str, purpose: str, at: datetime, scope: str = "") -> int | None:
    """Which version of the notice she has agreed to, while that is live; None where it is not."""
    known = _scoped(purpose, scope)
    last = _last(session, _Use(person_id, purpose, scope))
    return last.notice_version if last is not None and last.now(known, at) is Status.GIVEN else None


def is_live(session: Session, *, person_id: str, purpose: str, at: datetime, scope: str = "") -> bool:
    """Whether the last word on it was yes, has not expired, and its notice still means the same."""
    return standing(session, person_id=person_id, purpose=purpose, scope=scope, at=at) is Status.GIVEN


def live_among(session: Session, *, purpose: str, at: datetime) -> set[str]:
    """Everybody for whom an unscoped purpose is live: one question for a whole pool."""
    session.flush()
    asked = {"purpose": purpose, "meaning": _scoped(purpose, "").meaning, "at": at}
    return set(session.connection().execute(_LIVE, asked).scalars())


def superseded(session: Session, *, purpose: str) -> set[str]:
    """Everybody whose last word on an unscoped purpose was yes, to a notice that means something else by now."""
    session.flush()
    asked = {"purpose": purpose, "meaning": _scoped(purpose, "").meaning}
    return set(session.connection().execute(_SUPERSEDED, asked).scalars())


def require(session: Session, *, person_id: str, purpose: str, at: datetime, scope: str = "") -> None:
    """Raises ConsentMissing unless the use is agreed to now."""
    if not is_live(session, person_id=person_id, purpose=purpose, scope=scope, at=at):
        raise ConsentMissing(purpose)


def may_ask(session: Session, *, person_id: str, purpose: str, at: datetime, scope: str = "") -> bool:
    """Whether the service may raise the question by itself; whoever asks for it herself is always answered.

    Not while a yes is live, and not for `ask_again_days` after a no: nobody is worn down (Network Data Security
    Regulations 22(5)). A notice that means something else is another question.
    """
    known = _scoped(purpose, scope)
    last = _last(session, _Use(person_id, purpose, scope))
    if last is None:
        return True
    status = last.now(known, at)
    if status in (Status.REFUSED, Status.WITHDRAWN):
        quiet_until = last.at + timedelta(days=known.ask_again_days)
        return last.notice_version < known.meaning or at >= quiet_until
    return status is not Status.GIVEN


def withdraw(
    session: Session,
    *,
    person_id: str,
    purpose: str,
    at: datetime,
    scope: str = "",
    language: str = "",
    way: str = "telegram",
    by: By = By.SELF,
    by_id: str = "",
) -> bool:
    """Take a yes back, as easily as it was given (PIPL 15). Returns whether there was one to take back."""
    _scoped(purpose, scope)
    if _yes(session, _Use(person_id, purpose, scope)) is None:
        return False
    record(
        session,
        person_id=person_id,
        purpose=purpose,
        given=False,
        at=at,
        language=language,
        scope=scope,
        way=way,
        by=by,
        by_id=by_id,
    )
    return True


def end(session: Session, *, person_id: str, purpose: str, at: datetime, scope: str = "") -> bool:
    """The purpose is over, and the yes with it: it has expired. Returns whether there was one that was live."""
    known = _scoped(purpose, scope)
    use = _Use(person_id, purpose, scope)
    last = _last(session, use)
    if last is None or last.now(known, at) is not Status.GIVEN:
        return False
    _close(session, use, last, Status.EXPIRED, at)
    return True


def history(session: Session, *, person_id: str) -> list[ConsentEvent]:
    """Every line of this person's, in the order they were written."""
    return list(
        session.exec(
            select(ConsentEvent).where(ConsentEvent.person_id == person_id).order_by(col(ConsentEvent.id))
        )
    )


def _close(session: Session, use: _Use, last: _Word, status: Status, at: datetime) -> None:
    """A line that ends a yes nobody took back."""
    ledger.append(
        session,
        **use._asdict(),
        at=at,
        status=status.value,
        by=By.SERVICE.value,
        by_id="",
        notice_version=last.notice_version,
        language="",
        way=By.SERVICE.value,
        until=None,
    )


def _yes(session: Session, use: _Use) -> _Word | None:
    """The last word, if it was a yes, whatever has become of it."""
    last = _last(session, use)
    return last if last is not None and last.status == Status.GIVEN else None


def _last(session: Session, use: _Use) -> _Word | None:
    session.flush()
    row = session.connection().execute(_LAST, use._asdict()).first()
    return None if row is None else _Word(*row)


def _scoped(purpose: str, scope: str) -> Purpose:
    found = purposes()[purpose]
    if found.scoped is not bool(scope):
        raise ValueError(f"consent to {purpose!r} is {'' if found.scoped else 'not '}given case by case")
    return found
