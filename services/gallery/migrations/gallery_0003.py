"""Items that are kept unseen while their mandate is stopped, and what was told of their files."""

from alembic import op

revision = "gallery_0003"
down_revision = "gallery_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an item wait for its mandate, and know which files are gone and whom to look at."""
    op.execute(
        """
        -- Its series is to be looked at: it may be due now that the mandate is stopped no longer.
        alter table mandate add column shown_again boolean not null default false;
        create index mandate_hidden on mandate (id) where hidden;
        create index mandate_shown_again on mandate (id) where shown_again;
        alter table placement
            add column purged boolean not null default false,
            drop constraint placement_content,
            -- What is not shown is forgotten, unless it waits for its series or its mandate.
            add constraint placement_content check (
                case when content is null then standing = 'unpublished'
                     else standing = 'published' or content -> 'inSeries' = 'true'
                          or mandate is not null end
            ),
            add constraint placement_purged check (standing = 'unpublished' or not purged);
        update placement p set purged = true
            from event e where e.subject = p.item and e.version = p.version
                and e.type = 'dichtbij.item.purged.v1';
        create index placement_held on placement (item)
            where standing = 'unpublished' and content is not null;
        """
    )
