"""Telegram's HTML, refused here as Telegram would."""

import pytest

from bot.markup import CAPTION, check, length, plain


@pytest.mark.parametrize(
    "html",
    [
        "好",
        "<b>a</b> &lt;3 &#39;",
        '<a href="https://example.org">x</a>',
        "<blockquote><b>x</b></blockquote>",
        "a > b",
    ],
)
def test_what_telegram_takes(html: str) -> None:
    assert check(html) is None


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n ",
        "<b>a",
        "a</b>",
        "<b><i>a</b></i>",
        "<p>a</p>",
        "a & b",
        "a < b",
        "<3",
        "&nbsp;",
        "<a>x</a>",
        '<b class="x">a</b>',
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        "<b></b>",
    ],
)
def test_what_telegram_refuses(html: str) -> None:
    assert check(html) is not None


def test_length_is_counted_after_parsing_in_utf_16() -> None:
    assert check("<b>" + "&lt;" * 4096 + "</b>") is None
    assert check("👍" * 2048) is None
    assert check("👍" * 2048 + "a") is not None
    assert check("a" * (CAPTION + 1), CAPTION) is not None
    assert length("👍") == 2


def test_plain_words() -> None:
    assert plain("<b>a</b> &lt;b&gt; &amp;amp;") == "a <b> &amp;"
