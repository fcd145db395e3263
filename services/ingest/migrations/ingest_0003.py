"""Private links, the devices that opened them, consents, appeals, and who acknowledged what."""

from alembic import op

revision = "ingest_0003"
down_revision = "ingest_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what receipts and curators' links need."""
    op.execute(
        """
        create table link (
            link text primary key,
            kind text not null,
            opens text not null,
            issued_at timestamptz not null default now(),
            expires_at timestamptz,
            revoked_at timestamptz
        );
        create index link_opens on link (kind, opens);
        create table link_device (
            link text not null references link on delete cascade,
            device text not null,
            first_seen_at timestamptz not null default now(),
            last_seen_at timestamptz not null default now(),
            primary key (link, device)
        );
        alter table receipt add column code text unique;
        alter table receipt add column mail text not null default '';
        alter table receipt add column language text not null default 'nl';
        alter table receipt add column revoked_at timestamptz;
        create table link_request (
            receipt text not null,
            asked_at timestamptz not null default now()
        );
        create index link_request_asked on link_request (asked_at);
        create table consent (
            item text primary key,
            campaign text not null,
            version integer not null,
            consent jsonb not null,
            grants jsonb not null,
            updated_at timestamptz not null default now()
        );
        create table appeal (
            item text not null,
            lodged_at timestamptz not null default now(),
            words text not null default '',
            against integer not null,
            answered integer,
            decided_at timestamptz,
            outcome text,
            primary key (item, against)
        );
        create table consent_text (
            digest text primary key,
            campaign text not null,
            version text not null,
            language text not null,
            words text not null,
            first_shown_at timestamptz not null default now()
        );
        create table acknowledgement (
            item text not null,
            event text not null,
            who text not null,
            what text not null,
            at timestamptz not null,
            facts jsonb not null default '{}',
            primary key (item, event)
        );
        """
    )
