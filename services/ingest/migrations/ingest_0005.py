"""Accounts that curators have proven to be theirs, and the proofs that are under way."""

from alembic import op

revision = "ingest_0005"
down_revision = "ingest_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what proofs of accounts need."""
    op.execute(
        """
        create table account_proof (
            proof text primary key,
            curator text not null references curator,
            network text not null,
            author_key text,
            handle text not null default '',
            url text not null default '',
            way text not null,
            state text not null default 'open',
            secret jsonb not null default '{}',
            asked_at timestamptz not null default now(),
            expires_at timestamptz,
            proven_at timestamptz,
            revoked_at timestamptz
        );
        create index account_proof_of_author on account_proof (author_key) where state = 'proven';
        create index account_proof_of_curator on account_proof (curator);
        """
    )
