"""Fresh databases for tests: a copied SQLite file, and a PostgreSQL server of our own that is gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from bot.store.database import upgrade

MISSING = "no PostgreSQL server programs on this machine (apt-get install postgresql)"
_numbers = itertools.count()
_first: dict[str, Engine] = {}


def programs() -> Path | None:
    """Where initdb and pg_ctl are, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if os.name == "posix" else []
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Postgres:
    """A server in a folder of its own, reachable by its socket only; each test gets a copy of a migrated template."""

    def __init__(self, bin_: Path) -> None:
        self._bin = bin_
        self.folder = Path(tempfile.mkdtemp(prefix="jinlin-pg-"))
        self._as: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, pwd.getpwnam("postgres").pw_uid)
            self._as = ["runuser", "-u", "postgres", "--"]
        self._run(
            "initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"
        )
        quick = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c full_page_writes=off"
        self._run(
            "pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", quick, "start"
        )
        self._execute("CREATE DATABASE template_jinlin")
        upgrade(self._url("template_jinlin"))

    def fresh(self) -> str:
        name = f"t{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_jinlin")
        return self._url(name)

    def empty(self) -> str:
        name = f"t{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def drop(self, url: str) -> None:
        self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(
            f"host={self.folder} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._bin / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def share_compiled(engine: Engine) -> None:
    """SQLAlchemy compiles a statement once for each engine. A test's engines differ in their URL only, so once is enough."""
    first = _first.setdefault(engine.dialect.name, engine)
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache


def sqlite_copy(template: Path, folder: Path) -> str:
    target = folder / f"t{next(_numbers)}.db"
    shutil.copy(template, target)
    shutil.copy(template.with_suffix(".keys.db"), target.with_suffix(".keys.db"))
    return f"sqlite:///{target}"
