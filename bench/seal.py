"""`python -m bench seal`: seal and open sixty bytes, beside raw AES-GCM, Fernet and SQLAlchemy-Utils, in one run.

Ours is the vault as a transaction of the service uses it: the key found, the words bound to their place, padded.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import String
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy_utils.types.encrypted.encrypted_type import AesEngine, StringEncryptedType

from bench._field import Morning
from bot.app import open_store
from privacy.keyring import Keyring
from privacy.sealed import Place

TEXT = "明天下午买两袋米送到六栋三单元"  # 45 bytes
WORDS = TEXT + "a" * (60 - len(TEXT.encode()))
PLAIN = WORDS.encode()
TURNS = 200  # short ones, each in its turn; the quickest of each is the one nothing else fell on (timeit's advice)
Round = Callable[[], object]


def raw_gcm() -> Round:
    """A cipher kept ready; nothing bound, nothing padded, no key looked up."""
    cipher = AESGCM(secrets.token_bytes(32))

    def once() -> bytes:
        nonce = secrets.token_bytes(12)
        return cipher.decrypt(nonce, cipher.encrypt(nonce, PLAIN, None), None)

    return once


def fernet() -> Round:
    cipher = Fernet(Fernet.generate_key())
    return lambda: cipher.decrypt(cipher.encrypt(PLAIN))


def utils() -> Round:
    """A column of its type, as a flush and a load use it."""
    column, dialect = StringEncryptedType(String, secrets.token_hex(16), AesEngine, "pkcs5"), SQLiteDialect()
    return lambda: column.process_result_value(column.process_bind_param(WORDS, dialect), dialect)


async def measure(times: int) -> dict[str, float]:
    """Microseconds of one seal and open, the quickest of the turns."""
    with tempfile.TemporaryDirectory() as folder:
        store, vault = open_store(f"sqlite:///{folder}/seal.db", Keyring.ephemeral(), Morning())
        place = Place("person", "name", "p1")

        def ours() -> str:
            sealed = vault.seal(WORDS, subject="p1", data_class="account", place=place)
            return vault.open(sealed, subject="p1", data_class="account", place=place)

        rounds = {"raw AES-GCM": raw_gcm(), "ours": ours, "Fernet": fernet(), "SQLAlchemy-Utils": utils()}
        took: dict[str, list[float]] = {name: [] for name in rounds}
        async with store.transaction():
            assert ours() == WORDS
            for _ in range(TURNS):
                for name, once in rounds.items():
                    took[name].append(_timed(once, times))
        store.close()
    return {name: min(each) for name, each in took.items()}


def _timed(once: Round, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        once()
    return (time.perf_counter() - began) / times * 1e6


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench seal")
    reader.add_argument("--times", type=int, default=200)
    took = asyncio.run(measure(reader.parse_args(argv).times))
    ours, raw = took["ours"], took["raw AES-GCM"]
    return {
        "bench": "seal",
        "figures": {f"{name}, µs": round(each, 2) for name, each in took.items()},
        "reach": [
            {"what": "ours / raw AES-GCM", "value": round(ours / raw, 2), "op": "<=", "limit": 5},
            {"what": "ours / Fernet", "value": round(ours / took["Fernet"], 2), "op": "<", "limit": 1},
            {
                "what": "ours / SQLAlchemy-Utils",
                "value": round(ours / took["SQLAlchemy-Utils"], 2),
                "op": "<",
                "limit": 1,
            },
        ],
    }
