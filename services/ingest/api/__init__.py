"""The pages and the API of those who give, and of the staff who invite them."""

from services.ingest.api import mandates, proofs
from services.ingest.api.campaigns import router as campaigns
from services.ingest.api.curators import router as curators
from services.ingest.api.manage_campaigns import router as manage_campaigns
from services.ingest.api.outbox import router as outbox
from services.ingest.api.receipts import router as receipts
from services.ingest.api.sources import router as sources
from services.ingest.api.upload import router as upload

routers = (
    *proofs.routers,
    upload,
    receipts,
    curators,
    campaigns,
    manage_campaigns,
    sources,
    outbox,
    *mandates.routers,
)

__all__ = ["routers"]
