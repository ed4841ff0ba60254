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
KINDS = frozenset({"talk", "keep", "post"})
PRIORITIES = frozenset({TAP, REPLY, NEWS, REMINDER, BROADCAST})


@dataclass(frozen=True)
class Delivery:
    """`guard` is "name:argument" and is asked once more right before sending.

    When the chat has blocked the bot, news of one's case and whatever is of kind "keep" wait until it
    comes back; the rest is dropped. "post" is for a chat that is nobody's own: where that refuses us, only a person can
    mend it, so it becomes a dead letter.
    """

    priority: int = REPLY
    guard: str | None = None
    expires_at: datetime | None = None
    kind: str = "talk"

    def __post_init__(self) -> None:
        if self.priority not in PRIORITIES:
            raise ValueError(f"there is no priority {self.priority}")
        if self.kind not in KINDS:
            raise ValueError(f"there is no kind {self.kind}")


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
