"""What speaks to people: each in her own language, with words opened for her alone, into the outbox of the open transaction.

Words are opened in here and hardly anywhere else: for whom the message goes to, when it is written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode

from bot import texts
from bot.clock import Clock
from bot.community import cards, cases, erasing, events, groups, messages, people, rules, views
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.items import FAMILIES, Item, Sort
from bot.community.mediations import Mediation
from bot.community.messages import Message
from bot.community.parting import How, Tiding
from bot.community.people import Person
from bot.community.record import community_of, gate_of
from bot.data import Local
from bot.flow import pack
from bot.runtime.delivery import BROADCAST, Delivery, delivering
from bot.store.store import Store
from privacy.opening import Closed, Glance, Reason, Words

NEWS = 2  # delivery priorities: 0 answers to taps, 1 direct replies, 2 news of one's case, 5 reminders
REMINDER = 5
DAY = timedelta(days=1)
APART = ("report", "report_child")
# These stand in a sentence, so something must stand in their place.
WRITTEN = (
    "name",
    "story",
    "complaint",
    "proposal",
    "message",
    "wording",
    "settled",
    "statement",
    "shared",
    *APART,
)
# What somebody without Telegram is not told to answer: ways out of a message, and not what it asks.
WAYS_OUT = ("home", "talk", "my_data", "follow.card", "follow.list")


@dataclass(frozen=True)
class House:
    """What every conversation of one neighbourhood shares."""

    store: Store
    clock: Clock
    texts: texts.Texts
    local: Local
    notice_chat: str = ""  # where what concerns everybody is posted; empty: nowhere


class Voice:
    """Speaks to people in their own language; hands the words to the outbox of the open transaction.

    It never speaks to somebody quiet (`Person.quiet_since`), whoever asks it to: this is the wall.
    """

    def __init__(self, house: House, bot: Bot) -> None:
        self.house = house
        self._bot = bot
        self._full: list[Person] = []

    @property
    def session(self) -> Session:
        return self.house.store.current()

    @property
    def local(self) -> Local:
        return self.house.local

    def now(self) -> datetime:
        return self.house.clock.now()

    def item(self, case: Case, language: str) -> dict[str, Any]:
        """A case as one line of a list."""
        return {
            "case": case,
            "label": self.house.texts.line("words.case", language, case=case, local=self.local),
        }

    def line(self, item: Item, reader: Person, n: int | None = None) -> dict[str, Any]:
        """What waits for staff as one line of a list: what it is, since when, who sees to it; and the button that opens it."""
        case = cases.get(self.session, item.case_id) if item.case_id is not None else None
        waited, what = max(timedelta(), self.now() - item.since), self._sort(item.sort, reader)
        line, language = self.house.texts.line, reader.language
        says = line(
            "words.waits",
            language,
            n=n,
            what=what,
            case=case,
            until=item.until if item.since > self.now() else None,
            days=waited.days,
            hours=waited.seconds // 3600,
            minutes=waited.seconds // 60,
            who=self.opened(views.seen_to_by(self.session, item.about), reader, None),
        )
        label = line("words.label", language, n=n, case=case, what=what)
        return {"says": says, "label": label, "opens": item.opens, "item_id": item.about}

    def counts(self, items: Sequence[Item], reader: Person) -> str:
        """How many of each sort, in the order of the list."""
        sorts = [item.sort for item in items]
        parts = [f"{self._sort(sort, reader)} {sorts.count(sort)}" for sort in dict.fromkeys(sorts)]
        return self.house.texts.line("words.all", reader.language, parts=parts)

    def _sort(self, sort: Sort, reader: Person) -> str:
        return self.house.texts.line("words.sort", reader.language, sort=sort.value)

    def render(self, name: str, person: Person, about: Case | None, /, **values: Any) -> texts.Message:
        return self.house.texts.render(
            name,
            language=person.language,
            simple=person.simple,
            **case_values(about),
            **self.opened(values, person, about),
        )

    def opened(self, value: Any, reader: Person | None, about: Case | Mediation | None) -> Any:
        """The same values with every word opened that this reader may read, and the others covered."""
        glance: Glance = {}
        return _through(value, lambda words: self._opened(words, reader, about, glance))

    def _opened(
        self, words: Words, reader: Person | None, about: Case | Mediation | None, glance: Glance
    ) -> str | None:
        written = words.kind in WRITTEN
        apart = words.case if words.kind in APART else None  # a report is about no case but itself
        try:
            plain = gate_of(self.session).open(
                self.session,
                words,
                reader=reader.id if reader is not None else "",
                case=about.id if about is not None else apart,
                glance=glance,
            )
        except Closed as closed:
            if closed.reason is Reason.BUDGET and reader is not None:
                self._full.append(reader)
            return cases.HIDDEN if written else None
        return plain or ("" if written else None)

    def allows(self, words: Words, reader: Person, case_id: str) -> None:
        """Opens nothing. Raises privacy.opening.Closed where this reader would not open them."""
        gate_of(self.session).allows(self.session, words, reader=reader.id, case=case_id)

    async def wipe(self, chat: int, messages: Sequence[int]) -> None:
        """These messages vanish from a chat, as far as Telegram deletes (48 hours back)."""
        for message_id in messages:
            with delivering(Delivery(priority=1, kind="keep")):
                await self._bot.delete_message(chat, message_id)

    async def mind(self) -> None:
        """Who has read about very many people in a day, and the staff, hear so once a day; what more there was stayed covered."""
        while self._full:
            reader = self._full.pop()
            if events.did(self.session, Kind.READ_MUCH, reader.id, since=self.now() - DAY):
                continue
            events.note(self.session, events.NO_CASE, Kind.READ_MUCH, actor=reader.id)
            await self.tell(reader, "home.read_much")
            for member in rules.others_on_duty(self.session, reader):
                await self.tell(member, "review.read_much", name=people.name_of(reader))

    async def tell(
        self,
        person: Person,
        name: str,
        /,
        *,
        about: Case | None = None,
        secret: bool = False,
        aside: bool = False,
        priority: int = NEWS,
        guard: str | None = None,
        **values: Any,
    ) -> int | None:
        """A new message, which rings. The card of the same matter loses its buttons to it, unless this is only an aside.

        For somebody without Telegram it becomes an errand of staff, who tell her. Returns the message's number in her chat.
        """
        if person.quiet_since is not None:
            return None
        message = self.render(name, person, about, **values)
        if not people.has_chat(person):
            await self._by_word_of_mouth(person, message, about)
            return None
        chat = people.telegram_of(self.session, person)
        carried = carries(values)
        with delivering(Delivery(priority=priority, guard=guard)):
            if about is not None and message.buttons and not aside:
                await self._still(chat, cards.living(self.session, about.id, person.id), anew=carried)
            sent = await self._bot.send_message(
                chat, message.html, parse_mode=ParseMode.HTML, reply_markup=markup_of(message)
            )
        if about is not None and message.buttons and not aside:
            cards.remember(
                self.session,
                case_id=about.id,
                person_id=person.id,
                message_id=sent.message_id,
                secret=secret or carried,
            )
        await self.mind()
        return sent.message_id

    async def _by_word_of_mouth(self, person: Person, message: texts.Message, about: Case | None) -> None:
        """Staff tell her in her own way; what she could tap, they can do for her at the desk."""
        answers = [
            button.text
            for row in message.buttons
            for button in row
            if not button.url and not button.action.startswith(WAYS_OUT)
        ]
        words = "\n".join(filter(None, [texts.plain(message.html), " / ".join(answers)]))
        case_id = about.id if about is not None else None
        await self.ring(
            messages.take(self.session, self.local, messages.Sort.ERRAND, person, words, case_id=case_id)
        )

    async def ring(self, head: Message) -> list[Person]:
        """Staff hear what waits for them: a message, or an errand. Returns whom of them; the card before gives way."""
        case = cases.get(self.session, head.case_id) if head.case_id else None
        person = people.get(self.session, head.person_id) if head.person_id else None
        hearing = rules.staff_about(self.session, person, case)
        before, shown = head.shown, dict[str, int]()
        for member in hearing:
            if member.id in before and people.has_chat(member):
                await self.amend(member, before[member.id], "talk.moved")
            about = case if head.sort == messages.Sort.ASKING else None  # her words are the case's
            values = self.waiting(head, person, about)
            sent = await self.tell(member, f"talk.{head.sort}", about=about, aside=True, **values)
            shown |= {member.id: sent} if sent is not None else {}
        messages.show(self.session, head, shown)
        return hearing

    def waiting(self, head: Message, person: Person | None, case: Case | None = None) -> dict[str, Any]:
        """A thread as its card shows it. `case`: of what somebody else asks for."""
        lines = messages.thread(self.session, head)
        return {
            "texts": [messages.words_of(line) for line in lines[-messages.SHOWN :]],
            "files": any(line.files is not None for line in lines),
            "earlier": max(0, len(lines) - messages.SHOWN),
            "since": head.since,
            "name": people.name_of(person) if person is not None else "",
            "person_id": person.id if person is not None else None,
            "phone": person is not None and person.phone is not None,
            "message_id": head.id,
            "whom": cases.words_of(case, "whom") if case is not None else None,
        }

    async def amend(self, person: Person, message_id: int, name: str, /, **values: Any) -> None:
        """A message in her chat says this now, silently."""
        message = self.render(name, person, None, **values)
        with delivering(Delivery(priority=NEWS)):
            await self._bot.edit_message_text(
                message.html,
                chat_id=people.telegram_of(self.session, person),
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=inline_of(message),
            )

    async def redraw(self, person: Person, name: str, /, *, about: Case, **values: Any) -> None:
        """Bring the living card of a case up to date, silently. Nothing happens where she has none."""
        card = cards.living(self.session, about.id, person.id)
        if card is None or person.quiet_since is not None:
            return
        message = self.render(name, person, about, **values)
        with delivering(Delivery(priority=NEWS)):
            await self._bot.edit_message_text(
                message.html,
                chat_id=people.telegram_of(self.session, person),
                message_id=card.message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=inline_of(message),
            )
        await self.mind()

    async def redraw_all(self, person_ids: Sequence[str], name: str, /, *, about: Case) -> None:
        """The same for the cards of several people, who were asked about it."""
        for person in people.those(self.session, person_ids):
            await self.redraw(person, name, about=about)

    async def hide(self, person: Person, name: str, /, *, about: Case, **values: Any) -> list[int]:
        """Every message that showed her door, phone or private lines says this instead. Returns which they were."""
        if person.quiet_since is not None:
            return []
        message, hidden = self.render(name, person, about, **values), []
        for card in cards.secret(self.session, about.id, person.id):
            with delivering(Delivery(priority=1, kind="keep")):  # where she has blocked us it waits for her
                await self._bot.edit_message_text(
                    message.html,
                    chat_id=people.telegram_of(self.session, person),
                    message_id=card.message_id,
                    parse_mode=ParseMode.HTML,
                )
            cards.drop(self.session, card)
            hidden.append(card.message_id)
        return hidden

    async def take_back(self, person: Person, name: str, /, *, about: Case, **values: Any) -> list[int]:
        """Door and phone vanish from her chat (checked every time, R10): covered, for that always works, and deleted as far as
        Telegram deletes (48 hours back). What follows is said in a message of its own. Returns which they were.
        """
        hidden = await self.hide(person, name, about=about, **values)
        await self._delete(person, hidden)
        return hidden

    async def bring(self, tidings: Sequence[Tiding]) -> None:
        """Say what follows from a withdrawal or a farewell, to everybody it concerns."""
        for tiding in tidings:
            ways: Mapping[How, Callable[..., Awaitable[object]]] = {
                How.TELL: self.tell,
                How.REDRAW: self.redraw,
                How.HIDE: self.hide,
                How.TAKE_BACK: self.take_back,
                How.FORGET: self.forget,
            }
            await ways[tiding.how](tiding.person, tiding.text, about=tiding.case, **tiding.values)

    async def forget(self, person: Person, name: str, /, *, about: Case | None = None) -> None:
        """The last word to her; nothing of hers stays."""
        await self.tell(person, name, about=about)
        erasing.erase_person(self.session, person.id)

    async def clear(self, person: Person) -> None:
        """The cards of every case vanish from her chat, as far as Telegram deletes (48 hours back)."""
        await self._delete(person, cards.messages_of(self.session, person.id))

    async def _delete(self, person: Person, messages: Sequence[int]) -> None:
        if messages:
            await self.wipe(people.telegram_of(self.session, person), messages)

    async def post(self, *names: str, **values: Any) -> None:
        """Messages for everybody as one, in the chat for that: in each language, for it has readers of all."""
        render, each = self.house.texts.render, texts.LANGUAGES
        said = [render(name, language=language, **values).html for name in names for language in each]
        with delivering(Delivery(priority=BROADCAST, kind="post")):
            await self._bot.send_message(
                self.house.notice_chat, "\n\n".join(dict.fromkeys(said)), parse_mode=ParseMode.HTML
            )

    async def post_to_staff(self, item: Item) -> None:
        """Which number waits and as what, in the group of its community (in each, where it is about nobody's place), with a
        button that opens it in the chat of whoever may see it.

        Nothing of what it says, whose it is or where.
        """
        there = groups.bound(self.session) if item.for_all else {community_of(self.session, item.area)}
        found = [group for one in sorted(there) if (group := groups.of(self.session, one)) is not None]
        case = cases.get(self.session, item.case_id) if item.case_id is not None else None
        said = [
            self.house.texts.render(
                "duty.posted",
                language=language,
                case=case,
                what=self.house.texts.line("words.sort", language, sort=item.sort.value),
                link=f"https://t.me/{self._bot.username}?start=q-{item.about}",
            )
            for language in texts.LANGUAGES
        ]
        family = next(name for name, sorts in FAMILIES.items() if item.sort in sorts)
        for group in found:
            await self._post_in(group.chat or 0, said, group.topics.get(family))

    async def post_in(self, chat: int, name: str, *, topic: int | None = None, **values: Any) -> None:
        """In a group, in each language."""
        render, each = self.house.texts.render, texts.LANGUAGES
        await self._post_in(chat, [render(name, language=language, **values) for language in each], topic)

    async def _post_in(self, chat: int, said: Sequence[texts.Message], topic: int | None) -> None:
        buttons = [_inline(one) for message in said for row in message.buttons for one in row]
        with delivering(Delivery(priority=NEWS, kind="post")):
            await self._bot.send_message(
                chat,
                "\n".join(message.html for message in said),
                parse_mode=ParseMode.HTML,
                reply_markup=InlineKeyboardMarkup([buttons]) if buttons else None,
                message_thread_id=topic,
            )

    async def show_files(self, person: Person, files: Words | str | None, *, about: Case | None) -> None:
        """Voice notes and photos of a need, by Telegram's own reference, to staff only. A str is what has only just come."""
        if person.quiet_since is not None:
            return
        if not people.has_chat(person):
            return
        chat = people.telegram_of(self.session, person)
        for line in (self.opened(files, person, about) or "").splitlines():
            kind, _, file_id = line.partition(" ")
            with delivering(Delivery(priority=NEWS)):
                if kind == "voice":
                    await self._bot.send_voice(chat, file_id)
                else:
                    await self._bot.send_photo(chat, file_id)

    async def _still(self, chat: int, card: cards.Shown | None, *, anew: bool) -> None:
        """A card gives way to the next. One with a door in it stays of use, unless all of it comes anew."""
        if card is not None and (anew or not card.secret):
            await self._bot.edit_message_reply_markup(chat_id=chat, message_id=card.message_id)


def _through(value: Any, opened: Callable[[Words], str | None]) -> Any:
    """Dicts, lists and tuples are looked through; what holds no words stays the thing it is."""
    if isinstance(value, Words):
        return opened(value)
    if isinstance(value, dict):
        return {key: _through(one, opened) for key, one in value.items()}
    if isinstance(value, list):
        return [_through(one, opened) for one in value]
    if isinstance(value, tuple):
        each = [_through(one, opened) for one in value]
        if all(a is b for a, b in zip(each, value, strict=True)):
            return value
        return type(value)._make(each) if hasattr(value, "_make") else tuple(each)
    return value


def carries(values: Mapping[str, Any]) -> bool:
    """Whether a card shows what had a consent of its own, and is to lose it again."""
    return any(
        isinstance(one := values.get(kind), Words) and one.sealed is not None
        for kind in ("sensitive", "minor")
    )


def case_values(case: Case | None) -> dict[str, Any]:
    if case is None:
        return {"about": "-", "version": 0, "case": None}
    return {"about": case.id, "version": case.version, "case": case}


def inline_of(message: texts.Message) -> InlineKeyboardMarkup | None:
    rows = [[_inline(button) for button in row] for row in message.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def _inline(button: texts.Button) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.text, url=button.url)
    data = data_of(button)
    style: Mapping[str, str] = {"style": button.style} if button.style else {}
    return InlineKeyboardButton(button.text, callback_data=data, **style)  # type: ignore[arg-type]  # PTB names the styles in an enum


def data_of(button: texts.Button) -> str:
    return pack(button.action, button.choice, button.about, button.version)


def markup_of(
    message: texts.Message,
) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    if message.keys:
        keys = [
            [KeyboardButton(key.text, request_contact=key.contact) for key in row] for row in message.keys
        ]
        return ReplyKeyboardMarkup(keys, resize_keyboard=True, one_time_keyboard=True)
    if message.keys is not None:
        return ReplyKeyboardRemove()
    return inline_of(message)
