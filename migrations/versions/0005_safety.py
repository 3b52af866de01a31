"""Safety facts, and when lists of pools were asked for. The release before this one knows neither, so it works on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety",
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("top10_share", sa.Float(), nullable=True),
        sa.Column("creator_share", sa.Float(), nullable=True),
        sa.Column("mint_authority", sa.Boolean(), nullable=True),
        sa.Column("freeze_authority", sa.Boolean(), nullable=True),
        sa.Column("mutable_metadata", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_safety_token_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_safety")),
    )
    op.create_table(
        "pool_lists",
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_pool_lists_token_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_pool_lists")),
    )
    op.create_index("ix_alerts_decided_at", "alerts", ["decided_at"], unique=False)
