"""What else can be flagged, and put out of sight; the staff's own group of each community; days they enter themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
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
    op.create_table(
        "office_day",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("hours", sa.String(40), nullable=False),
    )
    op.create_table(
        "staff_group",
        sa.Column("community", sa.String(16), primary_key=True),
        sa.Column("chat", sa.BigInteger(), nullable=True, unique=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=True, unique=True),
        sa.Column("code_for", sa.String(8), nullable=False),
        sa.Column("code_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
    )
