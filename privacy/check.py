"""Checks an exported ledger against itself and against notes that were posted: `python -m privacy.check LEDGER [NOTE…]`.

A note is the posted line itself, or a file of such lines. This file, chain.py and Python are all it needs.

A line that was forgotten after its time is empty but for its number and its hashes. When it was written is told by what stands
before it, a whole line or a posted note: if that is of the last 1095 days, the line was emptied before its time.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from privacy.chain import FIELDS, KEPT, NUMBERS, START, digest, is_forgotten, root, written

_NOTE = re.compile(r"jinlin-ledger (\d{4}-\d\d-\d\d) lines=(\d{1,18}) root=([0-9a-f]{64})(?!\S)")
_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = [*FIELDS, "prev", "hash"]


class Note(NamedTuple):
    """What was posted: at the end of this day, so many lines had this root."""

    day: str
    lines: int
    root: str


def read(text: str) -> list[Note]:
    """The notes in a text. Raises ValueError when there is none, or one that cannot be read."""
    found = [Note(day, int(lines), given) for day, lines, given in _NOTE.findall(text)]
    if not found or len(found) != text.count("jinlin-ledger"):
        raise ValueError("a note reads: jinlin-ledger 2026-03-02 lines=41 root=<64 hex digits>")
    return found


def wrong(export: list[str], notes: list[Note]) -> list[str]:
    """What is wrong, in plain words; empty when all holds. `export`: one line of JSON each."""
    lines: list[dict[str, Any]] = []
    for number, text in enumerate(export, 1):
        line = _line(text)
        if line is None:
            return [f"line {number} is not a line of a ledger: it was cut off or written by hand"]
        lines.append(line)
    return [*_edits(lines), *_order(lines), *_too_soon(lines, notes), *_against(lines, notes)]


def _line(text: str) -> dict[str, Any] | None:
    """A line exactly as the ledger writes it, or None: what can be read in two ways is not one."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or list(line) != _KEYS or text != written(line):
        return None
    numbers = all(type(line[key]) is int for key in NUMBERS)
    texts = all(
        isinstance(value, str) for key, value in line.items() if key not in NUMBERS and key != "until"
    )
    until = line["until"] is None or (isinstance(line["until"], str) and line["until"] != "")
    if not (numbers and texts and until):
        return None
    return line if _HASH.fullmatch(line["hash"]) and _HASH.fullmatch(line["prev"]) else None


def _edits(lines: list[dict[str, Any]]) -> list[str]:
    return [
        f"line {number} (no. {line['id']}) was edited: its words do not give its hash"
        for number, line in enumerate(lines, 1)
        if not is_forgotten(line) and not _whole(line)
    ]


def _whole(line: dict[str, Any]) -> bool:
    return digest(line, line["prev"]) == line["hash"] and not is_forgotten(line)


def _order(lines: list[dict[str, Any]]) -> list[str]:
    place = {line["hash"]: number for number, line in enumerate(lines, 1)}
    found, before, last = [], START, 0
    for number, line in enumerate(lines, 1):
        where = f"line {number} (no. {line['id']})"
        if line["prev"] != before:
            if line["prev"] == START:
                found.append(f"{where} was moved: it belongs at the beginning")
            elif line["prev"] in place:
                found.append(f"{where} was moved: it belongs after line {place[line['prev']]}")
            else:
                found.append(f"what stood before {where} was deleted or replaced")
        elif line["id"] <= last:
            found.append(f"{where} has a number that was used before it")
        before, last = line["hash"], line["id"]
    return found


def _too_soon(lines: list[dict[str, Any]], notes: list[Note]) -> list[str]:
    """Lines emptied before their time, as far as what stands before them tells when they were written."""
    limit = _limit(lines)
    posted = sorted(notes, key=lambda note: note.lines)
    found, since = [], ""
    for number, line in enumerate(lines, 1):
        while posted and posted[0].lines < number:
            since = max(since, posted.pop(0).day)
        if _whole(line):
            since = max(since, line["at"])
        elif is_forgotten(line) and (not limit or since > limit):
            found.append(
                f"line {number} (no. {line['id']}) was emptied before its {KEPT.days} days were over"
            )
    return found


def _limit(lines: list[dict[str, Any]]) -> str:
    """What was written up to then may be forgotten, measured by the last whole line; "" when nothing may."""
    last = next((line["at"] for line in reversed(lines) if _whole(line)), "")
    try:
        over = datetime.strptime(last, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) - KEPT
    except (ValueError, OverflowError):
        return ""
    return over.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _against(lines: list[dict[str, Any]], notes: list[Note]) -> list[str]:
    found = []
    for note in notes:
        if note.lines > len(lines):
            found.append(f"cut off: {note.day} counted {note.lines} lines, here are {len(lines)}")
        elif root(line["hash"] for line in lines[: note.lines]) != note.root:
            found.append(f"rewritten: the first {note.lines} lines are not those posted on {note.day}")
    return found


def main(arguments: list[str]) -> int:
    """0: all holds. 1: something is wrong, or could not be read; what, is printed."""
    if not arguments:
        print(__doc__)
        return 1
    try:
        export = Path(arguments[0]).read_text(encoding="utf-8").split("\n")
        said = [_text(argument) for argument in arguments[1:]]
        notes = read(" ".join(said)) if said else []
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}")
        return 1
    if export[-1] == "":
        export.pop()
    found = wrong(export, notes)
    for trouble in found:
        print(trouble)
    if found:
        return 1
    print(f"{len(export)} lines, none edited, deleted or moved.")
    lines = [json.loads(line) for line in export]
    if forgotten := sum(is_forgotten(line) for line in lines):
        print(
            f"{forgotten} of them were forgotten after their time: {KEPT.days} days and more before the last, "
            f"which is of {lines[-1]['at'][:10]}."
        )
    if notes:
        print(
            f"They are those posted ({len(notes)} notes, the longest of {max(n.lines for n in notes)} lines)."
        )
    else:
        print("Without a posted note nobody can tell whether the end is missing or all was written anew.")
    return 0


def _text(argument: str) -> str:
    """The words of a note; an argument that is a file stands for what is in it."""
    is_file = "root=" not in argument and Path(argument).is_file()
    return Path(argument).read_text(encoding="utf-8") if is_file else argument


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
