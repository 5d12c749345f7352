"""The feedback loops that we know, with those that everybody knows.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

VALIDITY = "Comcast, Cox, Fastmail, Mail.ru, Rackspace, Yandex and others report through it."
WELL_KNOWN = (
    {"id": "yahoo", "name": "Yahoo and AOL", "domains": ["arf.mail.yahoo.com"], "senders": ["arf.mail.yahoo.com"]},
    {"id": "microsoft", "name": "Microsoft JMRP", "domains": ["hotmail.com"], "senders": ["staff@hotmail.com"]},
    {
        "id": "validity",
        "name": "Validity Universal Feedback Loop",
        "domains": ["senderscore.net"],
        "senders": ["senderscore.net"],
        "note": VALIDITY,
    },
)
"""As their signed reports came from 2016 to 2022; what staff change later stays as they have it."""


def upgrade() -> None:
    table = op.create_table(
        "feedback_loop",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("domains", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("senders", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_loop")),
    )
    op.bulk_insert(table, [{"active": True, "note": ""} | row for row in WELL_KNOWN])


def downgrade() -> None:
    op.drop_table("feedback_loop")
