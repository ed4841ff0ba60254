"""Who sees what of a case. Exists only in the sandbox; reads the same views the cards are drawn from.

Each word is shown as its owner reads it, and of the others it is asked whether the gate would open it for them: that opens
nothing, so looking at the pane leaves no line in the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from bot.community import cases, claims, people, rules, views
from bot.community.cases import Case, State
from bot.community.claims import AskState, Claim, ClaimState
from bot.community.people import Person
from bot.community.record import gate_of, now_of
from bot.data import Local
from bot.spoken import said_span
from bot.voice import House
from privacy.opening import Closed, Words
from privacy.sealed import SealedBytes

Json = dict[str, Any]

NEWEST = 5
FIELDS = (
    "name",
    "kind",
    "area",
    "when",
    "story",
    "sensitive",
    "minor",
    "files",
    "door",
    "phone",
    "helper",
    "words",
)
ON_STAFF_CARDS = (State.RECEIVED, State.EMERGENCY)  # afterwards their cards tell the decision only
ASKING = (State.OPEN, State.NOBODY)
# Where each field lies, so that what a thief reads is what the columns are, not what we say of them.
COLUMNS: dict[str, tuple[type[SQLModel], str]] = {
    "name": (Person, "name"),
    "kind": (Case, "skill"),
    "area": (Case, "area"),
    "when": (Case, "when_from"),
    "story": (Case, "story"),
    "sensitive": (Case, "sensitive"),
    "minor": (Case, "minor"),
    "files": (Case, "files"),
    "door": (Case, "door"),
    "phone": (Case, "phone"),
    "helper": (Person, "name"),
    "words": (Claim, "code_word"),
}


def read(session: Session, house: House, language: str, telephones: Iterable[int]) -> Json:
    """The newest cases, who of these people is known by name, and until when the night spares the volunteers."""
    owners = {p.id: number for number in telephones if (p := people.find(session, number)) is not None}
    newest = session.exec(select(Case).order_by(col(Case.number).desc()).limit(NEWEST)).all()
    return {
        "known": [number for who, number in owners.items() if people.get(session, who).name is not None],
        "night": _night(session, house.local),
        "cases": [_case(session, house, case, language, owners) for case in newest],
    }


def _night(session: Session, local: Local) -> str | None:
    awake = local.awake(now_of(session))
    return f"{awake.astimezone(local.tz):%H:%M}" if awake > now_of(session) else None


def _case(session: Session, house: House, case: Case, language: str, owners: dict[str, int]) -> Json:
    local = house.local
    asks = claims.asks_of(session, case.id)
    asked_now = any(ask.state == AskState.ASKED for ask in asks)
    seen = _seen(session, local, case)
    values = {field: _shown(_own(session, seen["resident"].get(field)), language) for field in FIELDS}
    values["when"] = _when(local, case, language)
    waits = case.state == State.OPEN and not asked_now and _night(session, local) is not None
    label = house.texts.line("words.case", language, case=case, local=local)
    return {
        "number": label.partition(" ")[0],
        "label": label,
        "state": "night" if waits else case.state,
        "of": owners.get(case.person_id),
        "asked": [owners[ask.person_id] for ask in asks if ask.person_id in owners],
        "values": {field: value for field, value in values.items() if value is not None},
        "sees": {
            role: [field for field in FIELDS if values[field] is not None and view.get(field)]
            for role, view in seen.items()
        },
    }


def _seen(session: Session, local: Local, case: Case) -> dict[str, Json]:
    """For each role the words its own view holds now; empty where it has no card of this case."""
    staff = views.staff(session, local, case)
    mine = views.resident(session, local, case)
    contact = cases.contact_of(case)
    resident = {**staff, **mine, "door": contact.door, "phone": contact.phone}
    roles: dict[str, Json] = {
        "resident": _open_to(session, case, resident, case.person_id),
        "staff": {},
        "asked": {},
        "helper": {},
    }
    member = next(iter(rules.staff_for(session, case)), None)
    if member is not None:
        on_card = staff if case.state in ON_STAFF_CARDS else {"files": staff["files"]}
        roles["staff"] = _open_to(session, case, on_card, member.id)
    ask = next((a for a in claims.asks_of(session, case.id) if a.state == AskState.ASKED), None)
    if ask is not None and case.state in ASKING:
        roles["asked"] = _open_to(session, case, views.asked(local, case, ask), ask.person_id)
    claim = claims.live(session, case.id)
    if claim is not None and claim.state == ClaimState.CONFIRMED:
        helper = views.helper(session, local, case, claim) | {"helper": mine["helper"]}
        roles["helper"] = _open_to(session, case, helper, claim.person_id)
    for view in roles.values():
        view["when"] = "kind" in view  # every card that tells the need tells its time
    plain = {field: not isinstance(_column(field), SealedBytes) for field in FIELDS}
    return {**roles, "thief": plain}


def _open_to(session: Session, case: Case, view: Json, reader: str) -> Json:
    """What of a view there is and would open for this reader."""
    return {
        field: value
        for field, value in view.items()
        if not isinstance(value, Words) or _opens(session, case, value, reader)
    }


def _opens(session: Session, case: Case, words: Words, reader: str) -> bool:
    try:
        gate_of(session).allows(session, words, reader=reader, case=case.id)
    except Closed:
        return False
    return words.sealed is not None


def _own(session: Session, value: Any) -> Any:
    """Words as their owner reads them."""
    if not isinstance(value, Words):
        return value
    return gate_of(session).open(session, value, reader=value.owner, purpose="own")


def _column(field: str) -> Any:
    table, name = COLUMNS[field]
    return table.metadata.tables[str(table.__tablename__)].c[name].type


def _when(local: Local, case: Case, language: str) -> str:
    start, end = (
        moment.astimezone(local.tz) if moment else None for moment in (case.when_from, case.when_until)
    )
    return said_span(start, end, local, language, case.received_at.astimezone(local.tz).year)


def _shown(value: Any, language: str) -> str | None:
    """A name in this language, the two code words, the thing itself, or nothing."""
    if not value:
        return None
    if hasattr(value, "ask"):
        return f"{value.ask[language]} / {value.answer[language]}"
    if value is True:
        return ""
    return str(value.name[language] if hasattr(value, "name") else value)
