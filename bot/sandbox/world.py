"""A pretend Telegram, as strict as the real one: people with telephones on one side, one bot on the other.

Sources: core.telegram.org/bots/api (10.x), and the wording of the real server's refusals.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any

from bot.clock import Clock
from bot.sandbox.calls import Calls
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Broken, Faults
from bot.sandbox.limits import Limits
from bot.sandbox.model import CallbackQuery, Chat, File, Json, Message, User, member
from bot.sandbox.parameters import checked, method_named
from bot.sandbox.phone import Phone
from bot.sandbox.updates import Updates

Recorded = tuple[str, Json, Any]


class World:
    """Everything the server knows. `phone` and `group` are the people's side, `call` is the bot's."""

    def __init__(self, clock: Clock, *, token: str = "1:sandbox", seed: int = 0) -> None:  # noqa: S107  invented
        self.clock = clock
        self.token = token
        self.random = random.Random(seed)
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Jinlin",
            "username": "jinlin_sandbox_bot",
        }
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.queries: dict[str, CallbackQuery] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.about: dict[tuple[str, str], str] = {}
        self.phones: dict[int, Phone] = {}
        self.updates = Updates(clock, self.random.randrange(10**6, 10**8))
        self.faults = Faults()
        self.limits = True
        self.privacy = True  # as @BotFather sets it for every new bot
        self.calls: list[Recorded] = []
        self.record = True
        self.changes = 0
        self._pace = Limits(clock)
        self._last_message = self.random.randrange(1000)
        self._methods = Calls(self)

    # the bot's side

    async def call(self, token: str, method: str, params: Json, files: dict[str, Any] | None = None) -> Json:
        """One call of the Bot API. Raises Broken when a fault takes the answer on the way."""
        name = method_named(method)
        try:
            if token != self.token:
                raise ApiError(401, "Unauthorized")
            if name is None:
                raise ApiError(404, "Not Found")
            broken = self.faults.before(name)
            result = await self._methods.run(name, checked(name, params, files or {}), files or {})
        except ApiError as error:
            return error.body()
        if name != "getUpdates" and self.record:
            self.calls.append((name, params, result))
        self.changes += name != "getUpdates"
        if broken is not None:
            raise Broken(broken)
        return {"ok": True, "result": result}

    def pace(self, chat: Chat) -> None:
        """Raises ApiError 429 when the bot talks too much."""
        if self.limits:
            self._pace.take(chat.id, private=chat.private)

    # the people's side

    def phone(self, user_id: int, first_name: str = "", language: str = "zh", number: str = "") -> Phone:
        """The telephone of a person, who is born at the first mention."""
        if user_id not in self.phones:
            user = User(
                user_id,
                first_name or f"N{user_id}",
                language_code={"zh": "zh-hans"}.get(language, language),
                phone_number=number or f"+86138{user_id % 10**8:08d}",
            )
            self.users[user_id] = user
            self.chats[user_id] = Chat(user_id, "private", user=user)
            self.phones[user_id] = Phone(self, user)
        return self.phones[user_id]

    def group(
        self,
        title: str,
        members: tuple[int, ...] = (),
        *,
        topics: tuple[str, ...] = (),
        with_bot: bool = True,
    ) -> Chat:
        """A group, with the bot in it or not; with topics it is a supergroup."""
        chat_id = -(10**12) - len(self.chats) if topics else -1000 - len(self.chats)
        chat = Chat(chat_id, "supergroup" if topics else "group", title, forum=bool(topics))
        chat.members = dict.fromkeys(members, "member")
        chat.bot_status = "member" if with_bot else "left"
        self.chats[chat.id] = chat
        for topic in topics:
            self.open_topic(chat, topic)
        return chat

    def channel(
        self, title: str, readers: tuple[int, ...] = (), *, username: str = "", status: str = "administrator"
    ) -> Chat:
        """A channel; only with a `username` it can be called by @name. `status` is the bot's in it."""
        chat = Chat(-(10**12) - len(self.chats), "channel", title, username=username, bot_status=status)
        chat.members = dict.fromkeys(readers, "member")
        self.chats[chat.id] = chat
        return chat

    def open_topic(self, chat: Chat, name: str) -> Json:
        thread = self.next_message_id()
        chat.topics[thread] = {"message_thread_id": thread, "name": name, "icon_color": 7322096}
        return chat.topics[thread]

    def upgrade(self, chat: Chat) -> Chat:
        """A group becomes a supergroup: another id, and every call to the old one says so."""
        new = self.group(chat.title, tuple(chat.members), topics=("General",), with_bot=False)
        chat.migrated_to = new.id
        who = self.users[next(iter(chat.members))].json() if chat.members else self.bot
        self.admit(
            new, who
        )  # that it joins the new one is told, that it left the old one never (telegram-bot-api #266)
        self.deliver(Message(self.next_message_id(), chat, who, self.now(), {"migrate_to_chat_id": new.id}))
        self.deliver(Message(self.next_message_id(), new, who, self.now(), {"migrate_from_chat_id": chat.id}))
        return new

    def admit(self, chat: Chat, who: Json) -> None:
        """Somebody brings the bot into a group."""
        chat.bot_status = "member"
        self._member_changed(chat, who, "left", "member")
        joined = {"new_chat_members": [self.bot], "new_chat_member": self.bot}
        self.deliver(Message(self.next_message_id(), chat, who, self.now(), joined))

    def dismiss(self, chat: Chat, who: Json) -> None:
        """Somebody puts the bot out of a group."""
        old, chat.bot_status = chat.bot_status, "left"
        self._member_changed(chat, who, old, "kicked" if chat.type == "supergroup" else "left")

    # what both sides do

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def next_message_id(self) -> int:
        self._last_message += 1
        return self._last_message

    def keep(self, data: bytes, mime: str, path: str) -> File:
        """A file of the server, found by its id."""
        unique = hashlib.sha256(data + str(len(self.files)).encode()).hexdigest()[:16]
        kept = File(f"AgAD{unique}{len(self.files):06d}", f"AQAD{unique[:8]}", path, mime, data)
        self.files[kept.id] = kept
        return kept

    def deliver(self, message: Message, kind: str = "message") -> None:
        """A message of a person reaches her chat, and the bot if it may see it."""
        message.chat.messages[message.id] = message
        self.changes += 1
        if self._reaches_bot(message):
            self.updates.put(kind, message.json())

    def _reaches_bot(self, message: Message) -> bool:
        """In privacy mode a bot hears of a group only what is meant for it (core.telegram.org/bots/features#privacy-mode)."""
        chat = message.chat
        if chat.bot_status == "left":
            return False
        if chat.private or message.is_service or chat.bot_status == "administrator" or not self.privacy:
            return True
        if message.reply_to is not None and message.reply_to.from_bot:
            return True
        command, at, whom = (message.command or "").partition("@")
        if at:
            return whom.lower() == str(self.bot["username"]).lower()
        return bool(command) and any(m.from_bot for m in chat.messages.values())  # the last bot that spoke

    def tap(self, user: User, message: Message, data: str) -> CallbackQuery:
        """A tap on a button of a message, true or forged."""
        query = CallbackQuery(str(self.random.getrandbits(62)), user, message, data, self.clock.monotonic())
        self.queries[query.id] = query
        self.changes += 1
        self.updates.put(
            "callback_query",
            {
                "id": query.id,
                "from": user.json(),
                "message": message.json(),
                "chat_instance": str(message.chat.id * 7919),
                "data": data,
            },
        )
        return query

    def membership(self, user: User, old: str, new: str) -> None:
        """The person lets the bot in, or shuts it out."""
        self._member_changed(self.chats[user.id], user.json(), old, new)

    def _member_changed(self, chat: Chat, who: Json, old: str, new: str) -> None:
        self.changes += 1
        self.updates.put(
            "my_chat_member",
            {
                "chat": chat.json(),
                "from": who,
                "date": self.now(),
                "old_chat_member": member(self.bot, old),
                "new_chat_member": member(self.bot, new),
            },
        )
