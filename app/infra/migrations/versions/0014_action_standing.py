"""The same kind of action may stand twice: one that waits for a second person, or ends sooner, is no reason against
another. Whether one does already what another would is looked at while the sender is held. And what a mail server was
told last is known by its newest action, not by clocks.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ACTIVE = sa.text("ended_at is null")


def upgrade() -> None:
    op.drop_index("uq_action_active", table_name="action")
    op.create_index("ix_action_standing", "action", ["sender_id"], postgresql_where=ACTIVE)
    op.add_column("application", sa.Column("newest", sa.DateTime(timezone=True), nullable=True))
    op.execute("update application set newest = asked_at")


def downgrade() -> None:
    op.drop_column("application", "newest")
    op.drop_index("ix_action_standing", table_name="action")
    same = ("sender_id", "kind", "scope_kind", "scope_value", sa.text("coalesce(per_hour, 0)"))
    op.create_index("uq_action_active", "action", same, unique=True, postgresql_where=ACTIVE)
