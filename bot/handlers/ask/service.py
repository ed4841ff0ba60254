"""The draft of a need: what is still missing, what her words hold, and the moment it becomes a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.community import cases, disclosure, events
from bot.community.cases import Case, Contact
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.understanding import care, route, times
from bot.understanding.route import Route
from privacy import scrub

Draft = dict[str, Any]
STORY_MAX = 1000  # characters; a card with it stays well under Telegram's 4096
FILES_MAX = 5
DOOR_MAX = 60


def next_step(local: Local, draft: Draft) -> str:
    """The first question without an answer; the check page when there is none."""
    if way(local, draft) is not None:
        return "ask.way"
    asked: tuple[tuple[str, str], ...] = (
        ("kind", "ask.what"),
        ("when", "ask.when"),
        ("area", "ask.area"),
        ("wish", "ask.wish"),
        ("enough", "ask.details"),
        ("cared", "ask.care"),
        ("door", "ask.door"),
        ("phone", "ask.phone"),
    )
    known = {*draft, *(["cared"] if care.need(*told(draft)) is None else [])}
    if not may_wish(local, draft):
        known.add("wish")
    step = next((step for answer, step in asked if answer not in known), "ask.check")
    return str(draft["proposed"]) if step == "ask.when" and "proposed" in draft else step


def may_wish(local: Local, draft: Draft) -> bool:
    """Whether this is of the few kinds of help where the asker may wish for a woman or a man."""
    return "kind" in draft and local.kind(draft["kind"]).wish


def way(local: Local, draft: Draft) -> Route | None:
    """The way her words seem to go, where it is another than the ordinary one and she has not been told of it."""
    found = _route(local, draft)
    return None if token(found) in {"", *draft.get("ways", [])} else found


def token(found: Route) -> str:
    """What she and staff are told of a way; nothing for the ordinary ones, and where other pages tell of it."""
    if found.go in (route.DECLINE, route.REFER, route.RIGHT) or (found.go == route.EDIT and found.why):
        return f"{found.go}:{found.why}"
    if found.matter == "mediation":
        return "mediation:"
    return ""


def _route(local: Local, draft: Draft) -> Route:
    kind = draft.get("kind") or draft.get("guess")
    words = draft.get("aside") or "\n".join([*draft.get("told", []), *draft.get("fresh", [])])
    return route.route(words, local.kind(kind) if kind else None)


def to_staff(local: Local, draft: Draft, found: Route, any_time: list[str | None]) -> None:
    """Staff look at it as it stands: what only a volunteer would have to know is not asked."""
    draft["ways"], draft["to_staff"] = [*draft.get("ways", []), token(found)], True
    draft.setdefault("kind", draft.get("guess") or ("place" if found.matter == "place" else "other"))
    known = {
        "when": any_time,
        "wish": None,
        "door": None,
        "phone": None,
        **({"enough": True} if draft.get("told") else {}),
    }
    for answer, value in known.items():
        draft.setdefault(answer, value)


def told(draft: Draft) -> tuple[list[str], care.Word]:
    """Her lines, and her word on those that need one."""
    return draft.get("told", []), draft.get("care", {})


def sift(text: str) -> tuple[str, dict[str, Any]]:
    """Her words without identifiers, and what was in them: kinds, and a phone or door that may be kept for the helper."""
    found = scrub.find(text)
    cleaned, _ = scrub.clean(text, cases.HIDDEN)
    return cleaned, {
        "kinds": sorted({item.kind for item in found}),
        "phone": next((text[i.start : i.end] for i in found if i.kind == "phone"), None),
        "door": _door(text, found),
    }


def _door(text: str, found: list[scrub.Found]) -> str | None:
    """The first street and the first door, as she wrote them."""
    first = [
        next((text[i.start : i.end] for i in found if i.kind == kind), "") for kind in ("street", "door")
    ]
    return " ".join(filter(None, first)) or None


def hold(draft: Draft, held: dict[str, Any], after: str) -> str:
    """Identifiers wait for her word, with those found before. Returns the question to ask next."""
    if not held["kinds"]:
        return after
    before = draft.get("held", {"kinds": [], "phone": None, "door": None})
    draft["held"] = {
        "kinds": sorted({*before["kinds"], *held["kinds"]}),
        "phone": held["phone"] or before["phone"],
        "door": held["door"] or before["door"],
    }
    draft["after"] = after
    return "ask.found"


def reopen(draft: Draft, what: str) -> str:
    """The question of one answer once more; the answer stays until another one comes."""
    settle(draft)
    draft["changing"], draft["files_before"] = what, len(draft.get("files", []))
    return f"ask.{what}"


def settle(draft: Draft) -> None:
    """Nothing is half changed any more."""
    for key in ("changing", "files_before", "fresh", "anew", "proposed", "not", "category"):
        draft.pop(key, None)


def choose(draft: Draft, code: str) -> bool:
    """The kind of help. Returns whether what she has just told took the place of an older story of another kind."""
    changed = draft.get("changing") == "what" and draft.get("kind") != code
    draft["kind"] = code
    fresh, files = draft.pop("fresh", []), draft.get("files", [])[draft.pop("files_before", 0) :]
    if changed and (fresh or files):
        draft["told"], draft["files"] = fresh, files
        return True
    if fresh:
        draft["told"] = [*draft.get("told", []), *fresh]
    return False


def tell(draft: Draft, words: str) -> bool:
    """Add a line to the story. False when it would grow too long.

    While she changes what she needs, the line waits until the new kind is clear.
    """
    into = "fresh" if draft.get("changing") == "what" else "told"
    told = [*([] if draft.get("anew") else draft.get(into, [])), words]
    if len("\n".join(told)) > STORY_MAX:
        return False
    _anew(draft)
    draft[into] = told
    return True


def attach(draft: Draft, kind: str, file_id: str) -> bool:
    """Add a voice note or photo. False when there are enough."""
    if not draft.get("anew") and len(draft.get("files", [])) >= FILES_MAX:
        return False
    _anew(draft)
    draft["files"] = [*draft.get("files", []), f"{kind} {file_id}"]
    return True


def _anew(draft: Draft) -> None:
    """She tells it all once more: with the first new word the old ones go."""
    if draft.pop("anew", False):
        draft["told"], draft["files"] = [], []


def guess(local: Local, draft: Draft, words: str) -> bool:
    """Note which kind of help she seems to mean: by these words, or else by all she has told and not refused before."""
    told = draft.get("fresh" if draft.get("changing") == "what" else "told", [])
    guessed = local.lexicon.guess(words) or local.lexicon.guess("\n".join(told))
    draft.pop("guess", None)
    if guessed is None or guessed.kind == draft.get("not"):
        return False
    draft["guess"] = guessed.kind
    return True


def propose(draft: Draft, mentioned: times.Mentioned | None) -> None:
    """A time among her first words, to be asked back instead of asked for."""
    if mentioned is None or "when" in draft:
        return
    draft["said"], draft["options"] = mentioned.words, [times.write(one) for one in mentioned.readings]
    draft["heard"] = draft["options"][0]
    draft["proposed"] = "ask.when_right" if len(mentioned.readings) == 1 else "ask.when_which"


def again(session: Session, case: Case, person: Person) -> Draft:
    """A draft of her own with what a case was about; door and phone are asked for anew."""
    private = [cases.told_by(session, case, person, column=column) for column in ("sensitive", "minor")]
    told = [
        *cases.told_by(session, case, person).splitlines(),
        *filter(None, private),
    ]  # private words stay together
    draft: Draft = {"kind": case.skill, "told": told}
    if case.area is not None:
        draft["area"] = case.area
    if case.when_until is None or case.when_until > now_of(session):
        draft["when"] = times.write(times.When(case.when_from, case.when_until))
    return draft


def too_late(local: Local, draft: Draft, when: times.When, now: datetime) -> bool:
    """Whether a time will be over before anybody may be asked: it has passed, or it is night and she means today."""
    if not times.is_over(
        *when, local.awake(now)
    ):  # nearly always: how urgent it is need not be read of her words
        return False
    return times.is_over(*when, local.awake_for(_pressing(local, draft)[1], now))


def _pressing(local: Local, draft: Draft) -> tuple[Route, str]:
    """The way of a need whose kind is known, and how urgent it is."""
    kind = local.kind(draft["kind"])
    found = route.route("\n".join(told(draft)[0]), kind)
    return found, kind.urgency if found.go == route.EMERGENCY else found.urgency  # she has said it is none


def submit(session: Session, local: Local, person: Person, draft: Draft) -> Case:
    """The checked draft becomes a case with a number and a promised time; showing door or phone is its own consent (R46)."""
    when = times.read(draft["when"])
    lines, word = told(draft)
    more = care.private(lines, word)
    found, urgency = _pressing(local, draft)
    case = cases.submit(
        session,
        person_id=person.id,
        skill=draft["kind"],
        area=draft["area"],
        urgency=urgency,
        when=(when.start, when.end),
        story="\n".join(line for line in lines if line not in more),
        contact=Contact(phone=draft["phone"], door=draft["door"]),
        files="\n".join(draft["files"]) if draft.get("files") else None,
        promised_at=local.promise(now_of(session), urgency),
        gender=draft.get("wish") if may_wish(local, draft) else None,
        whom=draft.get("whom"),
    )
    if suggested := token(found) or ("space:" if found.matter == "space" else ""):
        events.note(session, case.id, Kind.SUGGESTED, code=suggested)
    if draft["phone"] or draft["door"]:
        disclosure.agree(session, case, person.language)
    if more:
        disclosure.note_more(session, case, person, care.needing(lines, word))
    return case
