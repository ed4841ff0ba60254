"""Sealed words become plain in two places and nowhere else: the gate, and the machine's own transport."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from bot.store.models import metadata
from privacy.policy import kinds, matrix
from privacy.purposes import purposes
from privacy.sealed import SealedBytes
from privacy.vault import Vault
from tests.flows.test_close import engaged
from tests.town import Town

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("bot", "privacy", "bench") for path in (ROOT / folder).rglob("*.py"))
SOURCES.append(ROOT / "run_bot.py")
# Who may ask the vault to open. The benches seal and open words nobody said.
DOORS = {("privacy/opening.py", "Gate.open"), ("bot/runtime/seals.py", "Seals.open")}
BENCHES = {("bench/read.py", "_opened"), ("bench/seal.py", "measure.ours")}
# Who may ask the gate, each for a reader it knows: of a message, of herself, the machine, the sandbox for the owner.
ASKERS = {
    ("bot/voice.py", "Voice._opened"),
    ("bot/community/cases.py", "told_by"),
    ("bot/community/copying.py", "_own"),
    ("bot/community/erasing.py", "_opens"),
    ("bot/community/people.py", "_address"),
    ("bot/community/people.py", "_known_as"),
    ("bot/community/statements.py", "share"),  # its author, who shows it to the other side
    ("bot/sandbox/insight.py", "_own"),
}
NOUNS = {
    "bot/community/appointments.py",
    "bot/community/cases.py",
    "bot/community/complaints.py",
    "bot/community/mediations.py",
    "bot/community/messages.py",
    "bot/community/notes.py",
    "bot/community/people.py",
    "bot/community/posts.py",
    "bot/community/reports.py",
}  # they know whose words are whose
# Words, data keys, the key file, and files nobody else reads.
CIPHERS = {
    "privacy/vault.py",
    "privacy/keyring.py",
    "privacy/sources.py",
    "privacy/archive.py",
    "bench/seal.py",
}
PLACES = {"help_case": "case"}  # a table whose name its places do not share

Found = set[tuple[str, str]]


class Calls(ast.NodeVisitor):
    """Every call of a module, with the function it stands in."""

    def __init__(self) -> None:
        self.found: list[tuple[str, ast.Call]] = []
        self._in: list[str] = []

    def _enter(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._in.append(node.name)
        self.generic_visit(node)
        self._in.pop()

    visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = _enter  # noqa: N815  names ast looks for

    def visit_Call(self, node: ast.Call) -> None:
        self.found.append((".".join(self._in), node))
        self.generic_visit(node)


def calls_of(tree: ast.Module) -> list[tuple[str, ast.Call]]:
    calls = Calls()
    calls.visit(tree)
    return calls.found


def opens_the_vault(call: ast.Call) -> bool:
    """`subject`, `data_class` and `place` must be named to open, whatever the vault is called there; ** may hide them."""
    named = {keyword.arg for keyword in call.keywords}
    return called(call) in ("open", "open_bytes") and bool(named & {"subject", "data_class", "place", None})


def asks_the_gate(call: ast.Call) -> bool:
    return called(call) == "open" and any(keyword.arg in ("reader", None) for keyword in call.keywords)


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
CALLS = [(name, function, call) for name, tree in TREES.items() for function, call in calls_of(tree)]


def test_the_vault_opens_for_the_gate_and_for_the_transport() -> None:
    found = {(name, function) for name, function, call in CALLS if opens_the_vault(call)}
    assert found == DOORS | BENCHES


def test_the_gate_is_asked_where_the_reader_is_known() -> None:
    found = {(name, function) for name, function, call in CALLS if asks_the_gate(call)}
    assert found == ASKERS


def test_only_nouns_say_whose_words_they_are() -> None:
    assert {name for name, _, call in CALLS if called(call) == "Words"} == NOUNS


def test_nothing_else_deciphers() -> None:
    assert {name for name, _, call in CALLS if called(call) == "decrypt"} == CIPHERS


def test_no_door_goes_by_another_name() -> None:
    """The method is not handed on, nor looked up by its name."""
    called_there = {id(call.func) for _, _, call in CALLS}
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in ("open_bytes", "decrypt"):
                pytest.fail(f"{name}:{node.lineno}")
            if isinstance(node, ast.Attribute) and node.attr in ("open", "open_bytes", "decrypt"):
                of_vault = node.attr != "open" or "vault" in ast.unparse(node.value)
                assert id(node) in called_there or not of_vault, f"{name}:{node.lineno}"


@pytest.mark.parametrize(
    "code",
    [
        "vault.open(sealed, subject=a, data_class=b, place=c)",
        "self._v.open_bytes(sealed, **whose)",
        "vault_of(session).open(sealed, subject=a, **rest)",
    ],
)
def test_the_search_finds_a_door(code: str) -> None:
    ((function, call),) = [
        found for found in calls_of(ast.parse(f"def leak():\n    {code}")) if opens_the_vault(found[1])
    ]
    assert (function, called(call)[:4]) == ("leak", "open")


async def test_while_the_town_lives_no_other_code_asks_the_vault(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Found = set()
    plain = Vault._open

    def watched(self: Vault, *what: object) -> bytes:
        frame = sys._getframe(2)  # past open or open_bytes
        name = Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()
        asked.add((name, frame.f_code.co_qualname))
        return plain(self, *what)  # type: ignore[arg-type]

    monkeypatch.setattr(Vault, "_open", watched)
    town = Town(sqlite_url)
    _, chen, _ = await engaged(town)
    await chen.taps("办好了")
    town.close()
    assert asked == DOORS


def _sealed_columns() -> set[str]:
    return {
        f"{PLACES.get(table.name, table.name)}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, SealedBytes)
    }


def test_every_sealed_column_holds_a_kind_of_words() -> None:
    assert _sealed_columns() <= set(kinds())


def test_what_is_declared_is_there_or_awaited() -> None:
    assert set(kinds()) - _sealed_columns() <= {"case.sensitive", "case.minor"}


def test_what_passes_through_the_machine_is_for_no_reader() -> None:
    assert {cell.kind for cell in matrix()} == set(kinds().values()) - {"traffic"}


def test_every_consent_of_the_matrix_can_be_given() -> None:
    needed = {cell.consent for cell in matrix() if cell.consent is not None}
    assert needed <= set(purposes())
