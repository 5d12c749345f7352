"""Clues stay beside their complaint, and nothing that is sealed is compressed: it cannot be, and trying takes time.

Revision: 0012, after 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table complaint set (toast_tuple_target = 4080)")
    op.execute("alter table complaint alter column clues set storage external")
    op.execute("alter table raw_message alter column sealed set storage external")


def downgrade() -> None:
    op.execute("alter table raw_message alter column sealed set storage extended")
    op.execute("alter table complaint alter column clues set storage extended")
    op.execute("alter table complaint reset (toast_tuple_target)")
