"""Assemble the gallery service: the stream process, the web process, and their schema."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.chassis import migrations, service
from services.chassis.database import sync_url
from services.chassis.service import Service, Task
from services.chassis.streams import Streams, Tables
from services.chassis.telemetry import start_telemetry
from services.chassis.web import Site, web_app
from services.gallery.api import routers
from services.gallery.api.changes import Changes, listen
from services.gallery.api.kept import Kept
from services.gallery.api.parts import Parts
from services.gallery.api.showings import Tally
from services.gallery.settings import Settings
from services.gallery.stream import SUBSCRIPTIONS, Deps
from services.gallery.stream.settling import settle_placements
from services.gallery.stream.showings import tell_showings

TABLES = Tables()
_HERE = Path(__file__).parent


def settings() -> Settings:
    """Read this service's settings."""
    return Settings()  # pyright: ignore[reportCallIssue] - every field has a default or comes from outside


def migrate() -> None:
    """Bring the schema up to date."""
    migrations.migrate("gallery", sync_url(settings()), _HERE / "migrations")


def run_stream() -> None:
    """Hear what may be shown, publish it, and tell."""
    chosen = settings()
    start_telemetry("gallery", "stream", chosen)
    parts: Service[Deps] = Service("gallery", chosen)

    async def deps(_: Streams[Deps]) -> Deps:
        return Deps(parts.database, parts.journal, parts.objects)

    def clocks(deps: Deps) -> tuple[Task, ...]:
        return (partial(settle_placements, deps), partial(tell_showings, deps))

    service.run_stream(parts, SUBSCRIPTIONS, TABLES, deps, clocks)


def new_app(chosen: Settings) -> FastAPI:
    """Make the site, with these settings."""
    parts: Service[Deps] = Service("gallery", chosen)
    running: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await parts.open()
        changes = Changes(parts.database, chosen.gallery_live_connections)
        tally = Tally(parts.database)
        app.state.parts = Parts(
            database=parts.database,
            objects=parts.objects,
            changes=changes,
            pages=Kept(chosen.gallery_page_cache_bytes),
            photos=Kept(chosen.gallery_media_cache_bytes),
            tally=tally,
            settings=chosen,
        )
        running[:] = [
            asyncio.create_task(changes.run()),
            asyncio.create_task(listen(changes, chosen)),
            asyncio.create_task(tally.run()),
        ]
        yield
        left = set(running)
        while left:
            # The Kafka client was seen to swallow a cancellation that came while it connected.
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=1)
        await parts.close()

    async def telling() -> bool:
        return bool(running) and not any(task.done() for task in running)

    checks = (*parts.checks(), ("live", telling))
    return web_app(Site("gallery", _HERE), chosen, routers, checks, lifespan)


def run_web() -> None:
    """Serve galleries, embeds and photos."""
    chosen = settings()
    start_telemetry("gallery", "web", chosen)
    service.run_web(new_app(chosen), chosen)
