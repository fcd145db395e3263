"""What became of an item knows that a moderator found a child in it."""

from alembic import op

revision = "ingest_0009"
down_revision = "ingest_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nobody was asked before."""
    op.execute("alter table standing add column child boolean not null default false")
