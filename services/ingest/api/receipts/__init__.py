"""The receipt: what became of what was sent, and everything its giver can do with it."""

from fastapi import APIRouter

from services.ingest.api.receipts import actions, desk, page, renewal

router = APIRouter(tags=["receipts"])
for part in (page, actions, renewal, desk):
    router.include_router(part.router)

__all__ = ["router"]
