"""A time that two neighbours and a mediator have fixed is told again shortly before."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("mediation_time", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "mediation_time_due", "mediation_time", ["due_at"], sqlite_where=DUE, postgresql_where=DUE
    )


def downgrade() -> None:
    op.drop_index("mediation_time_due", "mediation_time")
    op.drop_column("mediation_time", "due_at")
