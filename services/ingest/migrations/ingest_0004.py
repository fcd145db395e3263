"""Messages to people: a queue that survives restarts."""

from alembic import op

revision = "ingest_0004"
down_revision = "ingest_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the queue of messages."""
    op.execute(
        """
        create table message (
            message text primary key,
            kind text not null,
            receiver text not null,
            language text not null,
            facts jsonb not null default '{}',
            together text,
            state text not null default 'queued',
            due_at timestamptz not null default now(),
            attempts integer not null default 0,
            trouble text not null default '',
            queued_at timestamptz not null default now(),
            handed_over_at timestamptz,
            sent_at timestamptz,
            forgotten_at timestamptz
        );
        create index message_due on message (due_at) where state = 'queued';
        create index message_together on message (together) where state = 'queued';
        create index message_listed on message (queued_at);
        create table message_key (
            key text primary key,
            message text not null references message on delete cascade
                deferrable initially deferred
        );
        """
    )
