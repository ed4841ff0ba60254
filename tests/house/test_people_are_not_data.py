"""人非数据: nothing here scores, ranks or counts a person. Tables, questions, orders and words are read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store.models import metadata

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("bot", "privacy") for path in (ROOT / folder).rglob("*.py"))
WORDS = sorted([*(ROOT / "templates").rglob("*.j2"), *(ROOT / "bot/data").rglob("*.toml")])

JUDGES = re.compile(
    r"score|rank|rating|reput|karma|grade|badge|medal|stars?\b|leader_?board|top_|best|trust|reliab|credit|merit|risk|"
    r"points?\b|level|streak|popular|weight",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"积分|评分|排名|排行|榜|星级|打分|得分|分数|评级|好评|差评|之星|最美|先进|"
    r"\b(?:scores?|ranks?|ranking|rankings|ratings?|rated|leaderboards?|badges?|medals?|"
    r"points(?! above)|stars|top volunteers?|best)\b",
    re.IGNORECASE,
)
PERSON = re.compile(r"person_id|reader_id|owner_id|actor|helper|volunteer|subject")
# Numbers in a row about a person, each with its reason. Another one needs one.
NUMBERS = {
    "access.id": "order of the log",
    "card.id": "order of the messages in one chat",
    "card.message_id": "Telegram's number of a message",
    "ask.wave": "in which round she was asked, so that a round is asked once",
    "claim.code_word": "the two words at the door",
    "consent_event.id": "order of the ledger",
    "consent_event.notice_version": "which words she read",
    "event.id": "order of what happened",
    "post_member.seat": "which place of the post: a unique index decides between two",
    "post_member.agreed_version": "which terms she read",
    "shift_place.seat": "which place of the shift: a unique index decides between two",
    "person.telegram_index": "a blind index that many share",
    "person.name_index": "a blind index that many share",
    "complaint.number": "the number of a complaint",
    "report.number": "the number of a report",
    "volunteer.asks_a_week": "her own word: how often she wants to be asked",
    "volunteer.hours": "her own word: when in the week she can",
    "talent.hours": "the same once more, where she is looked for",
    "volunteer.max_open": "her own word: how many needs she takes at once",
    "mediation.number": "the number said on the phone",
    "mediation.version": "whether a card is still true",
    "moving.code_index": "a keyed hash of the code for one account",
    "mediation.code_index": "a keyed hash of the code on a slip",
    "help_case.number": "the number said on the phone",
    "help_case.version": "whether a card is still true",
    "help_case.mark": "how many marks of its time the staff were told of",
    "help_case.could": "how many could do this need, twenty at most",
    "help_case.reminders": "how often the asker was reminded of this case",
}
# Order that is neither time nor number nor name: by what, and why that says nothing of anybody.
ORDERS = {
    "bot/matching/shifts.py": "shifts by beginning and difficulty; people by how few they had, to spread them evenly",
    "bot/community/asking.py": "needs by how they press; the longest rested first, as bot.matching.waves puts them",
    "bot/matching/waves.py": "nearness and rest, then a hash of case and person: nobody is ever always first",
    "bot/handlers/duty/conversation.py": "the morning's list: what waits, since when; nothing of whose it is",
    "bot/community/queue.py": "what waits for staff, by how it presses and since when; nothing of whose it is",
    "bot/community/credentials.py": "what staff have still to see, the longest waiting first",
    "bot/community/proposals.py": "a hash of shift and person: of two kept apart now the one is asked, now the other",
    "bot/handlers/sample/service.py": "needs that ended, by a lot drawn from their number and the week",
    "bot/data/local.py": "kinds of help as they stand on the first page",
    "privacy/rotation.py": "the newest root key first",
    "bot/community/ledgers.py": "kinds of help and areas, as they are called",
    "bot/community/holdings.py": "on her own page: what still has words first, consents as the purposes stand",
}
TIME_OR_NAME = re.compile(
    r"(?:col\()?[a-z_]+\.(?:c\.)?(?:id|number|kind|day|lines|priority|sweep|item|at|[a-z_]+_at|(?:[a-z_]+_)?since|(?:held_)?until)\)?(?:\.desc\(\))?"
    r"|lambda (\w+): (?:\1\.(?:start|end|id|at)|-?len\(\1\)|\1\.start - \1\.end)|len",
    re.IGNORECASE,
)
# Where something is summed for each person, and why nobody sees it of another.
SUMS = {
    "bot/community/asking.py": "how many could come in each part of the week, told from five people on",
    "bot/community/ledgers.py": "needs by day, kind and area; nobody stands in it",
    "privacy/consent.py": "her last word on one purpose",
    "privacy/rotation.py": "how many keys a root key wraps",
}


@pytest.mark.parametrize("table", list(metadata.tables.values()), ids=lambda table: table.name)
def test_no_column_judges_anybody(table: sa.Table) -> None:
    assert [column.name for column in table.columns if JUDGES.search(column.name)] == []


@pytest.mark.parametrize("table", list(metadata.tables.values()), ids=lambda table: table.name)
def test_every_number_beside_a_person_has_a_reason(table: sa.Table) -> None:
    about = table.name == "person" or any(PERSON.search(column.name) for column in table.columns)
    numbers = {
        f"{table.name}.{column.name}"
        for column in table.columns
        if isinstance(column.type, sa.Integer | sa.Numeric | sa.Float)
        and not isinstance(column.type, sa.Boolean)
    }
    assert not about or numbers <= NUMBERS.keys()


def test_every_reason_is_still_needed() -> None:
    assert [
        name for name in NUMBERS if name.split(".")[1] not in metadata.tables[name.split(".")[0]].columns
    ] == []


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if (isinstance(called, ast.Attribute) and called.attr == name) or (
            isinstance(called, ast.Name) and called.id == name
        ):
            assert isinstance(node, ast.Call)
            yield node


def ordered(source: str) -> list[str]:
    """By what something is put in order, if it is neither a time nor a number nor a name."""
    tree = ast.parse(source)
    by = [ast.unparse(argument) for call in calls(tree, "order_by") for argument in call.args]
    keys = [
        ast.unparse(keyword.value)
        for name in ("sorted", "sort", "max", "min", "nlargest", "nsmallest", "most_common")
        for call in calls(tree, name)
        for keyword in call.keywords
        if keyword.arg == "key"
    ]
    return [what for what in by if not TIME_OR_NAME.fullmatch(what)] + [
        what for what in keys if PERSON.search(source) and not TIME_OR_NAME.fullmatch(what)
    ]


def summed(source: str) -> list[str]:
    """What is summed or counted person by person."""
    tree = ast.parse(source)
    grouped = [ast.unparse(call) for call in calls(tree, "group_by")]
    counters = [ast.unparse(call) for call in calls(tree, "Counter") if PERSON.search(ast.unparse(call))]
    return grouped + counters


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_put_in_order_by_what_somebody_is_worth(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    assert name in ORDERS or ordered(path.read_text()) == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_summed_person_by_person(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    assert name in SUMS or summed(path.read_text()) == []


@pytest.mark.parametrize("name", [*ORDERS, *SUMS])
def test_every_exception_is_still_one(name: str) -> None:
    source = (ROOT / name).read_text()
    assert ordered(source) if name in ORDERS else summed(source)


def said(text: str) -> list[str]:
    """Words that judge, but for those that say we do not."""
    return [
        line.strip()
        for line in text.splitlines()
        if (found := SAYS.search(re.sub(r"\{#.*?#\}|^\s*#.*$", "", line)))
        and not re.search(
            r"(?:不|没有|从不|给任何人)[^,。，]{0,6}$|\bno\b[^.]{0,30}$", line[: found.start()], re.IGNORECASE
        )
    ]


@pytest.mark.parametrize("path", WORDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_judges_anybody(path: Path) -> None:
    assert said(path.read_text()) == []


def test_no_english_text_judges_anybody() -> None:
    catalog = (ROOT / "templates/locale/en/LC_MESSAGES/jinlin.po").read_text()
    assert said("\n".join(line for line in catalog.splitlines() if not line.startswith("msgid"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "select(Claim).order_by(func.count(Claim.id).desc())",
        "select(P).order_by(P.hours)",
        "sorted(helpers, key=lambda volunteer: volunteer.hours)",
        "max(people, key=thanks_of_person_id)",
    ],
)
def test_the_reader_sees_an_order(source: str) -> None:
    assert ordered(f"person_id = 1\n{source}")


@pytest.mark.parametrize(
    "source", ["select(f.count()).group_by(Claim.person_id)", "Counter(claim.person_id for claim in claims)"]
)
def test_the_reader_sees_a_sum(source: str) -> None:
    assert summed(source)


@pytest.mark.parametrize(
    "text", ["本月之星：李阿姨", "您得了 5 积分", "Top volunteers this month", "Rating: 5 stars"]
)
def test_the_reader_sees_a_judgement(text: str) -> None:
    assert said(text)
