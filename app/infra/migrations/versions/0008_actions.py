"""Actions on senders in place of suspensions; how far they reached the mail servers; suppressions, rules, alarms.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EVENTS_BEFORE = [
    "opened",
    "joined",
    "raised",
    "claimed",
    "released",
    "noted",
    "suspended",
    "reinstated",
    "unmasked",
    "resolved",
    "reopened",
]
EVENTS_AFTER = [
    "opened",
    "joined",
    "raised",
    "claimed",
    "released",
    "noted",
    "remarked",
    "warned",
    "throttled",
    "held",
    "suspended",
    "terminated",
    "proposed",
    "confirmed",
    "declined",
    "lifted",
    "expired",
    "reinstated",
    "proven",
    "leaking",
    "unmasked",
    "resolved",
    "reopened",
]

MOVE = """insert into action (id, sender_id, kind, scope_kind, scope_value, grounds, case_number, by, base_status, reason,
    asked_at, since, ended_at, ended_by, ending, end_reason, queued)
    select id, sender_id, 'suspend', 'sender', '', '{}', case_number, by, 'active', reason, since, since, lifted_at,
    lifted_by, case when lifted_at is null then null else 'lifted' end, lift_reason,
    case when lifted_at is null then null else 'release' end from suspension"""
MOVE_BACK = """insert into suspension (id, sender_id, case_number, by, reason, since, lifted_at, lifted_by, lift_reason)
    select id, sender_id, case_number, by, reason, since, ended_at, ended_by, end_reason from action
    where kind = 'suspend' and scope_kind = 'sender' and since is not null"""


def _only(events: list[str]) -> None:
    listed = ", ".join(f"'{event}'" for event in events)
    op.drop_constraint(op.f("ck_case_event_kind"), "case_event", type_="check")
    op.create_check_constraint(op.f("ck_case_event_kind"), "case_event", f"kind in ({listed})")


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"], unique=False)
    op.create_index("ix_attempt_sender", "attempt", ["sender_id", "at"], unique=False)
    op.create_table(
        "automatic_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_rule")),
    )
    op.create_table(
        "enforcement_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enforcement_version")),
    )
    op.create_table(
        "self_test",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test")),
    )
    op.create_table(
        "action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "note",
                "warn",
                "throttle",
                "hold",
                "suspend",
                "terminate",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "scope_kind",
            sa.Enum(
                "sender",
                "stream",
                "domain",
                "login",
                name="scope_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scope_value", sa.String(), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        sa.Column("grounds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column(
            "waiting",
            sa.Enum("second", "confirm", name="waiting", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("base_status", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column(
            "ending",
            sa.Enum(
                "done",
                "lifted",
                "undone",
                "expired",
                "declined",
                name="ending",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("end_reason", sa.LargeBinary(), nullable=True),
        sa.Column(
            "queued",
            sa.Enum("release", "discard", name="queued", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_action_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("key", name=op.f("uq_action_key")),
    )
    op.create_index(
        "ix_action_active", "action", ["until"], unique=False, postgresql_where=sa.text("ended_at is null")
    )
    op.create_index("ix_action_case", "action", ["case_number"], unique=False)
    op.create_index(op.f("ix_action_sender_id"), "action", ["sender_id"], unique=False)
    op.create_index(
        "uq_action_active",
        "action",
        ["sender_id", "kind", "scope_kind", "scope_value", sa.literal_column("coalesce(per_hour, 0)")],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=True),
        sa.Column("case_number", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_alarm_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "ix_alarm_untold", "alarm", ["raised_at"], unique=False, postgresql_where=sa.text("told_at is null")
    )
    op.create_index("uq_alarm_open", "alarm", ["key"], unique=True, postgresql_where=sa.text("cleared_at is null"))
    op.create_table(
        "application",
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=False),
        sa.Column("applied", sa.String(), nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "leaking",
                "asked",
                "applied",
                "proven",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_application_sender_id")),
        sa.PrimaryKeyConstraint("connector", "node", "sender_id", name=op.f("pk_application")),
    )
    op.create_index("ix_application_next", "application", ["connector", "node", "next_at"], unique=False)
    op.create_index(op.f("ix_application_sender_id"), "application", ["sender_id"], unique=False)
    op.create_table(
        "held_mail",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("queue_id", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_held_mail_sender_id")),
        sa.PrimaryKeyConstraint("node", "queue_id", name=op.f("pk_held_mail")),
    )
    op.create_index(op.f("ix_held_mail_sender_id"), "held_mail", ["sender_id"], unique=False)
    op.create_table(
        "queue_figure",
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_queue_figure_sender_id")),
        sa.PrimaryKeyConstraint("connector", "node", "sender_id", name=op.f("pk_queue_figure")),
    )
    op.create_table(
        "suppression",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("recipient_key", sa.LargeBinary(), nullable=False),
        sa.Column("pair", sa.BigInteger(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "complaint", "opt-out", "staff", name="cause", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_suppression_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    op.create_index("ix_suppression_changed", "suppression", ["changed_at", "id"], unique=False)
    op.create_index("ix_suppression_recipient", "suppression", ["recipient_key"], unique=False)
    op.create_index("uq_suppression_pair", "suppression", ["sender_id", "recipient_key"], unique=True)
    op.execute(MOVE)
    _only(EVENTS_AFTER)
    op.drop_index(op.f("ix_suspension_sender_id"), table_name="suspension")
    op.drop_index(op.f("uq_suspension_active"), table_name="suspension", postgresql_where="(lifted_at IS NULL)")
    op.drop_table("suspension")
    op.add_column("identity", sa.Column("stream", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("identity", "stream")
    op.execute("delete from case_event where kind not in ('" + "', '".join(EVENTS_BEFORE) + "')")
    _only(EVENTS_BEFORE)
    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lift_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_suspension_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(
        op.f("uq_suspension_active"), "suspension", ["sender_id"], unique=True, postgresql_where="(lifted_at IS NULL)"
    )
    op.create_index(op.f("ix_suspension_sender_id"), "suspension", ["sender_id"], unique=False)
    op.execute(MOVE_BACK)
    op.drop_index("uq_suppression_pair", table_name="suppression")
    op.drop_index("ix_suppression_recipient", table_name="suppression")
    op.drop_index("ix_suppression_changed", table_name="suppression")
    op.drop_table("suppression")
    op.drop_table("queue_figure")
    op.drop_index(op.f("ix_held_mail_sender_id"), table_name="held_mail")
    op.drop_table("held_mail")
    op.drop_index(op.f("ix_application_sender_id"), table_name="application")
    op.drop_index("ix_application_next", table_name="application")
    op.drop_table("application")
    op.drop_index("uq_alarm_open", table_name="alarm", postgresql_where=sa.text("cleared_at is null"))
    op.drop_index("ix_alarm_untold", table_name="alarm", postgresql_where=sa.text("told_at is null"))
    op.drop_table("alarm")
    op.drop_index("uq_action_active", table_name="action", postgresql_where=sa.text("ended_at is null"))
    op.drop_index(op.f("ix_action_sender_id"), table_name="action")
    op.drop_index("ix_action_case", table_name="action")
    op.drop_index("ix_action_active", table_name="action", postgresql_where=sa.text("ended_at is null"))
    op.drop_table("action")
    op.drop_table("self_test")
    op.drop_table("enforcement_version")
    op.drop_table("automatic_rule")
    op.drop_index("ix_attempt_sender", table_name="attempt")
    op.drop_index("ix_attempt_at", table_name="attempt")
    op.drop_table("attempt")
