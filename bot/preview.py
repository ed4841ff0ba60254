"""`run_bot.py texts`: the catalog brought up to date, and every message to look at in build/texts.html."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2 import Environment

from bot.clock import ManualClock
from bot.data import Local
from bot.data.local import Kind
from bot.markup import plain
from bot.texts import CATALOG, LANGUAGES, Texts

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Xiamen: the moment of every example
_PAGE = Path(__file__).with_suffix(".html")


def examples(local: Local, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block with values to show it by: the ordinary ones, and each variant that examples.toml lists."""
    with path.open("rb") as file:
        book = tomllib.load(file)
    for flow, blocks in book.items():
        for block, variants in blocks.items() if flow != "common" else ():
            for values in variants or [{}]:
                yield f"{flow}.{block}", _made(_over(book["common"], values), local)


def longest(values: dict[str, Any]) -> dict[str, Any]:
    """The same values as long as the service lets anybody write them (& is the longest to escape)."""
    limits = {
        "name": 20,
        "helper": 20,
        "offered": 20,
        "story": 1000,
        "sensitive": 1000,
        "words": 500,
        "door": 60,
        "phone": 20,
    }
    long: dict[str, Any] = {
        key: "&" * limits[key] for key in limits if isinstance(values.get(key), str) and values[key]
    }
    if values.get("told"):
        long["told"] = ["&" * 333] * 3
    if values.get("texts"):
        long["texts"] = ["&" * 500] * 6
    return {**values, **long}


def write_page(texts: Texts, local: Local, book: Path, page: Path) -> int:
    """The page of every message in every language. Returns how many messages it shows."""
    shown = [
        (name, [texts.render(name, language=language, **values) for language in LANGUAGES])
        for name, values in examples(local, book)
    ]
    page.parent.mkdir(parents=True, exist_ok=True)
    template = Environment(autoescape=True).from_string(_PAGE.read_text(encoding="utf-8"))
    page.write_text(template.render(messages=shown, title=plain(local.name["zh"])), encoding="utf-8")
    return len(shown)


def update_catalog(texts: Texts, directory: Path) -> list[str]:
    """Write the English catalog in spoken order; what is no longer said goes. Returns what lacks English."""
    catalog = Catalog(locale="en", project="jinlin", charset="utf-8", fuzzy=False)
    for sentence, files in texts.sentences().items():
        catalog.add(sentence, texts.english(sentence), locations=[(file, 0) for file in files])
    path = directory / CATALOG
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, include_lineno=False, omit_header=True)
    return texts.missing()


def run(root: Path) -> str:
    """The whole command. Returns a line for the terminal."""
    local, directory = Local.load(), root / "templates"
    texts = Texts.load(directory, local, ManualClock(NOW))
    missing = update_catalog(texts, directory)
    shown = write_page(texts, local, directory / "examples.toml", root / "build" / "texts.html")
    return f"{shown} messages in build/texts.html; without English: {len(missing)}"


