"""Every word a person reads: a block of a template becomes a message with its buttons, in Chinese or English.

The Chinese of `templates/<flow>.j2` is the msgid; the English is read from the gettext catalog at start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, UndefinedError, pass_context
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.runtime import Context
from markupsafe import Markup, escape

from bot import spoken
from bot.clock import Clock
from bot.data import Local
from bot.data.local import Named
from bot.markup import LIMIT, check, plain
from bot.understanding.ways import label

__all__ = ["LANGUAGES", "Button", "Key", "Message", "TextBroken", "Texts", "plain"]

LANGUAGES = ("zh", "en")
STYLES = frozenset({"primary", "success", "danger"})  # Bot API 9.4: InlineKeyboardButton.style
CATALOG = Path("locale", "en", "LC_MESSAGES", "jinlin.po")


_HAN = r"[\u3400-\u9fff]"
_EDGE = "\ue000"  # where a value begins and ends, while a sentence is filled in
_EDGES = re.compile(
    rf"(?P<space>(?<={_HAN}){_EDGE}+(?=\d)|(?<=\d){_EDGE}+(?={_HAN}))"
    rf"|(?<={_HAN}) {_EDGE}(?={_HAN})|(?<={_HAN}){_EDGE} (?={_HAN})|{_EDGE}"
)


class TextBroken(Exception):
    """A message cannot be written as it stands. Names the block, never its values: those are personal."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


@dataclass(frozen=True)
class Button:
    """Something to tap: `action` and the rest become its callback data, unless it opens a `url`."""

    text: str
    action: str
    choice: str | None = None
    about: str = "-"
    version: int = 0
    style: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Key:
    """A key in place of the keyboard; with `contact` it hands over the person's own number."""

    text: str
    contact: bool = False


@dataclass(frozen=True)
class Message:
    """What is said. `keys`: None leaves the keyboard alone, an empty list takes our keys away."""

    html: str
    buttons: list[list[Button]] = field(default_factory=list)
    keys: list[list[Key]] | None = None


class _Screen:
    """Collects the buttons and keys a block writes while it is rendered."""

    def __init__(self, flow: str, simple: bool) -> None:
        self.flow = flow
        self.simple = simple
        self.rows: list[list[Button]] = [[]]
        self.keys: list[list[Key]] | None = None

    def add(self, button: Button) -> None:
        if self.simple and self.rows[-1]:
            self.rows.append([])
        self.rows[-1].append(button)

    def message(self, html: str) -> Message:
        return Message(html, [row for row in self.rows if row], self.keys)


class Texts:
    """All messages of the service, ready to be said."""

    def __init__(self, environment: Environment, english: _Catalog, names: Iterable[Named]) -> None:
        self._environment = environment
        self._english = english.words
        self._files = environment.list_templates(extensions=["j2"])
        self._twins = (english.twins, _twins(names))

    @classmethod
    def load(cls, directory: Path, local: Local, clock: Clock) -> Texts:
        """Read templates and catalog. Raises TextBroken when a template cannot be parsed."""
        environment = _environment(directory)
        path = directory / CATALOG
        english = _english(path, path.stat().st_mtime_ns) if path.exists() else _Catalog({}, {})
        environment.globals.update(local=local, _=_gettext(english.words), ngettext=_no_plurals)
        environment.filters.update(spoken.filters(local, clock))
        for name in environment.list_templates(extensions=["j2"]):
            try:
                environment.get_template(name)
            except TemplateError as error:
                raise TextBroken(name, str(error)) from error
        return cls(environment, english, local.names())

    def render(
        self, block: str, /, *, language: str, simple: bool = False, limit: int = LIMIT, **values: Any
    ) -> Message:
        """The message `flow.block`. `limit`: UTF-16 units after parsing (4096; 1024 for a caption).

        Raises TextBroken for an unknown block, a missing value, or HTML and lengths Telegram would refuse.
        """
        screen = _Screen(block.partition(".")[0], simple)
        html = self._write(block, screen, {"language": language, "simple": simple, **values})
        trouble = check(html, limit)
        if trouble is not None:
            raise TextBroken(block, trouble)
        return screen.message(html)

    def page(self, name: str, *, language: str, **values: Any) -> str:
        """A whole document, `templates/<name>.j2`, which is no message. Raises TextBroken for a missing value."""
        try:
            return self._environment.get_template(f"{name}.j2").render(language=language, **values)
        except UndefinedError as error:
            raise TextBroken(name, error.message or "a value is missing") from None

    def line(self, block: str, language: str, /, **values: Any) -> str:
        """A block as plain words, for labels and toasts."""
        screen = _Screen(block.partition(".")[0], False)
        return plain(self._write(block, screen, {"language": language, "simple": False, **values}))

    def names(self) -> list[str]:
        """Every block, `flow.block`, in spoken order."""
        return [
            f"{file.removesuffix('.j2')}.{block}"
            for file in self._files
            for block in self._environment.get_template(file).blocks
        ]

    def missing(self) -> list[str]:
        """Chinese sentences of the templates that have no English yet."""
        return [sentence for sentence in self.sentences() if not self.english(sentence)]

    def twins(self, words: str) -> Sequence[str]:
        """What the words of a button, as `ways.label` writes them, are in the other language."""
        return [twin for twins in self._twins for twin in twins.get(words, ())]

    def english(self, sentence: str) -> str:
        """The English of a sentence; empty when there is none yet."""
        return self._english.get(sentence, "")

    def sentences(self) -> dict[str, list[str]]:
        """Every sentence to translate, in spoken order, with the templates it stands in."""
        found: dict[str, list[str]] = {}
        for file in self._files:
            for text in _sentences(self._environment, file):
                found.setdefault(text, [])
                if file not in found[text]:
                    found[text].append(file)
        return found

    def _write(self, block: str, screen: _Screen, values: dict[str, Any]) -> str:
        flow, _, name = block.partition(".")
        file = f"{flow}.j2"
        if file not in self._files:
            raise TextBroken(block, "there is no such template")
        template = self._environment.get_template(file)
        if name not in template.blocks:
            raise TextBroken(block, "there is no such block")
        space = "" if values["language"] == "zh" else " "  # between two sentences
        context = template.new_context({**values, "sp": space, "screen": screen})
        try:
            written = "".join(template.blocks[name](context))
        except UndefinedError as error:
            raise TextBroken(block, error.message or "a value is missing") from None
        return _tidy(written)


