"""Which way a need goes, by its words and its kind. Nothing is refused in here: the way is proposed, and a person decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from bot.understanding import care, emergency
from bot.understanding.patterns import pattern, plain
from bot.understanding.words import read
from privacy import scrub

PUBLISH, STAFF, EDIT, REFER, DECLINE, EMERGENCY, RIGHT = (
    "publish",
    "staff",
    "edit",
    "refer",
    "decline",
    "emergency",
    "right",
)
COMPLAINT = "complaint"  # the right to complain of us
URGENT = "U1"
BY_STAFF = "A3"  # never offered to volunteers; staff arrange it themselves
KEEPER = "property"  # whose a danger in a shared place is
OPEN = ("S0", "S1")  # how openly a need may be handled that staff let out with one tap
_LOOKED_AT_FIRST = ("A0", "A1")
_MATTERS = {"mediation": "mediation", "place": "place", "pap_benefit": "application"}


class Kind(Protocol):
    """What is to be known of a kind of help (bot.data)."""

    @property
    def code(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def urgency(self) -> str: ...
    @property
    def sensitivity(self) -> str: ...
    @property
    def approval(self) -> str: ...


@dataclass(frozen=True)
class Route:
    """`go`: one of the seven ways. `matter`: request, mediation, place, application, space or right. `why`: a reason
    (moderation.toml) to decline or to write it anew, or whose it is (a body of community.toml). Codes of levels and urgency.
    """

    go: str
    matter: str
    urgency: str
    sensitivity: str
    approval: str
    why: str = ""

    @property
    def by_staff(self) -> bool:
        return self.approval == BY_STAFF


def route(text: str, kind: Kind | None) -> Route:
    """The way of these words, asked as this kind of help (None: not known yet)."""
    words, signs = plain(text), emergency.signs(text)
    urgency, sensitivity, approval = (
        (kind.urgency, kind.sensitivity, kind.approval) if kind else ("U3", "S1", "A1")
    )
    if kind and (kind.category, sensitivity) == ("family", "S2") and care.CHILD in care.kinds(text):
        sensitivity = "S3"
    matter = _matter(words, kind)

    def to(go: str, why: str = "", urgency: str = urgency, matter: str = matter) -> Route:
        return Route(go, matter, urgency, sensitivity, approval, why)

    if signs:
        return to(EMERGENCY, urgency="U0")
    if _says("right", words):
        return to(RIGHT, matter="right")
    if _says("complaint", words):
        return to(RIGHT, COMPLAINT, matter="right")
    if reason := _first("decline", words):
        return to(DECLINE, reason)
    if scrub.find(text) or _any("edit", "entry").search(words):
        return to(EDIT, "" if scrub.find(text) else "entry")
    if _is_hazard(words):
        return to(REFER, KEEPER, URGENT, "place")
    if body := _first("refer", words):
        return to(REFER, body)
    careful = approval not in _LOOKED_AT_FIRST or sensitivity not in OPEN
    return to(STAFF if careful else PUBLISH)


def is_no_help(words: str) -> bool:
    """Whether plain words ask for what is no kind of help: their writer's rights, a nurse, a room, what is not done here."""
    elsewhere = _first("refer", words) not in (None, KEEPER)
    return (
        elsewhere
        or any(_says(name, words) for name in ("right", "complaint", "nursing", "space"))
        or _first("decline", words) is not None
    )


def _matter(words: str, kind: Kind | None) -> str:
    if _says("space", words):
        return "space"
    if kind is None:
        return "request"
    matter = _MATTERS.get(kind.code) or _MATTERS.get(kind.category, "request")
    if matter == "mediation" and kind.approval != BY_STAFF:
        return "request"
    if matter == "application" and not _any("application", "word").search(words):
        return "request"
    return matter


def _is_hazard(words: str) -> bool:
    found = all(_any("hazard", part).search(words) for part in ("public", "word"))
    return found and not _any("hazard", "not").search(words)


def _says(name: str, words: str) -> bool:
    return _without(name, "", words)


def _first(group: str, words: str) -> str | None:
    names = [name for name in read("route.toml")[group] if not name.startswith("not_")]
    return next((name for name in names if _without(name, group, words)), None)


def _without(name: str, group: str, words: str) -> bool:
    """One of the patterns is there, and none that takes it back."""
    lists = read("route.toml")[group] if group else read("route.toml")
    back = f"not_{name}"
    return bool(_any(group, name).search(words)) and not (back in lists and _any(group, back).search(words))


@cache
def _any(group: str, name: str) -> re.Pattern[str]:
    lists = read("route.toml")[group] if group else read("route.toml")
    return re.compile("|".join(f"(?:{pattern(one).pattern})" for one in lists[name]))
