"""Whether a source has live items is asked at every tick of the clock that polls sources."""

from alembic import op

revision = "ingest_0006"
down_revision = "ingest_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find the live items of a source without reading all items of its campaign."""
    op.execute("create index item_live_of_source on item (source) where life = 'live'")
