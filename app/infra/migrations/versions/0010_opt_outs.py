"""Mail to people who were suppressed by then is found in the send log; a lift is remembered.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opt_out_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out_look")),
    )
    op.create_table(
        "sent_span",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_span")),
    )
    op.create_table(
        "later_mail",
        sa.Column("sent_id", sa.Uuid(), nullable=False),
        sa.Column("suppression_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["suppression_id"], ["suppression.id"], name=op.f("fk_later_mail_suppression_id")),
        sa.PrimaryKeyConstraint("sent_id", name=op.f("pk_later_mail")),
    )
    op.create_index("ix_later_mail_at", "later_mail", ["at"], unique=False)
    op.create_index("ix_later_mail_suppression", "later_mail", ["suppression_id", "late"], unique=False)
    op.add_column("suppression", sa.Column("last_lifted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_suppression_sender", "suppression", ["sender_id", "changed_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_suppression_sender", table_name="suppression")
    op.drop_column("suppression", "last_lifted_at")
    op.drop_index("ix_later_mail_suppression", table_name="later_mail")
    op.drop_index("ix_later_mail_at", table_name="later_mail")
    op.drop_table("later_mail")
    op.drop_table("sent_span")
    op.drop_table("opt_out_look")
