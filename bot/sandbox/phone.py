"""A telephone: what its owner can do and what she sees. Only this is what a test or the page may touch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from bot.sandbox.model import CallbackQuery, Chat, Json, Message, User
from bot.sandbox.text import found_in, segments

if TYPE_CHECKING:
    from bot.sandbox.world import World

TAP_WAITS = 150.0  # seconds a tap can be answered
STICKER = {
    "type": "regular",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
    "emoji": "\N{WAVING HAND SIGN}",
}


class NoSuchButton(AssertionError):
    """There is nothing like that to tap; the message tells what there is."""


class NotThere(ValueError):
    """No chat or topic of hers, or no message of hers in it."""


class Place(TypedDict, total=False):
    """Where something is said: `to` is a group she belongs to (or its id), her chat with the bot if it is left out."""

    to: Chat | int | None
    topic: int | None
    reply_to: int | None


@dataclass(frozen=True)
class Button:
    """An inline button as it is drawn."""

    text: str
    data: str | None
    url: str | None
    style: str | None


@dataclass(frozen=True)
class Seen:
    """One message as it stands on the screen."""

    id: int
    text: str
    buttons: tuple[tuple[Button, ...], ...]
    from_bot: bool
    edited: bool
    kind: str

    @property
    def labels(self) -> list[str]:
        return [button.text for row in self.buttons for button in row]


class Phone:
    """One person's telephone: her chat with the bot, and the groups she shares with it."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user
        self.toasts: list[tuple[str, bool]] = []
        self.waiting: list[CallbackQuery] = []

    @property
    def chat(self) -> Chat:
        return self._world.chats[self.user.id]

    # what she does

    def start(self, payload: str = "") -> None:
        if not self.user.started:
            self.user.started = True
        self.send(f"/start {payload}".strip())

    def send(self, text: str, **place: Unpack[Place]) -> int:
        """Type something. In her own chat that also lets a bot in that never was. Raises NotThere."""
        return self._post({}, text, **place)

    def send_contact(self, number: str | None = None, **place: Unpack[Place]) -> int:
        own = number is None
        contact = {
            "phone_number": number or self.user.phone_number,
            "first_name": self.user.first_name,
            **({"user_id": self.user.id} if own else {}),
        }
        return self._post({"contact": contact}, **place)

    def send_location(
        self, latitude: float = 24.4798, longitude: float = 118.0894, **place: Unpack[Place]
    ) -> int:
        return self._post({"location": {"latitude": latitude, "longitude": longitude}}, **place)

    def send_photo(self, caption: str = "", data: bytes = b"pretend photo", **place: Unpack[Place]) -> int:
        kept = self._world.keep(data, "image/jpeg", f"photos/file_{len(self._world.files)}.jpg")
        size = {"file_id": kept.id, "file_unique_id": kept.unique_id, "width": 960, "height": 1280}
        return self._post({"photo": [{**size, "file_size": len(data)}]}, caption, **place)

    def send_voice(self, seconds: int = 4, data: bytes = b"pretend voice", **place: Unpack[Place]) -> int:
        kept = self._world.keep(data, "audio/ogg", f"voice/file_{len(self._world.files)}.oga")
        voice = {"file_id": kept.id, "file_unique_id": kept.unique_id, "duration": seconds}
        return self._post({"voice": {**voice, "mime_type": kept.mime, "file_size": len(data)}}, **place)

    def send_document(
        self, name: str = "paper.pdf", data: bytes = b"pretend paper", **place: Unpack[Place]
    ) -> int:
        kept = self._world.keep(data, "application/pdf", f"documents/{name}")
        document = {"file_id": kept.id, "file_unique_id": kept.unique_id, "file_name": name}
        return self._post({"document": document}, **place)

    def send_sticker(self, **place: Unpack[Place]) -> int:
        kept = self._world.keep(b"pretend sticker", "image/webp", "stickers/file.webp")
        sticker = {"file_id": kept.id, "file_unique_id": kept.unique_id, **STICKER}
        return self._post({"sticker": sticker}, **place)

    def edit(self, message_id: int, text: str, *, to: Chat | int | None = None) -> None:
        """Change one of her own messages. Raises NotThere."""
        message = self._in(to).messages.get(message_id)
        if message is None or message.sender["id"] != self.user.id:
            raise NotThere(message_id)
        message.text, message.edited = text, self._world.now()
        self._world.deliver(message, "edited_message")

    def tap(
        self,
        label: str,
        message_id: int | None = None,
        *,
        to: Chat | int | None = None,
        topic: int | None = None,
    ) -> None:
        """Tap the button with this on it, in the newest message that has one. Raises NoSuchButton, NotThere."""
        for message in reversed(self._present(to, topic)):
            if message_id not in (None, message.id):
                continue
            for button in (b for row in _buttons(message) for b in row):
                if label in button.text:
                    if button.data is not None:
                        self.waiting.append(self._world.tap(self.user, message, button.data))
                    return
        there = [label for seen in self.sees(to, topic)[-3:] for label in seen.labels]
        raise NoSuchButton(f"no button {label!r}; the last messages have {there}")

    def press(self, label: str) -> None:
        """Press a key of the reply keyboard, by its whole name. Raises NoSuchButton."""
        for key in (key for row in self.keyboard for key in row):
            if label == key["text"]:
                if key.get("request_contact"):
                    self.send_contact()
                elif key.get("request_location"):
                    self.send_location()
                else:
                    self.send(key["text"])
                return
        raise NoSuchButton(f"no key {label!r}; there are {[k['text'] for row in self.keyboard for k in row]}")

    def forge_callback(
        self, data: str, message_id: int | None = None, *, to: Chat | int | None = None
    ) -> None:
        """A tap with any data, as a changed client can send it, on any message of a chat of hers."""
        chat = self._in(to)
        present = [m for m in chat.present() if m.from_bot]
        message = chat.messages[message_id] if message_id is not None else present[-1]
        self.waiting.append(self._world.tap(self.user, message, data))

    def block(self) -> None:
        self.user.blocked = True
        self._world.membership(self.user, "member", "kicked")

    def unblock(self) -> None:
        self.user.blocked = False
        self._world.membership(self.user, "kicked", "member")

    def start_group(self, url: str, to: Chat | int) -> None:
        """Open a link with `startgroup=` and choose a group of hers: the bot comes in, if it is not there, and hears /start.

        Raises NotThere for no group of hers, and where the link is none (core.telegram.org/bots/features#deep-linking: at most 64
        of A-Z a-z 0-9 _ -).
        """
        name = self._world.bot["username"]
        found = re.fullmatch(rf"https://t\.me/{name}\?startgroup=([\w-]{{1,64}})", url, re.ASCII)
        chat = self._in(to)
        if found is None or chat.type not in ("group", "supergroup"):
            raise NotThere(url)
        if chat.bot_status == "left":
            self._world.admit(chat, self.user.json())
        self.send(f"/start@{name} {found[1]}", to=chat)

    def put_out(self, to: Chat | int) -> None:
        """The bot must leave a group of hers. Raises NotThere."""
        self._world.dismiss(self._in(to), self.user.json())

    # what she sees

    def sees(self, to: Chat | int | None = None, topic: int | None = None) -> list[Seen]:
        """What stands in a chat of hers, or in one topic of it. Raises NotThere."""
        return [_seen(message) for message in self._present(to, topic)]

    @property
    def screen(self) -> list[Seen]:
        return self.sees()

    @property
    def heard(self) -> list[Seen]:
        """What the bot has said, as it stands now."""
        return [seen for seen in self.screen if seen.from_bot]

    @property
    def last(self) -> Seen:
        """The bot's last message."""
        return self.heard[-1]

    @property
    def keyboard(self) -> list[list[Json]]:
        rows: list[list[Json]] = (self.chat.keyboard or {}).get("keyboard", [])
        return rows

    @property
    def menu(self) -> list[Json]:
        """The commands offered to her: her chat's, the private ones, the default; her language first."""
        language = self.user.language_code[:2]
        for scope in (f"chat:{self.user.id}", "all_private_chats", "default"):
            for code in (language, ""):
                if self._world.commands.get((scope, code)):
                    return self._world.commands[scope, code]
        return []

    @property
    def unread(self) -> int:
        return self._unread(self.chat)

    def read(self, up_to: int | None = None, to: Chat | int | None = None) -> None:
        """All of it, or what was on screen when she looked."""
        chat = self._in(to)
        self._world.changes += self._unread(chat) > 0
        last = max(chat.messages, default=0)
        before = chat.read_up_to.get(self.user.id, 0)
        chat.read_up_to[self.user.id] = last if up_to is None else max(before, min(up_to, last))

    @property
    def groups(self) -> list[Chat]:
        return [chat for chat in self._world.chats.values() if self._belongs(chat)]

    def view(self) -> Json:
        """Everything the page draws."""
        now = self._world.clock.monotonic()
        return {
            "id": self.user.id,
            "name": self.user.first_name,
            "started": bool(self.chat.messages),
            "blocked": self.user.blocked,
            "unread": self.unread,
            "keyboard": self.chat.keyboard,
            "menu": self.menu,
            "toasts": [{"text": text, "alert": alert} for text, alert in self.toasts],
            "waiting": [q.data for q in self.waiting if not q.answered and now - q.at < TAP_WAITS],
            "messages": [_drawn(message) for message in self.chat.present()],
            "groups": [
                {
                    "id": chat.id,
                    "title": chat.title,
                    "topics": [{"id": id_, "name": topic["name"]} for id_, topic in chat.topics.items()],
                    "unread": self._unread(chat),
                    "messages": [_drawn(message) for message in chat.present()],
                }
                for chat in self.groups
            ],
        }

    def _belongs(self, chat: Chat) -> bool:
        return chat.members.get(self.user.id, "left") not in ("left", "kicked") and chat.migrated_to is None

    def _in(self, to: Chat | int | None) -> Chat:
        if to is None or to == self.user.id:
            return self.chat
        chat = to if isinstance(to, Chat) else self._world.chats.get(to)
        if chat is None or not (chat is self.chat or self._belongs(chat)):
            raise NotThere(f"{self.user.first_name} is in no such chat")
        return chat

    def _present(self, to: Chat | int | None, topic: int | None) -> list[Message]:
        return [message for message in self._in(to).present() if topic in (None, message.topic)]

    def _unread(self, chat: Chat) -> int:
        seen = chat.read_up_to.get(self.user.id, 0)
        return sum(1 for m in chat.present() if m.sender["id"] != self.user.id and m.id > seen)

    def _post(self, content: Json, text: str = "", **place: Unpack[Place]) -> int:
        chat, topic, answered = self._in(place.get("to")), place.get("topic"), place.get("reply_to")
        if chat.type == "channel":
            raise NotThere(f"only the bot posts in {chat.title!r}")
        if (topic is not None and topic not in chat.topics) or answered not in (None, *chat.messages):
            raise NotThere(f"no such topic or message in {chat.title!r}")
        if chat is self.chat:
            self.user.started = True
            if self.user.blocked:
                self.unblock()
        message = Message(
            self._world.next_message_id(),
            chat,
            self.user.json(),
            self._world.now(),
            content,
            text,
            found_in(text),
        )
        message.reply_to = chat.messages[answered] if answered is not None else None
        message.topic = topic or (message.reply_to.topic if message.reply_to else None)
        self.read(to=chat)
        if chat is self.chat and chat.keyboard and chat.keyboard.get("one_time_keyboard"):
            chat.keyboard = None
        self._world.deliver(message)
        return message.id


def _buttons(message: Message) -> tuple[tuple[Button, ...], ...]:
    rows = (message.markup or {}).get("inline_keyboard", [])
    return tuple(
        tuple(Button(b["text"], b.get("callback_data"), b.get("url"), b.get("style")) for b in row)
        for row in rows
    )


def _kind(message: Message) -> str:
    return next(iter(message.content), "text")


def _seen(message: Message) -> Seen:
    return Seen(
        message.id,
        message.text,
        _buttons(message),
        message.from_bot,
        message.edited is not None,
        _kind(message),
    )


def _drawn(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "kind": _kind(message),
        "from_bot": message.from_bot,
        "from": {"id": message.sender["id"], "name": message.sender["first_name"]},
        "topic": message.topic,
        "at": message.date,
        "edited": message.edited is not None,
        "segments": segments(message.text, message.entities),
        "buttons": [[vars(button) for button in row] for row in _buttons(message)],
        "content": message.content,
    }
