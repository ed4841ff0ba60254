"""What a sealed word looks like from outside, and the place it is bound to."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

length = struct.Struct(">I").pack  # a number in four bytes


class Sealed(bytes):
    """Ciphertext. Its repr and str show nothing, so that no log or traceback can."""

    def __repr__(self) -> str:
        return "Sealed(…)"

    __str__ = __repr__


class Place(NamedTuple):
    """Where a sealed word stands. Moved anywhere else it does not open."""

    table: str
    column: str
    row: str


class SealedBytes(TypeDecorator[Sealed]):
    """A column that takes nothing but Sealed. Raises TypeError for plain bytes or text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError("only sealed bytes go into this column")
        return bytes(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(value)


def prefixed(*parts: str) -> bytes:
    """Each part behind its length in four bytes, so that no two lists of parts look the same."""
    return b"".join([length(len(part)) + part for part in [text.encode() for text in parts]])
