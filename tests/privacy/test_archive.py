"""A locked copy opens whole, with its own key, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import io
import unicodedata

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy import archive
from privacy.archive import ArchiveBroken, lock, unlock
from privacy.keyring import Keyring, KeyringError

PHRASE = "four quiet random words"
SIZES = [0, 1, archive.CHUNK - 1, archive.CHUNK, archive.CHUNK + 1, 3 * archive.CHUNK]
HEAD = len(archive.MAGIC) + 2 + len("0a1b2c3d") + archive.WRAPPED + 32
SEALED_CHUNK = archive.CHUNK + archive.TAG


def sealed(plain: bytes, keyring: Keyring) -> bytes:
    target = io.BytesIO()
    archive.seal(io.BytesIO(plain), target, keyring)
    return target.getvalue()


def opened(raw: bytes, keyring: Keyring) -> bytes:
    target = io.BytesIO()
    archive.open_(io.BytesIO(raw), target, keyring)
    return target.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_whole(size: int) -> None:
    plain, keyring = (b"0123456789" * (size // 10 + 1))[:size], Keyring.ephemeral()
    raw = sealed(plain, keyring)
    assert opened(raw, keyring) == plain
    assert b"0123456789" not in raw


def test_a_passphrase_locks_and_unlocks() -> None:
    locked = lock(b"words " * 20_000, PHRASE)
    assert unlock(locked, PHRASE) == b"words " * 20_000
    assert b"words" not in locked
    assert lock(b"x", PHRASE) != lock(b"x", PHRASE)
    with pytest.raises(ArchiveBroken):
        unlock(locked, PHRASE + "!")


def test_a_phrase_typed_in_another_normal_form_is_the_same_phrase() -> None:
    decomposed = unicodedata.normalize("NFD", "café café café")
    assert unlock(lock(b"x", "café café café"), decomposed) == b"x"


def test_a_short_passphrase_locks_nothing() -> None:
    with pytest.raises(ValueError, match="12"):
        lock(b"x", "eleven char")


@pytest.mark.parametrize("at", [0, 16, 17, 18, 26, HEAD - 1, HEAD, HEAD + SEALED_CHUNK, -1])
def test_a_changed_byte_anywhere_is_noticed(at: int) -> None:
    keyring = Keyring({"0a1b2c3d": b"r" * 32}, "0a1b2c3d", b"i" * 32)
    raw = bytearray(sealed(b"x" * (archive.CHUNK + 5), keyring))
    raw[at] ^= 0x80
    with pytest.raises((ArchiveBroken, KeyringError)):
        opened(bytes(raw), keyring)


def test_chunks_that_were_cut_off_moved_or_doubled_are_noticed() -> None:
    keyring = Keyring({"0a1b2c3d": b"r" * 32}, "0a1b2c3d", b"i" * 32)
    raw = sealed(b"a" * archive.CHUNK + b"b" * archive.CHUNK + b"c", keyring)
    head, body = raw[:HEAD], raw[HEAD:]
    one, two, rest = body[:SEALED_CHUNK], body[SEALED_CHUNK : 2 * SEALED_CHUNK], body[2 * SEALED_CHUNK :]
    assert opened(head + one + two + rest, keyring)
    for wrong in (one + two, one, b"", two + one + rest, one + one + two + rest, one + rest, body[:-1]):
        with pytest.raises(ArchiveBroken):
            opened(head + wrong, keyring)
    for length in range(len(archive.MAGIC), HEAD):
        with pytest.raises((ArchiveBroken, KeyringError)):
            opened(raw[:length], keyring)


def test_one_kind_does_not_open_as_the_other() -> None:
    keyring = Keyring.ephemeral()
    with pytest.raises(ArchiveBroken):
        unlock(sealed(b"x", keyring), PHRASE)
    with pytest.raises(ArchiveBroken):
        opened(lock(b"x", PHRASE), keyring)
    with pytest.raises(ArchiveBroken):
        unlock(b"PK\x03\x04 some other file", PHRASE)


def test_once_its_root_key_is_dropped_a_copy_stays_closed() -> None:
    keyring = Keyring.ephemeral()
    raw, old = sealed(b"words", keyring), keyring.current
    keyring.begin_epoch()
    assert opened(raw, keyring) == b"words"
    keyring.drop_epochs({old})
    with pytest.raises(KeyringError, match="is not in the key file"):
        opened(raw, keyring)


def test_another_service_with_the_same_name_of_its_key_does_not_open_it() -> None:
    one, other = (Keyring({"0a1b2c3d": byte * 32}, "0a1b2c3d", b"i" * 32) for byte in (b"r", b"s"))
    with pytest.raises(ArchiveBroken):
        opened(sealed(b"x", one), other)


def test_the_format_is_as_written_and_read_by_a_second_reader() -> None:
    """From the docstring alone, with the standard library's scrypt."""
    raw = lock("café".encode(), PHRASE)
    assert raw[:17] == b"jinlin-archive/1P"
    salt, proof, body = raw[17:33], raw[33:65], raw[65:]
    key = hashlib.scrypt(PHRASE.encode(), salt=salt, n=2**15, r=8, p=1, dklen=32, maxmem=2**26)
    head = hmac.digest(key, b"archive head 1", "sha256")
    assert hmac.digest(head, raw[:33], "sha256") == proof
    cipher = AESGCM(hmac.digest(key, b"archive body 1", "sha256"))
    assert cipher.decrypt(b"\0" * 11 + b"\1", body, None) == "café".encode()
