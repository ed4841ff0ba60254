"""Root keys: a small file apart from the database; a stolen database alone opens nothing (PIPL 51).

Format 2 is JSON:

    format   "jinlin-keyring/2"
    epochs   the key of every epoch (32 random bytes, base64) by its name (kid, 8 random hex digits)
    current  the kid of the epoch that wraps new keys
    index    the key of the blind indexes (32 random bytes, base64), which outlives every epoch
    mac      hex of HMAC-SHA256 (RFC 2104) over all the rest, as JSON with sorted keys and no spaces,
             under HMAC-SHA256(index, "keyring mac 2")

The mac tells a file that was damaged or edited in part; whoever can write the file can make another. Its key
comes from the index key, which is used with HMAC and nothing else; the keys of the epochs are AES keys.
Format 1 (`keys` for `epochs`, an unkeyed SHA-256 for the mac) is read, and written as format 2 at the first change.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from privacy.sources import KeyFile, KeyringBusy, KeyringError, is_plain

__all__ = ["Keyring", "KeyringBusy", "KeyringError", "Unwrappable"]

FORMAT = "jinlin-keyring/2"
FIRST_FORMAT = "jinlin-keyring/1"
KEY_BYTES = 32
NONCE = 12

logger = logging.getLogger(__name__)


class Unwrappable(Exception):
    """The wrapped bytes were changed, or belong elsewhere."""


class Keyring:
    """Root keys by their short name (kid). New keys are wrapped by the current one, old ones still unwrap.

    The key of the blind indexes stands apart: what is found by it must stay found when a root key changes.
    """

    def __init__(
        self, keys: Mapping[str, bytes], current: str, index_key: bytes, *, source: KeyFile | None = None
    ) -> None:
        if len(index_key) != KEY_BYTES:
            raise KeyringError("the key file names no usable index key; restore it from your backup")
        self.index_key = index_key
        self._epochs = _Epochs.of(keys, current)
        self._source = source
        self._seen = b""  # the file as it stood when it was last read or written

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r})"

    @property
    def current(self) -> str:
        return self._epochs.current

    @property
    def kids(self) -> frozenset[str]:
        return frozenset(self._epochs.keys)

    def wrap(self, key: bytes, bound: bytes) -> tuple[str, bytes]:
        """The kid and the wrapped bytes, which unwrap only with the same `bound` (AES-GCM-SIV, RFC 8452)."""
        nonce, epochs = secrets.token_bytes(NONCE), self._epochs
        bound += epochs.current.encode()
        return epochs.current, nonce + epochs.ciphers[epochs.current].encrypt(nonce, key, bound)

    def unwrap(self, kid: str, wrapped: bytes, bound: bytes) -> bytes:
        """Raises KeyringError for a kid that is not in the file, Unwrappable for changed bytes."""
        if kid not in self.kids:
            self.refresh()  # another process may have begun an epoch
        if kid not in self.kids:
            raise KeyringError(f"the key {kid!r} is not in the key file; restore the file from your backup")
        try:
            cipher = self._epochs.ciphers[kid]
            return cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], bound + kid.encode())
        except (InvalidTag, ValueError):
            raise Unwrappable from None

    def refresh(self) -> None:
        """Read the file again if it has changed. Raises KeyringError when it can no longer be trusted."""
        if self._source is None or (content := self._source.read()) == self._seen:
            return
        fresh = Keyring._read(self._source, content)
        if fresh.index_key != self.index_key:
            raise KeyringError("another key file was put in the place of ours; restore it, then restart")
        self._epochs, self._seen = fresh._epochs, content

    def begin_epoch(self) -> str:
        """A new current key under a new kid, which is returned. Older ones still unwrap.

        Raises KeyringError when the file cannot be written, KeyringBusy when another process writes it.
        """
        with self.alone():
            kid = secrets.token_hex(4)
            while kid in self.kids:
                kid = secrets.token_hex(4)
            self._write({**self._epochs.keys, kid: secrets.token_bytes(KEY_BYTES)}, kid)
        return kid

    def drop_epochs(self, kids: Collection[str]) -> None:
        """Take these keys out for good: what only they wrap is never opened again.

        Raises ValueError for the current one, else as begin_epoch() does.
        """
        with self.alone():
            if self.current in kids:
                raise ValueError("the current epoch stays")
            if self.kids & set(kids):
                left = {kid: key for kid, key in self._epochs.keys.items() if kid not in kids}
                self._write(left, self.current)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile, and it is known as it stands. Raises KeyringBusy."""
        if self._source is None:
            yield
            return
        with self._source.alone():
            self.refresh()
            yield

    @classmethod
    def ephemeral(cls, seed: bytes | None = None) -> Keyring:
        """Keys that live only in memory. The same `seed` (any bytes) gives the same keys, for tests."""
        seed = secrets.token_bytes(KEY_BYTES) if seed is None else seed
        root, index = (hmac.digest(seed, name, hashlib.sha256) for name in (b"root", b"index"))
        return cls({"ephemeral": root}, "ephemeral", index)

    @classmethod
    def load_or_create(cls, file: Path | KeyFile) -> Keyring:
        """Read the key file, or make one. A plain one is wrapped if it shall be.

        Raises KeyringError when it cannot be trusted.
        """
        source = _file(file)
        if not source.path.exists() and source.create(_fresh()):
            logger.warning(
                "A new key file was made: %s. Keep a copy apart from the database: without it nothing sealed "
                "can be opened, and with it and the database everything can.",
                source.path,
            )
        ring = cls.load(source)
        if source.service is not None and not source.fixed and is_plain(ring._seen):
            with suppress(KeyringBusy), ring.alone():  # whoever writes it now wraps it too
                ring._write(ring._epochs.keys, ring.current)
        return ring

    @classmethod
    def load(cls, file: Path | KeyFile) -> Keyring:
        """Raises KeyringError when the file is missing, damaged, or open to others."""
        source = _file(file)
        return cls._read(source, source.read())

    @classmethod
    def _read(cls, source: KeyFile, content: bytes) -> Keyring:
        try:
            text = source.unwrap(content).decode()
        except UnicodeDecodeError as error:
            raise KeyringError(f"the key file {source.path} cannot be read: {type(error).__name__}") from None
        try:
            keys, current, index = _parsed(json.loads(text))
            ring = cls(keys, current, index, source=source)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            raise KeyringError(
                f"the key file {source.path} is damaged or was edited; restore it from your backup"
            ) from None
        ring._seen = content
        return ring

    def _write(self, keys: Mapping[str, bytes], current: str) -> None:
        """The file first: a key that is not safe there wraps nothing."""
        epochs = _Epochs.of(keys, current)
        if self._source is not None:
            self._seen = self._source.replace(_body(epochs.keys, current, self.index_key))
        self._epochs = epochs


