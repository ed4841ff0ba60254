"""Keyboards under a message and in place of the letters: what Telegram accepts."""

from __future__ import annotations

from typing import Any

from bot.sandbox.errors import bad
from bot.sandbox.markup import web_address
from bot.sandbox.model import Json

MOST_BUTTONS = 100
LONGEST_DATA = 64
LONGEST_PLACEHOLDER = 64
STYLES = {"primary", "success", "danger"}
ACTIONS = {
    "callback_data",
    "url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "copy_text",
}
INLINE = {"text", "style", "icon_custom_emoji_id", *ACTIONS}
REPLY = {"text", "style", "icon_custom_emoji_id", "request_contact", "request_location", "web_app"}
FLAGS = {"resize_keyboard", "one_time_keyboard", "is_persistent", "selective", "input_field_placeholder"}


def checked_markup(markup: Any, *, private: bool) -> Json | None:
    """The keyboard as it will be kept; nothing when it is empty."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline keyboard")
        return (
            {"inline_keyboard": [[_inline_button(button) for button in row] for row in rows]}
            if rows
            else None
        )
    if "keyboard" in markup:
        _only(markup, {"keyboard", *FLAGS}, "reply keyboard markup")
        rows = _rows(markup["keyboard"], "keyboard")
        if not rows:
            return None
        _placeholder(markup)
        kept = {name: value for name, value in markup.items() if name != "keyboard"}
        return {**kept, "keyboard": [[_reply_button(button, private) for button in row] for row in rows]}
    if markup.get("remove_keyboard"):
        _only(markup, {"remove_keyboard", "selective"}, "reply keyboard markup")
        return dict(markup)
    if markup.get("force_reply"):
        _only(markup, {"force_reply", "selective", "input_field_placeholder"}, "reply keyboard markup")
        _placeholder(markup)
        return dict(markup)
    if not markup:
        return None
    raise bad(f'unknown field "{next(iter(markup))}" in the reply markup')


def inline_only(markup: Any, *, private: bool) -> Json | None:
    """An edited message may carry buttons of its own and nothing else."""
    checked = checked_markup(markup, private=private)
    if checked is not None and "inline_keyboard" not in checked:
        raise bad("inline keyboard expected")
    return checked


def _placeholder(markup: Json) -> None:
    if len(markup.get("input_field_placeholder") or "") > LONGEST_PLACEHOLDER:
        raise bad("REPLY_MARKUP_INPUT_FIELD_PLACEHOLDER_TOO_LONG")


def _rows(rows: Any, what: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad(
            f'field "{"inline_keyboard" if what.startswith("inline") else "keyboard"}" must be of type Array'
        )
    if not all(isinstance(row, list) for row in rows):
        raise bad(f"can't parse {what} button row: expected an Array")
    kept = [row for row in rows if row]
    if sum(len(row) for row in kept) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    return kept


def _only(value: Json, known: set[str], what: str) -> None:
    for name in value:
        if name not in known:
            raise bad(f'unknown field "{name}" in the {what}')


def _inline_button(button: Any) -> Json:
    problem = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad(problem + "InlineKeyboardButton must be an Object")
    _only(button, INLINE, "inline keyboard button")
    _text(button, problem)
    actions = [name for name in button if name in ACTIONS]
    if not actions:
        raise bad(problem + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad(problem + "a button must do exactly one thing")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= LONGEST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    if "url" in button and web_address(str(button["url"])) is None:
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    _style(button)
    return dict(button)


def _reply_button(button: Any, private: bool) -> Json:
    problem = "can't parse keyboard button: "
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad(problem + "KeyboardButton must be an Object")
    _only(button, REPLY, "keyboard button")
    _text(button, problem)
    if button.get("request_contact") and not private:
        raise bad("phone number can be requested in private chats only")
    if button.get("request_location") and not private:
        raise bad("location can be requested in private chats only")
    _style(button)
    return dict(button)


def _text(button: Json, problem: str) -> None:
    if not isinstance(button.get("text"), str):
        raise bad(problem + 'Can\'t find field "text"')
    if not button["text"].strip():
        raise bad(problem + "Button text must be non-empty")


def _style(button: Json) -> None:
    if "style" in button and button["style"] not in STYLES:
        raise bad("invalid button style specified")
