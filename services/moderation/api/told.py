"""What just happened to an item, told above the queue to those who decide without script."""

from dataclasses import dataclass

from services.chassis.auth import Staff
from services.chassis.database import Transaction
from services.contracts.ids import ItemId
from services.moderation.store.accounts import display_name
from services.moderation.store.queue import find_card


@dataclass(frozen=True)
class Told:
    """What just happened to an item, as its review says; `proposed` waits for a second person."""

    item: str
    state: str
    version: int
    clash: str = ""
    winner: str = ""
    mine: bool = False
    proposed: bool = False


async def what_happened(
    transaction: Transaction, staff: Staff, item: str, clash: str
) -> Told | None:
    """Say what became of an item; from its review, so that an address cannot make things up."""
    if not item:
        return None
    card = await find_card(transaction, ItemId(item))
    if card is None:
        return None
    review = card.review
    last = review.decision
    holder = card.lease.moderator if card.lease else None
    winner = await display_name(transaction, holder) if holder else card.decided_by or ""
    return Told(
        item=review.item,
        state="withdrawn" if review.life == "withdrawn" else review.state,
        version=review.version,
        clash=clash,
        winner=winner,
        mine=last is not None and last.by == staff.account,
        proposed=review.proposal is not None,
    )
