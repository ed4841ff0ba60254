"""Named instants at which a test may end the process. Nothing happens at them otherwise.

`JINLIN_KILL_AT="worker.before_commit:3"` ends the process, as kill -9 would, when it comes there for the
third time.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

POINTS = (
    "poller.before_commit",
    "poller.after_commit",
    "worker.before_update",
    "worker.before_commit",
    "worker.after_commit",
    "sender.before_claim",
    "sender.after_claim",
    "sender.after_http",
    "sender.before_settle",
    "sender.after_settle",
    "ticker.before_commit",
)

Reached = Callable[[str], None]
_reached: Reached | None = None


def point(name: str) -> None:
    """The code is at `name` now."""
    if _reached is not None:
        _reached(name)


def arm(reached: Reached | None) -> None:
    """Call `reached(name)` at every point; None disarms."""
    global _reached
    _reached = reached


def kill_at(name: str, time: int = 1) -> Reached:
    """End this process with SIGKILL at the `time`-th coming to `name`. Raises ValueError for a wrong name."""
    if name not in POINTS:
        raise ValueError(f"there is no point called {name}")
    left = time

    def reached(here: str) -> None:
        nonlocal left
        if here == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


if _wish := os.environ.get("JINLIN_KILL_AT"):
    _name, _, _time = _wish.partition(":")
    arm(kill_at(_name, int(_time or 1)))
