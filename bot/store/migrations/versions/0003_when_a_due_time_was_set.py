"""When a due time was set: one set after now was set by a clock that has gone back since."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("set_at", sa.Float(), nullable=False, server_default="0"))
