"""Who is asked to take a shift nobody comes to, what nobody could be found for, and who comes to a post at which time."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "proposal_week",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("due_at", MOMENT, nullable=False),
    )
    op.create_table(
        "proposal",
        sa.Column("shift_id", sa.String(16), sa.ForeignKey("shift.id"), primary_key=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("until", MOMENT, nullable=False),
    )
    op.create_index("ix_proposal_person_id", "proposal", ["person_id"])
    op.create_index("ix_proposal_until", "proposal", ["until"])
    op.create_table(
        "shift_gap",
        sa.Column("shift_id", sa.String(16), sa.ForeignKey("shift.id"), primary_key=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(16), sa.ForeignKey("help_case.id"), nullable=True),
        sa.Column("taken_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
    )
    op.create_index("ix_shift_gap_case_id", "shift_gap", ["case_id"])
    op.create_index("ix_shift_gap_taken_by", "shift_gap", ["taken_by"])
    op.create_table(
        "appointment",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("shift_id", sa.String(16), sa.ForeignKey("shift.id"), nullable=False),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.UniqueConstraint("shift_id", "at", name="appointment_slot"),
        sa.UniqueConstraint("shift_id", "person_id", name="appointment_once"),
    )
    op.create_index("ix_appointment_person_id", "appointment", ["person_id"])
    op.create_index("appointment_due", "appointment", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
