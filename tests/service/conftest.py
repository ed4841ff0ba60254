from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import run_bot

Door = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """Every logger as it was, afterwards."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    before = [(logger, logger.level) for logger in loggers]
    yield
    for logger, level in before:
        logger.setLevel(level)


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    """`door("doctor", DATABASE_URL=…)` as at a terminal, in an empty folder. Returns the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, **environment: str) -> tuple[int, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["run_bot.py", *arguments])
        code = run_bot.main()
        out, err = capsys.readouterr()
        return code, out + err

    return call
