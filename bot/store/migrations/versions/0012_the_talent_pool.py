"""Two levels of kinds of help; what a volunteer can and when, what staff have seen of her, and who is not brought together."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RENAMED = {
    "shopping": "errand_shop",
    "carrying": "errand_carry",
    "repairs": "repair",
    "clinic": "errand_clinic",
    "phone": "dig_phone",
}


def upgrade() -> None:
    with op.batch_alter_table("volunteer") as table:
        table.add_column(sa.Column("on_duty", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("hours", sa.Integer(), nullable=False, server_default=sa.text("2097151")))
        table.add_column(sa.Column("languages", sa.String(80), nullable=False, server_default="mandarin"))
        table.add_column(sa.Column("quiet_from", sa.Time(), nullable=True))
        table.add_column(sa.Column("quiet_until", sa.Time(), nullable=True))
        table.add_column(sa.Column("urgent_ok", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("max_open", sa.Integer(), nullable=False, server_default=sa.text("1")))
        table.add_column(sa.Column("gender", sa.String(1), nullable=True))
        table.add_column(sa.Column("shows_title", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "credential",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("person_id", sa.String(16), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.Column("checked_by", sa.String(16), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.UniqueConstraint("person_id", "kind", name="credential_once"),
    )
    op.create_index("ix_credential_expires_on", "credential", ["expires_on"])
    op.create_table(
        "pair",
        sa.Column("one", sa.String(16), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("other", sa.String(16), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("why", sa.String(16), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_pair_other", "pair", ["other"])
    columns: tuple[tuple[str, sa.ColumnClause[str]], ...] = (
        ("help_case", sa.column("skill")),
        ("talent", sa.column("kind")),
    )
    for name, column in columns:
        rows = sa.table(name, column)
        for old, new in RENAMED.items():
            op.execute(rows.update().where(column == old).values({column: new}))
