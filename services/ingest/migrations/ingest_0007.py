"""A series knows when the consent for one of its photos ends by itself."""

from alembic import op

revision = "ingest_0007"
down_revision = "ingest_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; every series there is is folded once more, so that it is filled in."""
    op.execute(
        """
        alter table series add column lapses_at timestamptz;
        update series set lapses_at = now();
        """
    )
