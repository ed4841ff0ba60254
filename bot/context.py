"""What a callback holds: who speaks, the open transaction, the time, and a voice to answer with.

Nothing here sends: every call becomes a row of the outbox in the open transaction.
"""

from __future__ import annotations

import secrets
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, cast

from sqlmodel import Session
from telegram import (
    ChatMember,
    InputFile,
    Message,
    Update,
)
from telegram.constants import ParseMode
from telegram.ext import Application, CallbackContext, ExtBot

from bot import texts
from bot.community import cards, people, proxy, rules
from bot.community.cases import Case
from bot.community.people import Person
from bot.community.proxy import Proxy
from bot.data import Local
from bot.markup import CAPTION
from bot.runtime.delivery import Delivery, delivering
from bot.understanding.ways import label
from bot.voice import House, Voice, carries, case_values, data_of, inline_of, markup_of

FOR = "for"  # in her memory: for whom a member of staff stands in
STANDS_FOR = timedelta(minutes=30)  # without a word; then she is herself again


class Context(CallbackContext[ExtBot[None], dict[str, Any], dict[str, Any], dict[str, Any]]):
    """One person's turn. `person` is None while she has not agreed to be known.

    While a member of staff (`proxy`) stands in for a neighbour, `person` is the neighbour: whatever is done is hers, whatever is
    said is said, and opened, to staff.
    """

    incoming: Update
    person: Person | None = None
    proxy: Person | None = None

    def __init__(
        self, application: Application[Any, Any, Any, Any, Any, Any], chat_id: int | None, user_id: int | None
    ) -> None:
        super().__init__(application, chat_id, user_id)
        self.house = cast(House, application.bot_data["house"])
        self.voice = Voice(self.house, self.bot)
        self.answered = False
        self.shown = False
        self.last_said = 0
        self._said: texts.Message | None = None

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Context:
        self = super().from_update(update, application)
        if isinstance(update, Update) and update.effective_user is not None:
            self.incoming = update
            self.person = people.find(self.session, update.effective_user.id)
            if self.person is not None and not _turns_away(update):
                people.seen(self.session, self.person)
        return self

    async def refresh_data(self) -> None:
        await super().refresh_data()
        self._stand_in()

    def _stand_in(self) -> None:
        """Herself again after a while, without her role, and where there is nobody to stand in for."""
        kept = self.user_data.get(FOR) if self.user_data else None
        if kept is None or self.person is None:
            return
        late = self.now() - datetime.fromisoformat(kept["at"]) >= STANDS_FOR
        neighbour = people.get(self.session, kept["person"])
        if late or neighbour.quiet_since or not rules.may_stand_in(self.session, self.person, neighbour):
            self.stand_down()
            return
        kept["at"] = self.now().isoformat()
        was_at = datetime.fromisoformat(kept["was_at"]) if kept["was_at"] else None
        self.proxy, self.person = self.person, neighbour
        proxy.stand_in(self.session, Proxy(self.proxy.id, neighbour.id, kept["way"], was_at))

    def stand_in(self, person: Person, *, way: str, was_at: str | None) -> None:
        """From now on what this member of staff does is that neighbour's; her own talks wait."""
        assert self.user_data is not None  # noqa: S101  staff have tapped
        at = self.now().isoformat()
        self.user_data[FOR] = {"person": person.id, "way": way, "was_at": was_at, "at": at, "memory": {}}
        self._stand_in()

    def stand_down(self) -> str:
        """Herself again. Returns which way the neighbour's word came."""
        if self.proxy is not None:
            self.person, self.proxy = self.proxy, None
            proxy.stand_down(self.session)
        kept = self.user_data.pop(FOR, None) if self.user_data else None
        return str(kept["way"]) if kept else ""

    @property
    def session(self) -> Session:
        return self.house.store.current()

    @property
    def local(self) -> Local:
        return self.house.local

    @property
    def me(self) -> Person:
        """The registered person. Raises LookupError when the rule of the action forgot to ask for one."""
        if self.person is None:
            raise LookupError("nobody is registered here")
        return self.person

    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def memory(self) -> dict[str, Any]:
        """What is kept of this talk between two updates (sealed)."""
        if self.user_data is None:
            raise LookupError("an update without a person")
        if self.proxy is not None:
            return cast(dict[str, Any], self.user_data[FOR]["memory"])
        return self.user_data

    @property
    def reader(self) -> Person | None:
        """Who reads what is said."""
        return self.proxy or self.person

    @property
    def language(self) -> str:
        if self.reader is not None:
            return self.reader.language
        chosen = self.memory.get("language")
        if chosen is None:
            user = self.incoming.effective_user
            code = (user.language_code if user else None) or "zh"
            return "zh" if code.startswith("zh") else "en"
        return cast(str, chosen)

    @property
    def simple(self) -> bool:
        return self.reader.simple if self.reader is not None else bool(self.memory.get("simple"))

    @property
    def talk(self) -> dict[str, Any] | None:
        """The talk in hand: id, turn, step, trail, draft."""
        talks = self.memory.get("talks")
        return talks[-1] if talks else None

    @property
    def alone(self) -> bool:
        """Whether no other talk waits beneath the one in hand."""
        return len(self.memory.get("talks", [])) < 2

    @property
    def unfinished(self) -> bool:
        """Whether she has answered anything in a talk that is not over; merely opening one is nothing to go on with."""
        return any(_written(talk) for talk in self.memory.get("talks", []))

    @property
    def draft(self) -> dict[str, Any]:
        """What she has answered so far. Raises LookupError outside a talk."""
        if self.talk is None:
            raise LookupError("no talk in hand")
        return cast(dict[str, Any], self.talk["draft"])

    def begin(self, flow: str, *, step: str | None = None, **draft: Any) -> None:
        """Start a talk; one of the same flow that was left unfinished gives way, another waits beneath.

        What she has written about another case of hers waits too.
        """
        self.close_open()
        about = draft.get("case")
        talks = [
            talk
            for talk in self.memory.get("talks", [])
            if talk["flow"] != flow or (_written(talk) and talk["draft"].get("case") not in (None, about))
        ]
        talks.append(
            {
                "flow": flow,
                "id": secrets.token_urlsafe(4),
                "turn": 0,
                "step": step,
                "trail": [],
                "draft": draft,
                "began": deepcopy(draft),
            }
        )
        self.memory["talks"] = talks

    def introduce(self) -> str | None:
        """The question that must come first from somebody we do not know yet, or whose notice means something else by now.

        The talk in hand waits beneath.
        """
        agreed = self.person is not None and not rules.must_agree_anew(self.session, self.person)
        if agreed and self.me.name is not None:
            return None
        self.begin("start")
        return "start.name" if agreed else "start.notice"

    def end(self) -> None:
        """The talk in hand is over."""
        self.memory["talks"] = self.memory.get("talks", [])[:-1]

    @property
    def open(self) -> bool:
        """Whether the answer in hand has been passed on and waits for more of it."""
        return self.talk is not None and "open" in self.talk

    def show_page(self) -> None:
        """The question in hand is a page to look at: it gives way to whatever she does next."""
        if self.talk is not None:
            self.talk["page"] = True

    def stay_open(self) -> None:
        """What she wrote is passed on; more may follow, for people write one answer in several messages."""
        if self.talk is not None:
            self.talk["open"] = self.now().isoformat()

    def close_open(self, *, quiet_for: timedelta = timedelta()) -> None:
        """She does something else, or has been quiet for so long: what was left open is over, and so is a page."""
        if self.talk is not None and "page" in self.talk and not quiet_for:
            self.end()
        elif self.talk is not None and self.open:
            last = datetime.fromisoformat(self.talk["open"])
            if self.now() - last >= quiet_for:
                self.end()

    def forget(self) -> None:
        """Drop every unfinished talk."""
        self.memory["talks"] = []

    def under(self, flow: str) -> dict[str, Any] | None:
        """The unfinished talk of a flow, wherever it waits."""
        return next((talk for talk in self.memory.get("talks", []) if talk["flow"] == flow), None)

    async def say(
        self,
        name: str,
        /,
        *,
        about: Case | None = None,
        secret: bool = False,
        aside: bool = False,
        guard: str | None = None,
        **values: Any,
    ) -> None:
        """Answer: a tap's own card is redrawn, typed words get a new message."""
        with delivering(Delivery(priority=1, guard=guard)):
            await self._say(name, about, secret, aside, values)
        await self.voice.mind()

    async def _say(
        self, name: str, about: Case | None, secret: bool, aside: bool, values: dict[str, Any]
    ) -> None:
        secret = secret or carries(values)
        values = self.voice.opened(values, self.reader, about)
        values = {**(case_values(about) if about is not None else self._talk_values()), **values}
        message = self._for_whom(
            self.house.texts.render(name, language=self.language, simple=self.simple, **values)
        )
        self._said = message
        tapped = self.incoming.callback_query.message if self.incoming.callback_query else None
        if tapped is not None and not self.shown and not message.keys and isinstance(tapped, Message):
            self.shown = True
            await self.bot.edit_message_text(
                message.html,
                chat_id=tapped.chat.id,
                message_id=tapped.message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=inline_of(message),
            )
            shown = tapped.message_id
        else:
            chat = self.incoming.effective_chat
            assert chat is not None  # noqa: S101  every update that reaches a callback has a chat
            sent = await self.bot.send_message(
                chat.id, message.html, parse_mode=ParseMode.HTML, reply_markup=markup_of(message)
            )
            shown = sent.message_id
        self.last_said = shown
        if about is not None and self.person is not None and self.proxy is None and not aside:
            cards.remember(
                self.session,
                case_id=about.id,
                person_id=self.person.id,
                message_id=shown,
                secret=secret,
            )

    async def wipe(self, message_ids: list[int]) -> None:
        """These messages, and the tapped one, vanish from her chat: what is said next is a message of its own."""
        chat = self.incoming.effective_chat
        tapped = self.incoming.callback_query.message if self.incoming.callback_query else None
        if chat is not None:
            also = [tapped.message_id] if tapped is not None else []
            await self.voice.wipe(chat.id, list(dict.fromkeys([*message_ids, *also])))
        self.shown = True

    async def take_back(self, name: str, /, *, about: Case, **values: Any) -> None:
        """Door and phone vanish from her own chat, and the tapped card with them: the answer is a message of its own."""
        tapped = self.incoming.callback_query.message if self.incoming.callback_query else None
        hidden = await self.voice.take_back(self.me, name, about=about, **values)
        if hidden and tapped is not None:
            if tapped.message_id not in hidden:
                with delivering(Delivery(priority=1)):
                    await self.bot.delete_message(tapped.chat.id, tapped.message_id)
            self.shown = True
        await self.say(name, about=about, **values)

    async def give(self, name: str, /, *, file: bytes, called: str, **values: Any) -> None:
        """A file of her own, with a few words under it."""
        chat = self.incoming.effective_chat
        assert chat is not None  # noqa: S101  every update that reaches a callback has a chat
        words = self.house.texts.render(name, language=self.language, limit=CAPTION, **values)
        with delivering(Delivery(priority=1)):
            await self.bot.send_document(
                chat.id, InputFile(file, filename=called), caption=words.html, parse_mode=ParseMode.HTML
            )

    async def show(self, name: str, /, *, png: bytes, **values: Any) -> None:
        """A picture we have drawn, with its words under it."""
        chat = self.incoming.effective_chat
        assert chat is not None  # noqa: S101  every update that reaches a callback has a chat
        words = self.house.texts.render(name, language=self.language, limit=CAPTION, **values)
        with delivering(Delivery(priority=1)):
            await self.bot.send_photo(
                chat.id, InputFile(png, filename="picture.png"), caption=words.html, parse_mode=ParseMode.HTML
            )

    def labels(self) -> dict[str, str]:
        """What the buttons said last would send, by their words."""
        buttons = [button for row in self._said.buttons for button in row] if self._said else []
        return {label(button.text): data_of(button) for button in buttons if button.url is None}

    async def tell(self, person: Person, name: str, /, **values: Any) -> None:
        await self.voice.tell(person, name, **values)

    async def toast(
        self, name: str, /, *, alert: bool = False, about: Case | None = None, **values: Any
    ) -> None:
        """A short word over the chat, the answer to a tap (200 characters at most); an alert stays until it is read.

        Where a button's words were typed there is nothing to lay it over, so it is a message.
        """
        query = self.incoming.callback_query
        if query is None:
            await self.say(name, about=about, **values)
        if query is not None and not self.answered:
            self.answered = True
            values = self.voice.opened(values, self.reader, about)
            words = self.house.texts.render(name, language=self.language, simple=self.simple, **values)
            await query.answer(texts.plain(words.html), show_alert=alert)
            await self.voice.mind()

    def _for_whom(self, message: texts.Message) -> texts.Message:
        """Staff who stand in for somebody see so on every message, and the way out of it."""
        if self.proxy is None:
            return message
        values = self.voice.opened({"name": people.name_of(self.me)}, self.proxy, None)
        said = self.house.texts.render("desk.for_whom", language=self.language, **values)
        out = [] if message.keys else said.buttons
        return texts.Message(f"{said.html}\n\n{message.html}", [*message.buttons, *out], message.keys)

    def _talk_values(self) -> dict[str, Any]:
        talk = self.talk
        return {"about": talk["id"], "version": talk["turn"]} if talk else {"about": "-", "version": 0}


def _written(talk: dict[str, Any]) -> bool:
    return bool(talk["draft"] != talk.get("began", {}))


def _turns_away(update: Update) -> bool:
    """She has blocked us, which is no sign of staying."""
    change = update.my_chat_member
    return change is not None and change.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
