"""Mandates as campaign makers plan and look after them: calendar, single mandate, series, feed."""

from services.ingest.api.mandates import calendar, feed, mandate, matrix

routers = (calendar.router, mandate.router, matrix.router, feed.router)

__all__ = ["routers"]
