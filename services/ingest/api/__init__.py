"""The pages and the API of those who give: uploads, receipts, campaigns, sources."""

from services.ingest.api.campaigns import router as campaigns
from services.ingest.api.receipts import router as receipts
from services.ingest.api.sources import router as sources
from services.ingest.api.upload import router as upload

routers = (upload, receipts, campaigns, sources)

__all__ = ["routers"]
