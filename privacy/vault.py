"""Seals words so that they open only for their subject, in their place, in this database.

Format 1, 46 bytes and the padded words:

    version 0x01 | algorithm 0x01 | id of the key (16) | nonce (12) | ciphertext | tag (16)

AES-256-GCM-SIV (RFC 8452: a repeated nonce, say after a snapshot is restored, tells only that two words are
equal) under a random key of the subject and class. The id is derived from the key, so that no ciphertext
opens under two keys. Words are padded (ISO/IEC 7816-4) to steps of 32 bytes, so that a length tells little.
Authenticated besides: the head, the database, table, column, row, subject and class, each behind its length
in four bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from privacy.keyring import Keyring, Unwrappable
from privacy.keystore import KeyGone, Keystore, Name, Wrapped
from privacy.sealed import Place, Sealed, length, prefixed

__all__ = ["KeyGone", "SealBroken", "Vault"]

VERSION = b"\x01\x01"
KID = 16
NONCE = 12
TAG = 16
HEAD = len(VERSION) + KID
STEP = 32  # bytes
BODY = HEAD + NONCE
LEAST = BODY + STEP + TAG


class SealBroken(Exception):
    """The bytes were changed, or stand where they were not sealed for."""


class Vault:
    """Seals and opens. Nothing it raises or shows contains a word of anybody's.

    `database` names this database for good (say a random id kept in it); words copied from another do not
    open.
    """

    def __init__(self, keyring: Keyring, keystore: Keystore, *, database: str) -> None:
        self._keyring = keyring
        self._keystore = keystore
        self._database = database
        self._bound_to = lru_cache(maxsize=8192)(self._bind)
        self._index_key = lru_cache(maxsize=256)(self._make_index_key)

    def seal(self, text: str, *, subject: str, data_class: str, place: Place) -> Sealed:
        return self._seal(_bytes(text), subject, data_class, place)

    def open(self, sealed: Sealed, *, subject: str, data_class: str, place: Place) -> str:
        """Raises SealBroken or KeyGone."""
        return self._open(sealed, subject, data_class, place).decode("utf-8", "surrogatepass")

    def seal_bytes(self, plain: bytes, *, subject: str, data_class: str, place: Place) -> Sealed:
        return self._seal(plain, subject, data_class, place)

    def open_bytes(self, sealed: Sealed, *, subject: str, data_class: str, place: Place) -> bytes:
        """Raises SealBroken or KeyGone."""
        return self._open(sealed, subject, data_class, place)

    def _seal(self, plain: bytes, subject: str, data_class: str, place: Place) -> Sealed:
        key = self._keystore.recall((subject, data_class)) or self._made(Name(subject, data_class))
        nonce = secrets.token_bytes(NONCE)
        return Sealed(key.head + nonce + key.cipher.encrypt(nonce, _pad(plain), self._about(key, place)))

    def _open(self, sealed: Sealed, subject: str, data_class: str, place: Place) -> bytes:
        if len(sealed) < LEAST or not sealed.startswith(VERSION):
            raise SealBroken
        key = self._keystore.recall((subject, data_class)) or self._found(Name(subject, data_class))
        if key is None:
            raise KeyGone
        if not sealed.startswith(key.head):  # no secret: it stands in front of everything the key sealed
            # Another's key, or one that was erased before this one was made.
            raise SealBroken
        try:
            padded = key.cipher.decrypt(sealed[HEAD:BODY], sealed[BODY:], self._about(key, place))
        except InvalidTag:
            raise SealBroken from None
        return _unpad(padded)

    def forget(self, subject: str, data_class: str | None = None) -> None:
        """Erase the subject's keys (of one class, or all): what they sealed cannot be opened again."""
        self._keystore.forget(subject, data_class)

    def index(self, table: str, column: str, text: str, *, bits: int = 63) -> int:
        """A keyed hash for equality search, 0 ≤ value < 2**bits, 1 ≤ bits ≤ 63 (fits BIGINT).

        With fewer bits more people share a value and it tells less; open the candidates to be sure.
        """
        if not 1 <= bits <= 63:
            raise ValueError("an index has 1 to 63 bits")
        digest = hmac.digest(self._index_key(table, column), _bytes(text), hashlib.sha256)
        return int.from_bytes(digest[:8], "big") >> (64 - bits)

    def check(self) -> None:
        """Raises KeyringError or SealBroken when the key file does not belong to this database."""
        for name, wrapped in self._keystore.samples():
            self._unwrap(name, wrapped)

    def _found(self, name: Name) -> _Key | None:
        wrapped = self._keystore.find(name)
        if wrapped is None:
            return None
        key = self._unwrap(name, wrapped)
        self._keystore.remember(name, key)
        return key

    def _made(self, name: Name) -> _Key:
        return self._found(name) or self._make(name)

    def _make(self, name: Name) -> _Key:
        plain = secrets.token_bytes(32)
        wrapped = self._wrap(name, plain)
        self._keystore.add(name, wrapped)
        # Asked once the row holds the writers' lock, under which an epoch is dropped (privacy.rotation).
        self._keyring.refresh()
        if wrapped.kid not in self._keyring.kids:
            self._keystore.replace(name, self._wrap(name, plain))
        key = _Key(plain, name)
        self._keystore.remember(name, key)
        return key

    def _wrap(self, name: Name, plain: bytes) -> Wrapped:
        kid, wrapped = self._keyring.wrap(plain, name.about(self._database))
        return Wrapped(kid, Sealed(wrapped))

    def _unwrap(self, name: Name, wrapped: Wrapped) -> _Key:
        try:
            plain = self._keyring.unwrap(wrapped.kid, bytes(wrapped.key), name.about(self._database))
        except Unwrappable:
            raise SealBroken from None
        return _Key(plain, name)

    def _about(self, key: _Key, place: Place) -> bytes:
        table, column, row = place
        raw = row.encode()
        return self._bound_to(key.head, table, column) + length(len(raw)) + raw + key.name

    def _bind(self, head: bytes, table: str, column: str) -> bytes:
        return head + prefixed("jinlin", self._database, table, column)

    def _make_index_key(self, table: str, column: str) -> bytes:
        message = prefixed("blind index 1", self._database, table, column)
        return hmac.digest(self._keyring.index_key, message, hashlib.sha256)


class _Key:
    """A subject's key, ready for use, the head of all it seals, and whose it is as its words are bound to it."""

    __slots__ = ("cipher", "head", "name")

    def __init__(self, plain: bytes, name: Name) -> None:
        self.cipher = AESGCMSIV(hmac.digest(plain, b"encrypt 1", hashlib.sha256))
        self.head = VERSION + hmac.digest(plain, b"key id 1", hashlib.sha256)[:KID]
        self.name = prefixed(*name)


def _bytes(text: str) -> bytes:
    """UTF-8; half a surrogate pair, which JSON can carry, goes through as it is."""
    return text.encode("utf-8", "surrogatepass")


def _pad(plain: bytes) -> bytes:
    return plain + b"\x80" + b"\0" * (-(len(plain) + 1) % STEP)


def _unpad(padded: bytes) -> bytes:
    plain = padded.rstrip(b"\0")
    if plain[-1:] != b"\x80":
        raise SealBroken
    return plain[:-1]
