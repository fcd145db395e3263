"""Curators for tests: planned, invited and known by their links, on the real database."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from services.chassis.database import Database, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, CuratorId, MandateId, SourceId
from services.contracts.ingest import SeriesTerms
from services.ingest.domain.mandate import (
    AcceptMandate,
    Command,
    Holder,
    Invite,
    Mandate,
    Plan,
    Stop,
)
from services.ingest.store.counting import recount
from services.ingest.store.curators import Curator, keep_curator, new_curator_id
from services.ingest.store.links import Links
from services.ingest.store.mandates import change_mandate, find_mandate, new_mandate_id
from tests.builders import a_consent
from tests.installation import Installation

AnswerT = TypeVar("AnswerT")
CAUSE = Cause.by("staff:test")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Invited:
    """A curator with a link and one mandate."""

    curator: CuratorId
    mandate: MandateId
    token: str


class CuratorRoom:
    """Plans mandates as staff would, for tests that are about the curator's side."""

    def __init__(self, installation: Installation, campaign: str) -> None:
        self._installation = installation
        self.campaign = CampaignId(campaign)
        key = installation.environment.get("DICHTBIJ_RECEIPT_KEY", "00" * 32)
        self.links = Links(key)

    def work(self, question: Callable[[Transaction, Journal], Awaitable[AnswerT]]) -> AnswerT:
        """Do something in one transaction; in a thread, since a browser may own this one."""

        async def ask() -> AnswerT:
            database = Database("ingest", self._installation.settings)
            await database.open()
            try:
                async with database.transaction() as transaction:
                    return await question(transaction, Journal("ingest"))
            finally:
                await database.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, ask()).result()  # type: ignore[arg-type]

    def invite(  # noqa: PLR0913 - a mandate may be special in many ways
        self,
        name: str = "Fatima",
        starts: timedelta = -DAY,
        ends: timedelta = 13 * DAY,
        *,
        places: int | None = None,
        quota: int | None = None,
        deadline: timedelta | None = None,
        accept: bool = True,
        mail: str = "",
        source: str | None = None,
        curator: CuratorId | None = None,
        link_lasts: timedelta | None = None,
    ) -> Invited:
        """Plan a mandate from so long ago until then, and give its curator a link."""
        now = datetime.now(UTC)
        known = curator or new_curator_id()
        terms = None
        if places is not None:
            terms = SeriesTerms(places=places, deadline=now + deadline if deadline else None)

        async def plan(transaction: Transaction, journal: Journal) -> Invited:
            await keep_curator(transaction, Curator(known, name, mail=mail))
            mandate = Mandate(
                mandate=new_mandate_id(),
                campaign=self.campaign,
                holder=Holder(known, name),
                starts_at=now + starts,
                ends_at=now + ends,
                time_zone="Europe/Brussels",
                source=SourceId(source) if source else None,
                series=terms,
                quota=quota,
                overlap=True,
            )
            then = now + starts - DAY
            mandate = await change_mandate(transaction, journal, mandate, Plan(), CAUSE, now=then)
            lasts = now + link_lasts if link_lasts else None
            link = await self.links.make(transaction, "curator", known, lasts)
            mandate = await change_mandate(
                transaction, journal, mandate, Invite(link), CAUSE, now=then
            )
            if accept:
                consent = a_consent(evidence="mandate", channels=("web",))
                wish = AcceptMandate("1", consent, ("link",))
                await change_mandate(transaction, journal, mandate, wish, CAUSE, now=then)
            await recount(transaction, journal, self.campaign, CAUSE)
            return Invited(known, mandate.mandate, self.links.token(link))

        return self.work(plan)

    def change(self, mandate: MandateId, command: Command) -> Mandate:
        """Change a mandate as staff would."""

        async def change(transaction: Transaction, journal: Journal) -> Mandate:
            known = await find_mandate(transaction, mandate)
            assert known is not None
            after = await change_mandate(transaction, journal, known, command, CAUSE)
            if not isinstance(command, Stop):
                await recount(transaction, journal, self.campaign, CAUSE)
            return after

        async def count(transaction: Transaction, journal: Journal) -> None:
            await recount(transaction, journal, self.campaign, CAUSE)

        after = self.work(change)
        if isinstance(command, Stop):
            # A stop is told before anything is counted.
            self.work(count)
        return after
