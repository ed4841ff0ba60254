"""The rules of bot.matching for a whole pool at once: the same rules and numbers, a column each (tests prove them equal)."""

from __future__ import annotations

import numpy as np

from bench._district import Bools, Floats, Ints, Pool, Requests
from bot.matching import fit
from bot.matching.eligibility import REST, Urgency, cap


def suited(pool: Pool, asked: Requests, one: int) -> Ints:
    """Whom a request suits, whatever the moment: rows of the pool."""
    able = pool.offers[:, asked.kind[one]] & (pool.hours & asked.hours[one] != 0)
    able &= pool.languages & asked.language[one] != 0
    if asked.credential[one]:
        able &= pool.credentials & asked.credential[one] != 0
    if asked.gender[one] >= 0:
        able &= pool.gender == asked.gender[one]
    return np.flatnonzero(able)


def free(
    urgency: Urgency,
    *,
    asks_a_week: Ints,
    urgent_ok: Bools,
    asks_this_week: Ints,
    open_claims: Ints,
    max_open: Ints,
    rested: Floats,
    asleep: bool,
) -> Bools:
    """Whom the moment suits. `rested`: days since they were last asked, infinite for never."""
    one_more = cap(0, True, urgency)
    able = (asks_this_week < asks_a_week + urgent_ok * one_more) & (open_claims < max_open)
    able &= rested >= REST[urgency].total_seconds() / 86400
    return able & (urgent_ok if urgency is Urgency.URGENT else False) if asleep else able


def value(hop: Ints, rested: Floats) -> Floats:
    found: Floats = NEARNESS[hop] * (1 - np.exp(-rested / fit.RESTED))
    return found


NEARNESS = np.array([fit.nearness(hop) for hop in range(20)])
