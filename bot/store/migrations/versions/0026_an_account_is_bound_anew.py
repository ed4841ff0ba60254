"""Whose account is being bound anew, who asked and who agreed: for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "moving",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False, unique=True),
        sa.Column("why", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("agreed_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("code_index", sa.BigInteger(), nullable=True, unique=True),
        sa.Column("until", MOMENT, nullable=False),
    )
    op.create_index("ix_moving_until", "moving", ["until"])


def downgrade() -> None:
    op.drop_table("moving")
