"""The draft of a need: what is still missing, what her words hold, and the moment it becomes a case."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bot.community import cases, disclosure
from bot.community.cases import Case, Contact
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.understanding import times
from privacy import scrub

Draft = dict[str, Any]
STORY_MAX = 1000  # characters; a card with it stays well under Telegram's 4096
FILES_MAX = 5
DOOR_MAX = 60


def next_step(draft: Draft) -> str:
    """The first question without an answer; the check page when there is none."""
    asked: tuple[tuple[str, str], ...] = (
        ("kind", "ask.what"),
        ("when", "ask.when"),
        ("area", "ask.area"),
        ("enough", "ask.details"),
        ("door", "ask.door"),
        ("phone", "ask.phone"),
    )
    return next((step for answer, step in asked if answer not in draft), "ask.check")


def reopen(draft: Draft, what: str) -> str:
    """Take one answer out again, and name its question."""
    for key in {"what": ["kind"], "details": ["enough", "told", "files"]}.get(what, [what]):
        draft.pop(key, None)
    return next_step(draft)


def sift(text: str) -> tuple[str, dict[str, Any]]:
    """Her words without identifiers, and what was in them: kinds, and a phone or door that may be kept for the helper."""
    found = scrub.find(text)
    cleaned, _ = scrub.clean(text, cases.HIDDEN)
    return cleaned, {
        "kinds": sorted({item.kind for item in found}),
        "phone": next((text[i.start : i.end] for i in found if i.kind == "phone"), None),
        "door": next((text[i.start : i.end] for i in found if i.kind == "door"), None),
    }


def tell(draft: Draft, words: str) -> bool:
    """Add a line to the story. False when it would grow too long."""
    told = [*draft.get("told", []), words]
    if len("\n".join(told)) > STORY_MAX:
        return False
    draft["told"] = told
    return True


def attach(draft: Draft, kind: str, file_id: str) -> bool:
    """Add a voice note or photo. False when there are enough."""
    files = draft.get("files", [])
    if len(files) >= FILES_MAX:
        return False
    draft["files"] = [*files, f"{kind} {file_id}"]
    return True


def submit(session: Session, local: Local, person: Person, draft: Draft) -> Case:
    """The checked draft becomes a case with a number and a promised time; showing door or phone is its own consent (R46)."""
    when = times.read(draft["when"])
    case = cases.submit(
        session,
        person_id=person.id,
        skill=draft["kind"],
        area=draft["area"],
        urgency=local.kind(draft["kind"]).urgency,
        when=(when.start, when.end),
        story="\n".join(draft.get("told", [])),
        contact=Contact(phone=draft["phone"], door=draft["door"]),
        files="\n".join(draft["files"]) if draft.get("files") else None,
        promised_at=local.promise(now_of(session), local.kind(draft["kind"]).urgency),
    )
    if draft["phone"] or draft["door"]:
        disclosure.agree(session, case, person.language)
    return case
