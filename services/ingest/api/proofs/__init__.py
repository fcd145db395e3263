"""A curator's accounts: shown to be theirs by a code, a verified link, or signing in there."""

from services.ingest.api.proofs.me import router as me
from services.ingest.api.proofs.pages import returning, router

#: Who comes back is asked for first: that address looks like one of a link.
routers = (returning, router, me)

__all__ = ["routers"]
