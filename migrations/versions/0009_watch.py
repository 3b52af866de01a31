"""Where and since when a watch's bases are from, and the price when watching began.

New columns may be null, so the release before this one goes on working.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("watches", sa.Column("base_source", sa.Text(), nullable=True))
    op.add_column("watches", sa.Column("base_price_at", TIME, nullable=True))
    op.add_column("watches", sa.Column("base_liquidity_at", TIME, nullable=True))
    op.add_column("watches", sa.Column("first_price", sa.Double(), nullable=True))
