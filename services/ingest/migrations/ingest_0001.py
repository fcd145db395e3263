"""Campaigns, sources, items, originals, renditions, receipts and what became of items elsewhere."""

from alembic import op

revision = "ingest_0001"
down_revision = None
branch_labels = ("ingest",)
depends_on = ("chassis_0001",)


def upgrade() -> None:
    """Create what ingest owns."""
    op.execute(
        """
        create table campaign (
            campaign text primary key,
            version integer not null,
            written jsonb not null,
            announcement jsonb not null,
            updated_at timestamptz not null default now()
        );
        create table source (
            source text primary key,
            campaign text not null references campaign,
            connector text not null,
            settings jsonb not null,
            settings_digest text not null,
            poll_seconds double precision not null,
            enabled boolean not null default true,
            checkpoint jsonb not null default '{}',
            health jsonb not null default '{"state": "new", "detail": ""}',
            failures integer not null default 0,
            next_poll_at timestamptz not null default now(),
            leased_until timestamptz,
            last_contact_at timestamptz,
            last_event_at timestamptz
        );
        create index source_due on source (next_poll_at) where enabled;
        create table item (
            item text primary key,
            campaign text not null,
            source text not null,
            version integer not null,
            life text not null,
            revision bigint not null,
            digest text not null,
            retracted boolean not null,
            reason text not null,
            content jsonb,
            updated_at timestamptz not null default now()
        );
        create table original (
            sha256 text primary key,
            media_type text not null,
            size integer not null,
            facts jsonb not null,
            stored_at timestamptz not null default now()
        );
        create table rendition_set (
            original text not null,
            credit text not null,
            renditions jsonb not null,
            primary key (original, credit)
        );
        create table receipt (
            token text primary key,
            campaign text not null,
            given_at timestamptz not null default now()
        );
        create table receipt_item (
            token text not null references receipt on delete cascade,
            item text not null,
            position integer not null,
            original text not null,
            primary key (token, item)
        );
        create index receipt_of_item on receipt_item (item);
        create table refusal (
            id bigint generated always as identity primary key,
            campaign text not null,
            connector text not null,
            reason text not null,
            facts jsonb not null,
            refused_at timestamptz not null default now()
        );
        create table standing (
            item text primary key,
            review text not null default 'pending',
            review_version integer not null default 0,
            reasons jsonb not null default '[]',
            statements jsonb not null default '[]',
            decided_at timestamptz,
            path text,
            gallery_version integer not null default 0,
            visible_since timestamptz,
            purged_at timestamptz
        );
        """
    )
