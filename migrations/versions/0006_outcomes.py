"""What became of alerts. Two new tables and no lock on an old one; the release before this one goes on working."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("components", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("market_cap", sa.Double(), nullable=True),
        sa.Column("liquidity", sa.Double(), nullable=True),
        sa.Column("observed_minutes", sa.Double(), nullable=True),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("entry_state", sa.Text(), nullable=True),
        sa.Column("entry_price", sa.Double(), nullable=True),
        sa.Column("entry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("best_price", sa.Double(), nullable=True),
        sa.Column("followed_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    is_open = sa.text("due_at IS NOT NULL")
    op.create_index("ux_outcomes_token_kind_episode", "outcomes", ["token_id", "kind", "episode"], unique=True)
    op.create_index("ix_outcomes_decided_at", "outcomes", ["decided_at"], unique=False)
    op.create_index("ix_outcomes_due_at", "outcomes", ["due_at"], unique=False, postgresql_where=is_open)
    op.create_index(
        "ix_outcomes_followed_until", "outcomes", ["followed_until"], unique=False, postgresql_where=is_open
    )
    op.create_table(
        "outcome_prices",
        sa.Column("outcome_id", sa.BigInteger(), nullable=False),
        sa.Column("horizon_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("priced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("best_price", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["outcome_id"], ["outcomes.id"], name=op.f("fk_outcome_prices_outcome_id")),
        sa.PrimaryKeyConstraint("outcome_id", "horizon_minutes", name=op.f("pk_outcome_prices")),
    )
