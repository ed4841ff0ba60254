"""Every message said is written, every message written is said, in both languages, within the limits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.data import Local
from bot.markup import length, plain
from bot.preview import NOW, examples, longest, update_catalog, write_page
from bot.texts import CATALOG, LANGUAGES, Message, TextBroken, Texts
from bot.understanding import ways

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
BOOK = TEMPLATES / "examples.toml"
LOCAL = Local.load()
TEXTS = Texts.load(TEMPLATES, LOCAL, ManualClock(NOW))
SHOWN = list(examples(LOCAL, BOOK))
NAME = re.compile(r"[a-z_]+\.[a-z_]+")
SPEAKING = {"say", "tell", "redraw", "hide", "take_back", "toast", "render", "line"}
HAN = re.compile(r"[\u3400-\u9fff]")
TOAST = 200  # characters (Bot API: answerCallbackQuery.text)
TEMPLATED = {
    "desk.standing_in",
    "assign.which",
    "days.list",
    "ask.when_which",
    "book.posts",
    "book.shifts",
    "book.slots",
    "board.list",
    "complain.about",
    "desk.agreed",
    "desk.which",
    "duty.digest",
    "duty.over",
    "follow.which_time",
    "follow.list",
    "mediate.card",
    "mediate.list",
    "mediate.read",
    "mediator.asked",
    "mediator.card",
    "mediator.choose",
    "mediator.list",
    "mediator.time_which",
    "ledgers.missing",
    "ledgers.periods",
    "ledgers.places",
    "ledgers.unseen",
    "meet.list",
    "merge.which",
    "my_data.agreed",
    "paper.list",
    "book.of_shift",
    "credential.waiting",
    "post.ahead",
    "post.once",
    "post.desk",
    "post.how_many",
    "post.list",
    "post.mine",
    "post.roster",
    "post.tick",
    "quiet.undone",
    "restrict.list",
    "restrict.mine",
    "review.queue",
    "sample.list",
    "roles.list",
    "start.name",
}  # labels with values in them
# These explain at length, because somebody asked for all of it, or must read it before she agrees.
LONG = {"home.help", "home.privacy", "home.notice", "start.full", "claim.yours"}


def _messages() -> Iterator[tuple[str, str, Message]]:
    for name, values in SHOWN:
        for language in LANGUAGES:
            for simple in (False, True):
                yield name, language, TEXTS.render(name, language=language, simple=simple, **values)


MESSAGES = list(_messages())


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if path.name not in ("texts.py", "preview.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _strings(tree: ast.AST) -> Iterator[str]:
    begun = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    words = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in begun)
    yield from (str(word.value) for word in words if NAME.fullmatch(str(word.value)))


def _stems(tree: ast.AST) -> Iterator[str]:
    """The fixed beginnings of names made while running, like "insight.state_"."""
    for node in ast.walk(tree):
        first = node.values[0] if isinstance(node, ast.JoinedStr) else None
        if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]*", str(first.value)):
            yield str(first.value)


def _said(tree: ast.Module) -> Iterator[str]:
    """Names handed to a voice, and the texts of refusals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SPEAKING:
            for argument in node.args:
                yield from _strings(argument)
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "text" for t in node.targets
        ):
            yield from _strings(node.value)


def test_every_message_said_is_written() -> None:
    flows = {name.partition(".")[0] for name in TEXTS.names()}
    said = {name for _, tree in _modules() for name in _said(tree) if name.partition(".")[0] in flows}
    assert len(said) > 80
    assert sorted(said - set(TEXTS.names())) == []


def test_every_message_written_is_said() -> None:
    named = {
        name
        for path, tree in _modules()
        if path.name != "__init__.py"  # where questions and actions are listed, not said
        for name in _strings(tree)
    }
    stems = tuple({stem for _, tree in _modules() for stem in _stems(tree)})
    assert sorted(name for name in set(TEXTS.names()) - named if not name.startswith(stems)) == []


def test_every_block_has_examples() -> None:
    assert sorted({name for name, _ in SHOWN}) == sorted(TEXTS.names())


def test_all_is_said_in_english_too() -> None:
    assert TEXTS.missing() == []
    untranslated = {
        (name, line)
        for name, values in SHOWN
        for line in plain(TEXTS.render(name, language="en", **_english(values)).html).splitlines()
        if HAN.search(line)
    }
    assert untranslated == set()


def _english(values: dict[str, Any]) -> dict[str, Any]:
    """The same values without the Chinese of their inventors."""
    return {
        key: "x"
        if isinstance(value, str) and HAN.search(value)
        else ["x"]
        if key in ("told", "texts")
        else value
        for key, value in values.items()
    }


