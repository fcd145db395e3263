"""The curator of a mandate: how they are called, introduced and reached."""

from fastapi import APIRouter, Request, Response

from services.chassis.journal import Cause, ConflictError
from services.chassis.web import Problem
from services.contracts.ids import CuratorId
from services.ingest.api.deps import Needs
from services.ingest.api.mandates.forms import Planner, back, changed_meanwhile, words
from services.ingest.api.mandates.mandate import the_mandate
from services.ingest.domain.people import is_account, is_mail
from services.ingest.domain.people_words import WORDS
from services.ingest.store.curators import Curator, keep_curator
from services.ingest.store.mandates import announce_again, mandates_of

router = APIRouter(tags=["mandates"], include_in_schema=False)


@router.post("/manage/mandates/{mandate}/curator")
async def change_curator(mandate: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Change how the curator is called, introduced and reached."""
    form = await request.form()
    name, mail = words(form, "name", 120), words(form, "mail", 254).lower()
    account = words(form, "staff_account", 80).lower()
    if not name:
        raise Problem(422, "name-missing", "Write the name that readers will see.")
    if mail and not is_mail(mail):
        raise Problem(422, "mail-unreadable", WORDS["mail"])
    if account and not is_account(account):
        detail = "This is no account of the desk. Write the name by which they sign in there."
        raise Problem(422, "account-unreadable", detail)
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        changed = Curator(
            found.holder.curator,
            name,
            words(form, "intro", 600),
            mail,
            words(form, "language") or "nl",
            account or None,
        )
        await keep_curator(transaction, changed)
        try:
            for theirs in await mandates_of(transaction, CuratorId(changed.curator)):
                await announce_again(transaction, needs.journal, theirs, Cause.by(staff.actor))
        except ConflictError:
            raise changed_meanwhile() from None
    return back(request, f"/manage/mandates/{mandate}", "changed")
