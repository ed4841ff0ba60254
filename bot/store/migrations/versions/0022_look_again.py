"""What is looked at again, what somebody may not do for a while, what was flagged, and which case goes on as another."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")
MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("case_id", sa.String(16), sa.ForeignKey("help_case.id"), nullable=True),
        sa.Column("restriction_id", sa.String(16), nullable=True),
        sa.Column("asked_by", sa.String(16), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("promised_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(16), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
    )
    op.create_index("ix_appeal_person_id", "appeal", ["person_id"])
    op.create_index("ix_appeal_case_id", "appeal", ["case_id"])
    op.create_index("appeal_due", "appeal", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "restriction",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(24), nullable=False),
        sa.Column("length", sa.String(8), nullable=False),
        sa.Column("granted_by", sa.String(16), nullable=False),
        sa.Column("seconded_by", sa.String(16), nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("since", MOMENT, nullable=True),
        sa.Column("until", MOMENT, nullable=False),
    )
    op.create_index("ix_restriction_person_id", "restriction", ["person_id"])
    op.create_index("ix_restriction_until", "restriction", ["until"])
    op.create_table(
        "flag",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("case_id", sa.String(16), sa.ForeignKey("help_case.id"), nullable=False),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("author_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("rule", sa.String(24), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(8), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
    )
    for column in ("case_id", "person_id", "author_id"):
        op.create_index(f"ix_flag_{column}", "flag", [column])
    op.create_index("flag_due", "flag", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.add_column("help_case", sa.Column("proposed", sa.LargeBinary(), nullable=True))
    op.add_column("help_case", sa.Column("merged_into", sa.String(16), nullable=True))
    op.create_index("case_merged", "help_case", ["merged_into"], sqlite_where=MERGED, postgresql_where=MERGED)
