"""A service that fails with personal words: at an event whose text says how, and at a page."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from fastapi import APIRouter, FastAPI
from psycopg.errors import UniqueViolation

from services.chassis.database import Transaction
from services.chassis.service import Service, run_stream, run_web
from services.chassis.settings import ServiceSettings
from services.chassis.streams import Streams, Tables
from services.chassis.telemetry import start_telemetry
from services.chassis.web import Site, web_app
from services.contracts.envelope import Envelope, Instant, Record
from services.contracts.moderation import ItemCleared

PRIVATE = ("noor@example.org", "W4dgTuOEblC_xYz0.apE3fQjXbj0-GtH9w7Z1llcpMzFMi7x-x414CFawEqo")


class _Told(Record):
    given_at: Instant


async def on_cleared(event: Envelope[ItemCleared], transaction: Transaction, _: None) -> None:
    match event.data.item.text:
        case "refused":
            await transaction.execute("insert into guest (mail, link) values (%s, %s)", PRIVATE)
        case "misfit":
            _Told.model_validate({"givenAt": " ".join(PRIVATE)})
        case "caused":
            try:
                await transaction.execute("select %s::int", [PRIVATE[0]])
            except Exception as error:
                raise LookupError(*PRIVATE) from error
        case _:
            raise LookupError(*PRIVATE)


async def deps(_: Streams[None]) -> None:
    return None


def pages() -> APIRouter:
    router = APIRouter()

    @router.get("/k/{token}")
    async def curator(token: str) -> None:
        message = f"{token} of {PRIVATE[0]}"
        raise UniqueViolation(message)

    return router


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    yield


def main(role: str) -> None:
    settings = ServiceSettings()  # pyright: ignore[reportCallIssue]
    start_telemetry("gallery", role, settings)
    if role == "web":
        folder = Path(__file__).parents[3] / "services" / "gallery"
        site = Site("gallery", folder)
        run_web(web_app(site, settings, (pages(),), (), lifespan), settings)
        return
    service: Service[None] = Service("gallery", settings)
    run_stream(service, {ItemCleared: on_cleared}, Tables(), deps)


if __name__ == "__main__":
    main(sys.argv[1])
