"""The people of a story: what they did, what they heard of it, and whether it adds up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import select

from bot.community.events import Event, Kind
from bot.runtime.delivery import TAP
from bot.runtime.tables import inbox, outbox
from bot.sandbox.model import CallbackQuery
from bot.sandbox.phone import Phone, Seen
from bot.sandbox.world import World
from bot.store.store import Store

PEOPLE = 3
MARK = "(again?)"
CARD = "card"
POISON, REFUSED, WORD = "poison", "no", "word"  # how what they say begins
ANSWERED, DUE, TAPPED = Kind.ANSWERED, Kind.CLOSED, Kind.THANKED  # lines the service writes


def withdrawn(text: str) -> bool:
    """Whether what is due about it is withdrawn before it can be said."""
    return text.endswith(("3", "7"))


class Neighbours:
    """They write, change what they wrote, and tap the button of the card that /start brings."""

    def __init__(self, world: World, chance: random.Random, *, poison: float) -> None:
        self._world = world
        self._random = chance
        self._poison = poison
        self._typed: dict[int, int] = {}
        self.said: dict[int, list[str]] = {person: [] for person in range(1, PEOPLE + 1)}
        self.tapped: dict[int, list[CallbackQuery]] = {person: [] for person in self.said}

    def start(self) -> None:
        for person in self.said:
            self._phone(person).start()

    def act(self) -> None:
        """Somebody does something."""
        person, chance = self._random.randint(1, PEOPLE), self._random.random()
        if chance < 0.25 and cards(self._phone(person)):
            self._phone(person).tap("more")
            self.tapped[person].append(self._phone(person).waiting[-1])
        elif chance < 0.4 and person in self._typed:
            self._phone(person).edit(self._typed[person], self._text(person))
        else:
            self._typed[person] = self._phone(person).send(self._text(person))

    @property
    def actions(self) -> int:
        return sum(len(texts) for texts in self.said.values()) + sum(len(t) for t in self.tapped.values())

    def owed(self) -> list[str]:
        """What they should have on their screens by now, and have not."""
        owed = []
        for person in self.said:
            first = {_plain(seen.text) for seen in self._phone(person).heard}
            wanted = self._answers(person) + self._due(person)
            owed += [f"not heard by {person}: {text}" for text in wanted if text not in first]
            owed += self._stale(person)
            if not cards(self._phone(person)):
                owed.append(f"no card for {person}")
        return owed

    async def reckon(self, store: Store, *, probe: bool) -> list[str]:
        """What does not add up: lost, doubled, unanswered, twice without a mark, out of order, said though withdrawn."""
        async with store.transaction() as session:
            noted = Counter((event.kind, event.code) for event in session.exec(select(Event)))
            connection = session.connection()
            dead = connection.scalars(sa.select(inbox.c.error).where(inbox.c.state == "dead")).all()
            new = connection.scalars(sa.select(inbox.c.id).where(inbox.c.state == "new")).all()
            states = Counter(connection.scalars(sa.select(outbox.c.state).where(outbox.c.priority != TAP)))
            answers = Counter(connection.scalars(sa.select(outbox.c.state).where(outbox.c.priority == TAP)))
        broken = self.owed()
        for person, texts in self.said.items():
            for text in texts:
                times = 1 if text.startswith(WORD) else 0
                broken += _counted(f"{text} was noted", noted[ANSWERED, text], times)
                broken += _counted(f"{text} became due", noted[DUE, text], times)
            broken += self._heard_wrongly(person, probe=probe)
            for query in self.tapped[person]:
                broken += _counted(f"a tap of {person}", noted[TAPPED, query.id], 1)
        poison = sum(text.startswith(POISON) for texts in self.said.values() for text in texts)
        broken += _counted("laid aside", len(dead), poison)
        broken += _counted("not handled", len(new), 0)
        silent = sum(not query.answered for queries in self.tapped.values() for query in queries)
        if silent > (late := answers["expired"] + answers["pending"]):
            broken.append(f"{silent} taps without an answer, {late} are or will be too late")
        for state in ("pending", "sending", "blocked", "dead"):
            broken += _counted(f"left {state}", states[state], 0)
        return broken

    def _heard_wrongly(self, person: int, *, probe: bool) -> list[str]:
        answers, due = self._answers(person), self._due(person)
        heard = [seen.text for seen in self._phone(person).heard if not seen.buttons]
        plain, all_ = Counter(heard), Counter(map(_plain, heard))
        broken = [f"twice without a mark: {text}" for text in answers + due if plain[text] > 1]
        if probe:
            broken += [f"twice: {text}" for text in answers + due if all_[text] > 1]
        broken += [f"never to be heard: {text}" for text in all_ if text not in answers + due]
        order = [text for text in all_ if text in answers]  # what becomes due waits for nothing else that is
        if order != [text for text in answers if text in order]:
            broken.append(f"out of order: {order}")
        return broken

    def _answers(self, person: int) -> list[str]:
        """What follows from what she said, in the order she said it."""
        wanted, number = [], 0
        for text in self.said[person]:
            number += text.startswith(WORD)
            wanted.append(f"{number} {text}" if text.startswith(WORD) else says(text))
        return wanted

    def _due(self, person: int) -> list[str]:
        return [f"due {text}" for text in self.said[person] if text.startswith(WORD) and not withdrawn(text)]

    def _stale(self, person: int) -> list[str]:
        """Cards that do not show what the last tap on them made of them."""
        last = {query.message.id: number for number, query in enumerate(self.tapped[person], 1)}
        shown = {seen.id: seen.text for seen in cards(self._phone(person))}
        return [
            f"the card of {person} shows {shown.get(card)!r} after {number} taps"
            for card, number in last.items()
            if shown.get(card) != f"{number} taps"
        ]

    def _text(self, person: int) -> str:
        chance = self._random.random()
        kind = POISON if chance < self._poison else REFUSED if chance > 0.95 else WORD
        self.said[person].append(f"{kind}{person}-{len(self.said[person]) + 1}")
        return self.said[person][-1]

    def _phone(self, person: int) -> Phone:
        return self._world.phone(person)


def cards(phone: Phone) -> list[Seen]:
    return [seen for seen in phone.heard if seen.buttons]


def says(text: str) -> str:
    """What is said of words that come to nothing."""
    return f"failed: {text}" if text.startswith(POISON) else f"refused: {text}"


def _plain(text: str) -> str:
    return text.removesuffix(f" {MARK}")


def _counted(what: str, found: int, wanted: int) -> Iterable[str]:
    return [] if found == wanted else [f"{what} {found} times, not {wanted}"]
