"""Somebody has died: everything about her becomes quiet at once, and her words wait for her family (PIPL 49).

The wall is `Person.quiet_since`: Voice says nothing to her, nobody asks her, no sweep finds anything of hers. Nothing is said of
a death to anybody.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlmodel import Session

from bot.community import cases, erasing, events, messages, parting, people
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.parting import Tiding
from bot.community.people import Person
from bot.community.record import Moment, now_of, rows, table_of, vault_of
from bot.data import Local
from bot.errors import OldButton
from bot.runtime import settle
from bot.runtime.seals import Seals
from privacy.retention import rule

WAIT = rule("deceased").after  # for the family; then the words are erased
REASON = "quiet"  # why her cases ended
_PEOPLE = table_of(Person)
_OUTLIVED = (
    select(_PEOPLE.c.id)
    .where(
        _PEOPLE.c.quiet_since.is_not(None),
        _PEOPLE.c.quiet_since <= bindparam("since", type_=Moment()),
        _PEOPLE.c.telegram_index != people.NOBODY,
    )
    .order_by(_PEOPLE.c.quiet_since)
)


def stop(session: Session, local: Local, person: Person, *, actor: str) -> list[Tiding]:
    """Everything of hers ends without a word to her; what others must hear says nothing of why.

    Bring the tidings first (doors of others vanish from her chat), then `mark`. Raises OldButton when she is quiet already.
    """
    if person.quiet_since is not None:
        raise OldButton
    return parting.stop_everything(session, local, person, actor=actor, reason=REASON)


def mark(session: Session, person: Person, *, actor: str) -> None:
    """From now on she is quiet; what still waited to be sent to her is not."""
    people.update(session, person, quiet_since=now_of(session), asked=None, stay_at=None)
    if people.has_chat(person):
        chat = Seals(vault_of(session)).chat(people.telegram_of(session, person))
        settle.silence(session, chat, now_of(session).timestamp())
    messages.forget(session, person.id)
    events.note(session, person.id, Kind.QUIET, actor=actor)


def undo(session: Session, local: Local, person: Person, *, actor: str) -> list[Case]:
    """It was a mistake. Her cases that ended by it wait for staff again; they are returned.

    Raises OldButton when she is not quiet, or has been erased meanwhile.
    """
    if person.quiet_since is None or people.is_gone(person):
        raise OldButton
    people.update(session, person, quiet_since=None)
    events.note(session, person.id, Kind.QUIET, actor=actor, code="undone")
    ended = [
        case
        for case in cases.of_person(session, person.id, cases.State)
        if case.reason == REASON and case.story
    ]
    for case in ended:
        cases.take_up_again(session, case, local.promise(now_of(session), case.urgency), actor=actor)
    return ended


def outlived(session: Session) -> list[str]:
    """Whose family has had its time."""
    return list(rows(session, _OUTLIVED, since=now_of(session) - WAIT).scalars())


def let_go(session: Session, local: Local, person: Person) -> list[Tiding]:
    """Her consents have expired, and all of her is erased. What came up meanwhile, an emergency say, ends too."""
    tidings = parting.stop_everything(session, local, person, actor=None, reason=REASON)
    parting.take_all_back(session, person, parting.ITS_TIME)
    erasing.erase_person(session, person.id)
    return tidings
