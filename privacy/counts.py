"""Counts that may be shown: none so small that it tells of somebody, nor one that can be worked out from the others.

A count below `LEAST` is withheld, and with it whatever else is needed so that no sum shown beside it gives it away
(primary and complementary cell suppression; Hundepool et al., Statistical Disclosure Control, 2012, ch. 4). Nothing is
rounded or made up: what is shown is true. It does not help against two tables that differ in one person: show whole
months and whole areas, never the same but for one day or one staircase.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

NOUGHT = 1_000_000
LEAST = 5  # the smallest count that is shown; nought tells of nobody and is shown too

Cell = tuple[str | None, str | None]  # row and column; None stands for the sum over all of them
Shown = dict[Cell, int | None]  # None: withheld ("fewer than 5", or so that another is not given away)
_Node = tuple[bool, str | None]  # a row or a column


def line(counts: Mapping[str, int]) -> dict[str | None, int | None]:
    """One list of counts and, under None, its sum. Raises ValueError for a count below nought."""
    values: dict[str | None, int] = {None: sum(counts.values())}
    values.update(counts)
    hidden = {name for name, number in values.items() if _small(number)}
    if len(hidden) == 1:
        hidden.add(min(values.keys() - hidden, key=lambda name: (_price(values[name]), str(name))))
    return {name: None if name in hidden else number for name, number in values.items()}


def table(counts: Mapping[tuple[str, str], int]) -> Shown:
    """Counts by row and column, a missing one being nought, with all sums. Raises ValueError for a count below nought.

    The sums give a withheld cell away exactly when it is a bridge in the graph of rows and columns which the withheld
    cells join (Gusfield, SIAM J. Comput. 17, 1988). So each gets a way around, the one that costs the fewest counts.
    """
    cells = _with_sums(counts)
    hidden = {cell for cell, number in cells.items() if _small(number)}
    lines = _lines(cells)
    for cell in sorted(_bridges(_lines(hidden)), key=str):
        hidden |= _way_round(cell, cells, lines, hidden)
    return {cell: None if cell in hidden else number for cell, number in cells.items()}


def _small(number: int) -> bool:
    if number < 0:
        raise ValueError("a count is never below nought")
    return 0 < number < LEAST


def _price(number: int) -> int:
    """What withholding it costs. Nought last: many a nought is known, and then hides nothing."""
    return number or NOUGHT


def _with_sums(counts: Mapping[tuple[str, str], int]) -> dict[Cell, int]:
    cells: dict[Cell, int] = {}
    rows, columns = sorted({row for row, _ in counts}), sorted({column for _, column in counts})
    for row, column in ((row, column) for row in rows for column in columns):
        found = counts.get((row, column), 0)
        for cell in ((row, column), (row, None), (None, column), (None, None)):
            cells[cell] = cells.get(cell, 0) + found
    return cells


def _lines(cells: Iterable[Cell]) -> dict[_Node, list[tuple[_Node, Cell]]]:
    """From each row the columns, and from each column the rows, that one of these cells joins to it."""
    lines: dict[_Node, list[tuple[_Node, Cell]]] = {}
    for row, column in cells:
        lines.setdefault((True, row), []).append(((False, column), (row, column)))
        lines.setdefault((False, column), []).append(((True, row), (row, column)))
    return lines


def _bridges(lines: Mapping[_Node, list[tuple[_Node, Cell]]]) -> set[Cell]:
    """The cells without which their row and their column would not be joined (Tarjan, Inf. Process. Lett. 2, 1974)."""
    order: dict[_Node, int] = {}
    low: dict[_Node, int] = {}
    bridges: set[Cell] = set()
    for root in lines:
        way: list[tuple[_Node, Cell | None, Iterator[tuple[_Node, Cell]]]] = []
        if root not in order:
            way.append((root, None, iter(lines[root])))
        while way:
            node, by, steps = way[-1]
            if node not in order:
                order[node] = low[node] = len(order)
            for other, step in steps:
                if other not in order:
                    way.append((other, step, iter(lines[other])))
                    break
                if step != by:
                    low[node] = min(low[node], order[other])
            else:
                way.pop()
                if by is not None:
                    before = way[-1][0]
                    low[before] = min(low[before], low[node])
                    if low[node] > order[before]:
                        bridges.add(by)
    return bridges


def _way_round(
    cell: Cell,
    cells: Mapping[Cell, int],
    lines: Mapping[_Node, list[tuple[_Node, Cell]]],
    hidden: set[Cell],
) -> set[Cell]:
    """The cells of the cheapest way from its row to its column that does not use it (Dijkstra); hidden ones are free."""
    start, goal = (True, cell[0]), (False, cell[1])
    prices: dict[_Node, int] = {start: 0}
    came: dict[_Node, tuple[_Node, Cell]] = {}
    waiting: list[tuple[int, int, _Node]] = [(0, 0, start)]
    turns = count(1)  # between ways of one price the first found
    while waiting:
        price, _, node = heapq.heappop(waiting)
        if node == goal:
            break
        if price > prices[node]:
            continue
        for other, step in lines[node]:
            more = price + (0 if step in hidden else _price(cells[step]))
            if step != cell and more < prices.get(other, more + 1):
                prices[other], came[other] = more, (node, step)
                heapq.heappush(waiting, (more, next(turns), other))
    way, node = set(), goal
    while node != start:
        node, step = came[node]
        way.add(step)
    return way
