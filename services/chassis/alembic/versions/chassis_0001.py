"""The event table, the inbox, and the register of dead letters."""

from alembic import op

revision = "chassis_0001"
down_revision = None
branch_labels = ("chassis",)
depends_on = None


def upgrade() -> None:
    """Create what every service's journal needs."""
    op.execute(
        """
        create table event (
            id uuid primary key,
            seq bigint generated always as identity,
            subject text not null,
            version integer not null check (version > 0),
            type text not null,
            topic text,
            data jsonb not null,
            digest bytea not null,
            time timestamptz not null,
            actor text not null,
            correlation_id text not null,
            causation_id text,
            traceparent text,
            sent_at timestamptz,
            unique (subject, version)
        );
        create index event_unsent on event (seq) where sent_at is null and topic is not null;
        create table inbox (
            event_id text primary key,
            handled_at timestamptz not null default now()
        );
        create table consumed (
            topic text not null,
            partition integer not null,
            next_offset bigint not null,
            primary key (topic, partition)
        );
        create table dead_letter (
            id bigint generated always as identity primary key,
            topic text not null,
            partition integer not null,
            log_offset bigint not null,
            subject text,
            reason text not null,
            attempts integer not null,
            dead_partition integer not null,
            dead_offset bigint not null,
            died_at timestamptz not null default now(),
            redriven_at timestamptz,
            resolved_at timestamptz,
            unique (topic, partition, log_offset)
        );
        create index dead_letter_open on dead_letter (topic, subject) where resolved_at is null;
        """
    )
