"""When a key that was seen was found to be gone; a drawer for mails about joining a feedback loop.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("observed_key", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_report_enrolment",
        "report",
        ["arrived_at", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'enrolment'"),
    )


def downgrade() -> None:
    op.drop_index("ix_report_enrolment", table_name="report", postgresql_where=sa.text("kind = 'enrolment'"))
    op.drop_column("observed_key", "gone_at")
