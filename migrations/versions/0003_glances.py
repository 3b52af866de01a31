"""What glances and paid checks leave with a token. The release before this one neither reads nor writes it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LONG_AGO = sa.text("'1970-01-01 00:00:00+00'::timestamptz")


def upgrade() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("next_glance_at", sa.DateTime(timezone=True), server_default=LONG_AGO, nullable=False),
        sa.Column("glanced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("glance_pre_score", sa.Double(), nullable=True),
        sa.Column("glance_tx_count_5m", sa.Integer(), nullable=True),
        sa.Column("glance_liquidity", sa.Double(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unseen", sa.Double(), nullable=True),
        sa.Column("score_source", sa.Text(), nullable=True),
    ]
    for column in columns:
        op.add_column("tokens", column)
    alive = sa.text("status <> 'Archived'")
    op.create_index("ix_tokens_next_glance_at", "tokens", ["next_glance_at"], postgresql_where=alive)
    op.create_index("ix_tokens_archived_at", "tokens", ["archived_at"])
