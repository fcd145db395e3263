"""Statuses: posts as a Mastodon-compatible server gives them, turned into submissions."""

from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.contracts.ids import item_id
from services.contracts.ingest import Author, SubmissionReceived, SubmittedMedia, Tag
from services.ingest.domain.claimed_time import believable, read_instant
from services.ingest.domain.connector import SourceContext
from services.ingest.domain.hashtag import distinct, tag_of, tags_in
from services.ingest.domain.markup import plain_text, tidy, web_address

#: How long a photo that the server is still working on is waited for.
_WORKING = timedelta(minutes=10)

Visibility = Literal["public", "unlisted", "followers", "direct"]
_VISIBILITIES: dict[str, Visibility] = {
    "public": "public",
    "unlisted": "unlisted",
    "private": "followers",
}


class _Given(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Account(_Given):
    acct: str = ""
    username: str = ""
    display_name: str | None = None
    url: str | None = None
    uri: str | None = None


class _Media(_Given):
    type: str = "unknown"
    url: str | None = None
    remote_url: str | None = None
    description: str | None = None


class _StatusTag(_Given):
    name: str


class Status(_Given):
    """One post as the server gives it; `uri` is the same at every server, `id` only at this one."""

    id: str = Field(min_length=1, max_length=200)
    uri: str = Field(min_length=1, max_length=2_000)
    url: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    account: _Account
    content: str = ""
    visibility: str = "direct"
    sensitive: bool = False
    spoiler_text: str | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    reblog: Any = None
    tags: tuple[_StatusTag, ...] | None = None
    media_attachments: tuple[_Media, ...] = ()

    @property
    def made(self) -> int:
        """Give when it was made, in milliseconds since 1970, for ordering statuses by age."""
        return _milliseconds(read_instant(self.created_at))

    def revision(self, now: datetime) -> int:
        """Order the versions of this post: by its last edit, or by when it was made."""
        edited = read_instant(self.edited_at)
        return _milliseconds(edited or believable(read_instant(self.created_at), now))

    def unfinished(self, now: datetime) -> bool:
        """Tell whether the server is still working on a photo, so that asking again is worth it."""
        made = believable(read_instant(self.created_at), now)
        waiting = made is not None and now - made < _WORKING
        return waiting and any(
            media.type == "image" and not (media.url or media.remote_url)
            for media in self.media_attachments
        )


def read_statuses(given: list[object]) -> tuple[list[Status], int]:
    """Read a list of statuses; answers those that are readable, and how many are not."""
    found: list[Status] = []
    unreadable = 0
    for one in given:
        try:
            status = Status.model_validate(one)
        except ValidationError:
            unreadable += 1
            continue
        # A boost is somebody else's post; that one comes by itself.
        if status.reblog is None:
            found.append(status)
    return found, unreadable


def submission_from(source: SourceContext, status: Status) -> SubmissionReceived:
    """Turn a status into the common post schema; what is not public is handed over as such."""
    text = plain_text(status.content)
    return SubmissionReceived(
        item=item_id(source.campaign, source.source, status.uri),
        campaign=source.campaign,
        source=source.source,
        connector="mastodon",
        native_id=status.uri,
        revision=status.revision(source.now),
        url=web_address(status.url) if status.url else None,
        author=_author(status),
        text=text,
        content_warning=tidy(status.spoiler_text or "") or None,
        sensitive=status.sensitive,
        lang=(status.language,) if status.language else (),
        tags=_tags(status, text),
        media=tuple(m for m in map(_media, status.media_attachments) if m),
        published_raw=status.created_at,
        published_at=believable(read_instant(status.created_at), source.now),
        edited_at=believable(read_instant(status.edited_at), source.now),
        observed_at=source.now,
        visibility=_VISIBILITIES.get(status.visibility, "direct"),
        in_reply_to=status.in_reply_to_id,
    )


def _author(status: Status) -> Author:
    account = status.account
    host = urlsplit(web_address(account.url) or "").hostname
    local = "@" not in account.acct
    handle = f"{account.acct}@{host}" if local and account.acct and host else account.acct
    return Author(
        key=account.uri or account.url or handle or None,
        handle=handle or None,
        name=tidy(account.display_name or "")[:200] or account.username or None,
        url=web_address(account.url) if account.url else None,
    )


def _tags(status: Status, text: str) -> tuple[Tag, ...]:
    if status.tags is None:
        return tags_in(text)
    return distinct(tag_of(tag.name, "tags") for tag in status.tags)


def _media(media: _Media) -> SubmittedMedia | None:
    url = next((u for u in (media.url, media.remote_url) if u and web_address(u)), None)
    if media.type != "image" or url is None:
        return None
    alt = tidy(media.description or "") or None
    return SubmittedMedia(origin_url=url, alt=alt, alt_origin="author" if alt else None)


def _milliseconds(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0
