"""Root keys: a small file apart from the database, so that a stolen database alone opens nothing (PIPL art. 51)."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from pathlib import Path

KEY_BYTES = 32


class KeyringError(Exception):
    """The key file cannot be used; the message says how to mend it."""


class Keyring:
    """Root keys by their short name (kid). New words are sealed under the current one, old ones still open."""

    def __init__(self, keys: dict[str, bytes], current: str) -> None:
        if current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyringError("the key file names no usable current key")
        self._keys = keys
        self.current = current

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r})"

    def key(self, kid: str) -> bytes:
        """Raises KeyringError for a key that is not in the file."""
        try:
            return self._keys[kid]
        except KeyError:
            raise KeyringError(f"the key {kid!r} is not in the key file; restore it from your backup") from None

    @property
    def index_key(self) -> bytes:
        """The oldest key: blind indexes must stay findable when the current key changes."""
        return self._keys[min(self._keys)]

    @classmethod
    def ephemeral(cls, seed: bytes | None = None) -> Keyring:
        """Keys that live only in memory. `seed` (32 bytes) makes them repeatable, for tests."""
        return cls({"k1": seed or secrets.token_bytes(KEY_BYTES)}, "k1")

    @classmethod
    def load_or_create(cls, path: Path) -> Keyring:
        """Read the key file, or make one (mode 0600). Raises KeyringError when it is broken or others can read it."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls._load(path)
        with os.fdopen(descriptor, "w") as file:
            key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
            json.dump({"current": "k1", "keys": {"k1": key}}, file)
            file.flush()
            os.fsync(file.fileno())
        return cls._load(path)

    @classmethod
    def _load(cls, path: Path) -> Keyring:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyringError(f"others can read the key file {path.name}: chmod 600 it")
        try:
            content = json.loads(path.read_text())
            keys = {kid: base64.b64decode(key, validate=True) for kid, key in content["keys"].items()}
            return cls(keys, content["current"])
        except (ValueError, KeyError, AttributeError, TypeError, binascii.Error):
            raise KeyringError(f"the key file {path.name} is damaged; restore it from your backup") from None
