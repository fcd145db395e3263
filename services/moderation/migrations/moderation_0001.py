"""Reviews with their leases, campaigns, visibility, notes, staff accounts and failed sign-ins."""

from alembic import op

revision = "moderation_0001"
down_revision = None
branch_labels = ("moderation",)
depends_on = ("chassis_0001",)


def upgrade() -> None:
    """Create what moderation owns."""
    op.execute(
        """
        create table campaign (
            campaign text primary key,
            version integer not null,
            announcement jsonb not null
        );
        create table review (
            item text primary key,
            campaign text not null,
            state text not null,
            life text not null,
            version integer not null,
            item_version integer not null,
            snapshot jsonb,
            observed_at timestamptz,
            cleared boolean not null,
            decisions jsonb not null,
            decided_by text,
            decided_at timestamptz,
            moderator text,
            lease_token uuid,
            lease_expires_at timestamptz,
            check ((life = 'live') = (snapshot is not null))
        );
        create index review_waiting on review (campaign, observed_at, item)
            where state = 'pending' and life = 'live';
        create index review_decided on review (campaign, state, decided_at desc, item)
            where life = 'live';
        create table note (
            item text not null,
            version integer not null,
            account text not null,
            words text not null,
            written_at timestamptz not null default now(),
            primary key (item, version)
        );
        create table visibility (
            item text not null,
            gallery text not null,
            version integer not null,
            path text,
            since timestamptz,
            primary key (item, gallery)
        );
        create table account (
            account text primary key,
            name text not null,
            roles text[] not null,
            password_hash text,
            issuer text,
            issuer_subject text,
            active boolean not null default true,
            created_at timestamptz not null default now(),
            unique (issuer, issuer_subject)
        );
        create table failed_sign_in (
            key text not null,
            at timestamptz not null default now()
        );
        create index failed_sign_in_key on failed_sign_in (key, at);
        """
    )
