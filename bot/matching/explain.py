"""Why it is she who is asked, as codes that are kept with the ask and that a template turns into words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.matching.eligibility import ANY_HOURS, Candidate, Need

NEAR = 1  # areas away at most


def why(one: Candidate, need: Need, hop: int) -> dict[str, str]:
    """What is true of her and was a reason: `kind` (the offer that fits), `language`, `hours`, `near`,
    `rested` (whole days) or `new`.
    """
    codes = {"kind": next(kind for kind in need.kinds if kind in one.kinds)}
    if need.languages and (shared := sorted(one.languages & need.languages)):
        codes["language"] = shared[0]
    if need.hours and one.hours != ANY_HOURS:
        codes["hours"] = ""
    if need.area is not None and one.area is not None and hop <= NEAR:
        codes["near"] = "" if hop else "here"
    if one.rested_for is None:
        codes["new"] = ""
    elif one.rested_for >= timedelta(days=1):
        codes["rested"] = str(one.rested_for.days)
    return codes


def written(codes: Mapping[str, str]) -> str:
    """As it is kept: "kind=repair hours near"."""
    return " ".join(f"{code}={value}" if value else code for code, value in codes.items())


def read(text: str) -> dict[str, str]:
    return {code: value for code, _, value in (one.partition("=") for one in text.split())}
