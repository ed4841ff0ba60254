"""How much a bot may say: 30 messages a second in all, about one a second to a person, 20 a minute to a group."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.clock import Clock
from bot.sandbox.errors import too_many

OVERALL = (30.0, 30.0)
PRIVATE = (5.0, 1.0)
GROUP = (20.0, 20.0 / 60.0)


@dataclass
class Bucket:
    """Holds `capacity` messages and fills again at `rate` a second."""

    capacity: float
    rate: float
    level: float
    at: float

    def refill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now

    @property
    def wait(self) -> float:
        return max(0.0, (1.0 - self.level) / self.rate)


class Limits:
    """Refuses what is too much, and says for how long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[int | None, Bucket] = {}

    def take(self, chat_id: int, *, private: bool) -> None:
        now = self._clock.monotonic()
        overall = self._bucket(None, OVERALL, now)
        own = self._bucket(chat_id, PRIVATE if private else GROUP, now)
        wait = max(overall.wait, own.wait)
        if wait > 1e-9:
            raise too_many(math.ceil(wait - 1e-9))
        overall.level -= 1
        own.level -= 1

    def _bucket(self, key: int | None, limit: tuple[float, float], now: float) -> Bucket:
        if key not in self._buckets:
            self._buckets[key] = Bucket(*limit, level=limit[0], at=now)
        self._buckets[key].refill(now)
        return self._buckets[key]
