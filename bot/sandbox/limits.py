"""How much a bot may say (core.telegram.org/bots/faq, "My bot is hitting limits"): 30 messages a second in all, about one
a second to a chat with short bursts, 20 a minute to a group.

Each is a sliding window: at no moment do the last so many seconds hold more. How long a burst may be Telegram does not
tell; the two windows of a chat are ours.
"""

from __future__ import annotations

import math
from collections import deque

from bot.clock import Clock
from bot.sandbox.errors import too_many

Window = tuple[int, float]  # so many messages in so many seconds

OVERALL: tuple[Window, ...] = ((30, 1.0),)
CHAT: tuple[Window, ...] = ((5, 1.0), (35, 30.0))
GROUP: tuple[Window, ...] = (*CHAT, (20, 60.0))


class Limits:
    """Refuses what is too much, and says for how long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: dict[int | None, deque[float]] = {}

    def take(self, chat_id: int, *, private: bool) -> None:
        now = self._clock.monotonic()
        overall, own = self._last(None), self._last(chat_id)
        wait = max(_wait(overall, OVERALL, now), _wait(own, CHAT if private else GROUP, now))
        if wait > 1e-9:
            raise too_many(math.ceil(wait - 1e-9))
        overall.append(now)
        own.append(now)

    def _last(self, key: int | None) -> deque[float]:
        return self._sent.setdefault(key, deque(maxlen=max(most for most, _ in (*OVERALL, *GROUP))))


def _wait(sent: deque[float], windows: tuple[Window, ...], now: float) -> float:
    """Seconds until every window has room for one more."""
    full = [sent[-most] + seconds - now for most, seconds in windows if len(sent) >= most]
    return max([0.0, *full])