@dataclass(frozen=True)
class _Catalog:
    """The English of every sentence that has one somebody is sure of, and what each is on a button in the other language."""

    words: Mapping[str, str]
    twins: Mapping[str, list[str]]


@lru_cache(maxsize=1)  # the sandbox starts over, and a test starts hundreds of towns
def _english(path: Path, written: int) -> _Catalog:
    with path.open("rb") as file:
        catalog = read_po(file, locale="en")
    words = {
        str(message.id): str(message.string)
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }
    return _Catalog(words, _twins({"zh": chinese, "en": english} for chinese, english in words.items()))


def _twins(pairs: Iterable[Named]) -> dict[str, list[str]]:
    twins: dict[str, list[str]] = {}
    for pair in pairs:
        chinese, english = (label(pair[language]) for language in LANGUAGES)
        twins.setdefault(chinese, []).append(english)
        twins.setdefault(english, []).append(chinese)
    return twins


class _Compiled(BytecodeCache):
    """What was compiled once in this process: the sandbox starts over, and a test starts hundreds of towns."""

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._code.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.checksum, bucket.code


_compiled = _Compiled()


def _environment(directory: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(directory),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_compiled,
    )
    environment.globals.update(button=_button, row=_row, key=_key, keys_gone=_keys_gone)
    return environment


@pass_context
def _button(
    context: Context,
    name: str,
    text: str,
    choice: str | None = None,
    *,
    style: str | None = None,
    about: str | None = None,
    version: int | None = None,
    url: str | None = None,
) -> Markup:
    """A button under the message; a name without a dot belongs to the template's own flow."""
    if style is not None and style not in STYLES:
        raise UndefinedError(f"no such style of button: {style}")
    screen: _Screen = context["screen"]
    if about is None:
        about = context.get("about", "-")
        version = context.get("version", 0) if version is None else version
    screen.add(
        Button(
            text=_words(text),
            action=name if "." in name else f"{screen.flow}.{name}",
            choice=None if choice is None else str(choice),
            about=str(about),
            version=int(version or 0),
            style=style,
            url=url,
        )
    )
    return Markup()


@pass_context
def _row(context: Context) -> Markup:
    context["screen"].rows.append([])
    return Markup()


@pass_context
def _key(context: Context, text: str, *, contact: bool = False) -> Markup:
    screen: _Screen = context["screen"]
    screen.keys = [*(screen.keys or []), [Key(_words(text), contact)]]
    return Markup()


@pass_context
def _keys_gone(context: Context) -> Markup:
    context["screen"].keys = []
    return Markup()


def _words(text: str) -> str:
    """A label is no HTML: what was escaped for the message is written out again."""
    return str(text.unescape()) if isinstance(text, Markup) else text


def _gettext(english: Mapping[str, str]) -> Any:
    """`_("…")` of the templates. Jinja's own goes three ways round for each, which is felt at thirty a message."""

    @pass_context
    def gettext(context: Context, text: str, **values: Any) -> str:
        if context["language"] == "zh" and values:
            return _spaced(text, values)
        words = text if context["language"] == "zh" else english.get(text, text)
        return Markup(words) % values  # noqa: S704  a catalog is as much ours as a template

    return gettext


def _spaced(text: str, values: Mapping[str, Any]) -> Markup:
    """Chinese, filled in: a space between a word and a number, none between two words; no sentence knows what it is told."""
    filled = text % {name: f"{_EDGE}{escape(value)}{_EDGE}" for name, value in values.items()}
    return Markup(_EDGES.sub(lambda edge: " " if edge["space"] else "", filled))  # noqa: S704  a template is ours


def _no_plurals(*_: object) -> str:
    raise UndefinedError("plural forms are not used: write a sentence that fits any number")


def _sentences(environment: Environment, file: str) -> Iterator[str]:
    source, _, _ = (
        environment.loader.get_source(environment, file) if environment.loader else ("", None, None)
    )
    for _, _, text in environment.extract_translations(source):  # type: ignore[attr-defined]  # i18n extension
        yield text if isinstance(text, str) else text[0]


def _tidy(written: str) -> str:
    """Lines without the indentation of the template, and never two empty ones in a row."""
    lines: list[str] = []
    for line in _stripped(written.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()


def _stripped(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.strip()
