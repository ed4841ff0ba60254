"""A second reader of our formats, written from their descriptions alone. Slow, plain, and sharing no code with privacy/.

AES-GCM-SIV is done by hand after RFC 8452: only the AES block comes from a library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

FIELD = 1 << 128 | 1 << 127 | 1 << 126 | 1 << 121 | 1
X_TO_MINUS_128 = 1 << 127 | 1 << 124 | 1 << 121 | 1 << 114 | 1


class Unread(Exception):
    """Not what the format says."""


def block(key: bytes, plain: bytes) -> bytes:
    return Cipher(AES(key), ECB()).encryptor().update(plain)


def times(a: int, b: int) -> int:
    """The product in the field of RFC 8452, section 3."""
    product = 0
    for bit in range(128):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(254, 127, -1):
        if product >> bit & 1:
            product ^= FIELD << bit - 128
    return product


def polyval(key: bytes, blocks: bytes) -> bytes:
    by, total = int.from_bytes(key, "little"), 0
    for start in range(0, len(blocks), 16):
        total ^= int.from_bytes(blocks[start : start + 16], "little")
        total = times(times(total, by), X_TO_MINUS_128)
    return total.to_bytes(16, "little")


def whole(text: bytes) -> bytes:
    return text + bytes(-len(text) % 16)


def derived(key: bytes, nonce: bytes) -> tuple[bytes, bytes]:
    """The key of the authenticator and the key of the cipher (section 4)."""
    count = 2 + len(key) // 8
    halves = [block(key, n.to_bytes(4, "little") + nonce)[:8] for n in range(count)]
    return b"".join(halves[:2]), b"".join(halves[2:])


def gcm_siv_open(key: bytes, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    """Section 5. Raises Unread."""
    if len(sealed) < 16 or len(nonce) != 12:
        raise Unread
    authenticating, enciphering = derived(key, nonce)
    rest, tag = sealed[:-16], sealed[-16:]
    counter, plain = bytearray(tag), bytearray()
    counter[15] |= 0x80
    for start in range(0, len(rest), 16):
        stream = block(enciphering, bytes(counter))
        plain += bytes(a ^ b for a, b in zip(rest[start : start + 16], stream, strict=False))
        counter[:4] = ((int.from_bytes(counter[:4], "little") + 1) % 2**32).to_bytes(4, "little")
    lengths = (len(about) * 8).to_bytes(8, "little") + (len(plain) * 8).to_bytes(8, "little")
    total = bytearray(polyval(authenticating, whole(about) + whole(bytes(plain)) + lengths))
    for place in range(12):
        total[place] ^= nonce[place]
    total[15] &= 0x7F
    if block(enciphering, bytes(total)) != tag:
        raise Unread
    return bytes(plain)


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def listed(*parts: str) -> bytes:
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def data_key(root: bytes, vector: dict[str, str]) -> bytes:
    """A data key as it lies in the key table: nonce (12), ciphertext, tag."""
    about = listed("subject key 1", vector["database"], vector["subject"], vector["class"])
    wrapped = bytes.fromhex(vector["wrapped"])
    return gcm_siv_open(root, wrapped[:12], wrapped[12:], about + vector["kid"].encode())


def sealed_value(key: bytes, vector: dict[str, str]) -> str:
    """Format 1 of a sealed value."""
    sealed = bytes.fromhex(vector["sealed"])
    head, nonce, rest = sealed[:18], sealed[18:30], sealed[30:]
    if head != b"\x01\x01" + mac(key, b"key id 1")[:16]:
        raise Unread
    places = [vector[part] for part in ("database", "table", "column", "row", "subject", "class")]
    padded = gcm_siv_open(mac(key, b"encrypt 1"), nonce, rest, head + listed("jinlin", *places))
    if len(padded) % 32 or b"\x80" not in padded or padded[padded.rindex(b"\x80") + 1 :].strip(b"\0"):
        raise Unread
    return padded[: padded.rindex(b"\x80")].decode()


def keyring(text: str) -> dict[str, Any]:
    """Format 2 of the key file: epochs, current and index, the keys in hex."""
    body = json.loads(text)
    said = body.pop("mac")
    index = base64.b64decode(body["index"])
    if body["format"] != "jinlin-keyring/2":
        raise Unread
    compact = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    if said != mac(mac(index, b"keyring mac 2"), compact).hex():
        raise Unread
    epochs = {kid: base64.b64decode(key).hex() for kid, key in body["epochs"].items()}
    return {"epochs": epochs, "current": body["current"], "index": index.hex()}


def under_passphrase(text: str, phrase: str) -> str:
    """Format 1 of a key file under a passphrase: what lies inside."""
    body = json.loads(text)
    nonce, sealed = base64.b64decode(body.pop("nonce")), base64.b64decode(body.pop("sealed"))
    compact = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    cost = {name: body[name] for name in "nrp"}
    salt = base64.b64decode(body["salt"])
    key = hashlib.scrypt(phrase.encode(), salt=salt, dklen=32, maxmem=2**26, **cost)
    return gcm_siv_open(key, nonce, sealed, compact).decode()
