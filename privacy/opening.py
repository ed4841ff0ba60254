"""The one way from sealed words to plain ones: for a reader, for a purpose, about a case; or not at all.

The way is walked in this order, and what is not clearly a yes is a no: the matrix (privacy.policy) → how the reader stands to
the case → a consent that lives at this moment → a second pair of eyes where the law asks for one → the words are still
kept, however late a sweep is → how many people the reader has read about in a day → a line in the access log.

The lines of a transaction are written just before it commits, in one statement. The message that carries the words
lies in the same transaction, so nothing leaves without its line: if the lines cannot be written, nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from privacy import access_log, consent, ledger
from privacy.policy import MACHINE, OWNER, Cell, cells_of, kind_of
from privacy.purposes import purposes
from privacy.sealed import Place, Sealed
from privacy.vault import KeyGone, Vault

SERVICE = "service"  # the reader who is nobody: the machine itself, delivering and recognising
DAY = timedelta(days=1)
_TURN = "privacy.opening"
Glance = dict[
    tuple[str, str | None, str], frozenset[str]
]  # reader, case, owner: as what the one reads the other


class Reason(StrEnum):
    """Why words stay closed. It says nothing about them."""

    CELL = "cell"  # nobody who stands so opens such words (for this purpose)
    CASE = "case"  # the reader does not stand in any way to this case and its people
    CONSENT = "consent"  # not agreed to, or no longer
    SECOND = "second"  # nobody else has agreed
    KEPT = "kept"  # they should be gone by now
    BUDGET = "budget"  # the reader has read about enough people for one day
    GONE = "gone"  # their key was erased


class Closed(Exception):
    """The words stay closed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, repr=False)
class Words:
    """Words nobody has opened. Shown or written anywhere, they show nothing.

    `sealed`: None where there are none. `owner`: whose they are. `case`: the one case they belong to, where they do.
    `until`: from when on they are not kept any more.
    """

    sealed: Sealed | None
    subject: str
    data_class: str
    place: Place
    owner: str
    case: str | None = None
    until: datetime | None = None

    def __repr__(self) -> str:
        return "Words(…)"

    @property
    def kind(self) -> str:
        return kind_of(self.place)


class Standing(Protocol):
    """Who stands how to whom: the neighbourhood knows, privacy asks."""

    def parts(self, session: Session, *, reader: str, case: str | None, owner: str) -> frozenset[str]:
        """As what this reader may look at this owner's words, on this case or on none, at this moment."""

    def vouched(self, session: Session, *, reader: str, case: str) -> bool:
        """Whether another responsible person has agreed that this reader looks into this case."""


