"""A file nobody else reads: one person's own copy behind a passphrase, a backup behind the root key of its time.

Format 1:

    b"jinlin-archive/1"
    b"P" | salt (16)                  the file key is scrypt (RFC 7914, n 2**15, r 8, p 1) of the passphrase, or
    b"R" | length of kid (1) | kid    32 random bytes, wrapped by the root key of that name (privacy.keyring),
         | wrapped (60)               bound to b"archive key 1"
    proof (32)                        HMAC-SHA256 of all before, under HMAC-SHA256(file key, "archive head 1")
    chunks                            of 65536 bytes, the last shorter or empty, each with a tag of 16

Chunks are AES-256-GCM under HMAC-SHA256(file key, "archive body 1"); the nonce is the chunk's number (11
bytes, big-endian) and 1 for the last chunk, 0 before (STREAM, Hoang et al. 2015; age-encryption.org/v1), so
that chunks that were cut off, moved or doubled do not open. The proof commits to the key: no file opens
under two passphrases. A passphrase is UTF-8 in normal form C (RFC 8265, 4.2).
"""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from privacy.keyring import Keyring, Unwrappable
from privacy.sources import COST, LEAST

MAGIC = b"jinlin-archive/1"
SALT = 16
WRAPPED = 60
CHUNK = 2**16
TAG = 16
ROOTED = b"archive key 1"


class ArchiveBroken(Exception):
    """Another passphrase, or the file was changed or is not whole. Nothing of it may be used."""


def lock(plain: bytes, passphrase: str) -> bytes:
    """Raises ValueError for a passphrase of fewer than 12 characters. Takes 32 MiB and about a tenth of a second."""
    if len(passphrase) < LEAST:
        raise ValueError(f"a passphrase has {LEAST} characters or more")
    salt = secrets.token_bytes(SALT)
    target = io.BytesIO()
    _write(io.BytesIO(plain), target, MAGIC + b"P" + salt, _stretched(passphrase, salt))
    return target.getvalue()


def unlock(locked: bytes, passphrase: str) -> bytes:
    """Raises ArchiveBroken."""
    target = io.BytesIO()
    _read(io.BytesIO(locked), target, lambda source: _by_passphrase(source, passphrase))
    return target.getvalue()


def seal(source: BinaryIO, target: BinaryIO, keyring: Keyring) -> None:
    """Copy under the current root key. Once its epoch is dropped nobody opens the copy any more."""
    key = secrets.token_bytes(32)
    kid, wrapped = keyring.wrap(key, ROOTED)
    _write(source, target, MAGIC + b"R" + bytes([len(kid)]) + kid.encode() + wrapped, key)


def open_(source: BinaryIO, target: BinaryIO, keyring: Keyring) -> None:
    """Copy what was sealed. Raises ArchiveBroken, and KeyringError when its root key is not in the key file."""
    _read(source, target, lambda head: _by_root_key(head, keyring))


def _write(source: BinaryIO, target: BinaryIO, head: bytes, key: bytes) -> None:
    target.write(head + _proof(key, head))
    cipher = _body(key)
    for nonce, chunk in _chunks(source, CHUNK):
        target.write(cipher.encrypt(nonce, chunk, None))


def _read(source: BinaryIO, target: BinaryIO, open_head: Callable[[BinaryIO], tuple[bytes, bytes]]) -> None:
    if source.read(len(MAGIC)) != MAGIC:
        raise ArchiveBroken
    head, key = open_head(source)
    if not hmac.compare_digest(source.read(32), _proof(key, MAGIC + head)):
        raise ArchiveBroken
    cipher = _body(key)
    try:
        for nonce, chunk in _chunks(source, CHUNK + TAG):
            target.write(cipher.decrypt(nonce, chunk, None))
    except InvalidTag:
        raise ArchiveBroken from None


def _by_passphrase(source: BinaryIO, passphrase: str) -> tuple[bytes, bytes]:
    head = source.read(1 + SALT)
    if len(head) != 1 + SALT or head[:1] != b"P":
        raise ArchiveBroken
    return head, _stretched(passphrase, head[1:])


def _by_root_key(source: BinaryIO, keyring: Keyring) -> tuple[bytes, bytes]:
    begin = source.read(2)
    if len(begin) != 2 or begin[:1] != b"R":
        raise ArchiveBroken
    kid, wrapped = source.read(begin[1]), source.read(WRAPPED)
    try:
        return begin + kid + wrapped, keyring.unwrap(kid.decode(), wrapped, ROOTED)
    except (Unwrappable, UnicodeDecodeError):
        raise ArchiveBroken from None


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Each with its nonce. A file that ends with a full chunk is followed by an empty one, so the last is always short."""
    number = 0
    while True:
        chunk = source.read(size)
        last = len(chunk) < size
        yield number.to_bytes(11, "big") + bytes([last]), chunk
        if last:
            return
        number += 1


def _stretched(passphrase: str, salt: bytes) -> bytes:
    phrase = unicodedata.normalize("NFC", passphrase).encode(errors="surrogatepass")
    return Scrypt(salt, length=32, **COST).derive(phrase)


def _proof(key: bytes, head: bytes) -> bytes:
    return hmac.digest(hmac.digest(key, b"archive head 1", hashlib.sha256), head, hashlib.sha256)


def _body(key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, b"archive body 1", hashlib.sha256))
