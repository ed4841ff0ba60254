"""`python -m bench read`: 10,000 rows of three sealed columns, unopened and opened, beside the same in plain text.

Rows come through the ORM in a transaction of the store; 2,000 people have keys, which are remembered.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import registry

from bench._field import Morning
from bot.app import open_store
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.sealed import Place, Sealed, SealedBytes
from privacy.vault import Vault

COLUMNS = ("name", "story", "door")
WORDS = ("李阿姨", "明天下午想请人买两袋米送到楼上来，我够不着灯", "6栋302")
PEOPLE = 2_000
TURNS = 15  # the quickest of each is the one nothing else fell on
_mapped = registry()
_metadata = MetaData()


def _table(name: str, kind: Any) -> Table:
    ids = (Column("id", Integer, primary_key=True), Column("subject", String(16), nullable=False))
    return Table(name, _metadata, *ids, *(Column(column, kind) for column in COLUMNS))


class Plain:
    """The same words, for anybody to read."""


class Shut:
    """Words of ours."""

    id: int
    subject: str


PLAIN, SHUT = _table("plain", String), _table("shut", SealedBytes)
_mapped.map_imperatively(Plain, PLAIN)
_mapped.map_imperatively(Shut, SHUT)


async def measure(rows: int) -> dict[str, float]:
    """Milliseconds to read all rows, the quickest of the turns."""
    with tempfile.TemporaryDirectory() as folder:
        store, vault = open_store(f"sqlite:///{folder}/read.db", Keyring.ephemeral(), Morning())
        await _fill(store, vault, rows)
        ways = {"plain": _all(store, Plain), "sealed, unopened": _all(store, Shut), "sealed, opened": None}
        took: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(TURNS + 1):
            for name, way in ways.items():
                async with store.transaction():
                    gc.collect()
                    began = time.perf_counter()
                    _opened(store, vault) if way is None else way()
                    if turn:  # the first warms up
                        took[name].append((time.perf_counter() - began) * 1000)
        store.close()
    return {name: min(each) for name, each in took.items()}


async def _fill(store: Store, vault: Vault, rows: int) -> None:
    async with store.transaction() as session:
        connection = session.connection()
        _metadata.create_all(connection)
        for number in range(rows):
            subject = f"p{number % PEOPLE}"
            row: dict[str, Any] = {"id": number, "subject": subject}
            connection.execute(insert(PLAIN), row | dict(zip(COLUMNS, WORDS, strict=True)))
            sealed = {
                column: vault.seal(word, subject=subject, data_class="story", place=_place(column, number))
                for column, word in zip(COLUMNS, WORDS, strict=True)
            }
            connection.execute(insert(SHUT), row | sealed)


def _place(column: str, number: int) -> Place:
    return Place("shut", column, str(number))


def _all(store: Store, kind: type) -> Callable[[], list[Any]]:
    return lambda: list(store.current().execute(select(kind)).scalars())


def _opened(store: Store, vault: Vault) -> None:
    for row in _all(store, Shut)():
        for column, word in zip(COLUMNS, WORDS, strict=True):
            sealed: Sealed = getattr(row, column)
            opened = vault.open(sealed, subject=row.subject, data_class="story", place=_place(column, row.id))
            assert opened == word


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench read")
    reader.add_argument("--rows", type=int, default=10_000)
    took = asyncio.run(measure(reader.parse_args(argv).rows))
    plain = took["plain"]
    return {
        "bench": "read",
        "figures": {f"{name}, ms": round(each, 1) for name, each in took.items()},
        "reach": [
            {
                "what": "unopened / plain",
                "value": round(took["sealed, unopened"] / plain, 3),
                "op": "<=",
                "limit": 1.15,
            },
            {
                "what": "opened / plain",
                "value": round(took["sealed, opened"] / plain, 3),
                "op": "<=",
                "limit": 3,
            },
        ],
    }
