"""What chats want to hear, what they watch, and what admins have yet to confirm.

New columns have defaults and new tables no old readers, so the release before this one goes on working.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())


def upgrade() -> None:
    yes, no = sa.text("true"), sa.text("false")
    for column in (
        sa.Column("language_chosen", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("hear_activated", sa.Text(), server_default="silent", nullable=False),
        sa.Column("hear_high_score", sa.Text(), server_default="on", nullable=False),
        sa.Column("hear_revived", sa.Text(), server_default="silent", nullable=False),
        sa.Column("hear_watched", sa.Text(), server_default="on", nullable=False),
        sa.Column("min_liquidity", sa.Double(), nullable=True),
        sa.Column("pictures", sa.Boolean(), server_default=yes, nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("hourly_cap", sa.Integer(), server_default="20", nullable=True),
        sa.Column("muted_until", TIME, nullable=True),
        sa.Column("answers_mints", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("membership_at", TIME, nullable=True),
        sa.Column("membership_update", sa.BigInteger(), nullable=True),
    ):
        op.add_column("chats", column)
    op.add_column("outbox", sa.Column("digest_at", TIME, nullable=True))
    op.add_column("outbox", sa.Column("digest_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_outbox_digest_id"), "outbox", "outbox", ["digest_id"], ["id"], ondelete="SET NULL")
    held, told = sa.text("outcome = 'held'"), sa.text("digest_id IS NOT NULL")
    op.create_index("ix_outbox_digest_at", "outbox", ["digest_at"], unique=False, postgresql_where=held)
    op.create_index("ix_outbox_digest_id", "outbox", ["digest_id"], unique=False, postgresql_where=told)
    op.create_table(
        "watches",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("score_reached", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("price_percent", sa.Double(), nullable=True),
        sa.Column("base_price", sa.Double(), nullable=True),
        sa.Column("liquidity_percent", sa.Double(), nullable=True),
        sa.Column("base_liquidity", sa.Double(), nullable=True),
        sa.Column("revived", sa.Boolean(), server_default=yes, nullable=False),
        sa.Column("archived", sa.Boolean(), server_default=yes, nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_watches_chat_id"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_watches_token_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "token_id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_token_id", "watches", ["token_id"], unique=False)
    op.create_table(
        "episode_checks",
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("ts", TIME, nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("floor", sa.Double(), nullable=True),
        sa.Column("liquidity", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["token_id"], ["tokens.id"], name=op.f("fk_episode_checks_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", "episode", "ts", name=op.f("pk_episode_checks")),
    )
    op.create_index("ix_episode_checks_ts", "episode_checks", ["ts"], unique=False)
    op.create_table(
        "daily_levels",
        sa.Column("per_day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("per_day", "set_at", name=op.f("pk_daily_levels")),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("admin_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
