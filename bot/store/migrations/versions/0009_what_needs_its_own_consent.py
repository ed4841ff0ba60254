"""What tells of health, money or family, or of a child, lies apart from the story, under its own key."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("help_case", sa.Column("sensitive", sa.LargeBinary(), nullable=True))
    op.add_column(
        "help_case", sa.Column("of_a_child", sa.Boolean(), nullable=False, server_default=sa.false())
    )
