"""Which kind of help somebody's own words ask for, or offer; asked back before it counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.understanding import route
from bot.understanding.patterns import HAN, pattern, plain
from bot.understanding.words import read

WEIGHTS = {"say": 3, "clear": 3, "word": 2, "hint": 1, "not": -3}
ENOUGH = 2  # weight below which nothing is guessed
CLEAR = 2  # lead over the next category that makes a guess sure
SLIP = (
    66  # per cent of the letters of a Chinese phrase that must be there when no word is spelled as we know it
)
WORD_SLIP = 0.72  # the same of an English word, by edits (two letters in each other's place are one)
SHORTEST = 3  # letters of a Chinese phrase in which a slip is looked for
NOT_GUESSED = "other"
_LATIN = re.compile(r"[a-z]{4,}")  # the English words in which one is


class Guess(NamedTuple):
    """A kind (code of data/taxonomy.toml), and whether no other came near."""

    kind: str
    sure: bool


class Kind(Protocol):
    """What a reader of words needs to know of a kind of help: a category has no category."""

    @property
    def code(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def name(self) -> Mapping[str, str]: ...


class Lexicon:
    """The words of a neighbourhood's kinds of help: those of lexicon.toml, and the names it gives them itself."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = [kind for kind in kinds if kind.code != NOT_GUESSED]
        self._category = {kind.code: kind.category for kind in self._kinds}

    def guess(self, text: str) -> Guess | None:
        """The likeliest kind, a skill where it is clear, else its category.

        None for words that point nowhere, to two categories alike, or to what is no kind of help.
        """
        words = pattern(read("lexicon.toml")["number"]).sub(" ", plain(text))
        if route.is_no_help(words):
            return None
        found = self._guess(words)
        if found is not None and self._category[found.kind]:
            return found
        mended = self._guess(self._mended(words))
        if found is None or (mended is not None and self._category[mended.kind] == found.kind):
            return mended
        return found

    def offers(self, text: str) -> list[str]:
        """The kinds somebody says she can help with, in the order she says them."""
        said = re.split(read("lexicon.toml")["between"], plain(text))
        parts = [guess.kind for part in said if (guess := self.guess(part)) is not None]
        whole = self.guess(text)
        found = list(dict.fromkeys(parts or ([whole.kind] if whole is not None else [])))
        narrower = {self._category[code] for code in found}
        return [code for code in found if code not in narrower]

    def _guess(self, words: str) -> Guess | None:
        weights = {
            code: sum(w for p, w in found if p.search(words)) for code, found in self._patterns.items()
        }
        skills: dict[str, list[tuple[int, str]]] = {}
        for kind in self._kinds:
            if kind.category:
                skills.setdefault(kind.category, []).append((weights[kind.code], kind.code))
        totals = []
        for kind in self._kinds:
            if not kind.category:
                best = sorted(skills.get(kind.code, []), reverse=True)[:2]
                totals.append((max(0, weights[kind.code]) + max([0, *(w for w, _ in best)]), kind.code, best))
        totals.sort(reverse=True)
        (most, category, best), next_most = totals[0], totals[1][0]
        if most < ENOUGH or most == next_most:
            return None
        clear = best and best[0][0] >= ENOUGH and (len(best) == 1 or best[0][0] > best[1][0])
        return Guess(best[0][1] if clear else category, most - next_most >= CLEAR)

    def _mended(self, words: str) -> str:
        """The words with what is nearly one of ours put right: Chinese by the phrase, English by the word."""
        chinese, english = self._spellings
        found = None
        if HAN.search(words):
            long = [
                phrase for phrase in chinese if len(phrase) <= len(words) + 1
            ]  # half a phrase is none of it
            found = process.extractOne(words, long, scorer=fuzz.partial_ratio, score_cutoff=SLIP)
        mended = _LATIN.sub(lambda word: _nearest(word[0], english), words)
        return f"{mended} {found[0]}" if found else mended

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[re.Pattern[str], int]]]:
        lists = read("lexicon.toml")
        return {
            kind.code: [
                *(
                    (pattern(re.escape(one) if sort == "say" else one), WEIGHTS[sort])
                    for sort, ones in lists.get(kind.code, {}).items()
                    for one in ones
                ),
                *((pattern(re.escape(name)), WEIGHTS["say"]) for name in _names(kind)),
            ]
            for kind in self._kinds
        }

    @cached_property
    def _spellings(self) -> tuple[list[str], list[str]]:
        """Chinese phrases, and English words, as they are spelled."""
        lists = read("lexicon.toml")
        said = [
            one for kind in self._kinds for one in [*lists.get(kind.code, {}).get("say", []), *_names(kind)]
        ]
        chinese = [one for one in said if HAN.search(one) and len(one) >= SHORTEST]
        english = {word for one in said for word in _LATIN.findall(one)}
        return list(dict.fromkeys(chinese)), sorted(english)


def _names(kind: Kind) -> list[str]:
    return [plain(name) for name in kind.name.values()]


def _nearest(word: str, words: list[str]) -> str:
    if word in words:
        return word
    found = process.extractOne(word, words, scorer=OSA.normalized_similarity, score_cutoff=WORD_SLIP)
    return found[0] if found else word
