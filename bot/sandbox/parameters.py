"""Which method takes which parameters, and of what kind: `name:kind`, with `!` where it must be there.

Kinds: i whole number, b true or false, s text, j any object or list, f file or its id, c chat; the kinds of `objects`.
The real server ignores parameters it does not know; this one refuses them, since here they are our typing errors.
"""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.errors import bad
from bot.sandbox.objects import read

SEND = (
    " chat_id!:c business_connection_id:s message_thread_id:i direct_messages_topic_id:i disable_notification:b"
    " protect_content:b allow_paid_broadcast:b message_effect_id:s suggested_post_parameters:j"
    " reply_parameters:ReplyParameters reply_markup:j"
)
CAPTION = " caption:s parse_mode:s caption_entities:[MessageEntity] show_caption_above_media:b has_spoiler:b"
EDIT = " chat_id!:c message_id!:i business_connection_id:s inline_message_id:s reply_markup:j"
SCOPE = " scope:BotCommandScope language_code:s"

METHODS = {
    "getMe": "",
    "getUpdates": "offset:i limit:i timeout:i allowed_updates:[s]",
    "deleteWebhook": "drop_pending_updates:b",
    "getWebhookInfo": "",
    "sendMessage": "text!:s parse_mode:s entities:[MessageEntity] link_preview_options:LinkPreviewOptions"
    + SEND,
    "sendPhoto": "photo!:f" + CAPTION + SEND,
    "sendVoice": "voice!:f duration:i" + CAPTION + SEND,
    "sendDocument": "document!:f thumbnail:f disable_content_type_detection:b" + CAPTION + SEND,
    "sendChatAction": "chat_id!:c action!:s business_connection_id:s message_thread_id:i",
    "editMessageText": "text!:s parse_mode:s entities:[MessageEntity] link_preview_options:LinkPreviewOptions"
    + EDIT,
    "editMessageCaption": "caption:s parse_mode:s caption_entities:[MessageEntity] show_caption_above_media:b"
    + EDIT,
    "editMessageReplyMarkup": EDIT,
    "deleteMessage": "chat_id!:c message_id!:i",
    "deleteMessages": "chat_id!:c message_ids!:[i]",
    "answerCallbackQuery": "callback_query_id!:s text:s show_alert:b url:s cache_time:i",
    "pinChatMessage": "chat_id!:c message_id!:i business_connection_id:s disable_notification:b",
    "unpinChatMessage": "chat_id!:c message_id:i business_connection_id:s",
    "getFile": "file_id!:s",
    "getChat": "chat_id!:c",
    "getChatMember": "chat_id!:c user_id!:i",
    "getChatMemberCount": "chat_id!:c",
    "leaveChat": "chat_id!:c",
    "createForumTopic": "chat_id!:c name!:s icon_color:i icon_custom_emoji_id:s",
    "setMyCommands": "commands!:[BotCommand]" + SCOPE,
    "getMyCommands": SCOPE,
    "deleteMyCommands": SCOPE,
    "setMyName": "name:s language_code:s",
    "getMyName": "language_code:s",
    "setMyDescription": "description:s language_code:s",
    "getMyDescription": "language_code:s",
    "setMyShortDescription": "short_description:s language_code:s",
    "getMyShortDescription": "language_code:s",
    "setChatMenuButton": "chat_id:i menu_button:MenuButton",
    "getChatMenuButton": "chat_id:i",
}
MISSING = {
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "text": "message text is empty",
    "photo": "there is no photo in the request",
    "voice": "there is no voice in the request",
    "document": "there is no document in the request",
    "action": "wrong parameter action in request",
    "file_id": "file_id not specified",
    "user_id": "invalid user_id specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "message_thread_id": "message thread not found",
    "name": "title must be non-empty",
}
UNREADABLE = {
    "link_preview_options": "can't parse link preview options JSON object",
    "reply_markup": "can't parse reply keyboard markup JSON object",
    "reply_parameters": "can't parse reply parameters JSON object",
    "commands": "can't parse commands JSON object",
    "scope": "can't parse BotCommandScope JSON object",
    "menu_button": "can't parse menu button JSON object",
}
KNOWN: dict[str, dict[str, tuple[str, bool]]] = {
    method: {
        name.rstrip("!"): (kind, name.endswith("!"))
        for name, kind in (word.split(":") for word in signature.split())
    }
    for method, signature in METHODS.items()
}
BY_LOWER_CASE = {method.lower(): method for method in METHODS}


def method_named(name: str) -> str | None:
    """Telegram reads the names of methods without regard to case."""
    return BY_LOWER_CASE.get(name.lower())


def checked(
    method: str, given: dict[str, Any], files: dict[str, Any], *, strict: bool = True
) -> dict[str, Any]:
    """The parameters in their proper types, or a refusal."""
    known = KNOWN[method]
    if strict:
        for name in [*given, *(name for name in files if f"attach://{name}" not in given.values())]:
            if name not in known:
                raise bad(f'unknown parameter "{name}"')
    parameters: dict[str, Any] = {}
    for name, (kind, needed) in known.items():
        value = given.get(name)
        if kind == "f" and name in files and value is None:
            value = f"attach://{name}"
        if value is None or (value == "" and kind != "s"):
            if needed:
                raise bad(MISSING.get(name, f'parameter "{name}" is required'))
            continue
        if value == "" and needed:
            raise bad(MISSING.get(name, f'parameter "{name}" is required'))
        parameters[name] = _read(name, kind, value)
    return parameters


def _read(name: str, kind: str, value: Any) -> Any:
    if kind == "j" or len(kind) > 1:
        value = _read_json(name, value)
        return value if kind == "j" else read(kind, value)
    if kind == "b":
        if value in (True, "true", "True", "1"):
            return True
        if value in (False, "false", "False", "0"):
            return False
        raise bad(f'parameter "{name}" must be true or false')
    if kind in ("i", "c"):
        return _read_whole(name, kind, value)
    if kind in ("s", "f") and isinstance(value, str):
        return value
    if kind == "s" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise bad(f'parameter "{name}" must be a text')


def _read_whole(name: str, kind: str, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            if kind == "c" and value.startswith("@"):
                return value
    if kind == "c":
        raise bad("chat not found")
    raise bad(f'parameter "{name}" must be a whole number')


def _read_json(name: str, value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise bad(UNREADABLE.get(name, f"can't parse {name} JSON object")) from None
    return value
