"""Find a pool by its address in lower case, as the links of DexScreener carry it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_pools_address_lower", "pools", [sa.text("lower(pool_address)")])
