"""What there is in the pretend Telegram: people, chats, messages, files."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.markup import Entity

Json = dict[str, Any]


@dataclass
class User:
    """Somebody with a telephone."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    phone_number: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    alert: Json | None = None

    def json(self) -> Json:
        shown: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if getattr(self, name):
                shown[name] = getattr(self, name)
        return shown


class Upload(bytes):
    """A file as it comes in, with what it is called."""

    name = "file"

    @classmethod
    def called(cls, name: str | None, data: bytes) -> Upload:
        made = cls(data)
        made.name = name or cls.name
        return made


@dataclass
class File:
    """A photo, voice or document kept by the server."""

    id: str
    unique_id: str
    path: str
    mime: str
    data: bytes
    name: str = "file"


@dataclass(eq=False)
class Message:
    """One message, as it is now."""

    id: int
    chat: Chat
    sender: Json
    date: int
    content: Json
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    markup: Json | None = None
    topic: int | None = None
    reply_to: Message | None = None
    edited: int | None = None
    deleted: bool = False
    reactions: dict[int, list[Json]] = field(default_factory=dict)

    @property
    def from_bot(self) -> bool:
        return bool(self.sender["is_bot"])

    @property
    def has_caption(self) -> bool:
        return any(kind in self.content for kind in ("photo", "voice", "document"))

    @property
    def is_service(self) -> bool:
        return bool(self.content) and not self.text and any(kind in self.content for kind in SERVICE)

    @property
    def command(self) -> str | None:
        """The command it begins with, `/queue` or `/queue@some_bot`."""
        first = next((e for e in self.entities if e["type"] == "bot_command" and e["offset"] == 0), None)
        return self.text[: first["length"]] if first and not self.has_caption else None

    def _author(self) -> Json:
        """Nobody signs in a channel: it speaks itself (core.telegram.org/bots/api#message)."""
        return {"sender_chat": self.chat.json()} if self.chat.type == "channel" else {"from": self.sender}

    def json(self, *, nested: bool = False) -> Json:
        shown: Json = {
            "message_id": self.id,
            **self._author(),
            "chat": self.chat.json(),
            "date": self.date,
        }
        if self.edited is not None:
            shown["edit_date"] = self.edited
        if self.topic is not None:
            shown |= {"message_thread_id": self.topic, "is_topic_message": True}
        if self.reply_to is not None and not nested:
            shown["reply_to_message"] = self.reply_to.json(nested=True)
        shown |= self.content
        if self.text:
            kind = "caption" if self.has_caption else "text"
            shown[kind] = self.text
            if self.entities:
                shown["caption_entities" if kind == "caption" else "entities"] = self.entities
        if self.markup and "inline_keyboard" in self.markup:
            shown["reply_markup"] = self.markup
        return copy.deepcopy(shown)


SERVICE = (
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "forum_topic_created",
    "new_chat_members",
    "left_chat_member",
    "pinned_message",
)


@dataclass(eq=False)
class Chat:
    """A private chat with the bot, a group, a supergroup with or without topics, or a channel."""

    id: int
    type: str
    title: str = ""
    user: User | None = None
    forum: bool = False
    bot_status: str = "member"
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Json] = field(default_factory=dict)
    migrated_to: int | None = None
    pinned: list[int] = field(default_factory=list)
    keyboard: Json | None = None
    read_up_to: dict[int, int] = field(default_factory=dict)
    menu_button: Json | None = None
    username: str = ""
    last_id: int = 0

    @property
    def private(self) -> bool:
        return self.type == "private"

    def json(self) -> Json:
        if self.user is not None:
            shown = {name: value for name, value in self.user.json().items() if name in PERSONAL}
            return {**shown, "type": "private"}
        shown = {"id": self.id, "type": self.type, "title": self.title}
        if self.username:
            shown["username"] = self.username
        if self.forum:
            shown["is_forum"] = True
        return shown

    def present(self) -> list[Message]:
        return [message for message in self.messages.values() if not message.deleted]


def member(user: Json, status: str) -> Json:
    """A ChatMember, with every field its kind must have."""
    more: dict[str, Json] = {
        "creator": {"is_anonymous": False},
        "administrator": {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(RIGHTS, True)},
        "kicked": {"until_date": 0},
    }
    return {"user": user, "status": status, **more.get(status, {})}


RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
PERSONAL = ("id", "first_name", "last_name", "username")


@dataclass
class CallbackQuery:
    """A tap on an inline button, waiting for its answer."""

    id: str
    user: User
    message: Message
    data: str
    at: float
    answered: bool = False
