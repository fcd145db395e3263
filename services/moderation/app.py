"""Assemble moderation: the only place that knows which implementation is used."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.chassis.database import Database, sync_url
from services.chassis.migrations import migrate as migrate_schema
from services.chassis.service import Service, Task
from services.chassis.service import run_stream as stream
from services.chassis.service import run_web as web
from services.chassis.streams import Streams, Tables
from services.chassis.telemetry import start_telemetry
from services.chassis.web import Site, web_app
from services.moderation.api import routers
from services.moderation.api.deps import Parts
from services.moderation.api.session import Renewal
from services.moderation.domain.account import Account, checked_account
from services.moderation.settings import Settings
from services.moderation.store import accounts
from services.moderation.store.identity import IdentityProvider, Provider
from services.moderation.store.news import Newsroom
from services.moderation.stream import SUBSCRIPTIONS, Deps
from services.moderation.stream.settling import settle_reviews

_HERE = Path(__file__).parent

TABLES = Tables()


def settings() -> Settings:
    """Read the settings from the environment."""
    return Settings()  # pyright: ignore[reportCallIssue] - pydantic fills them in


def run_stream() -> None:
    """Run the stream process."""
    known = settings()
    start_telemetry("moderation", "stream", known)
    service: Service[Deps] = Service("moderation", known)

    async def deps(_streams: Streams[Deps]) -> Deps:
        return Deps(service.journal, service.database)

    def clocks(deps: Deps) -> tuple[Task, ...]:
        return (partial(settle_reviews, deps),)

    stream(service, SUBSCRIPTIONS, TABLES, deps, clocks)


def desk_app(known: Settings) -> FastAPI:
    """Make the desk's site, with its parts opened and closed by its life span."""
    service: Service[Deps] = Service("moderation", known)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await service.open()
        newsroom = Newsroom(service.database)
        listening = asyncio.create_task(newsroom.run(), name="newsroom")
        app.state.parts = _parts(service, known, newsroom)
        yield
        listening.cancel()
        await asyncio.wait([listening])
        await service.close()

    site = Site("moderation", _HERE, home="/desk")
    app = web_app(site, known, routers, service.checks(), lifespan)
    app.add_middleware(Renewal)
    return app


def _parts(service: Service[Deps], known: Settings, newsroom: Newsroom) -> Parts:
    return Parts(
        service.database,
        service.journal,
        service.objects,
        newsroom,
        known.session_private_key.get_secret_value(),
        known.moderation_url.rstrip("/"),
        frozenset(
            url.rstrip("/") for url in (known.ingest_url, known.moderation_url, known.gallery_url)
        ),
        IdentityProvider(_provider(known)) if known.has_oidc else None,
    )


def _provider(known: Settings) -> Provider:
    return Provider(
        known.oidc_issuer,
        known.oidc_client_id,
        known.oidc_client_secret.get_secret_value(),
        known.oidc_name,
        known.oidc_scopes,
        known.oidc_groups_claim,
        known.roles_by_group,
    )


def run_web() -> None:
    """Run the web process."""
    known = settings()
    start_telemetry("moderation", "web", known)
    web(desk_app(known), known)


def migrate() -> None:
    """Bring the schema up to date; the first time, make an account and print its password once."""
    migrate_schema("moderation", sync_url(settings()), _HERE / "migrations")
    password = asyncio.run(_add_first())
    if password is not None:
        name = accounts.FIRST_ACCOUNT.account
        sys.stdout.write(f"first-run password for {name}: {password}\n")
        sys.stdout.flush()


async def _add_first() -> str | None:
    async with _database() as database, database.transaction() as transaction:
        return await accounts.add_first_account(transaction)


async def add_staff(name: str, display: str, roles: Iterable[str]) -> str:
    """Add a local account; answers its password. Raises InvalidAccountError."""
    account = checked_account(name, display, roles)
    async with _database() as database, database.transaction() as transaction:
        return await accounts.add_account(transaction, account)


async def reset_password(name: str) -> str:
    """Give a local account a new password. Raises InvalidAccountError."""
    async with _database() as database, database.transaction() as transaction:
        return await accounts.reset_password(transaction, name.strip().lower())


async def end_staff(name: str) -> bool:
    """End an account; its session is not renewed. Says whether it was there."""
    async with _database() as database, database.transaction() as transaction:
        return await accounts.end_account(transaction, name.strip().lower())


async def list_staff() -> list[Account]:
    """List all accounts."""
    async with _database() as database, database.transaction() as transaction:
        return await accounts.list_accounts(transaction)


@asynccontextmanager
async def _database() -> AsyncGenerator[Database]:
    database = Database("moderation", settings())
    await database.open()
    try:
        yield database
    finally:
        await database.close()
