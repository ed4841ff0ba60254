"""The little HTML Telegram understands, read as Telegram reads it, so that a mistake shows here first.

Source: Bot API, "HTML style"; entities are &lt; &gt; &amp; &quot; and numbers; all else is refused.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

LIMIT = 4096  # UTF-16 units of a message after parsing (Bot API: sendMessage)
CAPTION = 1024  # the same of a caption
TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"})
_AMPERSAND = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_BRACKET = re.compile(r"<(?!/?[a-z])")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.trouble: str | None = None
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = {"href"} if tag == "a" else {"expandable"} if tag == "blockquote" else set()
        if tag not in TAGS or {name for name, _ in attrs} - allowed:
            self.trouble = f"Telegram does not know <{tag}> so"
        if tag == "a" and not dict(attrs).get("href"):
            self.trouble = "a link without an address"
        if tag == "blockquote" and "blockquote" in self.open:
            self.trouble = "a quotation within a quotation"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.trouble = f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def check(html: str, limit: int = LIMIT) -> str | None:
    """What Telegram would refuse about this text, in words without the text; None when all is well."""
    if _AMPERSAND.search(html) or _BRACKET.search(html):
        return "a bare & or < that was not escaped"
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.trouble is not None:
        return reader.trouble
    if reader.open:
        return f"<{reader.open[-1]}> is never closed"
    text = "".join(reader.text)
    if not text.strip():
        return "nothing is said"
    if length(text) > limit:
        return f"longer than {limit} UTF-16 units"
    return None


def length(text: str) -> int:
    """UTF-16 units, as Telegram counts them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(html: str) -> str:
    """The words without the markup."""
    return unescape(re.sub(r"</?[a-z][^>]*>", "", html))
