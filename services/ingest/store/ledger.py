"""The ledger of a campaign: all that says for whom its items count, read in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.chassis.database import Transaction
from services.contracts.ids import CuratorId, MandateId, SourceId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.domain.attribution import verdict_on
from services.ingest.domain.item import Origin, Verdict, rights_of
from services.ingest.domain.mandate import Mandate, Provenance
from services.ingest.store.mandates import list_mandates
from services.ingest.store.proofs import curators_by_account, curators_of
from services.ingest.store.sources import knows_accounts


@dataclass(frozen=True)
class Ledger:
    """A campaign, its mandates, and who has proven which account."""

    campaign: CampaignAnnounced
    mandates: Sequence[Mandate]
    accounts: Mapping[str, frozenset[CuratorId]]

    def verdict(self, source: SourceId, origin: Origin, admitted: MandateId | None) -> Verdict:
        """Say for whom an item counts."""
        came = Provenance(source, origin.giver, self._proven(source, origin.author_key), admitted)
        return verdict_on(self.mandates, came, origin, rights_of(self.campaign, source))

    def _proven(self, source: SourceId, author_key: str | None) -> frozenset[CuratorId]:
        """Give who has proven the account, where its source can tell one account from another."""
        if not author_key or not knows_accounts(self.campaign, source):
            return frozenset()
        return self.accounts.get(author_key, frozenset())


async def open_ledger(transaction: Transaction, campaign: CampaignAnnounced) -> Ledger:
    """Read a campaign's ledger whole, for counting all of its items."""
    mandates = await list_mandates(transaction, campaign.campaign)
    return Ledger(campaign, mandates, await curators_by_account(transaction))


async def ledger_for(
    transaction: Transaction, campaign: CampaignAnnounced, author_key: str | None
) -> Ledger:
    """Read what of a campaign's ledger concerns the items of one author."""
    proven = await curators_of(transaction, author_key)
    mandates = await list_mandates(transaction, campaign.campaign)
    return Ledger(campaign, mandates, {author_key: proven} if author_key else {})
