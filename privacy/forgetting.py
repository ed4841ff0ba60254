"""What the ledger forgets: a line whose time is over keeps its number and its hashes, and says nothing any more (PIPL 19).

What a no or an end says is over when it is written; a yes is over with the next word on its use, or when its time was up. A line
is kept for three years after (PIPL 56: proof). A yes that lives stays, however old. The chain and every note that was posted
hold, for both are made of the hashes; `python -m privacy.check` knows such lines.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from privacy.chain import FORGOTTEN
from privacy.ledger import LINES, Instant
from privacy.retention import rule

KEPT = rule("consent").after
# built once: building a statement costs more than running it
_LIMIT = sa.bindparam("limit", type_=Instant)
_YOUNG = sa.bindparam("young", type_=sa.Integer)
_ENDS = LINES.c.status != sa.literal_column("'given'")
_PERHAPS = sa.union_all(
    sa.select(LINES.c.id).where(_ENDS, LINES.c.at <= _LIMIT),
    sa.select(LINES.c.id).where(LINES.c.until.is_not(None), LINES.c.until <= _LIMIT),
).limit(1)
_LAST = sa.select(LINES.c.at).order_by(LINES.c.id.desc()).limit(1)
_FIRST_YOUNG = sa.select(LINES.c.id).where(LINES.c.at > _LIMIT).order_by(LINES.c.id).limit(1)
_NEXT = LINES.alias("later")
_IS_FOLLOWED = sa.exists().where(
    _NEXT.c.person_id == LINES.c.person_id,
    _NEXT.c.purpose == LINES.c.purpose,
    _NEXT.c.scope == LINES.c.scope,
    _NEXT.c.id > LINES.c.id,
    _NEXT.c.id < _YOUNG,
)
_OUTLIVED = (
    sa.select(LINES.c.id)
    .where(
        LINES.c.id < _YOUNG,
        LINES.c.at.is_not(None),
        sa.or_(_ENDS, LINES.c.until <= _LIMIT, _IS_FOLLOWED),
    )
    .order_by(LINES.c.id)
)
_FORGET = sa.update(LINES).where(LINES.c.id == sa.bindparam("line")).values({**FORGOTTEN, "at": None})


def outlived(session: Session, at: datetime) -> list[int]:
    """The numbers of the lines whose time is over, rising.

    By the clock and by the ledger itself: a clock that has jumped ahead takes nothing away. Nothing that stands behind a
    younger line is among them, so whoever checks can see that each was old.
    """
    connection = session.connection()
    if connection.execute(_PERHAPS, {"limit": at - KEPT}).first() is None:
        return []
    last: datetime = connection.execute(_LAST).scalar_one()
    limit = min(at, last) - KEPT
    young = connection.execute(_FIRST_YOUNG, {"limit": limit}).scalar_one()
    return list(connection.execute(_OUTLIVED, {"limit": limit, "young": young}).scalars())


def forget(session: Session, at: datetime) -> None:
    """Empty them. In their order, so that of a use nothing is forgotten while an earlier word on it stands alone."""
    session.flush()
    lines = [{"line": number} for number in outlived(session, at)]
    if lines:
        session.connection().execute(_FORGET, lines)
