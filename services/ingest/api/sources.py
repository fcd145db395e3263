"""Sources as staff see them: how each is, when it last answered, when it last brought something."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from services.chassis.auth import SignedIn
from services.chassis.web import pages_of
from services.ingest.api.deps import Needs
from services.ingest.store.sources import Source, list_sources

router = APIRouter(tags=["sources"])


class SourceHealth(BaseModel):
    """How a source is; ages in seconds, None where it never happened.

    `only_deletions` when its campaign is not live, so that it is only asked for what was deleted or
    edited of what is here.
    """

    source: str
    campaign: str
    connector: str
    state: str
    detail: str
    failures: int
    poll_seconds: float
    only_deletions: bool
    contact_age: float | None
    event_age: float | None


def _health(source: Source, now: datetime) -> SourceHealth:
    def age(moment: datetime | None) -> float | None:
        return None if moment is None else round((now - moment).total_seconds(), 1)

    health: dict[str, Any] = dict(source.health)
    state = str(health.get("state", "new"))
    silent = age(source.last_contact_at)
    polled = source.connector != "upload"
    only_deletions = polled and source.watched and source.phase not in {"live", "draft"}
    if source.phase != "live" and not only_deletions:
        # Nobody asks it now, so neither its silence nor an old fault says anything.
        state = "resting"
    # A source that says nothing of itself is judged by its silence.
    elif state == "ok" and silent is not None and silent > max(60, 3 * source.pace.total_seconds()):
        state = "silent"
    elif only_deletions and state == "ok":
        state = "looking"
    return SourceHealth(
        source=source.source,
        campaign=source.campaign,
        connector=source.connector,
        state=state if polled or state == "resting" else "ok",
        detail="" if state == "resting" else str(health.get("detail", "")),
        failures=source.failures,
        poll_seconds=source.poll_seconds,
        only_deletions=only_deletions,
        contact_age=silent,
        event_age=age(source.last_event_at),
    )


@router.get("/sources.json")
async def sources_json(_staff: SignedIn, needs: Needs) -> list[SourceHealth]:
    """List all sources with their health. Needs a session."""
    async with needs.database.transaction() as transaction:
        found = await list_sources(transaction)
    return [_health(source, datetime.now(UTC)) for source in found]


@router.get("/sources", include_in_schema=False)
async def sources_page(request: Request, staff: SignedIn, needs: Needs) -> HTMLResponse:
    """Show staff all sources with their health."""
    return pages_of(request).page(request, "sources.html", sources=await sources_json(staff, needs))
