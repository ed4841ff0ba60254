"""Where words could lie unsealed: pickles, job stores, callback data kept by PTB. None of them is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = [
    ROOT / "run_bot.py",
    *sorted(path for folder in ("bot", "privacy") for path in (ROOT / folder).rglob("*.py")),
]
NEVER = {
    "pickle",
    "shelve",
    "dill",
    "marshal",
    "PicklePersistence",
    "DictPersistence",
    "SQLAlchemyJobStore",
    "JobQueue",
}


def clear(source: str) -> Iterator[str]:
    """What would keep words unsealed."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.split(".")[0] for alias in node.names} | {alias.name for alias in node.names}
            names |= {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()
            yield from names & NEVER
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = {keyword.arg for keyword in node.keywords}
            yield from {called} & {"arbitrary_callback_data", "add_jobstore"} | ({called} & NEVER)
            if called == "add_job" and given & {"args", "kwargs", "jobstore"}:
                yield "a job with arguments"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_keeps_words_in_the_clear(path: Path) -> None:
    assert list(clear(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import dumps",
        "from telegram.ext import PicklePersistence",
        "import telegram.ext as t\nt.PicklePersistence('x')",
        "scheduler.add_job(remind, args=['李阿姨'])",
        "builder.arbitrary_callback_data(True)",
    ],
)
def test_the_reader_sees_it(source: str) -> None:
    assert list(clear(source))
