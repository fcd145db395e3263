"""Galleries, and the placement of items in them."""

from alembic import op

revision = "gallery_0001"
down_revision = None
branch_labels = ("gallery",)
depends_on = ("chassis_0001",)


def upgrade() -> None:
    """Create what galleries and placements are kept in."""
    op.execute(
        """
        create table gallery (
            id text primary key,
            campaign text not null,
            version integer not null default 0,
            heard integer not null default 0,
            title jsonb not null default '{}',
            brief jsonb not null default '{}',
            time_zone text not null default 'Europe/Brussels',
            embed_origins jsonb not null default '[]'
        );
        create table placement (
            item text primary key,
            campaign text not null,
            gallery text not null references gallery (id),
            standing text not null default 'unpublished'
                check (standing in ('published', 'unpublished')),
            version integer not null default 0,
            heard integer not null default 0,
            position integer not null default 0,
            effective_at timestamptz,
            content jsonb,
            -- What is not shown is forgotten: a row without a place on a page holds ids only.
            check ((standing = 'published') = (content is not null)),
            check ((standing = 'published') = (effective_at is not null))
        );
        create index placement_order on placement (gallery, effective_at desc, item)
            where standing = 'published';
        create index placement_changes on placement (gallery, position) where position > 0;
        """
    )
