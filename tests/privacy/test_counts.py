"""Small counts are withheld, and nothing that is shown beside them gives them away."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.counts import LEAST, Shown, line, table

COUNTS = st.one_of(st.just(0), st.integers(1, 7), st.integers(0, 60))
TABLES = st.integers(1, 5).flatmap(
    lambda rows: st.integers(1, 5).flatmap(
        lambda columns: st.fixed_dictionaries(
            {(f"r{row}", f"c{column}"): COUNTS for row in range(rows) for column in range(columns)}
        )
    )
)


def given_away(equations: list[list[int]], unknowns: int) -> list[int]:
    """Which unknowns all solutions of the equations agree on: unit vectors in the space of the rows (Gauss-Jordan)."""
    rows = [[Fraction(value) for value in equation] for equation in equations]
    pivots: list[int] = []
    for column in range(unknowns):
        pivot = next((row for row in range(len(pivots), len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        here = len(pivots)
        rows[here], rows[pivot] = rows[pivot], rows[here]
        rows[here] = [value / rows[here][column] for value in rows[here]]
        for other in range(len(rows)):
            if other != here and rows[other][column]:
                factor = rows[other][column]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[here], strict=True)]
        pivots.append(column)
    return [
        column
        for here, column in enumerate(pivots)
        if all(not value for at, value in enumerate(rows[here]) if at != column)
    ]


def known_from(shown: Shown) -> list[object]:
    """The withheld cells somebody can work out who knows that rows and columns add up."""
    hidden = [cell for cell, value in shown.items() if value is None]
    equations = []
    for side in (0, 1):
        for name in {cell[side] for cell in shown}:
            on_it = [cell for cell in shown if cell[side] == name]
            sign = {cell: -1 if cell[1 - side] is None else 1 for cell in on_it}
            equations.append([sign.get(cell, 0) for cell in hidden])
    return [hidden[at] for at in given_away(equations, len(hidden))]


@given(TABLES)
def test_no_small_count_is_shown_nor_can_be_worked_out(counts: dict[tuple[str, str], int]) -> None:
    shown = table(counts)
    assert not [value for value in shown.values() if value is not None and 0 < value < LEAST]
    assert known_from(shown) == []


@given(TABLES)
def test_what_is_shown_is_true(counts: dict[tuple[str, str], int]) -> None:
    shown = table(counts)
    for (row, column), value in shown.items():
        true = sum(n for (r, c), n in counts.items() if row in (None, r) and column in (None, c))
        assert value in (None, true)


@given(TABLES)
def test_nothing_is_withheld_without_need(counts: dict[tuple[str, str], int]) -> None:
    big = {cell: count + LEAST for cell, count in counts.items()}
    assert None not in table(big).values()


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), COUNTS, min_size=1))
def test_a_list_keeps_its_small_counts_too(counts: dict[str, int]) -> None:
    shown = line(counts)
    withheld = [name for name, value in shown.items() if value is None]
    assert len(withheld) != 1
    assert not [value for value in shown.values() if value is not None and 0 < value < LEAST]
    assert all(
        value in (None, counts.get(name or "", 0) if name else sum(counts.values()))
        for name, value in shown.items()
    )


def test_the_cheapest_other_count_goes_with_it() -> None:
    assert line({"shopping": 3, "repairs": 40, "visits": 12}) == {
        "shopping": None,
        "repairs": 40,
        "visits": None,
        None: 55,
    }
    assert line({"shopping": 3, "repairs": 40, "visits": 0})["repairs"] is None


def test_a_bridge_between_two_rings_is_seen() -> None:
    """Two withheld cells in every line are not enough: this one is worked out from two rings that it joins."""
    ring = {(row, column): 3 for row in "ab" for column in "xy"} | {
        (row, column): 3 for row in "de" for column in "uv"
    }
    counts = {(row, column): 20 for row in "abde" for column in "xyuv"} | ring | {("b", "u"): 3}
    naive: Shown = {cell: None if count < LEAST else count for cell, count in summed(counts).items()}
    assert known_from(naive) == [("b", "u")]
    assert known_from(table(counts)) == []


def summed(counts: dict[tuple[str, str], int]) -> dict[tuple[str | None, str | None], int]:
    """With all sums, and nothing withheld."""
    return {
        (row, column): sum(n for (r, c), n in counts.items() if row in (None, r) and column in (None, c))
        for row in (*{r for r, _ in counts}, None)
        for column in (*{c for _, c in counts}, None)
    }


def test_a_count_is_never_below_nought() -> None:
    for show in (lambda: line({"a": -1}), lambda: table({("a", "b"): -1})):
        with pytest.raises(ValueError, match="never below"):
            show()
