"""What waits for staff, people without Telegram, when something was that is written down later, and reports."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("person", sa.Column("phone", sa.LargeBinary(), nullable=True))
    op.add_column("help_case", sa.Column("whom", sa.LargeBinary(), nullable=True))
    op.add_column("event", sa.Column("was_at", MOMENT, nullable=True))
    op.create_table(
        "message",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("sort", sa.String(8), nullable=False),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("case_id", sa.String(16), sa.ForeignKey("help_case.id"), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("files", sa.LargeBinary(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.String(16), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
    )
    op.create_index("ix_message_person_id", "message", ["person_id"])
    op.create_index("message_due", "message", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "report",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False, unique=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("who", sa.String(8), nullable=False),
        sa.Column("of_staff", sa.Boolean(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("child", sa.LargeBinary(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
    )
    op.create_index("ix_report_person_id", "report", ["person_id"])
    op.create_index("report_due", "report", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
