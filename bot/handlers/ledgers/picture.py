"""The five ledgers as bars, drawn without any font: the digits are dots of ours, the words stand in the caption.

A bar is all that fell due. Solid: in time; striped: late; empty: open; dotted: excused. So it can be read in black and white.
"""

from __future__ import annotations

import struct
import zlib

from bot.community.duties import Fate, Ledger
from bot.community.ledgers import Report

WIDTH, ROW, MARGIN = 720, 72, 20
LEFT, RIGHT, THICK = 64, 192, 36  # where bars begin, what is left for their number, how thick they are
DOT = 4  # of a digit
WHITE, BLACK, BLUE, ORANGE, GREY = range(5)
PALETTE = bytes((255, 255, 255, 20, 20, 20, 0, 84, 147, 213, 94, 0, 150, 150, 150))
DIGITS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "01110 10001 00001 00110 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    "-": "00000 00000 00000 11111 00000 00000 00000",
}


def draw(report: Report) -> bytes:
    """A PNG of 720 by 400 dots (Portable Network Graphics, W3C 2003). Where something is withheld a dash stands for the bar."""
    height = ROW * len(Ledger) + 2 * MARGIN
    dots = [bytearray(WIDTH) for _ in range(height)]
    for place, ledger in enumerate(Ledger):
        top = MARGIN + place * ROW + (ROW - THICK) // 2
        _write(dots, MARGIN, top + 4, str(place + 1))
        due = report.due(ledger)
        _write(dots, WIDTH - RIGHT + 12, top + 4, "-" if due is None else str(due))
        _bar(dots, top, report, ledger)
    return _png(dots)


def _bar(dots: list[bytearray], top: int, report: Report, ledger: Ledger) -> None:
    due, length, at = report.due(ledger), WIDTH - RIGHT - LEFT, LEFT
    numbers = {fate: report.fate(ledger, fate) for fate in Fate}
    if None in numbers.values():
        _write(dots, LEFT + length // 2, top + 4, "-")
    for fate, number in numbers.items():
        wide = round(length * number / due) if due and number and None not in numbers.values() else 0
        for y in range(top, top + THICK):
            for x in range(at, min(at + wide, LEFT + length)):
                dots[y][x] = _colour(fate, x, y)
        at += wide
    for x in range(LEFT, LEFT + length + 1):
        dots[top][x] = dots[top + THICK][x] = BLACK
    for y in range(top, top + THICK + 1):
        dots[y][LEFT] = dots[y][LEFT + length] = BLACK


def _colour(fate: Fate, x: int, y: int) -> int:
    match fate:
        case Fate.IN_TIME:
            return BLUE
        case Fate.LATE:
            return ORANGE if (x + y) % 12 < 8 else WHITE
        case Fate.EXCUSED:
            return GREY if x % 6 < 2 and y % 6 < 2 else WHITE
        case _:
            return WHITE


def _write(dots: list[bytearray], left: int, top: int, number: str) -> None:
    for place, digit in enumerate(number):
        for y, line in enumerate(DIGITS[digit].split()):
            for x, dot in enumerate(line):
                if dot == "1":
                    start = left + (place * 6 + x) * DOT
                    for row in dots[top + y * DOT : top + (y + 1) * DOT]:
                        row[start : start + DOT] = bytes((BLACK,)) * DOT


def _png(dots: list[bytearray]) -> bytes:
    head = struct.pack(">IIBBBBB", len(dots[0]), len(dots), 8, 3, 0, 0, 0)
    rows = b"".join(b"\0" + row for row in dots)
    chunks = ((b"IHDR", head), (b"PLTE", PALETTE), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
