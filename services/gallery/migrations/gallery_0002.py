"""Mandates and series, and items that are kept unseen until their series is shown."""

from alembic import op

revision = "gallery_0002"
down_revision = "gallery_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what terms and series are kept in, and let a placement stand in them."""
    op.execute(
        """
        alter table gallery add column phase text not null default 'live';
        create table mandate (
            id text primary key,
            campaign text not null,
            gallery text not null references gallery (id),
            curator text not null,
            heard integer not null default 0,
            -- Who gives no right, or must not be shown, has no name here.
            name text not null default '',
            intro text not null default '',
            accounts jsonb not null default '[]',
            starts_at timestamptz not null,
            ends_at timestamptz not null,
            time_zone text not null,
            state text not null,
            hidden boolean not null default false
        );
        create index mandate_order on mandate (gallery, starts_at desc, id) where name <> '';
        create index mandate_curator on mandate (gallery, curator) where name <> '';
        create table series (
            mandate text primary key,
            campaign text not null,
            gallery text not null references gallery (id),
            version integer not null default 0,
            heard integer not null default 0,
            position integer not null default 0,
            released_at timestamptz,
            announced jsonb
        );
        -- `mandate`: for which one the item counts; `series` and `sequence`: where it stands in one
        -- that is shown. `effective_at` is the moment that orders it on a page: a series has one.
        alter table placement
            add mandate text,
            add series text not null default '',
            add sequence integer not null default 0,
            drop constraint placement_check,
            -- What is not shown is forgotten, unless it waits for the rest of its series.
            add constraint placement_content check (
                case when content is null then standing = 'unpublished'
                     else standing = 'published' or content -> 'inSeries' = 'true' end
            ),
            add constraint placement_series check ((series <> '') = (sequence > 0)),
            add constraint placement_sequence
                check (standing = 'published' or sequence = 0);
        drop index placement_order;
        create index placement_order
            on placement (gallery, effective_at desc, series, sequence, item)
            where standing = 'published';
        create index placement_mandate on placement (mandate, effective_at desc)
            where mandate is not null;
        """
    )
