"""How fast Telegram lets us speak (core.telegram.org/bots/faq): overall, to a person, to a group."""

from __future__ import annotations

from collections import deque

OVERALL = (28, 1.0)  # messages in so many seconds, however they are cut; Telegram's own limit is about 30
PERSON = (3, 3.0)  # one a second; "short bursts that go over this limit" are allowed
GROUP = (20, 60.0)
LONGEST = 60.0  # seconds of the past that count
MANY = 10_000  # chats remembered at once


class Window:
    """So many in any stretch of so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=most)

    def wait(self, now: float) -> float:
        """Seconds until there may be one more."""
        full = len(self._times) == self._times.maxlen
        return max(0.0, self._times[0] + self._seconds - now) if full else 0.0

    def take(self, now: float) -> None:
        self._times.append(now)

    def idle(self, now: float) -> bool:
        return self._times[-1] + self._seconds <= now


class Pace:
    """Asked before each message; times are monotonic seconds."""

    def __init__(self, *, limits: bool) -> None:
        self.limits = limits
        self._overall = Window(*OVERALL)
        self._chats: dict[int, Window] = {}
        self._halts: dict[int, float] = {}

    def wait(self, chat: int, now: float) -> float:
        """Seconds until this chat (0: none in particular, negative: a group) may be written to."""
        halt = max(self._halts.get(chat, 0.0), self._halts.get(0, 0.0)) - now
        if not self.limits:
            return max(0.0, halt)
        own = self._chats.get(chat)
        return max(0.0, halt, self._overall.wait(now), own.wait(now) if own is not None else 0.0)

    def take(self, chat: int, now: float) -> None:
        if not self.limits:
            return
        self._overall.take(now)
        if chat == 0:
            return
        if chat not in self._chats:
            self._forget(now)
            self._chats[chat] = Window(*(PERSON if chat > 0 else GROUP))
        self._chats[chat].take(now)

    def halt(self, chat: int, until: float) -> None:
        """Telegram asked for silence in this chat (0: in all)."""
        self._halts[chat] = until

    def _forget(self, now: float) -> None:
        if len(self._chats) >= MANY:
            self._chats = {chat: own for chat, own in self._chats.items() if not own.idle(now)}
            self._halts = {chat: until for chat, until in self._halts.items() if until > now}
