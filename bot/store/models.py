"""Every table there is, for the migrations and the test that compares them."""

from sqlmodel import SQLModel

from bot.community import (
    appointments,
    asking,
    board,
    cards,
    cases,
    claims,
    complaints,
    credentials,
    events,
    mediations,
    pairs,
    people,
    posts,
    proposals,
    shifts,
    slips,
    staff,
    statements,
    talents,
)
from bot.runtime import tables
from privacy import access_log, erasures, ledger

MODULES = (
    appointments,
    asking,
    board,
    cards,
    cases,
    claims,
    complaints,
    credentials,
    events,
    mediations,
    pairs,
    people,
    posts,
    proposals,
    shifts,
    slips,
    staff,
    statements,
    talents,
    tables,
    ledger,
    access_log,
    erasures,
)
metadata = SQLModel.metadata
