"""An asker's yes, who stands by, and the marks of the time there is to find somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE = sa.text("state IN ('held', 'proposed', 'confirmed')")
OPEN_END = sa.text("state IN ('held', 'proposed')")


def upgrade() -> None:
    op.drop_index("claim_live", "claim")
    op.drop_index("claim_held", "claim")
    op.add_column("claim", sa.Column("step", sa.String(16), nullable=True))
    op.create_index("claim_live", "claim", ["case_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("claim_held", "claim", ["held_until"], sqlite_where=OPEN_END, postgresql_where=OPEN_END)
    op.add_column("ask", sa.Column("stands_by_since", MOMENT, nullable=True))
    op.add_column("help_case", sa.Column("let_out_at", MOMENT, nullable=True))
    op.add_column("help_case", sa.Column("mark", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("help_case", sa.Column("mark_at", MOMENT, nullable=True))
    marked = sa.text("mark_at IS NOT NULL")
    op.create_index("case_mark", "help_case", ["mark_at"], sqlite_where=marked, postgresql_where=marked)
    op.execute(
        "UPDATE help_case SET let_out_at = received_at, mark_at = received_at WHERE state IN ('open', 'nobody')"
    )
