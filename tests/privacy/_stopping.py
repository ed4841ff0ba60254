"""Processes of the erasure test: each writes and forgets until it is killed, now here and now there.

python -m tests.privacy._stopping FOLDER TIMES
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from privacy.erasures import ERASURES, Journal
from privacy.keystore import KEYS, DatabaseKeystore, _Memory, make_good
from tests.privacy._rotating import DAY, House, _forked

LIFE = 0.05  # seconds within which a kill at no named point falls
POINTS: dict[str, tuple[Any, str, bool]] = {  # whose method, and whether the end comes after it or before
    "the keys are made and not committed": (_Memory, "ready", False),
    "the keys are committed, the data is not": (_Memory, "ready", True),
    "the data is committed, the erasure not noted": (DatabaseKeystore, "destroy", False),
    "the erasure is noted, the key not destroyed": (Journal, "note", True),
    "the key is destroyed": (DatabaseKeystore, "destroy", True),
}


def main(folder: Path, times: int) -> None:
    """Prints how often an erased key was still there, and a key that sealed nothing, before the next start."""
    found: Counter[str] = Counter()
    chance = random.Random(20261127)
    for number in range(times):
        point = [None, *POINTS][number % (len(POINTS) + 1)]
        victim, _ = _forked(folder, lambda where, _, point=point, seed=number: _live(where, point, seed))  # type: ignore[misc]
        if point is None:
            time.sleep(chance.uniform(0.01, LIFE))
            os.kill(victim, signal.SIGKILL)
        assert os.waitpid(victim, 0)[1] == signal.SIGKILL, point
        for what, count in looked(folder, point or "anywhere").items():
            found[what] += count
    sys.stdout.write(json.dumps(found))


def looked(folder: Path, point: str) -> dict[str, int]:
    """What the killed process left; then what the next start makes of it."""
    house = House(folder)
    before = alive_and_idle(house)
    make_good(house.engine, house.keys, house.journal, DAY)
    alive, _ = alive_and_idle(house)
    assert alive == 0, point
    count, lost = house.unreadable()
    assert lost == [], point
    erased = erased_in(house)
    assert erased == house.journal.read().keys(), point
    house.close()
    return {"alive": before[0], "idle": before[1], "words": count, "erased": len(erased)}


def erased_in(house: House) -> set[str]:
    with house.engine.connect() as connection:
        return set(connection.execute(sa.select(ERASURES.c.key_id)).scalars())


def alive_and_idle(house: House) -> tuple[int, int]:
    """Keys whose erasure is committed, and keys of which no word is there."""
    with house.keys.connect() as connection:
        keys = {row.id: row.subject for row in connection.execute(sa.select(KEYS.c.id, KEYS.c.subject))}
    with house.engine.connect() as connection:
        written = set(connection.execute(sa.text("SELECT subject FROM words")).scalars())
    erased = erased_in(house)
    return len(erased & keys.keys()), len([one for one in keys.values() if one not in written])


def _live(folder: Path, point: str | None, seed: int) -> None:
    """Write and forget for ever, or until the point is reached."""
    house, chance = House(folder), random.Random(seed)
    if point is not None:
        _arm(*POINTS[point], time=chance.randint(1, 4))
    living: list[str] = []
    number = 0
    while True:
        number += 1
        house.write(f"w{seed}-{number}")
        living.append(f"w{seed}-{number}")
        if len(living) > 2:
            house.forget(living.pop(chance.randrange(len(living))))


def _arm(owner: Any, name: str, after: bool, *, time: int) -> None:
    """End this process at the `time`-th coming there with something to do."""
    real: Callable[..., Any] = getattr(owner, name)
    comings = 0

    def reached(self: Any, *arguments: Any) -> None:
        nonlocal comings
        busy = self.writing is not None if owner is _Memory else bool(arguments[0])
        comings += busy
        if comings == time and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, *arguments)
        if comings == time:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, reached)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
