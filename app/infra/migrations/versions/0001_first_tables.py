"""The first tables, and the trigger that keeps the audit append-only.

Revision: 0001, after nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only';
end $$;
create trigger append_only before update or delete or truncate on audit_entry
    for each statement execute function refuse_change();
"""
AUDIT_START = "insert into audit_head (id, seq, hash, seal) values (1, 0, decode(repeat('00', 32), 'hex'), '')"


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail_id", sa.Uuid(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("detail_id", name=op.f("uq_audit_entry_detail_id")),
    )
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "forgetting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forgetting")),
    )
    op.create_table(
        "observed_key",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("txt", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "digest", name=op.f("pk_observed_key")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column(
            "door",
            sa.Enum(
                "form",
                "mailbox",
                "lmtp",
                "command",
                name="door",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "accepted",
                "set-aside",
                "quarantined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "arf",
                "jmrp",
                "spamcop",
                "xarf",
                "x-arf",
                "forwarded",
                "inline",
                "outlook-msg",
                "person",
                "unsubscribe",
                "bounce",
                "auto-reply",
                "dmarc-aggregate",
                "tls-rpt",
                "enrolment",
                "unreadable",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "feedback_type",
            sa.Enum(
                "abuse",
                "fraud",
                "virus",
                "other",
                "not-spam",
                "auth-failure",
                "opt-out",
                name="feedback_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "spam",
                "phishing",
                "malware",
                "fraud",
                "unsubscribe-ignored",
                "other",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("is_complaint", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_key", sa.LargeBinary(), nullable=True),
        sa.Column("reporter", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("summary", sa.LargeBinary(), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("content_key", name=op.f("uq_report_content_key")),
        sa.UniqueConstraint("receipt", name=op.f("uq_report_receipt")),
    )
    op.create_index(op.f("ix_report_arrived_at"), "report", ["arrived_at"], unique=False)
    op.create_index(
        "ix_report_due", "report", ["due_at"], unique=False, postgresql_where=sa.text("due_at is not null")
    )
    op.create_index("ix_report_state_arrived", "report", ["state", "arrived_at", "id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "sealing_key",
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("address_keys", postgresql.ARRAY(sa.LargeBinary()), nullable=True),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_sealing_key")),
    )
    op.create_index(
        "ix_sealing_key_address_keys", "sealing_key", ["address_keys"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "sender",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active", "suspended", "closed", name="status", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["sender.id"], name=op.f("fk_sender_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender")),
        sa.UniqueConstraint("uid", name=op.f("uq_sender_uid")),
    )
    op.create_index(op.f("ix_sender_parent"), "sender", ["parent"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tf_primary_method", sa.String(), nullable=True),
        sa.Column("tf_totp_secret", sa.String(), nullable=True),
        sa.Column("totp_counter", sa.Integer(), nullable=True),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_staff_fs_uniquifier")),
    )
    op.create_table(
        "welcome_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_welcome_link_token_hash")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False, start=1001), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "resolved", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "phishing",
                "malware",
                "fraud",
                "unsubscribe-ignored",
                "spam",
                "feedback",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sender_id", sa.String(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "proven",
                "likely",
                "unproven",
                "contradicted",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("group_key", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("priority_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "sender suspended",
                "sender warned",
                "no action needed",
                "not our mail",
                "not abuse",
                "duplicate",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("sample_report_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_case_assignee_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_case_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index(op.f("ix_case_assignee_id"), "case", ["assignee_id"], unique=False)
    op.create_index("ix_case_group", "case", ["group_key", "resolved_at"], unique=False)
    op.create_index("ix_case_order", "case", ["priority", "number"], unique=False)
    op.create_index("ix_case_queue", "case", ["status", "priority", "number"], unique=False)
    op.create_index(op.f("ix_case_sender_id"), "case", ["sender_id"], unique=False)
    op.create_index(
        "uq_case_open_group", "case", ["group_key"], unique=True, postgresql_where=sa.text("status = 'open'")
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "feedback_type",
            sa.Enum(
                "abuse",
                "fraud",
                "virus",
                "other",
                "not-spam",
                "auth-failure",
                "opt-out",
                name="feedback_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "proven",
                "likely",
                "unproven",
                "contradicted",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sender_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message_key", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clues", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_complaint_report_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_complaint_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("report_id", "position", name=op.f("uq_complaint_report_id_position")),
    )
    op.create_index(op.f("ix_complaint_message_key"), "complaint", ["message_key"], unique=False)
    op.create_index(op.f("ix_complaint_sender_id"), "complaint", ["sender_id"], unique=False)
    op.create_table(
        "complaint_count",
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("feedback_type", sa.String(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_complaint_count_sender_id")),
        sa.PrimaryKeyConstraint("sender_id", "day", "provider", "feedback_type", name=op.f("pk_complaint_count")),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "dkim",
                "domain",
                "ip",
                "login",
                "token",
                "feedback-id",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("selector", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_identity_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint(
            "sender_id",
            "kind",
            "value",
            "selector",
            "since",
            name=op.f("uq_identity_sender_id_kind_value_selector_since"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_identity_kind_value", "identity", ["kind", "value"], unique=False)
    op.create_table(
        "mailbox_uid",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_mailbox_uid_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_uid")),
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid", name=op.f("uq_mailbox_uid_mailbox_uidvalidity_uid")),
    )
    op.create_index(op.f("ix_mailbox_uid_report_id"), "mailbox_uid", ["report_id"], unique=False)
    op.create_table(
        "raw_message",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_raw_message_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_raw_message")),
        sa.UniqueConstraint("id", name=op.f("uq_raw_message_id")),
    )
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_staff_role_role_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "role_id", name=op.f("pk_staff_role")),
    )
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
    op.create_index(op.f("ix_suspension_sender_id"), "suspension", ["sender_id"], unique=False)
    op.create_index(
        "uq_suspension_active",
        "suspension",
        ["sender_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at is null"),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "sender suspended",
                "sender warned",
                "no action needed",
                "not our mail",
                "not abuse",
                "duplicate",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index("ix_case_event_case", "case_event", ["case_id", "at", "seq"], unique=False)
    op.create_table(
        "case_report",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_report_case_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_case_report_report_id")),
        sa.PrimaryKeyConstraint("report_id", "case_id", name=op.f("pk_case_report")),
    )
    op.create_index("ix_case_report_case", "case_report", ["case_id", "joined_at", "report_id"], unique=False)
    op.execute(APPEND_ONLY)
    op.execute(AUDIT_START)


def downgrade() -> None:
    op.execute("drop trigger append_only on audit_entry")
    op.execute("drop function refuse_change")
    op.drop_index("ix_case_report_case", table_name="case_report")
    op.drop_table("case_report")
    op.drop_index("ix_case_event_case", table_name="case_event")
    op.drop_table("case_event")
    op.drop_index("uq_suspension_active", table_name="suspension", postgresql_where=sa.text("lifted_at is null"))
    op.drop_index(op.f("ix_suspension_sender_id"), table_name="suspension")
    op.drop_table("suspension")
    op.drop_table("staff_role")
    op.drop_table("raw_message")
    op.drop_index(op.f("ix_mailbox_uid_report_id"), table_name="mailbox_uid")
    op.drop_table("mailbox_uid")
    op.drop_index("ix_identity_kind_value", table_name="identity")
    op.drop_table("identity")
    op.drop_table("complaint_count")
    op.drop_index(op.f("ix_complaint_sender_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_message_key"), table_name="complaint")
    op.drop_table("complaint")
    op.drop_index("uq_case_open_group", table_name="case", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(op.f("ix_case_sender_id"), table_name="case")
    op.drop_index("ix_case_queue", table_name="case")
    op.drop_index("ix_case_order", table_name="case")
    op.drop_index("ix_case_group", table_name="case")
    op.drop_index(op.f("ix_case_assignee_id"), table_name="case")
    op.drop_table("case")
    op.drop_table("welcome_link")
    op.drop_table("staff")
    op.drop_index(op.f("ix_sender_parent"), table_name="sender")
    op.drop_table("sender")
    op.drop_index("ix_sealing_key_address_keys", table_name="sealing_key", postgresql_using="gin")
    op.drop_table("sealing_key")
    op.drop_table("role")
    op.drop_index("ix_report_state_arrived", table_name="report")
    op.drop_index("ix_report_due", table_name="report", postgresql_where=sa.text("due_at is not null"))
    op.drop_index(op.f("ix_report_arrived_at"), table_name="report")
    op.drop_table("report")
    op.drop_table("observed_key")
    op.drop_table("forgetting")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_entry_subject"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_action"), table_name="audit_entry")
    op.drop_table("audit_entry")
