"""What may stand inside a parameter: each nested object of the Bot API with its fields, read by one reader.

`name:kind`, with `!` where it must be there. Kinds: i whole number, b true or false, s text, c chat, [kind] a list, a capital
another object. As with parameters, the real server ignores fields it does not know; here they are our typing errors.
The other sentences are those of Client.cpp in tdlib/telegram-bot-api and JsonBuilder.cpp in tdlib/td.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.errors import bad

FIELDS = {
    "MessageEntity": "type!:s offset!:i length!:i url:s user:User language:s custom_emoji_id:s",
    "User": "id!:i is_bot:b first_name:s last_name:s username:s language_code:s",
    "LinkPreviewOptions": "is_disabled:b url:s prefer_small_media:b prefer_large_media:b show_above_text:b",
    "ReplyParameters": (
        "message_id!:i chat_id:c allow_sending_without_reply:b quote:s quote_parse_mode:s"
        " quote_entities:[MessageEntity] quote_position:i"
    ),
    "BotCommand": "command!:s description!:s",
    "BotCommandScope": "type!:s chat_id:c user_id:i",
    "MenuButton": "type!:s text:s web_app:WebAppInfo",
    "WebAppInfo": "url!:s",
    "InlineKeyboardMarkup": "inline_keyboard!:[[InlineKeyboardButton]]",
    "InlineKeyboardButton": (
        "text!:s style:s icon_custom_emoji_id:s callback_data:s url:s web_app:WebAppInfo"
        " switch_inline_query:s switch_inline_query_current_chat:s copy_text:CopyTextButton"
    ),
    "CopyTextButton": "text!:s",
    "ReplyKeyboardMarkup": (
        "keyboard!:[[KeyboardButton]] is_persistent:b resize_keyboard:b one_time_keyboard:b"
        " input_field_placeholder:s selective:b"
    ),
    "KeyboardButton": (
        "text!:s style:s icon_custom_emoji_id:s request_contact:b request_location:b web_app:WebAppInfo"
    ),
    "ReplyKeyboardRemove": "remove_keyboard!:b selective:b",
    "ForceReply": "force_reply!:b input_field_placeholder:s selective:b",
}
KNOWN = {
    name: {
        field.rstrip("!"): (kind, field.endswith("!"))
        for field, kind in (word.split(":") for word in fields.split())
    }
    for name, fields in FIELDS.items()
}
PREFIX = {
    "MessageEntity": "Can't parse MessageEntity: ",
    "BotCommand": "Can't parse BotCommand: ",
    "BotCommandScope": "Can't parse BotCommandScope: ",
    "MenuButton": "Can't parse menu button: ",
    "InlineKeyboardButton": "Can't parse inline keyboard button: ",
    "KeyboardButton": "Can't parse keyboard button: ",
}
NO_OBJECT = {
    "LinkPreviewOptions": "Object expected as link preview options",
    "ReplyParameters": "Object expected as reply parameters",
    "InlineKeyboardButton": "InlineKeyboardButton must be an Object",
    "KeyboardButton": "KeyboardButton must be a String or an Object",
}
NO_ROWS = {
    "inline_keyboard": 'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    "keyboard": 'Field "keyboard" must be an Array of Arrays',
}
TYPES = {"i": "Number", "b": "Boolean", "s": "String", "c": "String"}


class _Wrong(Exception):
    """What is wrong, as the innermost reader says it."""


def read(kind: str, value: Any) -> Any:
    """The value with everything in it of its proper type. Raises ApiError."""
    try:
        if kind.startswith("[") and not isinstance(value, list):
            raise _Wrong(f"Expected an Array of {TYPES.get(kind[1:-1], kind[1:-1])}")
        return _read(kind, value, "")
    except _Wrong as wrong:
        sentence = str(wrong)
        raise bad(sentence[0].lower() + sentence[1:]) from None


def _read(kind: str, value: Any, field: str) -> Any:
    if kind in TYPES:
        return _plain(kind, value, field)
    if kind.startswith("["):
        if not isinstance(value, list):
            raise _Wrong(f'Field "{field}" must be of type Array')
        if kind.startswith("[[") and not all(isinstance(row, list) for row in value):
            raise _Wrong(NO_ROWS[field])
        return [_read(kind[1:-1], each, "") for each in value]
    try:
        return _object(kind, value, field)
    except _Wrong as wrong:
        raise _Wrong(PREFIX.get(kind, "") + str(wrong)) from None


def _object(kind: str, value: Any, field: str) -> dict[str, Any]:
    if kind == "KeyboardButton" and isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        raise _Wrong(
            NO_OBJECT.get(kind)
            or (f'Field "{field}" must be of type Object' if field else "expected an Object")
        )
    known = KNOWN[kind]
    for name in value:
        if name not in known:
            raise _Wrong(f'unknown field "{name}" in {kind}')
    for name, (_, needed) in known.items():
        if needed and name not in value:
            raise _Wrong(f'Can\'t find field "{name}"')
    return {name: _read(known[name][0], each, name) for name, each in value.items()}


def _plain(kind: str, value: Any, field: str) -> Any:
    """Numbers may be written as texts and texts as numbers; true and false are nothing else."""
    if isinstance(value, bool):
        if kind == "b":
            return value
    elif kind == "s" and isinstance(value, str | int | float):
        return str(value)
    elif kind in "ic" and isinstance(value, str | int):
        try:
            return int(value)
        except ValueError:
            if kind == "c":
                return value
    raise _Wrong(f'Field "{field}" must be of type {TYPES[kind]}' if field else f"{TYPES[kind]} expected")
