"""Where the key file stands and how it is wrapped there: plain, under a passphrase, or by a service that keeps keys."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

PLAIN = "jinlin-keyring/"  # what the format of an unwrapped key file begins with
FORMAT = "jinlin-keyring-wrapped/1"
COST = {"n": 2**15, "r": 8, "p": 1}  # scrypt: 32 MiB and about a tenth of a second
SALT = 16
NONCE = 12
LEAST = 12  # characters of a passphrase


class KeyringError(Exception):
    """The key file cannot be used; the message says how to mend it."""


class KeyringBusy(KeyringError):
    """Another process is changing the key file."""


class KeyService(Protocol):
    """Wraps the key file as a whole: a passphrase, or a service that keeps keys (a KMS) behind these two verbs."""

    def wrap(self, plain: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises KeyringError when it is not what wrap() gave, or was wrapped by another."""
        ...


class Passphrase:
    """AES-256-GCM-SIV (RFC 8452) under a key that scrypt (RFC 7914) makes of the passphrase and a fresh salt.

    The wrapped file is JSON: format, n, r, p, salt, nonce, sealed; the last three in base64. Authenticated
    besides: the same without nonce and sealed, as JSON with sorted keys and no spaces.
    """

    def __init__(self, phrase: str) -> None:
        """Raises KeyringError for one that is too short to keep anybody out."""
        if len(phrase) < LEAST:
            raise KeyringError(f"the passphrase is too short; choose one of {LEAST} characters or more")
        self._phrase = phrase.encode()

    def __repr__(self) -> str:
        return "Passphrase(…)"

    def wrap(self, plain: bytes) -> bytes:
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
        head = {"format": FORMAT, **COST, "salt": _written(salt)}
        sealed = self._cipher(salt).encrypt(nonce, plain, _canonical(head))
        return json.dumps(head | {"nonce": _written(nonce), "sealed": _written(sealed)}, indent=1).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises KeyringError for another passphrase, and for a file that was changed."""
        try:
            body = json.loads(wrapped)
            nonce, sealed = (base64.b64decode(body.pop(part), validate=True) for part in ("nonce", "sealed"))
            # Another cost is refused before it is paid: a changed file shall not take all the memory.
            if body != {"format": FORMAT, **COST, "salt": body["salt"]}:
                raise ValueError
            salt = base64.b64decode(body["salt"], validate=True)
            return self._cipher(salt).decrypt(nonce, sealed, _canonical(body))
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError, InvalidTag):
            raise KeyringError(
                "the key file does not open with this passphrase; correct the passphrase, or restore the file "
                "from your backup"
            ) from None

    def _cipher(self, salt: bytes) -> AESGCMSIV:
        return AESGCMSIV(Scrypt(salt, length=32, **COST).derive(self._phrase))


class KeyFile:
    """A file for its owner alone (mode 0600). It is replaced as a whole or not at all."""

    fixed = False  # whether it cannot be changed from here

    def __init__(self, path: Path, service: KeyService | None = None) -> None:
        self.path = path
        self.service = service
        self._held = False

    def read(self) -> bytes:
        """As it stands, still wrapped. Raises KeyringError when it is missing or open to others."""
        try:
            return self._read()
        except FileNotFoundError:
            raise KeyringError(self._missing()) from None
        except OSError as error:
            raise KeyringError(f"the key file {self.path} cannot be read: {type(error).__name__}") from None

    def unwrap(self, content: bytes) -> bytes:
        """What was read, opened; a plain file stays as it is. Raises KeyringError."""
        if is_plain(content):
            return content
        if self.service is not None:
            return self.service.unwrap(content)
        if FORMAT.encode() in content:
            raise KeyringError("the key file is under a passphrase; set KEYRING_PASSPHRASE to it")
        return content

    def create(self, plain: bytes) -> bool:
        """Whether it was made; False when there was one. Raises KeyringError."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._draft(self._wrap(plain), secrets.token_hex(4))
            try:
                # all or nothing, and never over a file that another start has just made
                os.link(draft, self.path)
            except FileExistsError:
                return False
            finally:
                draft.unlink()
            _sync_folder(self.path.parent)
        except OSError as error:
            raise KeyringError(f"no key file can be made at {self.path}: {type(error).__name__}") from None
        return True

    def replace(self, plain: bytes) -> bytes:
        """Put this in its place, and return it as it stands there. Ask for alone() first.

        Raises KeyringError when there is no room or no right; then the file is as it was.
        """
        content = self._wrap(plain)
        place = self.path.resolve()  # a link stays a link
        draft = place.with_name(f".{place.name}.new")
        try:
            _clear_drafts(place)
            self._draft(content, "new")
            draft.replace(place)
            _sync_folder(place.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise KeyringError(
                f"the key file {self.path} cannot be written ({error.strerror}) and stays as it was; look "
                "whether there is room on the disk and whether its folder may be written"
            ) from None
        return content

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile; may be nested. Raises KeyringBusy when somebody does."""
        if self._held:
            yield
            return
        try:
            folder = os.open(self.path.resolve().parent, os.O_RDONLY)
        except OSError:
            raise KeyringError(self._missing()) from None
        try:
            _lock(folder)
            self._held = True
            yield
        finally:
            self._held = False
            os.close(folder)

    def _wrap(self, plain: bytes) -> bytes:
        return plain if self.service is None else self.service.wrap(plain)

    def _missing(self) -> str:
        return f"there is no key file at {self.path}; restore it, or nothing sealed can be opened"

    def _read(self) -> bytes:
        descriptor = os.open(self.path, os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise KeyringError(f"{self.path} is not a file; name a file for the keys")
            if stat.S_IMODE(mode) & 0o077:
                raise KeyringError(f"others can read the key file; mend it with: chmod 600 {self.path}")
            return file.read()

    def _draft(self, content: bytes, name: str) -> Path:
        place = self.path.resolve()
        draft = place.with_name(f".{place.name}.{name}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if place.exists() and (owner := place.stat()).st_uid != os.geteuid():
                    os.fchown(descriptor, owner.st_uid, owner.st_gid)  # root rotates, the service reads
                file.write(content)
                file.flush()
                os.fsync(descriptor)
        except BaseException:
            draft.unlink()
            raise
        return draft


class Credential(KeyFile):
    """A credential of a systemd service: read-only, and the same as long as the service runs."""

    fixed = True

    def create(self, plain: bytes) -> bool:
        raise KeyringError(self._missing())

    def replace(self, plain: bytes) -> bytes:
        raise self._refusal()

    @contextmanager
    def alone(self) -> Iterator[None]:
        raise self._refusal()
        yield

    def _refusal(self) -> KeyringError:
        return KeyringError(
            "the key file is a credential of systemd, which cannot be changed from here; decrypt it into a file "
            "with systemd-creds, rotate with KEYRING_FILE naming that file, encrypt it again and restart"
        )

    def _missing(self) -> str:
        return f"systemd gave no credential {self.path.name}; name it in the service with LoadCredentialEncrypted="

    def _read(self) -> bytes:
        # systemd grants the service's user by an access list, which shows as a right of the group
        if stat.S_IMODE(self.path.stat().st_mode) & 0o007:
            raise KeyringError(f"others can read the credential {self.path.name}; let systemd make it")
        return self.path.read_bytes()


def source(path: Path, passphrase: str | None = None) -> KeyFile:
    """A credential when the path lies in $CREDENTIALS_DIRECTORY, else a file. Raises KeyringError."""
    service = None if passphrase is None else Passphrase(passphrase)
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and path.parent == Path(folder):
        return Credential(path, service)
    return KeyFile(path, service)


def is_plain(content: bytes) -> bool:
    """Whether it is a key file that nothing wraps."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and str(body.get("format", "")).startswith(PLAIN)


def _clear_drafts(place: Path) -> None:
    """Of processes that were stopped: an old root key must not live on in one."""
    ours = re.compile(re.escape(f".{place.name}.") + "(new|[0-9a-f]{8})")
    for left in [path for path in place.parent.iterdir() if ours.fullmatch(path.name)]:
        left.unlink(missing_ok=True)


def _lock(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)  # it falls with the process
    except BlockingIOError:
        raise KeyringBusy(
            "another process is changing the key file; wait until it is done, then try again"
        ) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _canonical(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _written(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
