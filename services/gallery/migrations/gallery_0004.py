"""How often items were shown, and how much of that was told."""

from alembic import op

revision = "gallery_0004"
down_revision = "gallery_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the counters; nothing was counted before."""
    op.execute(
        """
        create table showings (
            item text primary key,
            times bigint not null,
            told bigint not null default 0,
            -- How many events told of it: the version of its subject.
            version integer not null default 0,
            told_at timestamptz,
            constraint showings_told check (told <= times)
        );
        create index showings_untold on showings (told_at) where times > told;
        """
    )