def test_a_button_a_sentence_speaks_of_is_called_so() -> None:
    called: dict[str, set[str]] = {}
    for name, values in SHOWN:
        zh, en = (_labels(TEXTS.render(name, language=language, **values)) for language in ("zh", "en"))
        for chinese, english in zip(zh, en, strict=True):
            called.setdefault(chinese, set()).add(english)
    wrong = [
        (word, sentence)
        for sentence in TEXTS.sentences()
        for to_tap, word in re.findall("(点了?)?「([^」%]+)」", sentence)
        if (to_tap or word in called)
        and not any(f"“{label}”" in TEXTS.english(sentence) for label in called.get(word, ()))
    ]
    assert wrong == []


def _labels(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row] + [
        key.text for row in message.keys or () for key in row
    ]


def test_the_catalog_is_in_spoken_order(tmp_path: Path) -> None:
    assert update_catalog(TEXTS, tmp_path) == []
    kept = (TEMPLATES / CATALOG).read_text(encoding="utf-8")
    assert kept == (tmp_path / CATALOG).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("simple", [False, True])
def test_the_longest_values_fit(language: str, simple: bool) -> None:
    for name, values in SHOWN:
        message = TEXTS.render(name, language=language, simple=simple, **longest(values))
        assert length(plain(message.html)) <= 4096, name
        assert all(len(row) == 1 for row in message.buttons) or not simple, name


def test_toasts_are_short() -> None:
    toasts = {
        name
        for _, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "toast"
        for argument in node.args
        for name in _strings(argument)
    } | {"home.old_button", "home.not_yours", "claim.held", "start.first", "talk.quiet", "decide.colleague"}
    assert "meet.told" in toasts
    for name, _, message in MESSAGES:
        if name in toasts:
            assert len(plain(message.html)) <= TOAST, name


def test_every_button_does_something() -> None:
    from bot.flow import actions_of, pack
    from bot.handlers import FLOWS

    actions = actions_of(FLOWS)
    for name, _, message in MESSAGES:
        for button in (button for row in message.buttons for button in row):
            assert button.action in actions, name
            pack(button.action, button.choice, "x" * 16, 999_999)


def test_labels_are_short_and_differ() -> None:
    for name, language, message in MESSAGES:
        labels = [button.text for row in message.buttons for button in row]
        assert len(set(labels)) == len(labels), name
        for label in labels if name not in TEMPLATED else []:
            assert len(label) <= {"zh": 10, "en": 24}[language], (name, label)
            assert re.search(r"\w", label), (name, label)


def test_a_button_can_be_typed_in_the_other_language() -> None:
    """All but those with a value in them, such as a time."""
    for name, values in SHOWN:
        chinese, english = (
            [button for row in TEXTS.render(name, language=language, **values).buttons for button in row]
            for language in LANGUAGES
        )
        for here, there in zip(chinese, english, strict=True):
            words, others = ways.label(here.text), ways.label(there.text)
            if words != others and here.url is None and name not in TEMPLATED:
                assert others in TEXTS.twins(words), (name, here.text)
                assert words in TEXTS.twins(others), (name, there.text)


def test_sentences_stand_apart_as_their_language_has_it() -> None:
    """In Chinese without a space, in English with one."""
    for name, values in SHOWN:
        chinese = plain(TEXTS.render(name, language="zh", **values).html)
        assert not re.search(r"[。！？；，] +[\u4e00-\u9fff「]", chinese), (name, chinese)
        english = plain(TEXTS.render(name, language="en", **_english(values)).html)
        assert not re.search(r"[a-z][.!?;][A-Z]", english), (name, english)


def test_messages_are_short() -> None:
    """110 Chinese characters or 65 English words, values not counted, but for the few that explain."""
    over = {
        name
        for name, values in SHOWN
        if len(HAN.findall(plain(TEXTS.render(name, language="zh", **_english(values)).html))) > 110
        or len(plain(TEXTS.render(name, language="en", **_english(values)).html).split()) > 65
    }
    assert over - LONG == set()
    assert len(LONG) <= 5


RUN_TOGETHER = re.compile(r"[a-z)”][.!?:;][A-Z“]")
OF_CHINESE = re.compile(r"[，。；：？！（）]")


