"""Every time anything is kept for is one rule of one table; somebody keeps it, and a scene proves it by the clock."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.handlers import FLOWS
from privacy import chain, retention
from privacy.retention import Rule, rules

ROOT = Path(__file__).parents[2]
RULES = list(rules().values())
CODE = [
    path
    for folder in ("bot", "privacy")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.is_relative_to(ROOT / "bot/store/migrations")
]
# Days that say how long something is done or waited for, not how long it is kept. Another one needs a reason here.
OTHER_DAYS = {
    ("privacy/chain.py", 1095): "the checker needs no file but its own; held to the rule below",
    ("bot/handlers/days/conversation.py", 400): "how far ahead a day of the office may lie; keeps nothing",
    ("bot/community/people.py", 30): "how rarely it is noted that somebody was here",
    ("bot/community/asking.py", 14): "of which needs an area's share is reckoned; of nobody",
    ("bot/community/duties.py", 14): "within how many days somebody looks at what was done; keeps nothing",
    ("bot/matching/eligibility.py", 7): "how often she was asked this week, against her own limit",
    ("bot/handlers/complain/service.py", 7): "a complaint is answered within",
    ("bot/handlers/complain/service.py", 2): "staff are reminded of a complaint",
    ("bot/community/restrictions.py", 7): "so long one member of staff may withhold something alone",
    ("bot/community/restrictions.py", 30): "a length staff can choose, below the rule",
    ("bot/community/restrictions.py", 3): "so long a second person's yes is awaited",
    ("bot/community/staff.py", 14): "how long before its end a role is spoken of",
    ("bot/community/credentials.py", 7): "how long before its end a credential is spoken of",
    ("bot/community/credentials.py", 30): "the same, the first time",
    ("bot/handlers/register/conversation.py", 7): "a volunteer rests",
    ("bot/handlers/register/conversation.py", 30): "the same, longer",
    ("bot/understanding/past.py", 60): "how long ago what is written down now may have been",
    ("bot/understanding/calendar_days.py", 7): "a week, in words",
}
CLOCK = re.compile(r"later\(|advance\(|timedelta\(days")
# What the messages say of days, and which rule it is. What is no rule says so by None.
SAID = {
    ("ask.j2", "7 天"): "minor",
    ("ask.j2", "30 天"): "case",
    ("close.j2", "30 天"): "case",
    ("complain.j2", "七天"): None,  # by then it is answered
    ("complain.j2", "一年"): "complaint",
    ("copy.j2", "30 天"): "case",
    ("credential.j2", "90 天"): "credential_declared",
    ("credential.j2", "一年"): None,  # until when a paper holds
    ("credential.j2", "两年"): None,
    ("days.j2", "一天"): None,  # to be entered
    ("desk.j2", "三年"): "access",
    ("home.j2", "30 天"): "case",
    ("invite.j2", "14 天"): "slip",
    ("ledger.j2", "一天"): None,
    ("mediate.j2", "14 天"): "mediation_slip",
    ("mediate.j2", "30 天"): "mediation",
    ("mediator.j2", "30 天"): "mediation",
    ("mediate.j2", "三年"): "mediation_line",
    ("mediate.j2", "一年"): None,  # to apply for arbitration
    ("mediation_slip.j2", "14 天"): "mediation_slip",
    ("mediator.j2", "14 天"): "mediation_slip",
    ("mediator.j2", "一个月"): None,  # until both are asked how it went
    ("home.j2", "一天"): None,  # in which somebody read very much
    ("report.j2", "三年"): "report",
    ("report.j2", "一天"): None,  # so long another's yes counts
    ("my_data.j2", "两年"): "account",
    ("my_data.j2", "30 天"): "case",
    ("my_data.j2", "三年"): "access",
    ("my_data.j2", "35 天"): "backup",
    ("register.j2", "一天"): None,  # of rest
    ("register.j2", "一个月"): None,
    ("review.j2", "一天"): None,
    ("review.j2", "30 天"): "dead_letter",
    ("restrict.j2", "一个月"): None,  # how long something is withheld, below the rule
    ("restrict.j2", "三个月"): None,
    ("roles.j2", "7 天"): "invitation",
    ("roles.j2", "一个月"): None,  # how long a role is given for
    ("roles.j2", "三个月"): None,
    ("roles.j2", "一年"): None,
    ("slip.j2", "14 天"): "slip",
    ("start.j2", "30 天"): "case",
}
DAYS = re.compile(r"\d+ ?天|[一二两三四五六七八九十]+(?:年|天|个月)")
HAN = {"一年": 365, "两年": 730, "三年": 1095}
ENGLISH = {365: "a year", 730: "two years", 1095: "three years"}


def _named(dotted: str) -> Any:
    """What has this name. Raises ImportError or AttributeError."""
    parts = dotted.split(".")
    for at in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        for part in parts[at:]:
            found = getattr(found, part)
        return found
    raise ImportError(dotted)


def _called() -> set[str]:
    """Every name the bot calls, and what its sweeps ask what is due."""
    swept = {
        (due.func if isinstance(due, partial) else due)
        for flow in FLOWS
        for due in (s.due for s in flow.sweeps)
    }
    named = {f"{due.__module__}.{due.__name__}" for due in swept}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                named.add(node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
    return named


CALLED = _called()


def test_the_checker_counts_as_the_table_does() -> None:
    assert rules()["consent"].after == chain.KEPT


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_somebody_keeps_the_rule(rule: Rule) -> None:
    assert callable(_named(rule.by))
    module, _, name = rule.by.rpartition(".")
    by_the_clock = rule.after and module.startswith("bot.community.") and name != "accept"
    assert (rule.by if by_the_clock else name) in CALLED, (
        "a sweep of a noun stands in a flow, all else is called"
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_scene_proves_the_rule_by_the_clock(rule: Rule) -> None:
    file, _, name = rule.proof.partition("::")
    source = (ROOT / file).read_text(encoding="utf-8")
    [scene] = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    assert not rule.after or CLOCK.search(ast.get_source_segment(source, scene) or "")


def _calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield str(path.relative_to(ROOT)), node


def test_every_time_is_read_from_its_rule_once() -> None:
    read = Counter(ast.literal_eval(call.args[0]) for _, call in _calls("rule"))
    assert read == Counter(rule.code for rule in RULES if rule.after)


def test_no_number_of_days_stands_beside_the_table() -> None:
    days = {
        (path, keyword.value.value)
        for path, call in _calls("timedelta")
        for keyword in call.keywords
        if keyword.arg == "days" and isinstance(keyword.value, ast.Constant) and keyword.value.value != 1
    }
    assert days == OTHER_DAYS.keys()
    seconds = {
        str(path.relative_to(ROOT))
        for path in CODE
        if "sandbox" not in path.parts
        and re.search(r"\d+ \* 86_?400|86_?400(?:\.0)? \* \d+", path.read_text())
    }
    assert seconds == set()


def test_what_a_database_was_told_is_what_the_table_says() -> None:
    """A migration is history and reads no table."""
    for name, code in (("0006_who_opened_what", "access"), ("0011_when_somebody_was_last_here", "trail")):
        [path] = (ROOT / "bot/store/migrations/versions").glob(f"{name}.py")
        numbers = {int(number) for number in re.findall(r"(?:at\) - |days=|')(\d{3,4})\b", path.read_text())}
        assert numbers == {rules()[code].after.days}


def _messages() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").glob("*.j2")):
        for line in re.findall(r'_\("([^"]+)"', path.read_text(encoding="utf-8")):
            yield path.name, line


def test_what_people_are_told_is_what_the_table_says() -> None:
    catalog = (ROOT / "templates/locale/en/LC_MESSAGES/jinlin.po").read_text(encoding="utf-8")
    said = [(file, phrase, line) for file, line in _messages() for phrase in DAYS.findall(line)]
    assert {(file, phrase) for file, phrase, _ in said} == SAID.keys()
    for file, phrase, line in said:
        code = SAID[file, phrase]
        if code is None:
            continue
        days = rules()[code].after.days
        assert (HAN.get(phrase) or int(phrase.split()[0])) == days, (file, phrase)
        english = catalog.split(f'msgid "{line}"\nmsgstr "')[1].split("\n\n")[0]
        assert ENGLISH.get(days, f"{days} days") in english, (file, english)


def test_nothing_is_kept_longer_than_what_it_hangs_on() -> None:
    assert rules()["erasure"].after > rules()["backup"].after, "else a backup brings a key back"
    assert rules()["minor"].after <= rules()["case"].after <= rules()["trail"].after
    assert rules()["pool_idle"].after + rules()["pool_silent"].after <= rules()["account"].after
    assert rules()["waiting"].after <= rules()["case"].after


def test_the_page_is_printed_from_the_table() -> None:
    page = (ROOT / "docs/retention.md").read_text(encoding="utf-8")
    assert page == retention.table()
    assert all(f"| {rule.what} | " in page for rule in RULES)


@pytest.mark.parametrize(
    "change",
    [
        {"then": "archive"},
        {"days": None},
        {"hours": 1},
        {"days": -1},
    ],
)
def test_a_rule_that_says_something_unheard_of_is_refused(change: dict[str, Any]) -> None:
    line = {"what": "w", "after": "a", "days": 1, "then": "delete", "law": "l", "by": "b", "proof": "p"}
    assert retention._rule("x", **line).after.days == 1
    with pytest.raises(ValueError, match="'x' is not well described"):
        retention._rule("x", **line | change)


def test_what_has_no_rule_is_not_looked_up() -> None:
    with pytest.raises(KeyError):
        retention.rule("for ever")
