"""The day somebody was last here, and what she was asked then; who helped is forgotten half a year after a case.

Nobody knows when people were last here: their time begins on the day of this migration. Cases that have ended get their day.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TRAIL = timedelta(days=180)
CASE = sa.table(
    "help_case",
    sa.column("id", sa.String),
    sa.column("ended_at", MOMENT),
    sa.column("due", sa.String),
    sa.column("due_at", MOMENT),
)


def upgrade() -> None:
    op.add_column("person", sa.Column("seen_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("asked", sa.String(8), nullable=True))
    op.add_column("person", sa.Column("stay_at", MOMENT, nullable=True))
    op.create_index("person_seen", "person", ["seen_on"], unique=False)
    asked = sa.text("asked IS NOT NULL")
    op.create_index(
        "person_asked", "person", ["stay_at"], unique=False, sqlite_where=asked, postgresql_where=asked
    )
    op.execute("UPDATE person SET seen_on = CURRENT_DATE WHERE telegram_index <> -1")
    _trails()


def _trails() -> None:
    connection = op.get_bind()
    ended = sa.select(CASE.c.id, CASE.c.ended_at).where(CASE.c.ended_at.is_not(None))
    rows = [{"row": case_id, "at": ended_at + TRAIL} for case_id, ended_at in connection.execute(ended)]
    if rows:
        set_ = CASE.update().where(CASE.c.id == sa.bindparam("row"))
        connection.execute(set_.values(due="trail", due_at=sa.bindparam("at")), rows)
