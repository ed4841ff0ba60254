"""Every table there is, for the migrations and the test that compares them."""

from sqlmodel import SQLModel

from bot.community import cards, cases, claims, events, people, staff, talents
from bot.runtime import tables
from privacy import erasures, ledger

MODULES = (cards, cases, claims, events, people, staff, talents, tables, ledger, erasures)
metadata = SQLModel.metadata
