"""What is the database's trouble, and not the fault of whatever was being handled."""

from __future__ import annotations

import sqlite3
import traceback

import psycopg
from sqlalchemy.exc import DBAPIError

# https://sqlite.org/rescode.html: busy, locked, read-only, I/O error, full, cannot open
SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def where(error: Exception) -> str:
    """Where it was raised, without the message, which may hold what somebody wrote."""
    return "".join(traceback.format_tb(error.__traceback__))


def is_trouble(error: BaseException) -> bool:
    """Whether waiting will mend it: a full disk, a lock, a server that is gone for a while."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in SQLITE
    return isinstance(error.orig, psycopg.OperationalError | psycopg.InterfaceError)
