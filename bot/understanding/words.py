"""The word lists beside this file, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read(name: str) -> dict[str, Any]:
    """A TOML file of this folder."""
    with (Path(__file__).parent / name).open("rb") as file:
        return tomllib.load(file)
