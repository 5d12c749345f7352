"""Cases of replayed mail.

Revision: 0003, after 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = ("phishing", "malware", "fraud", "unsubscribe-ignored", "spam", "feedback", "other")
AFTER = ("phishing", "malware", "fraud", "replay", "unsubscribe-ignored", "spam", "feedback", "other")


def upgrade() -> None:
    _only(AFTER)


def downgrade() -> None:
    op.execute("""update "case" set kind = 'other' where kind = 'replay'""")
    _only(BEFORE)


def _only(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_case_kind"), "case", type_="check")
    op.create_check_constraint(op.f("ck_case_kind"), "case", f"kind in ({listed})")
