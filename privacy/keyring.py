"""Root keys: a small file apart from the database; a stolen database alone opens nothing (PIPL 51)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

FORMAT = "jinlin-keyring/1"
KEY_BYTES = 32
NONCE = 12

logger = logging.getLogger(__name__)


class KeyringError(Exception):
    """The key file cannot be used; the message says how to mend it."""


class Unwrappable(Exception):
    """The wrapped bytes were changed, or belong elsewhere."""


class Keyring:
    """Root keys by their short name (kid). New keys are wrapped by the current one, old ones still unwrap.

    The key of the blind indexes stands apart: what is found by it must stay found when a root key changes.
    """

    def __init__(self, keys: dict[str, bytes], current: str, index_key: bytes) -> None:
        if current not in keys or any(len(key) != KEY_BYTES for key in (*keys.values(), index_key)):
            raise KeyringError("the key file names no usable current key; restore it from your backup")
        self._ciphers = {kid: AESGCMSIV(key) for kid, key in keys.items()}
        self.current = current
        self.index_key = index_key

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r})"

    @property
    def kids(self) -> frozenset[str]:
        return frozenset(self._ciphers)

    def wrap(self, key: bytes, bound: bytes) -> tuple[str, bytes]:
        """The kid and the wrapped bytes, which unwrap only with the same `bound` (AES-GCM-SIV, RFC 8452)."""
        nonce = secrets.token_bytes(NONCE)
        bound += self.current.encode()
        return self.current, nonce + self._ciphers[self.current].encrypt(nonce, key, bound)

    def unwrap(self, kid: str, wrapped: bytes, bound: bytes) -> bytes:
        """Raises KeyringError for a kid that is not in the file, Unwrappable for changed bytes."""
        if kid not in self._ciphers:
            raise KeyringError(f"the key {kid!r} is not in the key file; restore the file from your backup")
        try:
            return self._ciphers[kid].decrypt(wrapped[:NONCE], wrapped[NONCE:], bound + kid.encode())
        except (InvalidTag, ValueError):
            raise Unwrappable from None

    @classmethod
    def ephemeral(cls, seed: bytes | None = None) -> Keyring:
        """Keys that live only in memory. The same `seed` (any bytes) gives the same keys, for tests."""
        seed = secrets.token_bytes(KEY_BYTES) if seed is None else seed
        root, index = (hmac.digest(seed, name, hashlib.sha256) for name in (b"root", b"index"))
        return cls({"ephemeral": root}, "ephemeral", index)

    @classmethod
    def load_or_create(cls, path: Path) -> Keyring:
        """Read the key file, or make one (mode 0600). Raises KeyringError when it cannot be trusted."""
        if not path.exists():
            _create(path)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Raises KeyringError when the file is missing, damaged, or open to others."""
        try:
            text = _read_private(path)
        except FileNotFoundError:
            raise KeyringError(
                f"there is no key file at {path}; restore it, or nothing sealed can be opened"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyringError(f"the key file {path} cannot be read: {type(error).__name__}") from None
        try:
            body = json.loads(text)
            _whole(body)
            keys = {kid: base64.b64decode(key, validate=True) for kid, key in body["keys"].items()}
            index = base64.b64decode(body["index"], validate=True)
            return cls(keys, body["current"], index)
        except (ValueError, KeyError, AttributeError, TypeError):
            raise KeyringError(
                f"the key file {path} is damaged or was edited; restore it from your backup"
            ) from None


def _create(path: Path) -> None:
    kid = "k" + secrets.token_hex(4)
    body: dict[str, Any] = {
        "format": FORMAT,
        "current": kid,
        "keys": {kid: _fresh()},
        "index": _fresh(),
    }
    body["check"] = _check(body)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(body, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # all or nothing, and never over a file that another start has just made
        except FileExistsError:
            return
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyringError(f"no key file can be made at {path}: {type(error).__name__}") from None
    logger.warning(
        "A new key file was made: %s. Keep a copy apart from the database: without it nothing sealed can be "
        "opened, and with it and the database everything can.",
        path,
    )


def _read_private(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise KeyringError(f"{path} is not a file; name a file for the keys")
        if stat.S_IMODE(mode) & 0o077:
            raise KeyringError(f"others can read the key file; mend it with: chmod 600 {path}")
        return file.read()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _whole(body: dict[str, Any]) -> None:
    check = body.pop("check")
    if body["format"] != FORMAT or check != _check(body):
        raise ValueError("not a whole key file")


def _check(body: dict[str, Any]) -> str:
    """Tells a damaged or hand-edited file from a whole one."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
