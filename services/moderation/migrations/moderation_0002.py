"""Mandates, consents, second looks, and the columns by which the clock and the queue find them."""

from alembic import op

revision = "moderation_0002"
down_revision = "moderation_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what mandates, consents and second looks need."""
    op.execute(
        """
        create table mandate (
            mandate text primary key,
            version integer not null,
            campaign text not null,
            hidden boolean not null,
            staff_account text,
            announcement jsonb not null
        );
        create index mandate_hidden on mandate (mandate) where hidden;
        create table appeal (
            item text primary key,
            words text not null,
            lodged_at timestamptz not null
        );
        alter table review
            add column mandate text,
            add column lane text not null default 'open',
            add column giver_account text,
            add column consent jsonb,
            add column consent_version integer not null default 0,
            add column web_until timestamptz,
            add column obstacle text,
            add column second_look jsonb,
            add column appealed_at timestamptz,
            add column parked boolean not null default false;
        create index review_of_mandate on review (mandate) where cleared;
        create index review_lapsing on review (web_until) where cleared;
        create index review_stopped on review (mandate) where obstacle = 'mandate-stopped';
        create index review_lane on review (campaign, lane, observed_at, item)
            where state = 'pending' and life = 'live' and lane <> 'open';
        """
    )
