"""Reports may be notices of watchers.

Revision: 0007, after 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = (
    *("arf", "jmrp", "spamcop", "xarf", "x-arf", "notice", "forwarded", "inline", "outlook-msg", "person"),
    *("unsubscribe", "bounce", "auto-reply", "dmarc-aggregate", "tls-rpt", "enrolment", "unreadable"),
)


def upgrade() -> None:
    _only(KINDS)


def downgrade() -> None:
    op.execute("update report set kind = 'person' where kind = 'notice'")
    _only(tuple(kind for kind in KINDS if kind != "notice"))


def _only(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_report_kind"), "report", type_="check")
    op.create_check_constraint(op.f("ck_report_kind"), "report", f"kind in ({listed})")
