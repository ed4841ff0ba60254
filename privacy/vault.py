"""Seals words so that they open only for their subject, in their place, in this database.

AES-256-GCM-SIV (RFC 8452) under a key of the subject's own; the place is authenticated, lengths are padded, and every
ciphertext commits to its key, so that it cannot be made to open under two.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from privacy.keyring import Keyring
from privacy.keystore import KeyGone, Keystore
from privacy.sealed import Place, Sealed

__all__ = ["KeyGone", "SealBroken", "Vault"]

FORMAT = b"\x01"
NONCE = 12
COMMITMENT = 16
BLOCK = 32  # plaintexts are padded to a multiple of this many bytes


class SealBroken(Exception):
    """The bytes were changed, or stand where they were not sealed for."""


class Vault:
    """Seals and opens. Nothing it raises or shows contains a word of anybody's."""

    def __init__(self, keyring: Keyring, keystore: Keystore, *, database: str) -> None:
        self._keystore = keystore
        self._database = database
        self._index_key = hmac.digest(keyring.index_key, b"blind index", hashlib.sha256)

    def seal(self, text: str, *, subject: str, data_class: str, place: Place) -> Sealed:
        return self.seal_bytes(text.encode(), subject=subject, data_class=data_class, place=place)

    def open(self, sealed: Sealed, *, subject: str, data_class: str, place: Place) -> str:
        """Raises SealBroken or KeyGone."""
        return self.open_bytes(sealed, subject=subject, data_class=data_class, place=place).decode()

    def seal_bytes(self, plain: bytes, *, subject: str, data_class: str, place: Place) -> Sealed:
        cipher, commitment = _cipher(self._keystore.get_or_create((subject, data_class)))
        nonce = secrets.token_bytes(NONCE)
        padded = struct.pack(">I", len(plain)) + plain
        padded += b"\0" * (-len(padded) % BLOCK)
        bound = self._bound(subject, data_class, place)
        return Sealed(FORMAT + nonce + commitment + cipher.encrypt(nonce, padded, bound))

    def open_bytes(self, sealed: Sealed, *, subject: str, data_class: str, place: Place) -> bytes:
        """Raises SealBroken or KeyGone."""
        raw = bytes(sealed)
        head = len(FORMAT) + NONCE + COMMITMENT
        if len(raw) < head or raw[:1] != FORMAT:
            raise SealBroken
        cipher, commitment = _cipher(self._keystore.get((subject, data_class)))
        if not hmac.compare_digest(raw[1 + NONCE : head], commitment):
            raise SealBroken
        try:
            padded = cipher.decrypt(raw[1 : 1 + NONCE], raw[head:], self._bound(subject, data_class, place))
        except InvalidTag:
            raise SealBroken from None
        (length,) = struct.unpack(">I", padded[:4])
        return padded[4 : 4 + length]

    def forget(self, subject: str, data_class: str | None = None) -> None:
        """Erase the subject's keys: what they sealed can never be opened again, in backups neither."""
        self._keystore.forget(subject, data_class)

    def index(self, table: str, column: str, text: str, *, bits: int = 63) -> int:
        """A keyed hash for equality search, `bits` wide (fewer bits: more people share a value, less is learnt)."""
        message = b"".join(_prefixed(part) for part in (self._database, table, column, text))
        digest = hmac.digest(self._index_key, message, hashlib.sha256)
        return int.from_bytes(digest[:8], "big") >> (64 - bits)

    def _bound(self, subject: str, data_class: str, place: Place) -> bytes:
        return b"".join(_prefixed(part) for part in (self._database, *place, subject, data_class))


def _prefixed(part: str) -> bytes:
    encoded = part.encode()
    return struct.pack(">I", len(encoded)) + encoded


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> tuple[AESGCMSIV, bytes]:
    """The cipher of a key, and the public value that binds a ciphertext to it."""
    return AESGCMSIV(hmac.digest(key, b"encrypt", hashlib.sha256)), hmac.digest(key, b"commit", hashlib.sha256)[
        :COMMITMENT
    ]
