"""Uploads: photos given through the page for phones, one submission for each photo."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, ValidationError

from services.contracts.envelope import Instant, Record
from services.contracts.ids import CampaignId, CuratorId, SourceId, item_id
from services.contracts.ingest import Author, Consent, Link, SubmissionReceived, SubmittedMedia
from services.ingest.domain.connector import (
    Capabilities,
    Connector,
    ConnectorSettings,
    Example,
    SourceContext,
    UnreadableSourceError,
)
from services.ingest.domain.hashtag import tags_in
from services.ingest.domain.markup import tidy


class UploadSettings(ConnectorSettings):
    """An upload page has nothing to set: the campaign says it all."""


class _Photo(Record):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    alt: str | None = None


class _Form(Record):
    token: str = Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")
    photos: Annotated[tuple[_Photo, ...], Field(max_length=100)]
    caption: str = ""
    name: str = ""
    consent: Consent
    observed_at: Instant


def submission_of(  # noqa: PLR0913 - one for each field of the form
    campaign: CampaignId,
    source: SourceId,
    token: str,
    photos: Sequence[tuple[str, str | None]],
    *,
    caption: str,
    name: str,
    consent: Consent,
    observed_at: datetime,
    curator: CuratorId | None = None,
    giver_account: str | None = None,
    place: str | None = None,
    link: Link | None = None,
) -> tuple[SubmissionReceived, ...]:
    """Make the submissions of one filled-in form, one for each photo.

    A photo is given as its hash and its alt text. Without photos the form is one submission of its
    words, or of the link in it. The same form sent twice gives the same items, and so does a photo
    that stands in it twice.
    """
    text = tidy(caption)
    given = SubmissionReceived(
        item=item_id(campaign, source, token),
        campaign=campaign,
        source=source,
        connector="upload",
        native_id=token,
        revision=int(observed_at.timestamp() * 1000),
        author=Author(name=tidy(name)[:200] or None),
        text=text,
        tags=tags_in(text),
        published_at=observed_at,
        observed_at=observed_at,
        licence=f"consent:{consent.version}" if consent.made and consent.licence else None,
        consent=consent,
        curator=curator,
        giver_account=giver_account,
        place=place,
    )
    submissions: dict[str, SubmissionReceived] = {}
    for sha256, alt in photos:
        shown = tidy(alt or "") or None
        media = SubmittedMedia(original=sha256, alt=shown, alt_origin="author" if shown else None)
        submissions[sha256] = _part(given, sha256, {"media": (media,)})
    if link is not None:
        submissions["link"] = _part(given, "link", {"link": link})
    elif not photos and text:
        submissions["text"] = _part(given, "text", {})
    return tuple(submissions.values())


def _part(given: SubmissionReceived, part: str, what: dict[str, Any]) -> SubmissionReceived:
    """Give the submission of one part of a form."""
    native_id = f"{given.native_id}#{part}"
    item = item_id(given.campaign, given.source, native_id)
    return given.model_copy(update={"item": item, "native_id": native_id, **what})


def normalise(source: SourceContext, given: bytes) -> tuple[SubmissionReceived, ...]:
    """Make submissions of a filled-in form that was written down as JSON."""
    try:
        form = _Form.model_validate_json(given)
    except ValidationError as error:
        message = "This is not a filled-in upload form."
        raise UnreadableSourceError(message) from error
    return submission_of(
        source.campaign,
        source.source,
        form.token,
        [(photo.sha256, photo.alt) for photo in form.photos],
        caption=form.caption,
        name=form.name,
        consent=form.consent,
        observed_at=form.observed_at,
    )


_NO_SERVER = "Photos come to us by themselves: there is no server to ask."

CONNECTOR = Connector(
    name="upload",
    title="Upload page",
    settings=UploadSettings,
    normalise=normalise,
    poll=None,
    look_again=None,
    capabilities=Capabilities(
        edits=False,
        retractions=True,
        look_back="Nothing to look back at: a photo is kept before its giver is thanked.",
        not_applicable={
            "crash": "The form is kept in one transaction, before its giver is thanked.",
            "deletion-order": "The giver takes a photo back by its receipt, which is made with it.",
            "account": "Givers have no account.",
            "edit": "A photo is not edited: its giver takes it back and gives another.",
            "not-live": _NO_SERVER,
            "outage": _NO_SERVER,
            "silence": _NO_SERVER,
            "throttling": _NO_SERVER,
            "times": "The only time is our own clock's.",
            "media": "Photos are checked by the page before the form is a submission.",
        },
    ),
    examples=(
        Example(
            sentence="Two photos in one form are two submissions with the same caption.",
            given=b"""{
  "token": "k3Jd9-example",
  "photos": [
    {"sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "alt": "Een optocht met reuzen op de Grote Markt"},
    {"sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "alt": ""}
  ],
  "caption": "Wat een avond! #Bollekesfeest",
  "name": "Nour",
  "consent": {"version": "1", "givenAt": "2026-08-21T20:15:00+02:00",
              "made": true, "licence": true, "people": true, "minor": false},
  "observedAt": "2026-08-21T20:15:01+02:00"
}""",
            expected=(
                {
                    "nativeId": "k3Jd9-example#" + "a" * 64,
                    "revision": 1787336101000,
                    "author": {"key": None, "handle": None, "name": "Nour", "url": None},
                    "text": "Wat een avond! #Bollekesfeest",
                    "tags": [
                        {"asWritten": "Bollekesfeest", "key": "bollekesfeest", "origin": "text"}
                    ],
                    "media": [
                        {
                            "originUrl": None,
                            "original": "a" * 64,
                            "alt": "Een optocht met reuzen op de Grote Markt",
                            "altOrigin": "author",
                            "refused": None,
                        }
                    ],
                    "publishedAt": "2026-08-21T18:15:01Z",
                    "licence": "consent:1",
                },
                {"nativeId": "k3Jd9-example#" + "b" * 64},
            ),
        ),
    ),
)