class _Epochs(NamedTuple):
    """Every epoch's key, ready for use."""

    keys: dict[str, bytes]
    ciphers: dict[str, AESGCMSIV]
    current: str

    @classmethod
    def of(cls, keys: Mapping[str, bytes], current: str) -> _Epochs:
        if current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyringError("the key file names no usable current key; restore it from your backup")
        return cls(dict(keys), {kid: AESGCMSIV(key) for kid, key in keys.items()}, current)


def _file(file: Path | KeyFile) -> KeyFile:
    return KeyFile(file) if isinstance(file, Path) else file


def _fresh() -> bytes:
    kid = secrets.token_hex(4)
    return _body({kid: secrets.token_bytes(KEY_BYTES)}, kid, secrets.token_bytes(KEY_BYTES))


def _body(keys: Mapping[str, bytes], current: str, index: bytes) -> bytes:
    """Format 2."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "current": current,
        "epochs": {kid: base64.b64encode(key).decode() for kid, key in keys.items()},
        "index": base64.b64encode(index).decode(),
    }
    return json.dumps(body | {"mac": _mac(body, index)}, indent=1).encode()


def _parsed(body: dict[str, Any]) -> tuple[dict[str, bytes], str, bytes]:
    """Keys, current kid and index key. Raises ValueError, KeyError, AttributeError or TypeError for anything else."""
    first = body["format"] == FIRST_FORMAT
    names = {"current", "format", "index", *(("check", "keys") if first else ("epochs", "mac"))}
    if body.keys() != names or body["format"] not in (FORMAT, FIRST_FORMAT):
        raise ValueError("not a key file")
    said = body.pop("check" if first else "mac")
    index = base64.b64decode(body["index"], validate=True)
    keys = {
        kid: base64.b64decode(key, validate=True) for kid, key in body["keys" if first else "epochs"].items()
    }
    if not hmac.compare_digest(said, _check(body) if first else _mac(body, index)):
        raise ValueError("not a whole key file")
    return keys, body["current"], index


def _mac(body: dict[str, Any], index: bytes) -> str:
    whole = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(hmac.digest(index, b"keyring mac 2", hashlib.sha256), whole, hashlib.sha256).hexdigest()


def _check(body: dict[str, Any]) -> str:
    """What stood for the mac in format 1."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
