"""The gate: when the world may see an item, and what it may see of it."""

from services.contracts.ingest import Attachment, Author, Item
from services.contracts.moderation import ClearedItem, Credit, ReviewStateName

#: Bases on which an item may be shown; everything else waits for somebody to ask the author.
SUFFICIENT_RIGHTS = frozenset({"declared", "agreement"})


def obstacle(state: ReviewStateName, item: Item | None) -> str | None:
    """Name what keeps an item from the world, None when nothing does.

    The codes, in this order: `withdrawn`, `not-approved`, `rights-unknown`, `consent-missing`,
    `licence-missing`, `minor-without-consent`.
    """
    if item is None:
        return "withdrawn"
    if state != "approved":
        return "not-approved"
    if item.rights.basis not in SUFFICIENT_RIGHTS:
        return "rights-unknown"
    return consent_obstacle(item)


def consent_obstacle(item: Item) -> str | None:
    """Name what the giver of an upload left unticked, None when nothing is missing."""
    consent = item.consent
    if consent is None:
        return "consent-missing" if item.connector == "upload" else None
    if not (consent.made and consent.licence):
        return "licence-missing"
    if consent.minor and not consent.people:
        return "minor-without-consent"
    return None


def publishable(state: ReviewStateName, item: Item | None) -> bool:
    """Whether the world may see an item: the only gate to any gallery, feed, wall or export."""
    return obstacle(state, item) is None


def _licence(item: Item) -> str | None:
    """Give the licence that readers may use; a consent is between the giver and us."""
    licence = item.licence
    return None if licence is None or licence.startswith("consent:") else licence


def cleared_item(item: Item) -> ClearedItem:
    """Keep what the world may see: no consent, no evidence, no refused media, no keys."""
    author = item.author
    name = author.name or author.handle or item.source
    return ClearedItem(
        item=item.item,
        campaign=item.campaign,
        kind=item.kind,
        url=item.url,
        credit=Credit(name=name, url=author.url or item.url, licence=_licence(item)),
        author=Author(handle=author.handle, name=author.name, url=author.url),
        text=item.text,
        content_warning=item.content_warning,
        lang=item.lang,
        tags=item.tags,
        attachments=tuple(_shown(attachment) for attachment in item.attachments),
        effective_at=item.effective_at,
    )


def _shown(attachment: Attachment) -> Attachment:
    """Leave out when the camera was used: it tells where its owner was, and no gallery shows it."""
    return attachment.model_copy(update={"captured_at": None})
