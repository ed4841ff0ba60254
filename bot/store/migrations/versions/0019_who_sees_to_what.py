"""Who of the staff sees to what waits, until when it is put off, and when the office opens and closes next."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PERSON = ("taken_by", "offered_to", "snoozed_by")


def upgrade() -> None:
    taken_by, offered_to, snoozed_by = (
        sa.Column(name, sa.String(16), sa.ForeignKey("person.id"), nullable=True) for name in PERSON
    )
    op.create_table(
        "hold",
        sa.Column("about", sa.String(24), primary_key=True),
        sa.Column("sort", sa.String(16), nullable=False),
        taken_by,
        sa.Column("taken_until", MOMENT, nullable=True),
        offered_to,
        snoozed_by,
        sa.Column("snoozed_until", MOMENT, nullable=True),
    )
    op.create_index("ix_hold_taken_by", "hold", ["taken_by"])
    op.create_table(
        "office",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("due_at", MOMENT, nullable=False),
    )
    op.create_table(
        "posted",
        sa.Column("about", sa.String(24), primary_key=True),
        sa.Column("sort", sa.String(16), nullable=False),
    )
    op.create_table(
        "staff_note",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("case_id", sa.String(16), sa.ForeignKey("help_case.id"), nullable=False),
        sa.Column("author_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("aside", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_staff_note_case_id", "staff_note", ["case_id"])
