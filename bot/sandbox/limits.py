"""How much a bot may say: 30 messages a second in all, about one a second to a person, 20 a minute to a group."""

from __future__ import annotations

import math
from collections import deque

from bot.clock import Clock
from bot.sandbox.errors import too_many

OVERALL = (30, 1.0)  # messages in any so many seconds
GROUP = (20, 60.0)
BURST, A_SECOND = 5.0, 1.0  # to a person: so many at once, and so many more each second


class Window:
    """The last messages there may be in a stretch of time."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=most)

    def wait(self, now: float) -> float:
        full = len(self._times) == self._times.maxlen
        return max(0.0, self._times[0] + self._seconds - now) if full else 0.0

    def take(self, now: float) -> None:
        self._times.append(now)


class Burst:
    """Some at once, filled again little by little."""

    def __init__(self) -> None:
        self._level = BURST
        self._at = 0.0

    def wait(self, now: float) -> float:
        self._level = min(BURST, self._level + (now - self._at) * A_SECOND)
        self._at = now
        return max(0.0, (1.0 - self._level) / A_SECOND)

    def take(self, now: float) -> None:
        self._level -= 1


class Limits:
    """Refuses what is too much, and says for how long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._overall = Window(*OVERALL)
        self._chats: dict[int, Window | Burst] = {}

    def take(self, chat_id: int, *, private: bool) -> None:
        now = self._clock.monotonic()
        own = self._chats.setdefault(chat_id, Burst() if private else Window(*GROUP))
        wait = max(self._overall.wait(now), own.wait(now))
        if wait > 1e-9:
            raise too_many(math.ceil(wait - 1e-9))
        self._overall.take(now)
        own.take(now)
