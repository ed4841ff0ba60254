"""`python -m bench update`: many whole journeys at once, from the need to thanks, beside a stock echo bot on the same server."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import string
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from bench._field import Morning, field, keys, ours, stock, until
from bot.app import open_store
from bot.community import staff
from bot.sandbox.model import Message
from bot.sandbox.phone import Phone
from bot.sandbox.town import knows
from bot.sandbox.world import World

AT_ONCE = 40
ROUNDS = 4  # the two bots take turns, so that whatever else the machine does falls on both
ECHOES = 18  # messages of one person to the echo bot, as many updates as a journey has
LOOK = 0.01  # seconds between two looks at a telephone: a look costs the server time
WAVE, CAP = (
    4,
    7,
)  # volunteers asked about one need, none of them twice in half a day; how often one may be asked in a week
MEMBER, FIRST_HELPER, FIRST_ASKER = 8_000, 9_000, 100_000
Live = Callable[[int], Awaitable[None]]


class Street:
    """A member of staff and volunteers, and what is new on their telephones."""

    def __init__(self, world: World, helpers: int) -> None:
        self.world = world
        self.member = world.phone(MEMBER, "林站长")
        self.helpers = [world.phone(FIRST_HELPER + number, f"小{number}") for number in range(helpers)]
        self._cards: dict[tuple[bool, str], tuple[Phone, Message]] = {}
        self._seen: dict[int, int] = {}

    async def move_in(self, code: str) -> None:
        """Everybody is known to the bot."""
        self.member.start()
        await _taps(self.member, "请人帮忙", "同意")
        await _says(self.member, "林站长", once="怎么称呼")
        await _shows(self.member, "您要帮什么")
        self.member.start(f"staff-{code}")
        await _shows(self.member, "工作人员")
        await _in_turn(iter(self.helpers), _join)

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def card(self, word: str, *, of_staff: bool) -> tuple[Phone, Message]:
        """The first card that has this word."""
        await until(lambda: (of_staff, word) in self._cards, LOOK)
        return self._cards[of_staff, word]

    async def _watch(self) -> None:
        while True:
            for phone in (self.member, *self.helpers):
                newest = self._seen.get(phone.user.id, 0)
                for message in reversed(phone.chat.messages.values()):
                    if message.id <= newest:
                        break
                    self._seen[phone.user.id] = max(self._seen.get(phone.user.id, 0), message.id)
                    if message.from_bot and (word := _word_in(message.text)) is not None:
                        self._cards.setdefault((phone is self.member, word), (phone, message))
            await asyncio.sleep(LOOK)


async def _join(phone: Phone) -> None:
    phone.start()
    await _taps(phone, "我想帮忙", "同意")
    await _says(phone, phone.user.first_name, once="怎么称呼")
    await _shows(phone, "谢谢您愿意")
    await _taps(phone, "同意")
    await _shows(phone, "您会帮什么")
    await _taps(phone, "买菜")
    await _shows(phone, "✓ 买菜")
    await _taps(phone, "就这些", "5–8", "都行", "就这些", f"{CAP} 次")
    await _shows(phone, "记好了")


async def _journey(street: Street, number: int) -> None:
    """One need: asked, let out, taken, confirmed, done on both sides, and thanked for."""
    word, phone = _word(number), street.world.phone(number, "阿芳")
    phone.start()
    await _taps(phone, "请人帮忙", "同意")
    await _says(phone, f"李{word}", once="怎么称呼")
    await _taps(phone, "买菜", "都行", "先不说")
    await _says(phone, f"两袋米 {word}", once="还要说明")
    await _taps(phone, "下一步")
    await _says(phone, "6栋302", once="门牌")
    await _taps(phone, "不要", "发出求助")
    await _tap_on(*await street.card(word, of_staff=True), "放行")
    helper, card = await street.card(word, of_staff=False)
    await _tap_on(helper, card, "我来", "确认接单", "办好了")
    await _shows(phone, "办好了吗")
    await _taps(phone, "办好了", "说谢谢")
    await _shows(phone, "带到了")
    await _hears(helper, f"李{word}说：谢谢")


async def _hears(phone: Phone, words: str) -> None:
    """Until one of the newest messages has these words."""

    def heard() -> bool:
        newest = itertools.islice(reversed(phone.chat.messages.values()), 12)
        return any(words in message.text for message in newest)

    await until(heard, LOOK)


async def _tap_on(phone: Phone, card: Message, *labels: str) -> None:
    for label in labels:
        await until(lambda label=label: _has(card, label), LOOK)  # type: ignore[misc]
        phone.tap(label, card.id)


async def _echoes(world: World, number: int) -> None:
    phone = world.phone(number, "阿芳")
    for echo in range(ECHOES):
        text = f"word {echo}"
        phone.send(text)
        await _shows(phone, text)


async def _shows(phone: Phone, words: str) -> None:
    """Until the last message has these words, or a button with them."""

    def shown() -> bool:
        last = _last(phone)
        return last is not None and (words in last.text or _has(last, words))

    await until(shown, LOOK)


async def _taps(phone: Phone, *labels: str) -> None:
    """Tap each as soon as it is there."""
    for label in labels:
        await until(lambda label=label: (last := _last(phone)) is not None and _has(last, label), LOOK)  # type: ignore[misc]
        phone.tap(label)


async def _says(phone: Phone, text: str, *, once: str) -> None:
    """Say it once these words are on the screen."""
    await _shows(phone, once)
    phone.send(text)


def _last(phone: Phone) -> Message | None:
    """The newest message of the bot. `phone.last` draws the whole screen for it."""
    messages = reversed(phone.chat.messages.values())
    return next((message for message in messages if message.from_bot and not message.deleted), None)


def _has(message: Message, label: str) -> bool:
    rows = (message.markup or {}).get("inline_keyboard", ())
    return any(label in button["text"] for row in rows for button in row)


async def _in_turn(waiting: Iterator[Any], live: Callable[[Any], Awaitable[None]]) -> None:
    """`AT_ONCE` of them at a time."""

    async def one_after_another() -> None:
        for one in waiting:
            await live(one)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_another())


class Rate:
    """Updates handled, and the seconds it took."""

    def __init__(self, world: World, live: Live) -> None:
        self._world = world
        self._live = live
        self._next = FIRST_ASKER
        self.updates = 0
        self.seconds = 0.0

    async def add(self, people: int, *, measured: bool = True) -> None:
        before, began = self._came(), time.perf_counter()
        numbers = range(self._next, self._next + people)
        self._next += people
        await _in_turn(iter(numbers), self._live)
        if measured:
            self.updates += self._came() - before
            self.seconds += time.perf_counter() - began

    @property
    def per_second(self) -> float:
        return self.updates / self.seconds

    def _came(self) -> int:
        return self._world.updates.confirmed + len(self._world.updates.pending)


async def _measure(people: int) -> tuple[Rate, Rate]:
    each = max(1, people // ROUNDS)
    async with field(stock) as (theirs, _), field(ours) as (own, url):
        street = Street(own, helpers=(each * ROUNDS + AT_ONCE) * WAVE + AT_ONCE)
        echoing = Rate(theirs, lambda number: _echoes(theirs, number))
        serving = Rate(own, lambda number: _journey(street, number))
        await street.move_in(await _invitation(url))
        await _met(url, street)
        async with street.watched():
            for rate in (echoing, serving):
                await rate.add(min(each, AT_ONCE), measured=False)
            for _ in range(ROUNDS):
                for rate in (echoing, serving):
                    await rate.add(each)
    return serving, echoing


async def _invitation(url: str) -> str:
    store, _ = open_store(url, keys(), Morning())
    async with store.transaction() as session:
        code = staff.invite(session)
    store.close()
    return code


async def _met(url: str, street: Street) -> None:
    """Staff have met every volunteer; by taps it would be one of the one member of staff for each."""
    store, _ = open_store(url, keys(), Morning())
    for phone in street.helpers:
        await knows(store, phone.user.id, "known")
    store.close()


def _word(number: int) -> str:
    """Letters that stand for a number, for digits look like a telephone."""
    letters = ""
    while number:
        number, digit = divmod(number, 26)
        letters += string.ascii_lowercase[digit]
    return f"q{letters}q"


def _word_in(text: str) -> str | None:
    _, found, rest = text.partition("两袋米 ")
    return rest.split("\n", 1)[0].strip() if found else None


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench update")
    reader.add_argument(
        # fewer than AT_ONCE in a round, and all wait together for the tick that asks around;
        # more, and the one member of staff reads about too many in a day
        "--people",
        type=int,
        default=AT_ONCE * ROUNDS,
    )
    own, theirs = asyncio.run(_measure(reader.parse_args(argv).people))
    return {
        "bench": "update",
        "figures": {
            "ours, updates/s": round(own.per_second, 1),
            "ours, updates of whole journeys": own.updates,
            "stock echo bot, updates/s": round(theirs.per_second, 1),
        },
        "reach": [
            {
                "what": "ours / stock",
                "value": round(own.per_second / theirs.per_second, 3),
                "op": ">=",
                "limit": 0.5,
            }
        ],
    }
