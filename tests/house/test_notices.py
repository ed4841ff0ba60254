"""What people agree to is frozen: other words are another version, and an old version stays known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import pytest
from jinja2 import nodes

from bot.texts import LANGUAGES
from privacy.purposes import notices, purposes
from tests.house.test_texts import TEMPLATES, TEXTS

YES = "success"  # the style of the button that says yes


def sentences(message: str) -> Iterator[str]:
    """As they stand in the template."""
    flow, _, name = message.partition(".")
    source = (TEMPLATES / f"{flow}.j2").read_text(encoding="utf-8")
    (block,) = (b for b in TEXTS._environment.parse(source).find_all(nodes.Block) if b.name == name)
    yield from _under(block)


def _under(node: nodes.Node) -> Iterator[str]:
    called = node.node.name if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) else None
    if called == "_":
        yield node.args[0].value
    if called == "key" or (called == "button" and not _says_yes(node)):
        return
    for child in node.iter_child_nodes():
        yield from _under(child)


def _says_yes(button: nodes.Call) -> bool:
    return any(pair.key == "style" and pair.value.value == YES for pair in button.kwargs)


def words(messages: tuple[str, ...], language: str) -> str:
    said = (sentence for message in messages for sentence in sentences(message))
    return "\n".join(sentence if language == "zh" else TEXTS.english(sentence) for sentence in said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", purposes())
def test_other_words_are_another_version(code: str, language: str) -> None:
    """Failed? Raise `notice` in purposes.toml (and `meaning`, if it means something else) and freeze the new hash."""
    notice, version = notices()[code], purposes()[code].notice
    text = words(notice.shown, language)
    assert notice.versions[version][language] == hashlib.sha256(text.encode()).hexdigest()


def test_every_version_stays_known_in_every_language() -> None:
    assert list(notices()) == list(purposes())
    for code, notice in notices().items():
        assert list(notice.versions) == list(range(1, purposes()[code].notice + 1))
        for said in notice.versions.values():
            assert tuple(said) == LANGUAGES
            assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in said.values())


def test_the_words_are_what_people_read() -> None:
    """A positive control: sentences and the yes are among them, the ways out are not."""
    text = words(("start.notice",), "zh")
    assert "先说好您的资料怎么用" in text
    assert "同意，继续" in text
    assert "找工作人员" not in text
    assert "agree" in words(("start.notice",), "en").lower()
