"""Keyboards under a message and in place of the letters: what Telegram accepts."""

from __future__ import annotations

from typing import Any

from bot.sandbox.errors import bad
from bot.sandbox.markup import web_address
from bot.sandbox.model import Json
from bot.sandbox.objects import read

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
VARIANTS = {
    "inline_keyboard": "InlineKeyboardMarkup",
    "keyboard": "ReplyKeyboardMarkup",
    "remove_keyboard": "ReplyKeyboardRemove",
    "force_reply": "ForceReply",
}


def checked_markup(markup: Any, *, private: bool) -> Json | None:
    """The keyboard as it will be kept; nothing when it is empty."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if not markup:
        return None
    variant = next((name for name in VARIANTS if name in markup), None)
    if variant is None:
        raise bad(f'unknown field "{next(iter(markup))}" in the reply markup')
    markup = read(VARIANTS[variant], markup)
    if len(markup.get("input_field_placeholder", "")) > LONGEST_PLACEHOLDER:
        raise bad("REPLY_MARKUP_INPUT_FIELD_PLACEHOLDER_TOO_LONG")
    if variant in ("remove_keyboard", "force_reply"):
        return dict(markup) if markup[variant] else None
    markup[variant] = rows = [row for row in markup[variant] if row]
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        if variant == "inline_keyboard":
            _inline_button(button)
        else:
            _reply_button(button, private)
    return markup if rows else None


def inline_only(markup: Any, *, private: bool) -> Json | None:
    """An edited message may carry buttons of its own and nothing else."""
    checked = checked_markup(markup, private=private)
    if checked is not None and "inline_keyboard" not in checked:
        raise bad("inline keyboard expected")
    return checked


def _inline_button(button: Json) -> None:
    problem = "can't parse inline keyboard button: "
    _looks(button, problem)
    actions = [name for name in button if name in ACTIONS]
    if not actions:
        raise bad(problem + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:  # the real server takes the first
        raise bad(problem + "a button must do exactly one thing")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= LONGEST_DATA:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and web_address(button["url"]) is None:
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _reply_button(button: Json, private: bool) -> None:
    _looks(button, "can't parse keyboard button: ")
    if button.get("request_contact") and not private:
        raise bad("phone number can be requested in private chats only")
    if button.get("request_location") and not private:
        raise bad("location can be requested in private chats only")


def _looks(button: Json, problem: str) -> None:
    if not button["text"].strip():
        raise bad(problem + "Button text must be non-empty")
    if "style" in button and button["style"] not in STYLES:
        raise bad("invalid button style specified")
