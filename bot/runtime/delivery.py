"""How a captured message is to be delivered: how soon, until when, and whether it still may be said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

TAP = 0  # answers to taps, outside the chat's order
REPLY = 1
NEWS = 2
REMINDER = 5
BROADCAST = 9
PRIORITIES = frozenset({TAP, REPLY, NEWS, REMINDER, BROADCAST})


@dataclass(frozen=True)
class Delivery:
    """`guard` is "name:argument" and is asked once more right before sending. A row of kind "talk" is dropped when its chat has
    blocked the bot; any other kind waits until the chat comes back."""

    priority: int = REPLY
    guard: str | None = None
    expires_at: datetime | None = None
    kind: str = "talk"

    def __post_init__(self) -> None:
        if self.priority not in PRIORITIES:
            raise ValueError(f"there is no priority {self.priority}")


_delivery: ContextVar[Delivery | None] = ContextVar("delivery", default=None)
ORDINARY = Delivery()


def current() -> Delivery:
    """How a call made now is to be delivered."""
    return _delivery.get() or ORDINARY


@contextmanager
def delivering(delivery: Delivery) -> Iterator[None]:
    """Every Bot API call made inside is delivered this way."""
    token = _delivery.set(delivery)
    try:
        yield
    finally:
        _delivery.reset(token)
