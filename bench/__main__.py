"""`python -m bench NAME [options]` prints its figures as JSON in the last line; without NAME, all."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from typing import Any

import bench


def names() -> list[str]:
    """Every bench there is."""
    return sorted(
        module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")
    )


def measure(name: str, options: list[str]) -> dict[str, Any]:
    figures: dict[str, Any] = importlib.import_module(f"bench.{name}").main(options)
    return figures


def main(arguments: list[str]) -> int:
    known = names()
    if arguments and arguments[0] not in known:
        print(f"There is no bench called {arguments[0]}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    if arguments:
        print(json.dumps(measure(arguments[0], arguments[1:]), ensure_ascii=False), flush=True)
        return 0
    for name in known:
        print(json.dumps({"bench": name, **measure(name, [])}, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
