"""Every table there is, for the migrations and the test that compares them."""

from sqlmodel import SQLModel

from bot.community import (
    appeals,
    appointments,
    asking,
    board,
    cards,
    cases,
    claims,
    complaints,
    credentials,
    events,
    ledgers,
    messages,
    office,
    pairs,
    people,
    posts,
    proposals,
    queue,
    reports,
    restrictions,
    shifts,
    slips,
    staff,
    talents,
)
from bot.runtime import tables
from privacy import access_log, erasures, ledger

MODULES = (
    appeals,
    appointments,
    asking,
    board,
    cards,
    cases,
    claims,
    complaints,
    credentials,
    events,
    ledgers,
    messages,
    office,
    pairs,
    people,
    posts,
    proposals,
    reports,
    queue,
    restrictions,
    shifts,
    slips,
    staff,
    talents,
    tables,
    ledger,
    access_log,
    erasures,
)
metadata = SQLModel.metadata
