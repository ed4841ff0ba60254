"""A case remembers when it ended, and its words may go thirty days later."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("help_case", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE help_case SET ended_at = received_at WHERE state IN ('closed', 'declined', 'withdrawn')"
    )
    if op.get_bind().dialect.name == "sqlite":
        # SQLite cannot loosen a column; to rebuild the table it would have to drop what others refer to.
        op.add_column("help_case", sa.Column("words", sa.LargeBinary(), nullable=True))
        op.execute("UPDATE help_case SET words = story")
        op.execute("ALTER TABLE help_case DROP COLUMN story")
        op.execute("ALTER TABLE help_case RENAME COLUMN words TO story")
    else:
        op.alter_column("help_case", "story", existing_type=sa.LargeBinary(), nullable=True)
    op.create_index(
        "case_ended",
        "help_case",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("story IS NOT NULL"),
        postgresql_where=sa.text("story IS NOT NULL"),
    )
