"""When there is something to do about a credential, and slips that invite a neighbour."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_index("ix_credential_expires_on", "credential")
    with op.batch_alter_table("credential") as table:
        table.add_column(sa.Column("due_at", MOMENT, nullable=True))
        table.drop_column("reminded_at")
    due = sa.text("due_at IS NOT NULL")
    op.create_index("credential_due", "credential", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "slip",
        sa.Column("code_index", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("known_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
    )
    op.create_index("ix_slip_expires_at", "slip", ["expires_at"])
