"""Who sees what of a case. Exists only in the sandbox; reads the same views the cards are drawn from."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from bot.community import cases, claims, people, views
from bot.community.cases import Case
from bot.context import House

FIELDS = ("name", "kind", "area", "story", "door", "phone")


def read(session: Session, house: House, language: str) -> list[dict[str, Any]]:
    """The newest cases, and for each role its words or nothing."""
    newest = session.exec(select(Case).order_by(col(Case.number).desc()).limit(3)).all()
    return [_case(session, house, case, language) for case in newest]


def _case(session: Session, house: House, case: Case, language: str) -> dict[str, Any]:
    local = house.local
    own = {**views.staff(session, local, case), "name": _name(session, case)}
    contact = cases.contact_of(session, case)
    claim = claims.live(session, case.id)
    seen: dict[str, dict[str, Any]] = {
        "resident": {**own, "door": contact.door, "phone": contact.phone},
        "staff": own,
        "asked": {key: own[key] for key in ("kind", "area", "story")},
        "helper": views.helper(session, local, case, claim) if claim is not None else {},
        "database": {"kind": own["kind"], "area": own["area"]},
    }
    return {
        "number": house.texts.line("words.case", language, case=case, local=local),
        "state": house.texts.line(f"insight.state_{case.state}", language),
        "fields": [house.texts.line(f"insight.{field}", language) for field in FIELDS],
        "roles": [
            {
                "role": house.texts.line(f"insight.role_{role}", language),
                "sees": [_shown(words.get(field), language) for field in FIELDS],
            }
            for role, words in seen.items()
        ],
    }


def _name(session: Session, case: Case) -> str:
    return people.name_of(session, people.get(session, case.person_id))


def _shown(value: Any, language: str) -> str | None:
    name = getattr(value, "name", None)
    return str(name[language] if name is not None else value) if value else None
