"""The cast: neighbours with telephones, and the bot they talk to, on the real runtime in one process.

town = await Town.at(database_url)
mei = await town.newcomer("Mei")
await mei.says("灯坏了")
mei.hears("听起来是")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.app import compose, open_store
from bot.clock import ManualClock
from bot.community import people, staff
from bot.community.staff import Role
from bot.runtime.runtime import RuntimeSettings
from bot.sandbox.door import WorldRequest
from bot.sandbox.phone import Phone, Seen
from bot.sandbox.town import knows
from bot.sandbox.world import World
from privacy.keyring import Keyring
from tests import databases

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Xiamen
TOKEN = "1:sandbox"


class Neighbour:
    """One person with a telephone. What she does is awaited until the bot has nothing left to do."""

    def __init__(self, town: Town, phone: Phone) -> None:
        self.town = town
        self.phone = phone

    async def starts(self, payload: str = "") -> None:
        self.phone.start(payload)
        await self.town.settle()

    async def says(self, *texts: str) -> None:
        for text in texts:
            self.phone.send(text)
        await self.town.settle()

    async def taps(self, *labels: str) -> None:
        """Tap one after the other, the bot answering in between."""
        for label in labels:
            self.phone.tap(label)
            await self.town.settle()

    async def sends(self, what: str) -> None:
        """A contact, photo, voice, sticker, location or document."""
        getattr(self.phone, f"send_{what}")()
        await self.town.settle()

    async def forges(self, data: str) -> None:
        self.phone.forge_callback(data)
        await self.town.settle()

    @property
    def last(self) -> Seen:
        return self.phone.last

    @property
    def toast(self) -> str:
        return self.phone.toasts[-1][0] if self.phone.toasts else ""

    @property
    def everything(self) -> str:
        """All the bot's words now on her screen."""
        return "\n".join(seen.text for seen in self.phone.heard)

    def hears(self, *words: str) -> None:
        """The last message has these words."""
        for word in words:
            assert word in self.last.text, f"{word!r} is not in {self.last.text!r}"

    def has_heard(self, *words: str) -> None:
        for word in words:
            assert word in self.everything, f"{word!r} is nowhere in {self.everything!r}"

    def button(self, label: str) -> str:
        """The callback data of a button on screen."""
        for seen in reversed(self.phone.heard):
            for button in (b for row in seen.buttons for b in row):
                if label in button.text and button.data:
                    return button.data
        raise AssertionError(label)


class Town:
    """The neighbourhood under a clock that stands still until it is moved."""

    def __init__(
        self, url: str, *, limits: bool = False, notice_chat: str = "", community: Path | None = None
    ) -> None:
        self.clock = ManualClock(MORNING)
        self.world = World(self.clock, token=TOKEN)
        self.world.limits = limits
        self.url = url
        self.notice_chat = notice_chat
        self.community = community
        self.keyring = Keyring.ephemeral(seed=b"town")
        self._next_id = 1000
        self._arriving = False
        self._open()

    def _open(self) -> None:
        self.store, self.vault = open_store(self.url, self.keyring, self.clock)
        databases.share_compiled(self.store.engine)
        settings = RuntimeSettings(TOKEN, api_url="http://sandbox", limits=False)
        self.service, self.runtime = compose(
            self.store,
            self.clock,
            WorldRequest(self.world),
            settings,
            community=self.community,
            notice_chat=self.notice_chat,
        )

    def restart(self) -> None:
        """Another process on the same database."""
        self.store.close()
        self._open()

    def close(self) -> None:
        self.store.close()

    async def settle(self) -> None:
        await (self.runtime.pass_on() if self._arriving else self.runtime.settle())
        assert not self.waiting_taps(), "a tap was left without an answer"

    async def later(self, *, hours: float = 0, minutes: float = 0) -> None:
        self.clock.advance(hours * 3600 + minutes * 60)
        await self.settle()

    async def knows(self, neighbour: Neighbour, *kinds: str) -> None:
        """Staff have seen these credentials of hers, some day before."""
        await knows(self.store, neighbour.phone.user.id, *kinds)

    def waiting_taps(self) -> list[str]:
        return [q.data for q in self.world.queries.values() if not q.answered]

    def stranger(self, name: str, language: str = "zh") -> Neighbour:
        self._next_id += 1
        return Neighbour(self, self.world.phone(self._next_id, name, language))

    @contextmanager
    def _on_the_way(self) -> Iterator[None]:
        """Nothing that is due is done between the taps of somebody who only comes: that makes arriving half as long again."""
        self._arriving = True
        try:
            yield
        finally:
            self._arriving = False

    async def newcomer(self, name: str, language: str = "zh", area: str | None = None) -> Neighbour:
        """Somebody who has read the notice, agreed and said a name."""
        one = self.stranger(name, language)
        await one.starts()
        zh = language == "zh"
        with self._on_the_way():
            await one.taps("请人帮忙" if zh else "Ask for help", "同意" if zh else "Agree")
            await one.says(name)
            await one.says("/cancel")
        if area is not None:
            async with self.store.transaction() as session:
                person = people.find(session, one.phone.user.id)
                assert person is not None
                people.update(session, person, area=area)
        return one

    async def member(self, name: str, language: str = "zh") -> Neighbour:
        """A member of staff, invited with a code."""
        one = await self.newcomer(name, language)
        async with self.store.transaction() as session:
            code = staff.invite(session, Role.MODERATOR)
        await one.starts(f"staff-{code}")
        return one

    async def volunteer(
        self,
        name: str,
        kind: str = "修",
        language: str = "zh",
        area: str | None = "b2",
        knows: tuple[str, ...] = ("known", "trained"),
    ) -> Neighbour:
        """Somebody in the talent pool, whom staff have met and trained."""
        one = await self.newcomer(name, language, area)
        await self.knows(one, *knows)
        zh = language == "zh"
        await one.starts()
        enough, any_time = ("就这些", "都行") if zh else ("That's all", "Any time")
        with self._on_the_way():
            await one.taps("我想帮忙" if zh else "I can help", "同意" if zh else "Agree", kind)
            await one.taps(enough, any_time, enough, "3 次" if zh else "3")
        return one
