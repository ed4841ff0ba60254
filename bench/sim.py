"""`python -m bench sim --seeds N`: how many simulated stories add up."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._simulation import tell
from bot.store.database import upgrade


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench sim")
    reader.add_argument("--seeds", type=int, default=200)
    reader.add_argument("--first", type=int, default=0)
    given = reader.parse_args(argv)
    began = time.perf_counter()
    broken: dict[int, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "template.db")
        upgrade(f"sqlite:///{template}")
        parts = sorted(Path(folder).glob("template.*"))  # the data and, apart from them, the keys
        for seed in range(given.first, given.first + given.seeds):
            path = Path(folder, f"{seed}.db")
            for part in parts:
                part.with_name(part.name.replace("template", str(seed), 1)).write_bytes(part.read_bytes())
            found = asyncio.run(tell(f"sqlite:///{path}", seed))
            if found:
                broken[seed] = found
                print(f"seed {seed}: {found[:3]}")
            for left in Path(folder).glob(f"{seed}.*"):
                left.unlink()
    return {
        "bench": "sim",
        "figures": {"seeds": given.seeds, "seconds": round(time.perf_counter() - began, 1)},
        "reach": [{"what": "seeds that did not add up", "value": len(broken), "op": "<=", "limit": 0}],
    }