class Gate:
    """Opens words. `now` is the time, aware, in UTC."""

    def __init__(self, vault: Vault, standing: Standing, now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._standing = standing
        self._now = now

    def open(
        self,
        session: Session,
        words: Words,
        *,
        reader: str,
        purpose: str | None = None,
        case: str | None = None,
        glance: Glance | None = None,
    ) -> str | None:
        """The words, plain; None where there are none. The log line is written when the transaction commits.

        `purpose` None: whatever the reader's part is for, as when a message is drawn for her. `glance`: a dict that is shared by
        what is opened at one moment, for one message, so that how the reader stands is asked once. Raises Closed, or SealBroken
        for words that were tampered with.
        """
        if words.sealed is None:
            return None
        cell = self.allows(session, words, reader=reader, purpose=purpose, case=case, glance=glance)
        try:
            plain = self._vault.open(
                words.sealed, subject=words.subject, data_class=words.data_class, place=words.place
            )
        except KeyGone:
            raise Closed(Reason.GONE) from None
        if cell.logged:
            self._note(session, cell, words.owner, reader, case)
        return plain

    def allows(
        self,
        session: Session,
        words: Words,
        *,
        reader: str,
        purpose: str | None = None,
        case: str | None = None,
        glance: Glance | None = None,
    ) -> Cell:
        """The cell by which they would open. Nothing is opened, so nothing is logged. Raises Closed."""
        cells = [cell for cell in cells_of(words.kind) if purpose in (None, cell.purpose)]
        if not cells:
            raise Closed(Reason.CELL)
        parts = self._parts(session, words, reader, case, {} if glance is None else glance)
        if not parts:
            raise Closed(Reason.CASE)
        why: Reason | None = Reason.CELL
        for cell in (cell for cell in cells if cell.part in parts):
            why = self._why_not(session, cell, words, reader, case)
            if why is None:
                return cell
        raise Closed(why or Reason.CELL)

    def _parts(
        self, session: Session, words: Words, reader: str, case: str | None, glance: Glance
    ) -> frozenset[str]:
        if reader == SERVICE:
            return MACHINE
        if reader == words.owner:
            return frozenset({OWNER})
        if not reader or words.case not in (None, case):
            return frozenset()
        asked = (reader, case, words.owner)
        if asked not in glance:
            found = self._standing.parts(session, reader=reader, case=case, owner=words.owner)
            glance[asked] = found - MACHINE - {OWNER}
        return glance[asked]

    def _why_not(
        self, session: Session, cell: Cell, words: Words, reader: str, case: str | None
    ) -> Reason | None:
        now = self._now()
        if cell.consent is not None and not _agreed(session, words.owner, cell.consent, case, now):
            return Reason.CONSENT
        if cell.second and not (case and self._standing.vouched(session, reader=reader, case=case)):
            return Reason.SECOND
        if words.until is not None and words.until <= now:
            return Reason.KEPT
        if cell.a_day is not None and not _has_left(session, cell.part, cell.a_day, words.owner, reader, now):
            return Reason.BUDGET
        return None

    def _note(self, session: Session, cell: Cell, owner: str, reader: str, case: str | None) -> None:
        turn = _turn(session)
        line = (owner, reader, cell.part, cell.purpose, cell.kind, case or "")
        # What one message shows was opened at one moment: so it is told, and so it is read.
        turn.lines.setdefault(line, next(iter(turn.lines.values()), None) or self._now())
        turn.seen[reader].add((cell.part, owner))


@dataclass
class _Turn:
    """What one transaction has opened and asked so far.

    `seen`: what each reader had opened in a day before it, and since. `agreed`: by use, and by how many lines the ledger
    had got in this transaction when it was asked.
    """

    of: SessionTransaction | None
    lines: dict[tuple[str, str, str, str, str, str], datetime] = field(default_factory=dict)
    seen: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    agreed: dict[tuple[str, str, str, int], bool] = field(default_factory=dict)


def _turn(session: AnySession) -> _Turn:
    session.connection()  # begins the transaction, where nobody has
    of = session.get_transaction()
    turn: _Turn | None = session.info.get(_TURN)
    if turn is None or turn.of is not of:
        turn = session.info[_TURN] = _Turn(of)
    return turn


def _agreed(session: Session, owner: str, code: str, case: str | None, now: datetime) -> bool:
    purpose = purposes().get(code)
    scope = (case or "") if purpose is not None and purpose.scoped else ""
    if purpose is None or purpose.scoped is not bool(scope):
        return False
    agreed = _turn(session).agreed
    use = (owner, code, scope, ledger.added(session))
    if use not in agreed:
        agreed[use] = consent.is_live(session, person_id=owner, purpose=code, scope=scope, at=now)
    return agreed[use]


def _has_left(session: Session, part: str, a_day: int, owner: str, reader: str, now: datetime) -> bool:
    seen = _turn(session).seen
    if reader not in seen:
        seen[reader] = access_log.seen_by(session, reader, since=now - DAY)
    return (part, owner) in seen[reader] or sum(one == part for one, _ in seen[reader]) < a_day


def _write(session: AnySession) -> None:
    """Log, then commit: whatever goes wrong here takes the whole transaction with it."""
    turn: _Turn | None = session.info.get(_TURN)
    if turn is None or not turn.lines or turn.of is not session.get_transaction():
        return
    if session.in_nested_transaction():  # what is written into a savepoint could still be taken back alone
        return
    access_log.write(session, [_line(opened, at) for opened, at in turn.lines.items()])
    turn.lines = {}


def _line(opened: tuple[str, str, str, str, str, str], at: datetime) -> dict[str, Any]:
    fields = ("owner_id", "reader_id", "part", "purpose", "kind", "case_id")
    return {"at": at, **dict(zip(fields, opened, strict=True))}


event.listen(AnySession, "before_commit", _write)
