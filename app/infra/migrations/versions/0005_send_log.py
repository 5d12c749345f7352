"""The send log, daily delivered volumes, and up to where a mail log was read.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_place",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("open_mails", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_log_place")),
        sa.UniqueConstraint("uid", name=op.f("uq_log_place_uid")),
    )
    op.create_table(
        "sent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_key", sa.LargeBinary(), nullable=True),
        sa.Column("queue_id", sa.String(), nullable=True),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("recipient_key", sa.LargeBinary(), nullable=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent")),
    )
    op.create_index("ix_sent_at", "sent", ["at"], unique=False)
    op.create_index(
        "ix_sent_message",
        "sent",
        ["message_key", "recipient_key"],
        unique=False,
        postgresql_where=sa.text("message_key is not null"),
    )
    op.create_index(
        "ix_sent_queue", "sent", ["queue_id", "at"], unique=False, postgresql_where=sa.text("queue_id is not null")
    )
    op.create_index(
        "ix_sent_recipient",
        "sent",
        ["recipient_key"],
        unique=False,
        postgresql_where=sa.text("recipient_key is not null"),
    )
    op.create_table(
        "delivered",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("stated", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_delivered_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivered")),
        sa.UniqueConstraint(
            "sender_id", "day", "stream", "provider", name=op.f("uq_delivered_sender_id_day_stream_provider")
        ),
    )
    op.create_index("ix_delivered_day", "delivered", ["day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_delivered_day", table_name="delivered")
    op.drop_table("delivered")
    op.drop_index("ix_sent_recipient", table_name="sent", postgresql_where=sa.text("recipient_key is not null"))
    op.drop_index("ix_sent_queue", table_name="sent", postgresql_where=sa.text("queue_id is not null"))
    op.drop_index("ix_sent_message", table_name="sent", postgresql_where=sa.text("message_key is not null"))
    op.drop_index("ix_sent_at", table_name="sent")
    op.drop_table("sent")
    op.drop_table("log_place")
