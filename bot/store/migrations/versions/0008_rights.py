"""A quiet state that wins over everything, complaints with an answer that is due, and a blind index of names.

Names stored before have no index yet; whoever is looked for by name gets hers then (people.called).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("quiet_since", MOMENT, nullable=True))
    op.add_column("person", sa.Column("name_index", sa.BigInteger(), nullable=True))
    op.create_index("ix_person_name_index", "person", ["name_index"], unique=False)
    op.create_index(
        "person_quiet",
        "person",
        ["quiet_since"],
        unique=False,
        sqlite_where=sa.text("quiet_since IS NOT NULL"),
        postgresql_where=sa.text("quiet_since IS NOT NULL"),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(16), nullable=False),
        sa.Column("case_id", sa.String(16), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("promised_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["help_case.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_complaint_person_id", "complaint", ["person_id"], unique=False)
    op.create_index(
        "complaint_due",
        "complaint",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
