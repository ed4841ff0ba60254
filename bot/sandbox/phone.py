"""A telephone: what its owner can do and what she sees. Only this is what a test or the page may touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    """One person's telephone, open on her chat with the bot."""

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

    def send(self, text: str, *, to: Chat | None = None) -> int:
        """Type something. In her own chat that also lets a bot in that never was."""
        return self._post({}, text, chat=to)

    def send_contact(self, number: str | None = None) -> int:
        own = number is None
        contact = {
            "phone_number": number or self.user.phone_number,
            "first_name": self.user.first_name,
            **({"user_id": self.user.id} if own else {}),
        }
        return self._post({"contact": contact})

    def send_location(self, latitude: float = 24.4798, longitude: float = 118.0894) -> int:
        return self._post({"location": {"latitude": latitude, "longitude": longitude}})

    def send_photo(self, caption: str = "", data: bytes = b"pretend photo") -> int:
        kept = self._world.keep(data, "image/jpeg", f"photos/file_{len(self._world.files)}.jpg")
        size = {"file_id": kept.id, "file_unique_id": kept.unique_id, "width": 960, "height": 1280}
        return self._post({"photo": [{**size, "file_size": len(data)}]}, caption)

    def send_voice(self, seconds: int = 4, data: bytes = b"pretend voice") -> int:
        kept = self._world.keep(data, "audio/ogg", f"voice/file_{len(self._world.files)}.oga")
        voice = {"file_id": kept.id, "file_unique_id": kept.unique_id, "duration": seconds}
        return self._post({"voice": {**voice, "mime_type": kept.mime, "file_size": len(data)}})

    def send_document(self, name: str = "paper.pdf", data: bytes = b"pretend paper") -> int:
        kept = self._world.keep(data, "application/pdf", f"documents/{name}")
        return self._post(
            {"document": {"file_id": kept.id, "file_unique_id": kept.unique_id, "file_name": name}}
        )

    def send_sticker(self) -> int:
        kept = self._world.keep(b"pretend sticker", "image/webp", "stickers/file.webp")
        return self._post({"sticker": {"file_id": kept.id, "file_unique_id": kept.unique_id, **STICKER}})

    def edit(self, message_id: int, text: str) -> None:
        """Change one of her own messages."""
        message = self.chat.messages[message_id]
        message.text, message.edited = text, self._world.now()
        self._world.deliver(message, "edited_message")

    def tap(self, label: str, message_id: int | None = None) -> None:
        """Tap the button with this on it, in the newest message that has one. Raises NoSuchButton."""
        for message in reversed(self.chat.present()):
            if message_id not in (None, message.id):
                continue
            for button in (b for row in _buttons(message) for b in row):
                if label in button.text:
                    if button.data is not None:
                        self.waiting.append(self._world.tap(self.user, message, button.data))
                    return
        there = [label for seen in self.screen[-3:] for label in seen.labels]
        raise NoSuchButton(f"no button {label!r}; the last messages have {there}")

    def press(self, label: str) -> None:
        """Press a key of the reply keyboard. Raises NoSuchButton."""
        for key in (key for row in self.keyboard for key in row):
            if label in key["text"]:
                if key.get("request_contact"):
                    self.send_contact()
                elif key.get("request_location"):
                    self.send_location()
                else:
                    self.send(key["text"])
                return
        raise NoSuchButton(f"no key {label!r}; there are {[k['text'] for row in self.keyboard for k in row]}")

    def forge_callback(self, data: str, message_id: int | None = None) -> None:
        """A tap with any data, as a changed client can send it, on any message of her chat."""
        present = [m for m in self.chat.present() if m.from_bot]
        message = self.chat.messages[message_id] if message_id is not None else present[-1]
        self.waiting.append(self._world.tap(self.user, message, data))

    def block(self) -> None:
        self.user.blocked = True
        self._world.membership(self.user, "member", "kicked")

    def unblock(self) -> None:
        self.user.blocked = False
        self._world.membership(self.user, "kicked", "member")

    # what she sees

    @property
    def screen(self) -> list[Seen]:
        return [_seen(message) for message in self.chat.present()]

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
        seen = self.chat.read_up_to.get(self.user.id, 0)
        return sum(1 for m in self.chat.present() if m.from_bot and m.id > seen)

    def read(self, up_to: int | None = None) -> None:
        """All of it, or what was on screen when she looked."""
        self._world.changes += self.unread > 0
        last = max(self.chat.messages, default=0)
        before = self.chat.read_up_to.get(self.user.id, 0)
        self.chat.read_up_to[self.user.id] = last if up_to is None else max(before, min(up_to, last))

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
        }

    def _post(self, content: Json, text: str = "", *, chat: Chat | None = None) -> int:
        self.user.started = True
        if self.user.blocked and chat is None:
            self.unblock()
        chat = chat or self.chat
        message = Message(
            self._world.next_message_id(),
            chat,
            self.user.json(),
            self._world.now(),
            content,
            text,
            found_in(text),
        )
        if chat is self.chat:
            self.read()
            if self.chat.keyboard and self.chat.keyboard.get("one_time_keyboard"):
                self.chat.keyboard = None
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
        "at": message.date,
        "edited": message.edited is not None,
        "segments": segments(message.text, message.entities),
        "buttons": [[vars(button) for button in row] for row in _buttons(message)],
        "content": message.content,
    }
