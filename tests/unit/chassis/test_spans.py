"""Spans as they are exported: they tell what happened, and nothing that opens or names."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import span
from services.chassis.web import Site, web_app
from services.ingest.store.links import Links
from services.ingest.store.receipts import receipt_token

CURATORS = Links("00" * 32).token("W4dgTuOEblC_xYz0")
RECEIPTS = receipt_token("00" * 32, "a form")
MAIL = "noor@example.org"


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """Collects the spans of this process, of which only the first provider counts."""
    made = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(made))
    return made


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    exporter.clear()
    with capture_logs():
        yield exporter


def told(spans: InMemorySpanExporter) -> str:
    return "\n".join(known.to_json() for known in spans.get_finished_spans())


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    [known] = spans.get_finished_spans()
    return known


@asynccontextmanager
async def browser(folder: Path) -> AsyncGenerator[AsyncClient]:
    router = APIRouter()

    @router.get("/{_page:path}")
    async def fail(_page: str) -> None:
        message = f"{MAIL} {CURATORS}"
        raise LookupError(message)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield

    (folder / "static").mkdir()
    settings = ServiceSettings.model_construct()
    app = web_app(Site("ingest", folder), settings, (router,), (), lifespan)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def test_a_span_that_failed_tells_by_what_kind_of_error(spans: InMemorySpanExporter) -> None:
    with pytest.raises(LookupError), span("handle", subject="i-1"):
        raise LookupError(MAIL)

    status = only(spans).status
    assert (status.status_code, status.description) == (trace.StatusCode.ERROR, "LookupError")
    assert only(spans).events == ()
    assert MAIL not in told(spans)


@pytest.mark.parametrize("token", [CURATORS, RECEIPTS])
@pytest.mark.parametrize(
    "path",
    [
        "/k/{}",
        "/k/{}/photos/3",
        "/k/{}.",
        '/r/"{}"',
        "/r/ {}",
        "/r/<{}>",
        "/r/{}é",
        "/r/{}.json",
        "/calendar/{}.ics?token={}",
        "/{}",
    ],
)
async def test_the_span_of_a_request_holds_no_link_however_it_was_spoiled(
    spans: InMemorySpanExporter, tmp_path: Path, token: str, path: str
) -> None:
    async with browser(tmp_path) as client:
        answer = await client.get(path.replace("{}", token))

    assert answer.status_code == 500
    assert only(spans).name.startswith("GET /")
    assert only(spans).status.description == "LookupError"
    written = told(spans)
    for private in (CURATORS, RECEIPTS, *CURATORS.split("."), MAIL):
        assert private not in written


async def test_the_span_of_a_request_names_the_page(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with browser(tmp_path) as client:
        await client.get(f"/k/{CURATORS}/photos/3")

    assert only(spans).name == "GET /k/*/photos/3"
