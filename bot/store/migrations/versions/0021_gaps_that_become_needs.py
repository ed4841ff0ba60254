"""A shift with more than one gap has a need for each; what nobody comes to is asked of everybody by itself; a time at a post for
somebody without a telephone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    need = op.create_table(
        "shift_need",
        sa.Column("case_id", sa.String(16), sa.ForeignKey("help_case.id"), primary_key=True),
        sa.Column("shift_id", sa.String(16), sa.ForeignKey("shift.id"), nullable=False),
        sa.Column("taken_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
    )
    op.create_index("ix_shift_need_shift_id", "shift_need", ["shift_id"])
    op.create_index("ix_shift_need_taken_by", "shift_need", ["taken_by"])
    columns = ["case_id", "shift_id", "taken_by"]
    gap = sa.table("shift_gap", *(sa.column(name) for name in columns))
    known = sa.select(*(gap.c[name] for name in columns)).where(gap.c.case_id.is_not(None))
    op.execute(sa.insert(need).from_select(columns, known))
    op.drop_index("ix_shift_gap_case_id", "shift_gap")
    op.drop_index("ix_shift_gap_taken_by", "shift_gap")
    op.drop_table("shift_gap")  # a gap is told again, which is sooner done than a table rebuilt
    op.create_table(
        "shift_gap",
        sa.Column("shift_id", sa.String(16), sa.ForeignKey("shift.id"), primary_key=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
    )
    op.create_index("ix_shift_gap_due_at", "shift_gap", ["due_at"])
    op.add_column("credential", sa.Column("again_at", MOMENT, nullable=True))
    with op.batch_alter_table("appointment") as table:
        table.alter_column("person_id", existing_type=sa.String(16), nullable=True)
        table.add_column(sa.Column("name", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("reach", sa.LargeBinary(), nullable=True))
