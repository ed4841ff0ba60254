"""How long what is kept: one table for the code, the messages and the people who want to know (PIPL 17, 19, 47).

`python -m privacy.retention` prints it as docs/retention.md.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "data" / "retention.toml"
THEN = frozenset({"delete", "hide", "void", "ask once", "empty"})
HEAD = """# How long what is kept

Printed from `privacy/data/retention.toml` by `python -m privacy.retention`; sweeps of the bot do what it says.

| What | How long | From when | Then | Why |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Rule:
    """One line of the table. `by` names the function that keeps it, `proof` the test that shows it."""

    code: str
    what: str
    since: str
    after: timedelta
    then: str
    law: str
    by: str
    proof: str

    @property
    def seconds(self) -> float:
        """The same time for who counts in seconds."""
        return self.after.total_seconds()


def rule(code: str) -> Rule:
    """Raises KeyError for what has no rule."""
    return rules()[code]


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its code. Raises ValueError when the table says something unheard of."""
    return {code: _rule(code, **line) for code, line in _read().items() if code != "stays"}


def table() -> str:
    """All of it as a page of Markdown."""
    lines = [
        f"| {one.what} | {_spoken(one.after)} | {one.since} | {one.then} | {one.law} |\n"
        for one in rules().values()
    ]
    return "".join([HEAD, *lines, "\nWhat stays:\n\n", *(f"- {line}\n" for line in _read()["stays"])])


def _read() -> dict[str, Any]:
    with TABLE.open("rb") as file:
        return tomllib.load(file)


def _rule(
    code: str,
    *,
    what: str,
    after: str,
    then: str,
    law: str,
    by: str,
    proof: str,
    days: int | None = None,
    hours: int | None = None,
) -> Rule:
    if then not in THEN or (days is None) is (hours is None) or min(days or 0, hours or 0) < 0:
        raise ValueError(f"the rule {code!r} is not well described")
    return Rule(code, what, after, timedelta(days=days or 0, hours=hours or 0), then, law, by, proof)


def _spoken(time: timedelta) -> str:
    if not time:
        return "until then"
    hours = round(time.total_seconds() / 3600)
    number, unit = (hours, "hour") if hours % 24 else (hours // 24, "day")
    return f"{number} {unit}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    print(table(), end="")
