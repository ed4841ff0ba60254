"""How fast Telegram lets us speak (core.telegram.org/bots/faq): overall, to a person, to a group."""

from __future__ import annotations

from dataclasses import dataclass

OVERALL = (28.0, 28.0)  # messages a second, burst; Telegram's own limit is about 30
PERSON = (1.0, 3.0)  # "short bursts that go over this limit" are allowed
GROUP = (20 / 60, 20.0)  # 20 a minute
MANY = 10_000  # chats remembered at once


@dataclass
class Bucket:
    rate: float
    size: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until there is one more."""
        self.level = min(self.size, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 - 1e-9 else (1 - self.level) / self.rate

    def take(self) -> None:
        self.level -= 1


class Pace:
    """Asked before each message; times are monotonic seconds."""

    def __init__(self, *, limits: bool) -> None:
        self.limits = limits
        self._overall = Bucket(*OVERALL, level=OVERALL[1], at=0.0)
        self._chats: dict[int, Bucket] = {}
        self._halts: dict[int, float] = {}

    def wait(self, chat: int, now: float) -> float:
        """Seconds until this chat (0: none in particular, negative: a group) may be written to."""
        halt = max(self._halts.get(chat, 0.0), self._halts.get(0, 0.0)) - now
        if not self.limits:
            return max(0.0, halt)
        waits = [halt, self._overall.wait(now)]
        if chat != 0:
            waits.append(self._bucket(chat, now).wait(now))
        return max(0.0, *waits)

    def take(self, chat: int, now: float) -> None:
        if self.limits:
            self._overall.take()
            if chat != 0:
                self._bucket(chat, now).take()

    def halt(self, chat: int, until: float) -> None:
        """Telegram asked for silence in this chat (0: in all)."""
        self._halts[chat] = until

    def _bucket(self, chat: int, now: float) -> Bucket:
        if len(self._chats) >= MANY:
            self._chats = {key: bucket for key, bucket in self._chats.items() if bucket.wait(now) > 0}
            self._halts = {key: until for key, until in self._halts.items() if until > now}
        if chat not in self._chats:
            rate, size = PERSON if chat > 0 else GROUP
            self._chats[chat] = Bucket(rate, size, level=size, at=now)
        return self._chats[chat]

    def room(self) -> float:
        """How many messages may go out right now, to whomever."""
        return self._overall.level + 1e-9 if self.limits else float("inf")
