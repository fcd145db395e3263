"""The gate: when the world may see an item, and what it may see of it."""

from dataclasses import dataclass
from datetime import datetime

from services.contracts.ids import MandateId
from services.contracts.ingest import (
    Attachment,
    Author,
    ChannelGrant,
    Consent,
    ConsentRecorded,
    Item,
    MandateAnnounced,
)
from services.contracts.moderation import (
    ClearedItem,
    Credit,
    People,
    ReviewStateName,
    RevocationReason,
)

#: Bases on which an item may be shown; everything else waits for somebody to ask the author.
SUFFICIENT_RIGHTS = frozenset({"declared", "agreement"})
#: Obstacles that the world is told as they are; for it, any other is a change of the item.
_TOLD: dict[str, RevocationReason] = {
    "consent-withdrawn": "consent-withdrawn",
    "consent-lapsed": "consent-lapsed",
    "mandate-stopped": "mandate-stopped",
}


@dataclass(frozen=True)
class Circumstances:
    """What counts besides the item: the time, and the mandate that it came for, if it is known."""

    now: datetime
    mandate: MandateAnnounced | None = None

    @property
    def stopped(self) -> bool:
        """Whether an emergency stop keeps what came for the mandate out of view."""
        return self.mandate is not None and self.mandate.hidden


def obstacle(
    state: ReviewStateName,
    item: Item | None,
    consent: ConsentRecorded | None,
    around: Circumstances,
    people: People | None = None,
) -> str | None:
    """Name what keeps an item from the world, None when nothing does.

    `people` is what a moderator answered about who can be singled out. The codes, in this order:
    `withdrawn`, `not-approved`, `rights-unknown`, those of `consent_obstacle`, `mandate-stopped`.
    """
    if item is None:
        return "withdrawn"
    if state != "approved":
        return "not-approved"
    if item.rights.basis not in SUFFICIENT_RIGHTS:
        return "rights-unknown"
    missing = consent_obstacle(item, consent, around.now, people)
    if missing is None and around.stopped:
        return "mandate-stopped"
    return missing


def consent_obstacle(
    item: Item, recorded: ConsentRecorded | None, now: datetime, people: People | None = None
) -> str | None:
    """Name what the giver did not agree to, None when nothing is missing.

    A child that a moderator found weighs as much as one that the giver told of: without a parent's
    word, and where nobody was asked for it, nothing is shown.

    The codes, in this order: `consent-missing`, `licence-missing`, `minor-without-consent`,
    `consent-withdrawn`, `consent-lapsed`. What was recorded overrules what the item says.
    """
    consent = recorded.consent if recorded else item.consent
    child = people == "child"
    if consent is None:
        alone = "minor-without-consent" if child else None
        return "consent-missing" if item.connector == "upload" else alone
    if not (consent.made and consent.licence):
        return "licence-missing"
    if (consent.minor or child) and not _parents_agreed(consent, recorded):
        return "minor-without-consent"
    grant = web_grant(item, recorded)
    if grant is None:
        return "consent-missing"
    if grant.withdrawn_at is not None:
        return "consent-withdrawn"
    return "consent-lapsed" if grant.until is not None and grant.until <= now else None


def _parents_agreed(consent: Consent, recorded: ConsentRecorded | None) -> bool:
    """Whether a parent agreed; forms that kept no text asked it together with people's consent."""
    asked_together = consent.minor and recorded is None and not consent.text_digest
    return consent.guardian or (asked_together and consent.people)


def web_grant(item: Item, recorded: ConsentRecorded | None) -> ChannelGrant | None:
    """Give the consent for showing an item on the web, None where there is none."""
    if recorded is not None:
        return next((grant for grant in recorded.grants if grant.channel == "web"), None)
    consent = item.consent
    if consent is None or "web" not in consent.channels:
        return None
    return ChannelGrant(channel="web", given_at=consent.given_at, until=consent.until)


def publishable(
    state: ReviewStateName,
    item: Item | None,
    consent: ConsentRecorded | None,
    around: Circumstances,
    people: People | None = None,
) -> bool:
    """Whether the world may see an item: the only gate to any gallery, feed, wall or export."""
    return obstacle(state, item, consent, around, people) is None


def revocation_reason(found: str) -> RevocationReason:
    """Say to the world why an obstacle takes an item away from it."""
    return _TOLD.get(found, "changed")


def _licence(item: Item) -> str | None:
    """Give the licence that readers may use; a consent is between the giver and us."""
    licence = item.licence
    return None if licence is None or licence.startswith("consent:") else licence


def cleared_item(item: Item) -> ClearedItem:
    """Keep what the world may see: no consent, no evidence, no refused media, no keys."""
    author = item.author
    name = author.name or author.handle or item.source
    mandate, in_series = _counts_for(item)
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
        link=item.link,
        place=item.place,
        mandate=mandate,
        in_series=in_series,
    )


def _counts_for(item: Item) -> tuple[MandateId | None, bool]:
    """Give the mandate that an item counts for; a late one counts for none until it is admitted.

    A series is of photos: a text that counts for its mandate is shown on its own.
    """
    if item.attribution.lane != "counted":
        return None, False
    return item.attribution.mandate, item.attribution.in_series and bool(item.attachments)


def _shown(attachment: Attachment) -> Attachment:
    """Leave out when the camera was used: it tells where its owner was, and no gallery shows it."""
    return attachment.model_copy(update={"captured_at": None})
