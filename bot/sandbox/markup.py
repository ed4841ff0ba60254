"""How Telegram reads formatted text: its HTML, its entities, its way of counting characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import bad

Entity = dict[str, Any]
Segment = tuple[str, list[dict[str, str]]]

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
TAGS = {*SIMPLE, "a", "tg-emoji", "blockquote"}
NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
CHARACTER = re.compile(rb"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
SPACES = b" \t\n\r\0\x0b\x0c"
UNQUOTED = re.compile(rb"[0-9a-zA-Z.-]*")
PRIORITY = ["pre", "blockquote", "expandable_blockquote", "text_link", "code", "bold", "italic"]


def units(text: str) -> int:
    """Telegram counts in UTF-16 code units."""
    return len(text) + sum(ord(letter) > 0xFFFF for letter in text)


@dataclass
class _Open:
    tag: str
    argument: str
    begin: int
    length_before: int


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """The visible text and its entities; refused as Telegram refuses, with offsets in bytes."""
    return _Reader(text.encode()).read()


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.shown: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            if self.source[self.at : self.at + 1] != b"<":
                self._text()
            elif self.source[self.at + 1 : self.at + 2] == b"/":
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        shown = "".join(self.shown)
        return shown, _in_order([entity for entity in self.entities if entity["length"] > 0])

    def _text(self) -> None:
        end = self.source.find(b"<", self.at)
        end = len(self.source) if end < 0 else end
        self._show(_decoded(self.source[self.at : end]))
        self.at = end

    def _show(self, text: str) -> None:
        self.shown.append(text)
        self.length += units(text)

    def _peek(self) -> bytes:
        return self.source[self.at : self.at + 1]

    def _until(self, stops: bytes) -> bytes:
        begin = self.at
        while self.at < len(self.source) and self.source[self.at] not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _skip_spaces(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in SPACES:
            self.at += 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._until(SPACES + b">").decode(errors="replace").lower()
        if not self._peek():
            raise _broken(f"Unclosed start tag at byte offset {begin}")
        if tag not in TAGS:
            raise _broken(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, argument, self.length, len(self.shown)))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._skip_spaces()
            if self._peek() == b">":
                break
            name = self._until(SPACES + b"=>").decode(errors="replace").lower()
            if not self._peek():
                raise _broken(f'Unclosed start tag "{tag}" at byte offset {begin}')
            if not name:
                raise _broken(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._skip_spaces()
            value = ""
            if self._peek() == b"=":
                self.at += 1
                value = self._value(tag, begin)
            argument = _argument(tag, name, value) or argument
        self.at += 1
        return argument

    def _value(self, tag: str, begin: int) -> str:
        self._skip_spaces()
        quote = self._peek()
        if not quote:
            raise _broken(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if quote not in (b"'", b'"'):
            word = UNQUOTED.match(self.source, self.at)
            assert word is not None  # noqa: S101 - the pattern matches the empty word
            self.at = word.end()
            if not self._peek() or self._peek() not in (b">", *(bytes([space]) for space in SPACES)):
                raise _broken(f"Unexpected end of name token at byte offset {word.start()}")
            return word[0].decode().lower()
        end = self.source.find(quote, self.at + 1)
        if end < 0:
            raise _broken(f"Unclosed start tag at byte offset {begin}")
        value = _decoded(self.source[self.at + 1 : end])
        self.at = end + 1
        if not self._peek():
            raise _broken(f"Unclosed start tag at byte offset {begin}")
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _broken(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        tag = self._until(SPACES + b">").decode(errors="replace").lower()
        self._skip_spaces()
        if self._peek() != b">":
            raise _broken(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            raise _broken(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Entity = {"offset": opened.begin, "length": self.length - opened.begin}
        if opened.tag == "a":
            url = web_address(opened.argument or "".join(self.shown[opened.length_before :]))
            if url is not None:
                self.entities.append({"type": "text_link", **entity, "url": url})
        elif opened.tag == "tg-emoji":
            if not re.fullmatch(r"[1-9][0-9]{0,18}", opened.argument):
                raise _broken("Invalid custom emoji identifier specified")
            self.entities.append({"type": "custom_emoji", **entity, "custom_emoji_id": opened.argument})
        elif opened.tag == "blockquote":
            kind = "expandable_blockquote" if opened.argument else "blockquote"
            self.entities.append({"type": kind, **entity})
        elif opened.tag in ("pre", "code"):
            self._close_code(opened, entity)
        else:
            self.entities.append({"type": SIMPLE[opened.tag], **entity})

    def _close_code(self, opened: _Open, entity: Entity) -> None:
        """A <pre> and a <code class="language-…"> around the same text are one thing."""
        last = self.entities[-1] if self.entities else None
        same = last is not None and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        if last is not None and same and {last["type"], opened.tag} == {"pre", "code"}:
            language = opened.argument or last.get("_language")
            if language:
                self.entities[-1] = {"type": "pre", **entity, "language": language}
                return
        language = {"_language": opened.argument} if opened.tag == "code" and opened.argument else {}
        self.entities.append({"type": opened.tag, **entity, **language})


def _argument(tag: str, name: str, value: str) -> str:
    if tag == "a" and name == "href":
        return value
    if tag == "code" and name == "class" and value.startswith("language-"):
        return value.removeprefix("language-")
    if tag == "span" and name == "class" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    if tag == "tg-emoji" and name == "emoji-id":
        return value
    return "1" if tag == "blockquote" and name == "expandable" else ""


def _broken(sentence: str) -> Exception:
    return bad(f"can't parse entities: {sentence}")


def _decoded(source: bytes) -> str:
    return CHARACTER.sub(_character, source).decode(errors="replace")


def _character(found: re.Match[bytes]) -> bytes:
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return NAMED[name].encode() if name in NAMED else found[0]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return found[0]
    return chr(code).encode()


def web_address(text: str) -> str | None:
    """A link as Telegram writes it, or nothing when it would not be one."""
    text = text.strip()
    scheme, colon, rest = text.partition("://")
    if not colon:
        scheme, rest = "http", text
        if text.startswith(("tg:", "mailto:", "tel:")):
            return text
    if scheme.lower() not in ("http", "https", "tg", "ton"):
        return None
    host, slash, path = rest.partition("/")
    host, question, query = host.partition("?")
    if (
        not host
        or " " in host
        or ("." not in host and scheme.lower() in ("http", "https") and host != "localhost")
    ):
        return None
    return f"{scheme.lower()}://{host.lower()}{slash or '/'}{path}{question}{query}"


def _in_order(entities: list[Entity]) -> list[Entity]:
    def key(entity: Entity) -> tuple[int, int, int]:
        kind = entity["type"]
        rank = PRIORITY.index(kind) if kind in PRIORITY else len(PRIORITY)
        return entity["offset"], -entity["length"], rank

    return [
        {name: value for name, value in entity.items() if name != "_language"}
        for entity in sorted(entities, key=key)
    ]
