"""The near and the rested are found by an index: what is offered carries its area and when she was last asked.

An ask keeps all its reasons instead of one; a need whether few could do it. What was learned of asking is sums without anybody.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    asked = sa.table("ask", sa.column("person_id"), sa.column("asked_at", MOMENT))
    person = sa.table("person", sa.column("id"), sa.column("area"))
    talent = sa.table(
        "talent", sa.column("person_id"), sa.column("area"), sa.column("hours"), sa.column("asked_at", MOMENT)
    )
    op.add_column("talent", sa.Column("area", sa.String(16), nullable=False, server_default=""))
    op.add_column("talent", sa.Column("asked_at", MOMENT, nullable=True))
    op.add_column("talent", sa.Column("hours", sa.Integer(), nullable=True))
    op.create_index("volunteer_hours", "volunteer", ["person_id", "hours"], unique=True)
    last = sa.select(sa.func.max(asked.c.asked_at)).where(asked.c.person_id == talent.c.person_id)
    volunteer = sa.table("volunteer", sa.column("person_id"), sa.column("hours"))
    when = sa.select(volunteer.c.hours).where(volunteer.c.person_id == talent.c.person_id)
    where = sa.select(person.c.area).where(person.c.id == talent.c.person_id)
    op.execute(
        talent.update().values(
            hours=when.scalar_subquery(),
            area=sa.func.coalesce(where.scalar_subquery(), ""),
            asked_at=sa.func.coalesce(last.scalar_subquery(), sa.literal(NEVER, MOMENT)),
        )
    )
    with op.batch_alter_table("talent") as table:
        table.alter_column("asked_at", existing_type=MOMENT, nullable=False)
        table.alter_column("hours", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key(
            "talent_of", "volunteer", ["person_id", "hours"], ["person_id", "hours"], onupdate="CASCADE"
        )
        table.drop_index("ix_talent_kind")
        table.create_index("talent_near", ["kind", "area", "asked_at", "person_id", "hours"])
    with op.batch_alter_table("ask") as table:
        table.add_column(sa.Column("why", sa.String(120), nullable=False, server_default=""))
        table.drop_column("near")
        table.drop_index("ix_ask_person_id")
        table.create_index("ask_lately", ["person_id", "asked_at"])
    op.add_column("help_case", sa.Column("could", sa.Integer(), nullable=True))
    op.add_column("help_case", sa.Column("gender", sa.String(1), nullable=True))
    op.create_index("case_received", "help_case", ["received_at"])
    op.create_table(
        "asking_sum",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("category", sa.String(24), primary_key=True),
        sa.Column("ring", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.String(16), primary_key=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
    )
