"""Mediation: two sides and one in the middle, what each said under a key of its own, and the times they meet."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DUE = sa.text("due_at IS NOT NULL")


def _person(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(16), sa.ForeignKey("person.id"), nullable=True)


def upgrade() -> None:
    op.create_table(
        "mediation",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False, unique=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        _person("a_id"),
        _person("b_id"),
        sa.Column("code_index", sa.BigInteger(), nullable=True, unique=True),
        _person("mediator_id"),
        sa.Column("declared_at", MOMENT, nullable=True),
        sa.Column("title", sa.String(16), nullable=True),
        sa.Column("yes_a", MOMENT, nullable=True),
        sa.Column("yes_b", MOMENT, nullable=True),
        sa.Column("wording", sa.LargeBinary(), nullable=True),
        sa.Column("agreement", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", MOMENT, nullable=False),
        sa.Column("limit_at", MOMENT, nullable=True),
        sa.Column("longer_a", sa.Boolean(), nullable=False),
        sa.Column("longer_b", sa.Boolean(), nullable=False),
        sa.Column("effect_at", MOMENT, nullable=True),
        sa.Column("court_a", sa.Boolean(), nullable=False),
        sa.Column("court_b", sa.Boolean(), nullable=False),
        sa.Column("court_told", sa.Boolean(), nullable=False),
        sa.Column("follow_at", MOMENT, nullable=True),
        sa.Column("followed_a", sa.String(8), nullable=True),
        sa.Column("followed_b", sa.String(8), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("due", sa.String(16), nullable=True),
    )
    op.create_index("mediation_due", "mediation", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    for name in ("state", "a_id", "b_id", "mediator_id"):
        op.create_index(f"ix_mediation_{name}", "mediation", [name])
    op.create_table(
        "mediator_asked",
        sa.Column("mediation_id", sa.String(16), sa.ForeignKey("mediation.id"), primary_key=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), primary_key=True),
    )
    op.create_index("ix_mediator_asked_person_id", "mediator_asked", ["person_id"])
    op.create_table(
        "statement",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("mediation_id", sa.String(16), sa.ForeignKey("mediation.id"), nullable=False),
        sa.Column("side", sa.String(1), nullable=False),
        sa.Column("sort", sa.String(8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("shared", sa.LargeBinary(), nullable=True),
        sa.Column("yes_at", MOMENT, nullable=True),
    )
    op.create_index("ix_statement_mediation_id", "statement", ["mediation_id"])
    op.create_table(
        "mediation_time",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("mediation_id", sa.String(16), sa.ForeignKey("mediation.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("with_a", sa.Boolean(), nullable=False),
        sa.Column("with_b", sa.Boolean(), nullable=False),
        sa.Column("yes_a", MOMENT, nullable=True),
        sa.Column("yes_b", MOMENT, nullable=True),
    )
    op.create_index("ix_mediation_time_mediation_id", "mediation_time", ["mediation_id"])
