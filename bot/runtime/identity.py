"""The name of a database, made once at random: bound into what is sealed in it, so nothing pasted in from another opens."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from bot.runtime.tables import runtime_state

KEY = "database"
BITS = 62  # it is kept as a signed 64-bit number


def identity(engine: sa.Engine) -> str:
    """The database's own name; a copy of it keeps it."""
    with engine.begin() as connection:
        known = connection.scalar(sa.select(runtime_state.c.value).where(runtime_state.c.key == KEY))
        if known is None:
            known = secrets.randbits(BITS)
            connection.execute(runtime_state.insert().values(key=KEY, value=known))
    return f"{known:016x}"
