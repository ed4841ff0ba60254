"""What could not be handled or sent is found without reading all that was."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

DEAD = sa.text("state = 'dead'")


def upgrade() -> None:
    for table in ("inbox", "outbox"):
        op.create_index(f"{table}_dead", table, ["id"], sqlite_where=DEAD, postgresql_where=DEAD)


def downgrade() -> None:
    for table in ("inbox", "outbox"):
        op.drop_index(f"{table}_dead", table)
