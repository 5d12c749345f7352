"""Notices to senders; whom alarms were told to, and that they are over.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What was done before there were notices is told by none: people were told of it otherwise, or long ago.
BEFORE = """insert into notice (id, action_id, event, sender_id, state, said, tries, made_at)
    select gen_random_uuid(), id, what.event, sender_id, 'not-sent', 'This was done before there were notices.', 0,
    case when what.event = 'begun' then since else ended_at end
    from action cross join (values ('begun'), ('ended')) as what(event)
    where kind <> 'note' and since is not null
    and (what.event = 'begun' or ending in ('lifted', 'undone', 'expired'))"""


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum("begun", "ended", name="event", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                "not-sent",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_notice_action_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_notice_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("action_id", "event", name=op.f("uq_notice_action_id_event")),
    )
    op.create_index(
        "ix_notice_next", "notice", ["next_at"], unique=False, postgresql_where=sa.text("next_at is not null")
    )
    op.create_index(
        "ix_notice_made", "notice", ["made_at"], unique=False, postgresql_where=sa.text("recipient is not null")
    )
    op.execute(BEFORE)
    op.add_column("alarm", sa.Column("over_told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alarm", sa.Column("taken", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.execute("update alarm set told_at = coalesce(told_at, cleared_at), over_told_at = cleared_at")
    op.drop_index("ix_alarm_untold", table_name="alarm")
    op.create_index(
        "ix_alarm_untold", "alarm", ["next_at"], unique=False, postgresql_where=sa.text("over_told_at is null")
    )


def downgrade() -> None:
    op.drop_index("ix_alarm_untold", table_name="alarm")
    op.create_index(
        "ix_alarm_untold", "alarm", ["raised_at"], unique=False, postgresql_where=sa.text("told_at is null")
    )
    op.drop_column("alarm", "taken")
    op.drop_column("alarm", "over_told_at")
    op.drop_index("ix_notice_made", table_name="notice")
    op.drop_index("ix_notice_next", table_name="notice")
    op.drop_table("notice")
