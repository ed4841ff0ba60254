"""Text as it is shown: what Telegram finds in plain words, and pieces with their marks for the page."""

from __future__ import annotations

import itertools
import re

from bot.sandbox.errors import bad
from bot.sandbox.markup import Entity, Segment, parse_html, units

FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?\b)|(?P<url>https?://[^\s<>]+)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}\b)"
)
MARKED = {  # by hand, and what each must have
    **dict.fromkeys(("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre"), ""),
    **dict.fromkeys(("blockquote", "expandable_blockquote"), ""),
    "text_link": "url",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
}
FOUND_ANYWAY = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}


def formatted(text: str, parse_mode: str | None, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    """What a bot's text becomes once the server has read it."""
    if not parse_mode:
        explicit = _given(text, entities or [])
    elif parse_mode.lower() == "html":
        text, explicit = parse_html(text)
    else:
        # The real server also reads two dialects of Markdown; the house speaks HTML only.
        raise bad("unsupported parse_mode")
    begin = units(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    return text, clip(explicit, begin, units(text)) + found_in(text, explicit)


def _given(text: str, entities: list[Entity]) -> list[Entity]:
    """What a bot marked by hand; what the server finds by itself it takes from nobody. The offsets' wording is TDLib's."""
    kept = []
    for entity in entities:
        kind, begin, length = entity["type"], entity["offset"], entity["length"]
        if kind in FOUND_ANYWAY:
            continue
        if kind not in MARKED:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        if MARKED[kind] and MARKED[kind] not in entity:
            raise bad(f"can't parse MessageEntity: Can't find field \"{MARKED[kind]}\"")
        if begin < 0:
            raise bad(f"receive an entity with incorrect offset {begin}")
        if length < 0:
            raise bad(f"receive an entity with incorrect length {length}")
        if begin > units(text):
            raise bad(f"entity begins after the end of the text at UTF-16 offset {begin}")
        if begin + length > units(text):
            raise bad(f"entity ends after the end of the text at UTF-16 offset {begin + length}")
        kept.append(dict(entity))
    return kept


def clip(entities: list[Entity], begin: int, length: int) -> list[Entity]:
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - begin)
        end = min(length, entity["offset"] + entity["length"] - begin)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return kept


def found_in(text: str, explicit: list[Entity] | None = None) -> list[Entity]:
    """Commands, addresses and mentions, where nothing was marked by hand as code or a link."""
    taken = [e for e in explicit or [] if e["type"] in ("code", "pre", "text_link")]
    found: list[Entity] = []
    for match in FOUND.finditer(text):
        offset, length = units(text[: match.start()]), units(match[0])
        if not any(e["offset"] < offset + length and offset < e["offset"] + e["length"] for e in taken):
            found.append({"type": str(match.lastgroup), "offset": offset, "length": length})
    return found


def segments(text: str, entities: list[Entity]) -> list[Segment]:
    """The text cut where marks begin or end: `[("Dear ", []), ("Mrs Li", [{"type": "bold"}])]`."""
    cuts = {0, units(text)}
    for entity in entities:
        cuts |= {entity["offset"], entity["offset"] + entity["length"]}
    raw = text.encode("utf-16-le")
    pieces: list[Segment] = []
    edges = sorted(cuts)
    for begin, end in itertools.pairwise(edges):
        shown = raw[2 * begin : 2 * end].decode("utf-16-le", errors="replace")
        marks = [
            {name: str(value) for name, value in entity.items() if name not in ("offset", "length")}
            for entity in entities
            if entity["offset"] <= begin and end <= entity["offset"] + entity["length"]
        ]
        for mark in marks:
            if mark["type"] == "url":
                mark["url"] = shown
        if shown:
            pieces.append((shown, marks))
    return pieces
