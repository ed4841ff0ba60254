"""Searching raw files for what must not be in them, in every writing it could have there."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path


def writings(word: str) -> Iterator[bytes]:
    """utf-8, utf-16 both ways, hex of each, and base64 at its three alignments."""
    for raw in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        yield from written(raw)
    yield word.encode("unicode_escape")


def written(raw: bytes) -> Iterator[bytes]:
    """As it is, in hex, and in base64."""
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        yield encoded[(0, 2, 3)[shift] : len(encoded) - 4]


def found(folder: Path, needles: Iterable[str | bytes]) -> list[tuple[str | bytes, str]]:
    """Each needle that is there, with the name of the file."""
    contents = {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return [
        (needle, name)
        for needle in needles
        for name, content in contents.items()
        if any(
            one and one in content
            for one in (writings(needle) if isinstance(needle, str) else written(needle))
        )
    ]
