"""What staff say to the worksheet of a reported message.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "law_jurisdiction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_law_jurisdiction_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_jurisdiction")),
    )
    op.create_index("ix_law_jurisdiction_report", "law_jurisdiction", ["report_id", "position", "at"], unique=False)
    op.create_table(
        "law_opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "met", "breached", "unknown", name="finding", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "opinion",
            sa.Enum("agree", "disagree", name="opinion", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_law_opinion_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_opinion")),
    )
    op.create_index("ix_law_opinion_report", "law_opinion", ["report_id", "position", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_law_opinion_report", table_name="law_opinion")
    op.drop_table("law_opinion")
    op.drop_index("ix_law_jurisdiction_report", table_name="law_jurisdiction")
    op.drop_table("law_jurisdiction")
