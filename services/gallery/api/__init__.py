"""What readers, web editors and programs get: pages, embeds, JSON, live changes and photos."""

from services.gallery.api import embed, item, listing, live, media, page, series, terms

routers = (
    listing.router,
    page.router,
    item.router,
    series.router,
    terms.router,
    embed.router,
    live.router,
    media.router,
)

__all__ = ["routers"]
