"""What else can be flagged, and put out of sight."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("post") as table:
        table.add_column(sa.Column("hidden", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("flag") as table:
        table.alter_column("case_id", existing_type=sa.String(16), nullable=True)
        table.alter_column("author_id", existing_type=sa.String(16), nullable=True)
        table.add_column(sa.Column("post_id", sa.String(16), nullable=True))
        table.create_foreign_key("flag_post", "post", ["post_id"], ["id"])
    op.create_index("ix_flag_post_id", "flag", ["post_id"])


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM flag WHERE case_id IS NULL OR author_id IS NULL"))
    op.drop_index("ix_flag_post_id", "flag")
    with op.batch_alter_table("flag") as table:
        table.drop_constraint("flag_post", type_="foreignkey")
        table.drop_column("post_id")
        table.alter_column("case_id", existing_type=sa.String(16), nullable=False)
        table.alter_column("author_id", existing_type=sa.String(16), nullable=False)
    with op.batch_alter_table("post") as table:
        table.drop_column("hidden")
