"""When and how a need was told that staff wrote down later; the sums of the five ledgers, day by day and area by area."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LEDGERS = ("collect", "accept", "dispatch", "handle", "oversee")
FATES = ("in_time", "late", "open", "excused")
COUNTS = (
    "received",
    "emergency",
    *("handled_kept", "handled_reopened"),
    *("by_claimed", "by_matched", "by_assigned", "by_self", "by_referred"),
    *("end_satisfied", "end_mended", "end_staff", "end_silent", "end_explained"),
    *("end_referred", "end_referred_done", "end_withdrawn", "end_declined", "end_merged"),
)


def upgrade() -> None:
    op.add_column("help_case", sa.Column("told_at", MOMENT, nullable=True))
    op.add_column("help_case", sa.Column("channel", sa.String(16), nullable=False, server_default="telegram"))
    sums = [f"{ledger}_{fate}" for ledger in LEDGERS for fate in FATES] + list(COUNTS)
    op.create_table(
        "ledger_day",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("area", sa.String(16), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in sums),
    )
    op.create_table(
        "ledger_case",
        sa.Column("case_id", sa.String(16), primary_key=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("sums", sa.Text(), nullable=False),
    )
    op.create_table(
        "ledger_mark",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.String(64), nullable=False),
    )
