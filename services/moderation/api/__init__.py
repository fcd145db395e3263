"""The routes of moderation: the desk, its queue, decisions, photos, news and sign-in."""

from services.moderation.api import (
    decisions,
    desk,
    items,
    live,
    media,
    queue,
    sign_in,
    sign_in_elsewhere,
)

#: In the order in which addresses are matched.
routers = (
    desk.router,
    items.router,
    queue.router,
    decisions.router,
    media.router,
    live.router,
    sign_in.router,
    sign_in_elsewhere.router,
)
