"""Assemble ingest: the only place that knows which implementation is used."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.chassis.database import sync_url
from services.chassis.journal import Cause
from services.chassis.migrations import migrate as migrate_schema
from services.chassis.service import Service, Task
from services.chassis.service import run_stream as stream
from services.chassis.service import run_web as web
from services.chassis.streams import Streams, Tables
from services.chassis.telemetry import start_telemetry
from services.chassis.web import Pages, Site, web_app
from services.contracts.envelope import Envelope
from services.contracts.ingest import CampaignAnnounced
from services.ingest.api import routers
from services.ingest.api.deps import Parts
from services.ingest.connectors import CONNECTORS
from services.ingest.domain.campaign import Campaign
from services.ingest.media import DecoderPool
from services.ingest.settings import Settings
from services.ingest.store.applying import apply_and_follow
from services.ingest.store.fetch import GuardedFetch
from services.ingest.store.letters import Pen
from services.ingest.store.links import Links
from services.ingest.store.originals import Darkroom
from services.ingest.stream import SUBSCRIPTIONS, Deps
from services.ingest.stream.messages import send_messages
from services.ingest.stream.polling import poll_sources
from services.ingest.stream.post import mail_server
from services.ingest.stream.reminders import send_reminders
from services.ingest.stream.series import watch_deadlines

_HERE = Path(__file__).parent


def _keep_campaign(event: Envelope[CampaignAnnounced], table: dict[str, str]) -> None:
    table[event.data.campaign] = event.data.model_dump_json(by_alias=True)


TABLES = Tables({"campaigns": (CampaignAnnounced, _keep_campaign)})


def settings() -> Settings:
    """Read the settings from the environment."""
    return Settings()  # pyright: ignore[reportCallIssue] - pydantic fills them in


def _decoders(known: Settings, share: int = 1) -> DecoderPool:
    return DecoderPool(size=known.decoders or max(1, (os.cpu_count() or 1) // share))


def run_stream() -> None:
    """Run the stream process."""
    known = settings()
    start_telemetry("ingest", "stream", known)
    service: Service[Deps] = Service("ingest", known)
    links = Links(known.receipt_key.get_secret_value())
    write = Pages(Site("ingest", _HERE), known).letter
    mail = mail_server(known.smtp_url.get_secret_value(), known.mail_from, known.mail_pause)

    async def deps(streams: Streams[Deps]) -> Deps:
        return Deps(
            service.database,
            service.journal,
            Darkroom(service.objects, _decoders(known)),
            streams.tables["campaigns"],
            CONNECTORS,
            GuardedFetch(user_agent=known.user_agent, allow=known.allowed_hosts),
            Pen(write, links, known.ingest_url, known.gallery_url),
            mail,
        )

    def clocks(deps: Deps) -> tuple[Task, ...]:
        return (
            partial(poll_sources, deps),
            partial(send_messages, deps),
            partial(send_reminders, deps),
            partial(watch_deadlines, deps),
        )

    stream(service, SUBSCRIPTIONS, TABLES, deps, clocks)


def run_web() -> None:
    """Run the web process."""
    known = settings()
    start_telemetry("ingest", "web", known)
    service: Service[Deps] = Service("ingest", known)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await service.open()
        decoders = _decoders(known, 2)
        fetch = GuardedFetch(user_agent=known.user_agent, allow=known.allowed_hosts)
        app.state.parts = Parts(
            service.database,
            service.journal,
            Darkroom(service.objects, decoders),
            known.receipt_key.get_secret_value(),
            asyncio.Semaphore(known.uploads_at_once),
            fetch,
        )
        yield
        await fetch.close()
        await decoders.close()
        await service.close()

    site = Site("ingest", _HERE)
    web(web_app(site, known, routers, service.checks(), lifespan), known)


def migrate() -> None:
    """Bring the schema up to date."""
    migrate_schema("ingest", sync_url(settings()), _HERE / "migrations")


async def apply(campaign: Campaign) -> bool:
    """Apply a campaign from the command line; says whether anything changed."""
    service: Service[Deps] = Service("ingest", settings())
    await service.open()
    try:
        async with service.database.transaction() as transaction:
            cause = Cause.by("operator")
            return await apply_and_follow(transaction, service.journal, campaign, cause)
    finally:
        await service.close()