def test_english_is_set_as_english() -> None:
    """A space between sentences that templates join, and no marks of Chinese but beside a neighbour's own Chinese words."""
    for name, language, message in MESSAGES:
        said = plain(message.html)
        if language == "en":
            assert not RUN_TOGETHER.search(said), (name, said)
            alone = (
                m for m in OF_CHINESE.finditer(said) if not HAN.search(said[m.start() - 1 : m.end() + 1])
            )
            assert not [said[m.start() - 20 : m.end() + 20] for m in alone], name


def test_nobody_is_scolded() -> None:
    scolding = re.compile(r"\b(?:please|sorry|invalid|oops)\b|请输入有效|非法|错误代码", re.IGNORECASE)
    for name, _, message in MESSAGES:
        assert scolding.search(plain(message.html)) is None, name


def test_help_is_in_the_first_message() -> None:
    for language, words in {
        "zh": ["119", "120", "110", "不是真人"],
        "en": ["119", "120", "110", "not a person"],
    }.items():
        message = TEXTS.render("start.hello", language=language)
        assert all(word in message.html for word in words)
        assert "talk.begin" in {button.action for row in message.buttons for button in row}


@pytest.mark.parametrize(
    "name", ["<3", "&amp;", "a<b>c</b>", "{{ 7 * 7 }}", "%s %(name)s", "👩‍👩‍👧", "\u202eabc", "'\"`"]
)
def test_a_name_never_becomes_markup(name: str) -> None:
    for language in LANGUAGES:
        message = TEXTS.render("start.welcome", language=language, name=name)
        assert name in plain(message.html)
        label = TEXTS.render("start.name", language=language, offered=name).buttons[0][0].text
        assert name in label


def test_a_broken_message_names_itself_and_no_values() -> None:
    with pytest.raises(TextBroken, match=r"^ask\.guess: ") as missing:
        TEXTS.render("ask.guess", language="zh")
    assert missing.value.name == "ask.guess"
    with pytest.raises(TextBroken, match=r"^meet\.relay: longer than 1024") as long:
        TEXTS.render("meet.relay", language="zh", limit=1024, **(SHOWN[0][1] | {"words": "canary" * 300}))
    assert "canary" not in str(long.value)
    with pytest.raises(TextBroken, match="no such block"):
        TEXTS.render("ask.nothing", language="zh")
    with pytest.raises(TextBroken, match="no such template"):
        TEXTS.render("nobody.hello", language="zh")


def test_no_chinese_is_said_from_python() -> None:
    """Docstrings may name a Chinese word they explain; what people read lives in templates and data."""
    folders = [ROOT / "bot", ROOT / "privacy"]
    paths = [path for folder in folders for path in folder.rglob("*.py")] + list(ROOT.glob("*.py"))
    spoken = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in paths
        for node in _not_docstrings(ast.parse(path.read_text(encoding="utf-8")))
        if HAN.search(node.value)
    }
    assert spoken == set()


def _not_docstrings(tree: ast.Module) -> Iterator[Any]:
    lone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in lone:
            yield node


def test_a_time_and_what_follows_it_are_set_one_way() -> None:
    """A number and a word have a space between them here: 18:00 前."""
    written = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "templates").glob("*.j2")}
    assert {name for name, words in written.items() if re.search(r"%\(\w+\)s前", words)} == set()


def test_a_time_stands_apart_from_the_words_beside_it_and_a_word_does_not() -> None:
    """In Chinese, whatever a time begins and ends with: 从 11 月 23 日（周一）09:00 等到现在, 到今天 13:00."""
    close = re.compile(rf"\d:\d\d{HAN.pattern}|{HAN.pattern}\d+(?::\d\d| [年月])|{HAN.pattern} [今明后]天 ")
    written = [plain(message.html) for _, language, message in MESSAGES if language == "zh"]
    assert [said for said in written if close.search(said)] == []


@pytest.mark.parametrize("name", ["decide.check", "refer.check"])
def test_a_reason_that_stands_alone_begins_like_a_sentence(name: str) -> None:
    quoted = [
        words
        for said, language, message in MESSAGES
        if (said, language) == (name, "en")
        for words in re.findall(r"<blockquote>(.*?)</blockquote>", message.html, re.DOTALL)
    ]
    assert quoted
    assert [words for words in quoted if words[0].islower()] == []


def test_the_page_shows_every_message(tmp_path: Path) -> None:
    page = tmp_path / "build" / "texts.html"
    assert write_page(TEXTS, LOCAL, BOOK, page) == len(SHOWN)
    written = page.read_text(encoding="utf-8")
    assert all(f"<h2>{name}</h2>" in written for name in TEXTS.names())
    assert "http" not in written
