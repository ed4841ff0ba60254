"""How lines are bound into a chain, and a chain into one number. Needs the standard library only: the checker does too.

What is here is fixed for ever: lines written long ago must still give the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta

FORMAT = "jinlin-ledger-1"
START = "0" * 64  # what the first line follows
TEXTS = ("person_id", "purpose", "scope", "status", "by", "by_id", "language", "way", "at", "until")
NUMBERS = ("id", "notice_version")
FIELDS = (*NUMBERS, *TEXTS)
KEPT = timedelta(days=1095)  # a line, after what it says has ended: PIPL 19, 56 (three years)
# What a forgotten line says: nothing. Its number, `prev` and `hash` stay, so the lines around it and every root still hold.
FORGOTTEN = {"notice_version": 0, **dict.fromkeys(TEXTS, ""), "until": None}


def digest(line: Mapping[str, object], prev: str) -> str:
    """SHA-256 (64 hex digits) of a line and of the hash before it.

    Every part is UTF-8 after its length in four bytes, so that no two lines are written alike; None is empty.
    `at` and `until` are as `moment` in privacy.ledger writes them. Raises KeyError when a field is missing.
    """
    values = (line[field] for field in FIELDS)
    parts = (FORMAT, prev, *("" if value is None else str(value) for value in values))
    encoded = (part.encode() for part in parts)
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in encoded)).hexdigest()


def is_forgotten(line: Mapping[str, object]) -> bool:
    """Whether nothing is left of a line (as it is exported) but its number and its hashes."""
    return all(line[field] == empty for field, empty in FORGOTTEN.items())


def written(line: Mapping[str, object]) -> str:
    """The one way a line is written in an export: JSON, its fields in their order, then `prev` and `hash`."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def root(hashes: Iterable[str]) -> str:
    """The Merkle tree hash (64 hex digits) over the hashes of lines, as RFC 6962, 2.1 has it."""
    done: list[tuple[int, bytes]] = []  # whole trees, the largest first: how many lines, and their hash
    for line in hashes:
        size, tree = 1, _sha256(b"\0" + bytes.fromhex(line))
        while done and done[-1][0] == size:
            size, tree = 2 * size, _sha256(b"\1" + done.pop()[1] + tree)
        done.append((size, tree))
    if not done:
        return _sha256(b"").hex()
    _, tree = done.pop()
    while done:
        tree = _sha256(b"\1" + done.pop()[1] + tree)
    return tree.hex()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
