"""Curators, mandates, series, and for whom an item counts."""

from alembic import op

revision = "ingest_0002"
down_revision = "ingest_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what a calendar of mandates needs."""
    op.execute(
        """
        create table curator (
            curator text primary key,
            name text not null,
            intro text not null default '',
            mail text not null default '',
            language text not null default 'nl',
            staff_account text,
            created_at timestamptz not null default now()
        );
        create table mandate (
            mandate text primary key,
            campaign text not null references campaign,
            curator text not null references curator,
            version integer not null,
            state text not null,
            source text,
            starts_at timestamptz not null,
            ends_at timestamptz not null,
            time_zone text not null,
            quota integer,
            rules_version text not null default '1',
            series jsonb,
            pauses jsonb not null default '[]',
            hidden boolean not null default false,
            accepted jsonb,
            ways jsonb not null default '[]',
            overlap boolean not null default false,
            note_to_next text not null default '',
            created_at timestamptz not null default now()
        );
        create index mandate_of_campaign on mandate (campaign, starts_at);
        create index mandate_of_curator on mandate (curator);
        create table waiting (
            campaign text not null references campaign,
            curator text not null references curator,
            asked_at timestamptz not null default now(),
            words text not null default '',
            primary key (campaign, curator)
        );
        create table series (
            mandate text primary key references mandate,
            version integer not null default 0,
            arrangement jsonb not null default '{}',
            announced jsonb,
            updated_at timestamptz not null default now()
        );
        alter table item add column mandate text;
        alter table item add column lane text not null default 'open';
        alter table item add column author_key text;
        alter table item add column giver text;
        alter table item add column admitted text;
        alter table item add column effective_at timestamptz;
        update item set effective_at = (content->>'effectiveAt')::timestamptz,
            author_key = content->'author'->>'key' where content is not null;
        create index item_of_mandate on item (mandate) where mandate is not null;
        create index item_of_campaign on item (campaign, effective_at);
        """
    )
