"""What a sender sent last is found without reading everybody's.

Revision: 0009, after 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sent_sender", "sent", ["sender_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_sent_sender", table_name="sent")
