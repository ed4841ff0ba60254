"""What can go wrong on the way to Telegram, on order or by seeded chance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.errors import ApiError, too_many

How = Literal[
    "429", "500", "502", "timeout_before", "timeout_after", "reset_before", "reset_after", "truncated"
]
CHANCES: tuple[How, ...] = (
    "429",
    "500",
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "truncated",
)


class Broken(Exception):
    """The answer does not arrive whole. Each door breaks in its own way."""

    def __init__(self, how: How) -> None:
        super().__init__(how)
        self.how = how


@dataclass
class _Order:
    how: How
    method: str | None
    times: int
    retry_after: int


class Faults:
    """Orders are used up first; then chance, if it was let in. Chance spares `getMe`, for a start must succeed."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._random = random.Random(0)
        self._rate = 0.0
        self.repeat_updates = 0
        self.silence: float | None = (
            None  # seconds until a silent connection is cut; None: the client ends it
        )

    def fail(self, how: How, *, method: str | None = None, times: int = 1, retry_after: int = 1) -> None:
        """The next `times` calls (of one method, or any but getUpdates) end like this."""
        self._orders.append(_Order(how, method, times, retry_after))

    def chaos(self, rate: float, seed: int) -> None:
        """Every call breaks with this chance, until `calm`."""
        self._rate, self._random = rate, random.Random(seed)

    def duplicate(self, times: int) -> None:
        """The next confirmed updates are handed out again so many times."""
        self.repeat_updates += times

    def calm(self) -> None:
        self._rate = 0.0
        self._orders.clear()

    def before(self, method: str) -> How | None:
        """Refuse or break before anything happens; or return how it breaks afterwards."""
        how, retry_after = self._next(method)
        match how:
            case "429":
                raise too_many(retry_after)
            case "500":
                raise ApiError(500, "Internal Server Error")
            case "502":
                raise ApiError(502, "Bad Gateway")
            case "timeout_before" | "reset_before":
                raise Broken(how)
        return how

    def _next(self, method: str) -> tuple[How | None, int]:
        for order in self._orders:
            wanted = order.method == method or (order.method is None and method != "getUpdates")
            if wanted and order.times > 0:
                order.times -= 1
                return order.how, order.retry_after
        if self._rate and method != "getMe" and self._random.random() < self._rate:
            return self._random.choice(CHANCES), 1
        return None, 1
