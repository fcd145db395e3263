"""The form of the upload page as it was filled in, with everything that must be mended in it."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from services.chassis.web import pages_of
from services.contracts.ingest import CampaignAnnounced, Channel, Consent, Link
from services.ingest.api.consenting import Wording, wording_of
from services.ingest.api.photos import MOST_PHOTOS, photos_in
from services.ingest.domain.consent import term_end
from services.ingest.domain.given_address import InvalidReferenceError, reference_to

#: What our own forms carry; anything else is replaced by a token of our own.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,100}")
#: One sign @ with something on both sides and nothing that could begin a header: the mail itself
#: shows whether it is right.
_MAIL = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[^@\s<>\"(),:;\\]{1,190}\.[^@\s.<>\"(),:;\\]{2,}")
_LONGEST_CAPTION = 10_000
_LONGEST_NAME = 120
_REFERENCES = frozenset({"link", "song", "video"})


@dataclass(frozen=True)
class Filled:
    """A filled-in form; `faults` are sentences in the giver's language, none when it is good."""

    submission: str
    photos: tuple[UploadFile, ...]
    alts: tuple[str, ...]
    caption: str
    name: str
    mail: str
    place: str | None
    link: Link | None
    wording: Wording
    consent: Consent
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """What a campaign takes by its form."""

    photos: bool
    text: bool
    link: bool

    @property
    def photos_needed(self) -> bool:
        """Whether nothing can be sent without a photo."""
        return not self.text and not self.link


def offer_of(campaign: CampaignAnnounced) -> Offer:
    """Say what a campaign takes by its form."""
    kinds = frozenset(campaign.kinds)
    return Offer(
        photos=bool(kinds & {"photo", "album"}),
        text="text" in kinds,
        link=bool(kinds & _REFERENCES),
    )


def read_filled(request: Request, campaign: CampaignAnnounced, form: FormData) -> Filled:
    """Read a form and list everything that must be mended, so that nobody has to try twice."""

    def written(field: str, longest: int) -> str:
        return str(form.get(field) or "").strip()[:longest]

    wording = wording_of(request, campaign)
    consent = _consent(form, campaign, wording)
    link, bad_link = _link(form, campaign)
    submission = written("submission", 200)
    place = written("place", 200)
    mail = written("mail", 300)
    photos = tuple(photos_in(form))
    faults = [
        *_lacking(photos, written("caption", 1), link, bad_link, offer_of(campaign)),
        *([bad_link] if bad_link else []),
        *([_NO_PLACE] if place and place not in campaign.places else []),
        *([_NO_MAIL] if mail and not _MAIL.fullmatch(mail) else []),
        *_not_agreed(consent),
    ]
    shown = written("text_digest", 64)
    if shown and shown != wording.digest:
        faults.append("The text that you agree to was changed meanwhile. Read it, then send again.")
    pages = pages_of(request)
    return Filled(
        submission=submission if _TOKEN.fullmatch(submission) else secrets.token_urlsafe(18),
        photos=photos,
        alts=tuple(str(a) for a in form.getlist("alt")),
        caption=written("caption", _LONGEST_CAPTION),
        name=written("name", _LONGEST_NAME),
        mail=mail,
        place=place or None,
        link=link,
        wording=wording,
        consent=consent,
        faults=tuple(pages.text(request, fault) for fault in faults),
    )


_NO_PLACE = "Choose a place from the list, or none."
_NO_MAIL = "This is no mail address. Mend it, or leave it empty."


def _consent(form: FormData, campaign: CampaignAnnounced, wording: Wording) -> Consent:
    def ticked(box: str) -> bool:
        return form.get(box) == "yes"

    wanted = {str(c) for c in form.getlist("channel")}
    channels: tuple[Channel, ...] = tuple(
        c for c, _ in wording.channels if c in wanted or (c == "web" and ticked("licence"))
    )
    now = datetime.now(UTC)
    return Consent(
        version=campaign.consent_version,
        given_at=now,
        made=ticked("made"),
        licence="web" in channels,
        people=ticked("people"),
        minor=ticked("minor"),
        guardian=ticked("minor") and ticked("guardian"),
        channels=channels,
        until=term_end(now, campaign.consent_months),
        text_digest=wording.digest,
        language=wording.language,
        evidence="upload",
    )


def _link(form: FormData, campaign: CampaignAnnounced) -> tuple[Link | None, str]:
    """Read the address in a form; answers it, or what is wrong with it."""
    address = str(form.get("link") or "").strip()
    if not address or not offer_of(campaign).link:
        return None, ""
    try:
        return reference_to(address, str(form.get("link_title") or "")), ""
    except InvalidReferenceError:
        return None, "Write the whole address of the page, like https://example.org/song."


def _lacking(
    photos: tuple[UploadFile, ...], caption: str, link: Link | None, bad_link: str, offer: Offer
) -> list[str]:
    if len(photos) > MOST_PHOTOS:
        return ["Choose at most ten photos; send the others with a second form."]
    given = bool(photos or link or bad_link or (caption and offer.text))
    if given:
        return []
    if offer.photos_needed:
        return ["Choose at least one photo."]
    return ["There is nothing in the form yet. Choose a photo, or write something."]


def _not_agreed(consent: Consent) -> list[str]:
    faults: list[str] = []
    if not consent.made:
        faults.append("Tick that you made it yourself, or leave out what you did not make.")
    if not consent.licence:
        faults.append("Tick that we may show it on the web; without that we cannot take it.")
    return faults
