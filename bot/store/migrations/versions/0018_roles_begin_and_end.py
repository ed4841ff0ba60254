"""Who gave a role, in which community, from when until when; and when its holder hears of its end."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    for name in ("duty", "invitation"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("community", sa.String(16), nullable=False, server_default=""))
            table.add_column(sa.Column("given_by", sa.String(16), nullable=True))
            table.create_foreign_key(f"{name}_given_by", "person", ["given_by"], ["id"])
    with op.batch_alter_table("duty") as table:
        table.add_column(sa.Column("due_at", MOMENT, nullable=True))
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("since", MOMENT, nullable=True))
        table.add_column(sa.Column("until", MOMENT, nullable=True))
    op.create_index("duty_due", "duty", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
