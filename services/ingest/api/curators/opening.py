"""Opening a curator's private link: whose page it is, and what to say when it is no good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.chassis.web import Problem
from services.contracts.ids import CuratorId, MandateId
from services.ingest.api.deps import Needs
from services.ingest.domain.link import AlteredLinkError, LinkError, UnknownLinkError
from services.ingest.domain.mandate import Mandate
from services.ingest.store.curators import Curator, find_curator
from services.ingest.store.links import Links
from services.ingest.store.mandates import mandates_of


@dataclass(frozen=True)
class Opened:
    """A curator's page, opened by a good link."""

    token: str
    link: str
    curator: Curator
    mandates: Sequence[Mandate]

    @property
    def cause(self) -> Cause:
        """Give the cause of what its owner does."""
        return Cause.by(f"curator:{self.curator.curator}")

    def mandate(self, wanted: str) -> Mandate:
        """Give one of the curator's mandates."""
        for mandate in self.mandates:
            if mandate.mandate == MandateId(wanted):
                return mandate
        raise Problem(404, "mandate-unknown", "Your link does not show this turn. Reload the page.")


async def open_link(transaction: Transaction, links: Links, token: str) -> Opened:
    """Open a curator's link. Raises LinkError."""
    link = await links.open(transaction, "curator", token, datetime.now(UTC))
    curator = await find_curator(transaction, CuratorId(link.opens))
    if curator is None:
        raise UnknownLinkError
    return Opened(token, link.link, curator, await mandates_of(transaction, curator.curator))


def link_problem(error: LinkError) -> Problem:
    """Say to a program why a link is no good: 404 for what never was one, 410 for what was."""
    never = isinstance(error, AlteredLinkError | UnknownLinkError)
    return Problem(404 if never else 410, "link-no-good", str(error))


async def _opened(token: str, needs: Needs) -> Opened:
    try:
        async with needs.database.transaction() as transaction:
            return await open_link(transaction, needs.links, token)
    except LinkError as error:
        raise link_problem(error) from None


Opening = Annotated[Opened, Depends(_opened)]


def curator_address(request: Request, token: str) -> str:
    """Give the address of a curator's page."""
    return f"{request.app.state.settings.ingest_url}/k/{token}"
