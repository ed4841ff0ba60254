"""One thing that waits for staff: what sort it is, what it is about, since when, by when somebody was promised to hear."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Sort(StrEnum):
    """What waits. The same word stands in the texts (`words.sort`)."""

    EMERGENCY = "emergency"
    REPORT = "report"
    WORRY = "worry"
    NEED = "need"
    CLAIM = "claim"
    FLAG = "flag"
    APPEAL = "appeal"
    RESTRICTION = "restriction"
    MOVING = "moving"
    COMPLAINT = "complaint"
    MESSAGE = "message"
    ERRAND = "errand"
    SILENT = "silent"
    DRY = "dry"
    OVERDUE = "overdue"
    NOBODY = "nobody"
    CREDENTIAL = "credential"
    POST = "post"
    GAP = "gap"
    MEDIATION = "mediation"
    DEAD_LETTER = "dead_letter"


# Which topic of the staff's own group hears of it, where it has topics.
FAMILIES = {
    "urgent": (Sort.EMERGENCY, Sort.WORRY),
    "needs": (Sort.NEED, Sort.CLAIM, Sort.SILENT, Sort.DRY, Sort.OVERDUE, Sort.NOBODY),
    "people": (
        Sort.FLAG,
        Sort.APPEAL,
        Sort.RESTRICTION,
        Sort.MOVING,
        Sort.COMPLAINT,
        Sort.MESSAGE,
        Sort.ERRAND,
    ),
    "house": (Sort.CREDENTIAL, Sort.POST, Sort.GAP, Sort.DEAD_LETTER),
}
# That two neighbours talk, or that somebody was reported, is nothing for any group, not even as a number.
NEVER_IN_A_GROUP = (Sort.MEDIATION, Sort.REPORT)


class Item(NamedTuple):
    """`about`: the id its card goes by; `until`: by when somebody was promised to hear.

    `area`: by which it is for the staff of one community; None is the house itself. `for_all`: it is about nobody's place.
    `opens`: the action whose tap shows it, as the queue knows it.
    """

    sort: Sort
    about: str
    since: datetime
    urgency: str = "U3"
    case_id: str | None = None
    area: str | None = None
    until: datetime | None = None
    for_all: bool = False
    opens: str = ""
