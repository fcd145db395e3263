"""Opening a receipt by its private link, or saying why it does not open."""

from services.chassis.web import Problem
from services.contracts.ids import ItemId
from services.ingest.api.deps import Parts
from services.ingest.domain.link import ExpiredLinkError, LinkError, RevokedLinkError
from services.ingest.store.receipts import Receipt, open_receipt
from services.ingest.store.standings import ReceivedItem


async def opened(token: str, needs: Parts) -> Receipt:
    """Give what a link shows; a link that stopped is 410, one that never was is 404."""
    try:
        async with needs.database.transaction() as transaction:
            return await open_receipt(transaction, needs.links, token)
    except LinkError as error:
        raise closed_link(error) from None


def closed_link(error: LinkError) -> Problem:
    """Say why a link does not open."""
    match error:
        case RevokedLinkError():
            return Problem(410, "link-revoked", str(error))
        case ExpiredLinkError():
            return Problem(410, "link-expired", str(error))
        case _:
            detail = "This link is not known. Use the link that you got when you sent your photos."
            return Problem(404, "receipt-unknown", detail)


def the_item(receipt: Receipt, item: str) -> ReceivedItem:
    """Give one item of a receipt, and no other's."""
    for received in receipt.items:
        if received.item == ItemId(item):
            return received
    raise Problem(404, "item-unknown", "This link does not show such an item.")
