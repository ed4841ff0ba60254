"""A report as it is said, printed, and given away as a table."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

from sqlmodel import Session

from bot.community import ledgers
from bot.community.duties import Fate, Ledger
from bot.community.ledgers import COUNTS, Period, Report
from bot.data import Local
from bot.handlers.ledgers import picture
from bot.texts import LANGUAGES, Texts


def named(texts: Texts, period: Period, language: str) -> str:
    """ "2026 年 10 月", "Q4 2026"."""
    year, _, part = period.code.partition("-")
    quarter, month = (part[1:], 0) if part.startswith("Q") else ("", int(part or 0))
    return texts.line("ledgers.period", language, year=int(year), quarter=quarter, month=month)


def values(local: Local, texts: Texts, report: Report, language: str) -> dict[str, Any]:
    """What every way of showing it says."""
    rows = {
        ledger.value: {"due": report.due(ledger)} | {fate.value: report.fate(ledger, fate) for fate in Fate}
        for ledger in Ledger
    }
    return {
        "choice": f"{report.period.code}.{report.area or ''}",
        "title": named(texts, report.period, language),
        "area": local.area(report.area) if report.area is not None else None,
        "rows": rows,
        "rates": report.rates,
        "received": report.count("received"),
        "ended": bool(report.months),
        "running": report.months != report.period.months,
        "behind": report.behind,
    }


def page(local: Local, texts: Texts, report: Report, language: str) -> bytes:
    """A page of HTML for an A4 sheet."""
    drawn = base64.b64encode(picture.draw(report)).decode()
    numbers = {what: report.count(what) for what in COUNTS}
    said = values(local, texts, report, language)
    return texts.page("ledgers_page", language=language, picture=drawn, numbers=numbers, **said).encode()


def table(session: Session, local: Local, texts: Texts, period: Period) -> bytes:
    """Comma-separated values of everywhere and of each area, a count a line; an empty one is withheld. UTF-8 with a mark."""
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\n").writerow
    for language in LANGUAGES:
        write([texts.line("ledgers.no_goal", language)])
    write(["period", "months", "area", "what", "count", "of", "no_answer"])
    for area in [None, *(area.code for area in local.areas)]:
        report = ledgers.report(session, local, period, area)
        here = [period.code, len(report.months), area or "all"]
        for what, number in report.numbers.items():
            write([*here, what, number, None, None])
        for name, rate in report.rates.items():
            write([*here, f"rate_{name}", rate.part, rate.of, rate.silent])
    return file.getvalue().encode("utf-8-sig")
