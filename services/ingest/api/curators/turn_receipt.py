"""The receipt of a turn: permissions by channel, second looks, my data; made with the yes."""

from collections.abc import Sequence

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem
from services.contracts.ids import ItemId
from services.ingest.api.curators.opening import Opened, Opening
from services.ingest.api.curators.view import receipt_token_of
from services.ingest.api.deps import Needs, Parts
from services.ingest.domain.mandate import Mandate
from services.ingest.store.receipts import keep_receipt, link_for_letters

router = APIRouter(prefix="/k/{token}", tags=["curators"])


async def keep_turn_receipt(
    transaction: Transaction,
    opened: Opened,
    mandate: Mandate,
    needs: Parts,
    items: Sequence[tuple[ItemId, str]] = (),
) -> str:
    """Keep the receipt of a turn, with what is on its way for it; answers its id."""
    return await keep_receipt(
        transaction,
        receipt_token_of(needs, mandate.mandate),
        mandate.campaign,
        items,
        mail=opened.curator.mail,
        language=opened.curator.language,
        mandate=mandate.mandate,
    )


@router.get("/receipt/{mandate}", include_in_schema=False)
async def receipt(mandate: str, opened: Opening, needs: Needs) -> Response:
    """Lead to the receipt of a turn; one that is older than they are gets it now."""
    wanted = opened.mandate(mandate)
    if wanted.accepted is None:
        raise Problem(404, "mandate-unknown", "Your link does not show this turn. Reload the page.")
    async with needs.database.transaction() as transaction:
        kept = await keep_turn_receipt(transaction, opened, wanted, needs)
        link = await link_for_letters(transaction, kept)
    return RedirectResponse(f"/r/{needs.links.token(link)}", 303)
