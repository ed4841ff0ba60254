"""The Bot API, method by method, each as the real server does it. Source: core.telegram.org/bots/api."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import ApiError, bad, forbidden
from bot.sandbox.keyboards import checked_markup, inline_only
from bot.sandbox.markup import units
from bot.sandbox.model import CallbackQuery, Chat, File, Json, Message, member
from bot.sandbox.text import formatted

if TYPE_CHECKING:
    from bot.sandbox.world import World

TEXT, CAPTION, TOAST = 4096, 1024, 200  # the longest, after parsing
TOPIC = 128
NAME, DESCRIPTION, SHORT_DESCRIPTION = 64, 512, 120
COMMANDS = re.compile(r"[a-z0-9_]{1,32}")
DELETABLE = 48 * 3600  # seconds a bot may delete a message
TAP_WAITS = 150.0  # seconds a tap may be answered
TAP_GONE = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
UPGRADED = "group chat was upgraded to a supergroup chat"
ACTIONS = {
    "typing",
    "upload_photo",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
}
FILE_TYPES = {"photos": "Photo", "voice": "VoiceNote", "documents": "Document", "stickers": "Sticker"}
MENU_BUTTONS = {"commands", "default", "web_app"}
Params = dict[str, Any]


class Calls:
    """Every method the sandbox knows, by Telegram's name for it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self, method: str, params: Params, files: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return await self.get_updates(params)
        return getattr(self, _snake(method))(params, files)

    # what came

    async def get_updates(self, params: Params) -> Any:
        updates = self._world.updates
        updates.allow(params.get("allowed_updates"))
        found = await updates.fetch(
            offset=params.get("offset", 0), limit=params.get("limit", 100), timeout=params.get("timeout", 0)
        )
        if found and self._world.faults.repeat_updates > 0:
            self._world.faults.repeat_updates -= 1
            return [*found, found[-1]]
        return found

    def get_me(self, params: Params, files: Params) -> Json:
        return {**self._world.bot, "can_join_groups": True,
                "can_read_all_group_messages": not self._world.privacy, "supports_inline_queries": False}  # fmt: skip

    def delete_webhook(self, params: Params, files: Params) -> bool:
        if params.get("drop_pending_updates"):
            self._world.updates.clear()
        return True

    def get_webhook_info(self, params: Params, files: Params) -> Json:
        waiting = len(self._world.updates.pending)
        return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}

    # what is sent

    def send_message(self, params: Params, files: Params) -> Json:
        text, entities = self._text(params, "text", TEXT)
        if not text:
            raise bad("text must be non-empty" if params["text"] else "message text is empty")
        return self._send(params, {}, text, entities)

    def send_photo(self, params: Params, files: Params) -> Json:
        kept = self._file(params["photo"], files, "image/jpeg", "photos")
        size = {"file_id": kept.id, "file_unique_id": kept.unique_id, "width": 960, "height": 1280}
        return self._captioned(params, {"photo": [size]})

    def send_voice(self, params: Params, files: Params) -> Json:
        kept = self._file(params["voice"], files, "audio/ogg", "voice")
        voice = {"file_id": kept.id, "file_unique_id": kept.unique_id, "duration": params.get("duration", 0)}
        return self._captioned(params, {"voice": voice})

    def send_document(self, params: Params, files: Params) -> Json:
        kept = self._file(params["document"], files, "application/octet-stream", "documents")
        document = {"file_id": kept.id, "file_unique_id": kept.unique_id, "file_size": len(kept.data)}
        return self._captioned(params, {"document": {**document, "file_name": kept.name}})

    def send_chat_action(self, params: Params, files: Params) -> bool:
        if params["action"] not in ACTIONS:
            raise bad("wrong parameter action in request")
        self._reach(params["chat_id"])
        return True

    # what is changed

    def edit_message_text(self, params: Params, files: Params) -> Json:
        message = self._own(params, "edited")
        if message.has_caption or message.is_service:
            raise bad("there is no text in the message to edit")
        text, entities = self._text(params, "text", TEXT)
        if not text:
            raise bad("message text is empty")
        return self._change(message, text, entities, params)

    def edit_message_caption(self, params: Params, files: Params) -> Json:
        message = self._own(params, "edited")
        if not message.has_caption:
            raise bad("there is no caption in the message to edit")
        caption, entities = self._text({"caption": "", **params}, "caption", CAPTION)
        return self._change(message, caption, entities, params)

    def edit_message_reply_markup(self, params: Params, files: Params) -> Json:
        message = self._own(params, "edited")
        return self._change(message, message.text, message.entities, params)

    def delete_message(self, params: Params, files: Params) -> bool:
        chat = self._reach(params["chat_id"])
        message = chat.messages.get(params["message_id"])
        if message is None or message.deleted:
            raise bad("message to delete not found")
        if self._world.now() - message.date > DELETABLE or (not message.from_bot and not chat.private):
            raise bad("message can't be deleted for everyone")
        message.deleted = True
        return True

    def delete_messages(self, params: Params, files: Params) -> bool:
        if not 1 <= len(params["message_ids"]) <= 100:
            raise bad("too many message identifiers specified")
        for message_id in params["message_ids"]:
            try:
                self.delete_message({"chat_id": params["chat_id"], "message_id": message_id}, files)
            except ApiError:
                continue  # the real server skips what it cannot delete
        return True

    def pin_chat_message(self, params: Params, files: Params) -> bool:
        chat = self._reach(params["chat_id"])
        if params["message_id"] not in chat.messages:
            raise bad("message to pin not found")
        chat.pinned.append(params["message_id"])
        return True

    def unpin_chat_message(self, params: Params, files: Params) -> bool:
        chat = self._reach(params["chat_id"])
        gone = params.get("message_id", chat.pinned[-1] if chat.pinned else None)
        if gone not in chat.pinned:
            raise bad("message to unpin not found")
        chat.pinned.remove(gone)
        return True

    # taps

    def answer_callback_query(self, params: Params, files: Params) -> bool:
        query: CallbackQuery | None = self._world.queries.get(params["callback_query_id"])
        if query is None or query.answered or self._world.clock.monotonic() - query.at > TAP_WAITS:
            raise bad(TAP_GONE)
        if len(params.get("text", "")) > TOAST:
            raise bad("MESSAGE_TOO_LONG")
        query.answered = True
        if params.get("text"):
            phone = self._world.phones[query.user.id]
            phone.toasts.append((params["text"], bool(params.get("show_alert"))))
        return True

    # what is looked up

    def get_file(self, params: Params, files: Params) -> Json:
        kept = self._world.files.get(params["file_id"])
        if kept is None:
            raise bad("invalid file_id")
        return {
            "file_id": kept.id,
            "file_unique_id": kept.unique_id,
            "file_size": len(kept.data),
            "file_path": kept.path,
        }

    def get_chat(self, params: Params, files: Params) -> Json:
        return {**self._chat(params["chat_id"]).json(), "accent_color_id": 0, "max_reaction_count": 11,
                "accepted_gift_types": {}}  # fmt: skip

    def get_chat_member(self, params: Params, files: Params) -> Json:
        chat = self._chat(params["chat_id"])
        if params["user_id"] == self._world.bot["id"]:
            return member(self._world.bot, chat.bot_status)
        user = self._world.users.get(params["user_id"])
        if user is None or (not chat.private and user.id not in chat.members):
            raise bad("member not found")
        return member(user.json(), chat.members.get(user.id, "member"))

    def get_chat_member_count(self, params: Params, files: Params) -> int:
        chat = self._chat(params["chat_id"])
        return 2 if chat.private else len(chat.members) + 1

    def leave_chat(self, params: Params, files: Params) -> bool:
        chat = self._reach(params["chat_id"])
        if chat.private:
            raise bad("chat member status can't be changed in private chats")
        chat.bot_status = "left"
        return True

    def create_forum_topic(self, params: Params, files: Params) -> Json:
        chat = self._reach(params["chat_id"])
        if not chat.forum:
            raise bad("the chat is not a forum")
        if not params["name"].strip():
            raise bad("title must be non-empty")
        if len(params["name"]) > TOPIC:
            raise bad("topic name is too long")  # the real server cuts it (TDLib); here it is our mistake
        return self._world.open_topic(chat, params["name"])

    # how the bot shows itself

    def set_my_commands(self, params: Params, files: Params) -> bool:
        commands = params["commands"]
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not COMMANDS.fullmatch(command["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self._world.commands[self._scope(params)] = commands
        return True

    def get_my_commands(self, params: Params, files: Params) -> list[Json]:
        return self._world.commands.get(self._scope(params), [])

    def delete_my_commands(self, params: Params, files: Params) -> bool:
        self._world.commands.pop(self._scope(params), None)
        return True

    def set_my_name(self, params: Params, files: Params) -> bool:
        return self._describe("name", params, NAME)

    def set_my_description(self, params: Params, files: Params) -> bool:
        return self._describe("description", params, DESCRIPTION)

    def set_my_short_description(self, params: Params, files: Params) -> bool:
        return self._describe("short_description", params, SHORT_DESCRIPTION)

    def get_my_name(self, params: Params, files: Params) -> Json:
        return {"name": self._described("name", params) or self._world.bot["first_name"]}

    def get_my_description(self, params: Params, files: Params) -> Json:
        return {"description": self._described("description", params)}

    def get_my_short_description(self, params: Params, files: Params) -> Json:
        return {"short_description": self._described("short_description", params)}

    def set_chat_menu_button(self, params: Params, files: Params) -> bool:
        if "menu_button" in params and params["menu_button"]["type"] not in MENU_BUTTONS:
            raise bad("can't parse menu button: MenuButton has unsupported type")  # the wording from memory
        if "chat_id" in params:
            self._chat(params["chat_id"]).menu_button = params.get("menu_button")
        return True

    def get_chat_menu_button(self, params: Params, files: Params) -> Json:
        chat = self._chat(params["chat_id"]) if "chat_id" in params else None
        return (chat.menu_button if chat else None) or {"type": "commands"}

    # what they share

    def _describe(self, what: str, params: Params, longest: int) -> bool:
        if len(params.get(what, "")) > longest:
            raise bad(f"BOT_{what.upper()}_TOO_LONG")
        self._world.about[what, params.get("language_code", "")] = params.get(what, "")
        return True

    def _described(self, what: str, params: Params) -> str:
        about = self._world.about
        return about.get((what, params.get("language_code", ""))) or about.get((what, ""), "")

    def _scope(self, params: Params) -> tuple[str, str]:
        scope = params.get("scope", {"type": "default"})
        kind = scope["type"]
        if kind not in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"):
            raise bad("unsupported type specified")
        name = f"chat:{self._chat(scope.get('chat_id')).id}" if kind == "chat" else str(kind)
        return name, params.get("language_code", "")

    def _chat(self, chat_id: Any) -> Chat:
        chats = self._world.chats
        chat = chats.get(chat_id) if isinstance(chat_id, int) else self._named(chat_id)
        if chat is None:
            raise bad("chat not found")
        if chat.migrated_to is not None:
            raise ApiError(400, f"Bad Request: {UPGRADED}", {"migrate_to_chat_id": chat.migrated_to})
        return chat

    def _named(self, name: Any) -> Chat | None:
        """What has a public @name; people are not found by theirs."""
        named = {f"@{chat.username}".lower(): chat for chat in self._world.chats.values() if chat.username}
        return named.get(str(name).lower())

    def _reach(self, chat_id: Any) -> Chat:
        """The chat, if the bot may speak there."""
        chat = self._chat(chat_id)
        user = chat.user
        if user is not None and user.deactivated:
            raise forbidden("user is deactivated")
        if user is not None and not user.started:
            raise forbidden("bot can't initiate conversation with a user")
        if user is not None and user.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def _text(self, params: Params, name: str, longest: int) -> tuple[str, list[Json]]:
        text, entities = formatted(
            params[name],
            params.get("parse_mode"),
            params.get("entities" if name == "text" else "caption_entities"),
        )
        if units(text) > longest:
            raise bad("message is too long" if name == "text" else "message caption is too long")
        return text, entities

    def _captioned(self, params: Params, content: Json) -> Json:
        caption, entities = self._text({"caption": "", **params}, "caption", CAPTION)
        return self._send(params, content, caption, entities)

    def _send(self, params: Params, content: Json, text: str, entities: list[Json]) -> Json:
        chat = self._reach(params["chat_id"])
        markup = checked_markup(params.get("reply_markup"), private=chat.private)
        topic = params.get("message_thread_id")
        if topic is not None and topic not in chat.topics:
            raise bad("message thread not found")
        reply = self._replied(chat, params.get("reply_parameters"))
        if topic is None and reply is not None:
            topic = reply.topic  # an answer stands where the question stands
        if chat.type == "channel" and chat.bot_status != "administrator":
            raise bad("need administrator rights in the channel chat")
        self._world.pace(chat)
        world = self._world
        message = Message(
            world.next_message_id(), chat, world.bot, world.now(), content, text, entities, topic=topic
        )
        message.reply_to = reply
        message.markup = markup
        if markup is not None and "inline_keyboard" not in markup:
            chat.keyboard = markup if "keyboard" in markup else None
        chat.messages[message.id] = message
        return message.json()

    def _replied(self, chat: Chat, parameters: Json | None) -> Message | None:
        if parameters is None:
            return None
        found = chat.messages.get(parameters.get("message_id", 0))
        if found is None and not parameters.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        return found

    def _own(self, params: Params, what: str) -> Message:
        chat = self._reach(params["chat_id"])
        message = chat.messages.get(params["message_id"])
        if message is None or message.deleted:
            raise bad("message to edit not found")
        if not message.from_bot or (message.markup and "inline_keyboard" not in message.markup):
            raise bad(f"message can't be {what}")
        return message

    def _change(self, message: Message, text: str, entities: list[Json], params: Params) -> Json:
        markup = inline_only(params.get("reply_markup"), private=message.chat.private)
        if (text, entities, markup) == (message.text, message.entities, message.markup):
            raise bad(NOT_MODIFIED)
        message.text, message.entities, message.markup = text, entities, markup
        message.edited = self._world.now()
        return message.json()

    def _file(self, given: str, files: Params, mime: str, folder: str) -> File:
        if given.startswith("attach://"):
            data = files.get(given.removeprefix("attach://"))
            if not data:
                raise bad("file must be non-empty")
            new = self._world.keep(data, mime, f"{folder}/file_{len(self._world.files)}")
            new.name = getattr(data, "name", new.name)
            return new
        kept = self._world.files.get(given)
        if kept is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if (kind := kept.path.partition("/")[0]) != folder:
            raise bad(f"can't use file of type {FILE_TYPES[kind]} as {FILE_TYPES[folder]}")
        return kept


def _snake(method: str) -> str:
    """`editMessageText` → `edit_message_text`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in method)
