"""A key for each person and class of words, wrapped by a root key. Deleting the row erases all it ever sealed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlmodel import Field, Session, SQLModel, col, delete, select

from privacy.keyring import Keyring
from privacy.sealed import Sealed, SealedBytes

Name = tuple[str, str]  # subject, data class


class KeyGone(Exception):
    """The key was erased, and with it every word it sealed."""


class SubjectKey(SQLModel, table=True):
    """One wrapped key."""

    __tablename__ = "subject_key"
    model_config = {"arbitrary_types_allowed": True}

    subject: str = Field(primary_key=True, max_length=32)
    data_class: str = Field(primary_key=True, max_length=16)
    kid: str = Field(max_length=16)
    wrapped: Sealed = Field(sa_type=SealedBytes)


class Keystore(Protocol):
    """Where the keys of subjects are kept."""

    def get(self, name: Name) -> bytes: ...

    def get_or_create(self, name: Name) -> bytes: ...

    def forget(self, subject: str, data_class: str | None) -> None: ...


class DatabaseKeystore:
    """Keys in the table beside the data. `current` gives the open transaction's session.

    Keys that a transaction creates or erases are held apart until `committed` or `rolled_back` is called, so that the cache
    never knows a key the database does not.
    """

    def __init__(self, keyring: Keyring, current: Callable[[], Session], cached: int = 4096) -> None:
        self._keyring = keyring
        self._current = current
        self._cache: dict[Name, bytes] = {}
        self._fresh: dict[Name, bytes] = {}
        self._cached = cached

    def get(self, name: Name) -> bytes:
        """Raises KeyGone when there is none."""
        key = self._fresh.get(name) or self._cache.get(name)
        if key is not None:
            return key
        row = self._current().exec(
            select(SubjectKey).where(SubjectKey.subject == name[0], SubjectKey.data_class == name[1])
        ).first()
        if row is None:
            raise KeyGone
        key = self._unwrap(row)
        if len(self._cache) >= self._cached:
            self._cache.clear()
        self._cache[name] = key
        return key

    def get_or_create(self, name: Name) -> bytes:
        try:
            return self.get(name)
        except KeyGone:
            key = secrets.token_bytes(32)
            kid = self._keyring.current
            nonce = secrets.token_bytes(12)
            wrapped = nonce + AESGCMSIV(self._keyring.key(kid)).encrypt(nonce, key, _bind(name, kid))
            session = self._current()
            session.add(SubjectKey(subject=name[0], data_class=name[1], kid=kid, wrapped=Sealed(wrapped)))
            session.flush()
            self._fresh[name] = key
            return key

    def forget(self, subject: str, data_class: str | None) -> None:
        which = [col(SubjectKey.subject) == subject]
        if data_class is not None:
            which.append(col(SubjectKey.data_class) == data_class)
        session = self._current()
        session.flush()
        session.execute(delete(SubjectKey).where(*which))
        self._fresh.clear()
        self._cache.clear()

    def committed(self) -> None:
        self._cache.update(self._fresh)
        self._fresh.clear()

    def rolled_back(self) -> None:
        self._fresh.clear()
        self._cache.clear()

    def _unwrap(self, row: SubjectKey) -> bytes:
        sealed = bytes(row.wrapped)
        try:
            return AESGCMSIV(self._keyring.key(row.kid)).decrypt(
                sealed[:12], sealed[12:], _bind((row.subject, row.data_class), row.kid)
            )
        except InvalidTag:
            raise KeyGone from None


class MemoryKeystore:
    """Keys that live with the process, for tests and for pure functions."""

    def __init__(self) -> None:
        self._keys: dict[Name, bytes] = {}

    def get(self, name: Name) -> bytes:
        try:
            return self._keys[name]
        except KeyError:
            raise KeyGone from None

    def get_or_create(self, name: Name) -> bytes:
        return self._keys.setdefault(name, secrets.token_bytes(32))

    def forget(self, subject: str, data_class: str | None) -> None:
        for name in [n for n in self._keys if n[0] == subject and data_class in (None, n[1])]:
            del self._keys[name]


def _bind(name: Name, kid: str) -> bytes:
    return b"\x1f".join(part.encode() for part in ("subject-key", *name, kid))
