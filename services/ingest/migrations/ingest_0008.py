"""The receipt of a curator's turn knows its mandate, and so all that counts for it."""

from alembic import op

revision = "ingest_0008"
down_revision = "ingest_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mandate; the id of a turn's receipt does not tell it, so it is noted when used."""
    op.execute("alter table receipt add column mandate text references mandate")
