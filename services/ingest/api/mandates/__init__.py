"""Mandates as campaign makers plan and look after them: calendar, single mandate, series, feed."""

from services.ingest.api.mandates import calendar, curator, feed, mandate, matrix, waiting

#: In this order: what can be done about a mandate takes whatever no other has.
routers = (
    calendar.router,
    waiting.router,
    curator.router,
    mandate.router,
    matrix.router,
    feed.router,
)

__all__ = ["routers"]
