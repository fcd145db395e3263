"""A review remembers that a child was found in its item, also when the item changes."""

from alembic import op

revision = "moderation_0003"
down_revision = "moderation_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is remembered; the answers themselves stand in the decisions."""
    op.execute("alter table review add column child_seen boolean not null default false")
