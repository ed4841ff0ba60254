"""Standing posts, who holds a place of one or waits for it, their shifts, and who comes to each."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False, unique=True),
        sa.Column("code", sa.String(16), nullable=True, unique=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("note", sa.JSON(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("credentials", sa.String(120), nullable=False),
        sa.Column("cautions", sa.String(80), nullable=False),
        sa.Column("insurance", sa.Boolean(), nullable=False),
        sa.Column("insured_at", MOMENT, nullable=True),
        sa.Column("agreement", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
    )
    op.create_index("ix_post_kind", "post", ["kind"])
    op.create_table(
        "post_member",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("post_id", sa.String(16), sa.ForeignKey("post.id"), nullable=False),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("agreed_version", sa.Integer(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.UniqueConstraint("post_id", "person_id", name="post_member_once"),
        sa.UniqueConstraint("post_id", "seat", name="post_member_seat"),
    )
    op.create_index("ix_post_member_person_id", "post_member", ["person_id"])
    op.create_table(
        "shift",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("post_id", sa.String(16), sa.ForeignKey("post.id"), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.UniqueConstraint("post_id", "starts_at", name="shift_once"),
    )
    op.create_index("ix_shift_starts_at", "shift", ["starts_at"])
    op.create_table(
        "shift_place",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("shift_id", sa.String(16), sa.ForeignKey("shift.id"), nullable=False),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.UniqueConstraint("shift_id", "person_id", name="shift_place_once"),
        sa.UniqueConstraint("shift_id", "seat", name="shift_place_seat"),
    )
    op.create_index("ix_shift_place_person_id", "shift_place", ["person_id"])
    for table in ("post", "post_member", "shift", "shift_place"):
        op.create_index(f"{table}_due", table, ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