def _over(common: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A variant's own values over the common ones; of a case it may give some only."""
    case = values.get("case", {})
    return {**common, **values, "case": {**common["case"], **case} if isinstance(case, dict) else None}


def _made(values: dict[str, Any], local: Local) -> dict[str, Any]:
    """Codes of the example book become the things themselves."""
    return {key: _thing(key, value, local) for key, value in values.items()}


def _thing(key: str, value: Any, local: Local) -> Any:
    makers: dict[str, Any] = {
        "kind": lambda code: next((kind for kind in local.kinds if kind.code == code), code),
        "on_post": lambda code: next((one for one in local.posts if one.code == code), None),
        "offer": lambda code: next((kind for kind in local.kinds if kind.code == code), None),
        "spoken": lambda code: next((one for one in local.languages if one.code == code), None),
        "kinds": lambda codes: _kinds(codes, local),
        "chosen": lambda codes: [local.kind(code) for code in codes],
        "week": lambda mask: [[bool(mask >> (day * 3 + part) & 1) for part in range(3)] for day in range(7)],
        "languages": lambda codes: [one for one in local.languages if codes == "all" or one.code in codes],
        "quiet": lambda hours: [time(hour) for hour in hours] if isinstance(hours, list) else hours,
        "credential": local.credential,
        "credentials": lambda codes: [
            one for one in local.credentials if codes == "all" or one.code in codes
        ],
        "lacks": lambda lines: lines if isinstance(lines, bool) else [_lack(line, local) for line in lines],
        "category": lambda code: local.kind(code) if code else None,
        **dict.fromkeys(("body", "unheard"), local.body),
        "degrees": lambda codes: [local.degree(code) for code in codes],
        "area": lambda code: local.area(code) if code else None,
        "over_roles": lambda codes: [local.role(code) for code in codes],
        "reason": local.reason,
        "reasons": lambda effect: [one for one in local.reasons if one.effect == effect],
        "things": local.identifiers,
        "others": local.identifiers,
        "lines": local.hotlines_for,
        "words": lambda words: local.code_words[words] if isinstance(words, int) else words,
        "when": lambda span: SimpleNamespace(start=_moment(span[0]), end=_moment(span[1])),
        "options": lambda spans: [SimpleNamespace(start=_moment(a), end=_moment(b)) for a, b in spans],
        "case": lambda case: _case(case) if case else None,
        "cases": lambda labels: labels if isinstance(labels, bool) else [_item(label) for label in labels],
        "volunteer": lambda row: row if isinstance(row, bool) else _volunteer(row),
        "held": lambda lines: _held(lines, local),
        "agreed": lambda lines: [_line({"number": 427, **line}, at=_moment(line["at"])) for line in lines],
        "openings": lambda lines: [vars(_line(line, at=_moment(line["at"]))) for line in lines],
        "complaints": lambda lines: [
            SimpleNamespace(
                number=line["number"],
                answered_at=_moment(line["at"]) if line["answered"] else None,
                promised_at=_moment(line["at"]),
            )
            for line in lines
        ],
        "matter": lambda number: _matter(number) if number else None,
        "other": lambda state: SimpleNamespace(id="n4y8l3q6", number=431, state=state),
        "rule": local.rule,
        "rules": lambda _: local.rules,
        "ground": lambda code: local.reason(code) or local.rule(code),
        "restrictions": lambda given: (
            given if isinstance(given, int) else [_withheld(row, local) for row in given]
        ),
        "to_see": lambda lines: [
            {
                **line,
                "held": _credential({"state": "declared", **line}),
                "credential": local.credential(line["credential"]),
            }
            for line in lines
        ],
        "steps": lambda rows: [{**row, "at": _moment(row["at"])} for row in rows],
        "matters": lambda numbers: [_matter(number) for number in numbers],
        "found": lambda lines: [{**line, "area": local.area(line["area"])} for line in lines],
        **dict.fromkeys(("offers", "times", "appointments"), lambda rows: [_timed(row) for row in rows]),
        "titles": lambda codes: [local.credential(code) for code in codes],
        "late": lambda number: SimpleNamespace(number=number),
        "listed": lambda rows: [_need(row, local) for row in rows],
        "one": lambda row: {key: _moment(row[key]) if key.endswith("_at") else row[key] for key in row},
        "duty": lambda row: row if isinstance(row, bool) else _duty(row),
        "naming": lambda codes: [(code, None if code == "-" else local.areas[0]) for code in codes],
        "keeping": lambda codes: [(code, None if code == "-" else local.areas[0]) for code in codes],
        "written": lambda lines: [{**line, "at": _moment(line["at"])} for line in lines],
        "asked": lambda rows: [_matter(number) for number in rows] if isinstance(rows, list) else rows,
        "own_days": lambda rows: [_own_day(row) for row in rows],
        **dict.fromkeys(("opening_day", "last_day"), lambda row: _own_day(row) if row != "none" else None),
        "areas": lambda _: local.areas,
        "rates": lambda rows: {name: _rate(*row) for name, row in rows.items()},
        "went": lambda rows: [{**row, "at": _moment(row["at"])} for row in rows],
        "unseen": lambda rows: [
            {
                "case": SimpleNamespace(
                    id="m3x9k2p7",
                    version=3,
                    number=row["number"],
                    received_at=_moment("2026-11-20T09:00:00+08:00"),
                    handled_at=_moment("2026-11-21T15:00:00+08:00"),
                ),
                "kind": local.kind(row["kind"]),
            }
            for row in rows
        ],
        "unmet": lambda rows: [
            {**row, "kind": local.kind(row["kind"]), "where": local.area(row["where"])} for row in rows
        ],
        **dict.fromkeys(("at", "until", "since", "open_at", "promised", "bound_at", "asked_from"), _moment),
    }
    return makers[key](value) if key in makers else None if value == "none" else value


def _kinds(codes: list[str] | str, local: Local) -> list[Kind]:
    """Some by name, the first page ("all"), every category ("categories"), or the skills in one ("in elder")."""
    if codes == ["all"]:
        return local.front
    if codes in ("categories", ["categories"]):
        return local.categories
    if codes and codes[0].startswith("in "):
        return local.skills_of(codes[0].removeprefix("in "))
    return [local.kind(code) for code in codes]


def _volunteer(row: dict[str, Any]) -> SimpleNamespace:
    plain = {"asks_a_week": 3, "max_open": 1, "on_duty": True, "urgent_ok": False, "shows_title": False}
    return SimpleNamespace(**{**plain, **row, "paused_until": _moment(row.get("paused_until", ""))})


def _duty(row: dict[str, Any]) -> SimpleNamespace:
    """A role of somebody's."""
    return SimpleNamespace(
        id="d3x9k2p7",
        role=row["role"],
        since=_moment(row.get("since", "2026-11-23T09:00:00+08:00")),
        until=_moment(row.get("until", "")),
        given_by=row.get("given_by"),
    )


def _held(given: Any, local: Local) -> Any:
    """One credential, roles, lines of credentials, or lines of cases."""
    if isinstance(given, dict):
        return _credential(given)
    if given and "role" in given[0]:
        return [{"duty": _duty(row), "name": row["name"], "giver": row.get("giver", "")} for row in given]
    if given and "number" not in given[0]:
        return [{"held": _credential(row), "credential": local.credential(row["kind"])} for row in given]
    return [_line(line, until=_moment(line["until"])) for line in given]


def _credential(row: dict[str, Any]) -> SimpleNamespace | None:
    """No state stands for none."""
    day = date.fromisoformat(row["day"]) if "day" in row else None
    return (
        SimpleNamespace(**{"id": "w3e5r7t9", "expires_on": day, "again_at": None, **row})
        if row["state"]
        else None
    )


def _rate(part: int, of: int) -> SimpleNamespace:
    """Below nought: withheld."""
    known = part >= 0 and of > 0
    return SimpleNamespace(
        part=part if part >= 0 else None,
        of=of if of >= 0 else None,
        silent=part if part >= 0 else None,
        percent=round(100 * part / of) if known else None,
    )


def _lack(row: dict[str, Any], local: Local) -> dict[str, Any]:
    return {
        **row,
        "kind": local.kind(row["kind"]),
        "credentials": [local.credential(code) for code in row["credentials"]],
    }


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    """A line with a time of its own."""
    return {**row, "time": SimpleNamespace(start=_moment(row["time"][0]), end=_moment(row["time"][1]))}


def _item(label: str) -> dict[str, Any]:
    return {"label": label, "case": SimpleNamespace(id="m3x9k2p7", version=3)}


def _matter(number: int) -> SimpleNamespace:
    return SimpleNamespace(id="m3x9k2p7", number=number, version=3, promised_at=NOW)


def _withheld(row: dict[str, Any], local: Local) -> dict[str, Any]:
    """A line of what somebody may not do, hers or on the list of staff."""
    return {**row, "until": _moment(row["until"]), "rule": local.rule(row["rule"])}


def _need(row: dict[str, Any], local: Local) -> dict[str, Any]:
    start, end = (_moment(moment) for moment in row["when"])
    case = SimpleNamespace(
        id="m3x9k2p7", version=3, number=row["number"], when_from=start, when_until=end, skill=row["kind"]
    )
    return {"case": case, "kind": local.kind(row["kind"]), "area": local.area(row["area"])}


def _line(row: dict[str, Any], **moments: datetime | None) -> SimpleNamespace:
    """A line of a list about a case; number 0 stands for none."""
    case = SimpleNamespace(id="m3x9k2p7", **row) if row["number"] else None
    return SimpleNamespace(**{**row, **moments, "case": case})


def _own_day(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": _moment(row["at"])}


def _case(row: dict[str, Any]) -> SimpleNamespace:
    moments = {key: _moment(row[key]) for key in ("when_from", "when_until", "promised_at")}
    return SimpleNamespace(**{**row, **moments})


def _moment(written: str) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None
