"""The page of a curator, opened by a private link: turns, photos, and what became of them."""

from fastapi import APIRouter

from services.ingest.api.curators.answers import router as answers
from services.ingest.api.curators.arranging import router as arranging
from services.ingest.api.curators.giving import router as giving
from services.ingest.api.curators.opening import curator_address
from services.ingest.api.curators.page import router as page
from services.ingest.api.curators.renewal import router as renewal
from services.ingest.api.curators.turn_receipt import router as turn_receipt
from services.ingest.api.curators.words import router as words

router = APIRouter()
for part in (page, answers, turn_receipt, renewal, giving, words, arranging):
    router.include_router(part)

__all__ = ["curator_address", "router"]
