"""What ended lately is looked for every second.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_action_ended", "action", ["ended_at"], postgresql_where=sa.text("ended_at is not null"))


def downgrade() -> None:
    op.drop_index("ix_action_ended", table_name="action")
