"""How often an item was shown; a turn's receipt is found by its mandate; turns keep their order."""

from alembic import op

revision = "ingest_0010"
down_revision = "ingest_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nothing was counted before."""
    op.execute(
        """
        alter table standing add column showings bigint not null default 0;
        -- Those that one form plans stand in the order in which they were written there.
        alter table mandate alter column created_at set default clock_timestamp();
        create index receipt_of_mandate on receipt (mandate) where mandate is not null;
        """
    )
