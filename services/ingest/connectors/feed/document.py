"""Feed documents: RSS, Atom and JSON Feed, read into entries that no longer show which it was."""

import calendar
import io
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import feedparser  # pyright: ignore[reportMissingTypeStubs]

from services.ingest.domain.claimed_time import believable, read_instant
from services.ingest.domain.connector import UnreadableSourceError
from services.ingest.domain.markup import ShownImage, images_in, plain_text, tidy, web_address

_MOST_ENTRIES = 2_000
_MOST_IMAGES = 10
_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|webp|avif|heic|gif)(?:\?|$)", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>\s*(?:<!--.*?-->\s*)*$", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """One entry of a feed, as far as a submission can hold it."""

    native_id: str
    url: str | None
    text: str
    author: str | None
    author_url: str | None
    categories: tuple[str, ...]
    images: tuple[ShownImage, ...]
    published_raw: str | None
    published_at: datetime | None
    edited_at: datetime | None
    lang: str | None
    licence: str | None


@dataclass(frozen=True)
class Document:
    """A feed as it was served; a fault is a sentence about what is wrong with it."""

    entries: tuple[Entry, ...]
    fault: str = ""


def read_document(content: bytes, url: str, now: datetime) -> Document:
    """Read a feed of any of the three kinds. Raises UnreadableSourceError."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json(content, url, now)
    return _read_xml(content, url, now)


def _read_xml(content: bytes, url: str, now: datetime) -> Document:
    parsed = _parsed(content, url)
    if not parsed.get("version"):
        page = b"<html" in content[:2_000].lower()
        what = "a web page" if page else "something else"
        message = f"This address gives {what}, not a feed."
        raise UnreadableSourceError(message)
    # A wrong encoding that was guessed right is no news for anybody.
    encoding = "Encoding" in type(parsed.get("bozo_exception")).__name__
    broken = bool(parsed.get("bozo")) and not encoding
    if broken and not _CLOSED.search(content[-2_000:]):
        message = "The feed breaks off in the middle."
        raise UnreadableSourceError(message)
    feed = _mapping(parsed.get("feed"))
    entries = _distinct(_entry_of(entry, feed, url, now) for entry in _list(parsed.get("entries")))
    fault = "The feed is not well-formed; it was read as well as it can be." if broken else ""
    return Document(entries, fault)


def _parsed(content: bytes, url: str) -> Mapping[str, Any]:
    try:
        # A stream: given bytes, the parser would take them for the name of a file first.
        return _mapping(
            cast(
                "object",
                feedparser.parse(  # pyright: ignore[reportUnknownMemberType]
                    io.BytesIO(content),
                    # Said to be XML, since servers say all kinds of things about feeds.
                    response_headers={
                        "content-location": url,
                        "content-type": "application/xml",
                    },
                    sanitize_html=False,
                    resolve_relative_uris=False,
                ),
            )
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        message = "The feed is so broken that nothing of it can be read."
        raise UnreadableSourceError(message) from error


def _entry_of(given: object, feed: Mapping[str, Any], url: str, now: datetime) -> Entry | None:
    entry = _mapping(given)
    link = web_address(entry.get("link"), url)
    native_id = _line(entry.get("id")) or link
    if native_id is None:
        return None
    body = _mapping((_list(entry.get("content")) or [entry.get("summary_detail")])[0])
    markup, base = _text(body.get("value")), web_address(body.get("base"), url) or link or url
    author = _mapping(entry.get("author_detail")) or _mapping(feed.get("author_detail"))
    published = entry.get("published") or entry.get("updated")
    edited = believable(_moment(entry.get("updated_parsed")), now)
    return Entry(
        native_id=native_id[:2_000],
        url=link,
        text=_titled(plain_text(_text(entry.get("title"))), plain_text(markup)),
        author=_line(author.get("name")) or _line(entry.get("author")),
        author_url=web_address(author.get("href")),
        categories=tuple(_text(_mapping(tag).get("term")) for tag in _list(entry.get("tags"))),
        images=_images(_enclosed(entry, base), images_in(markup, base)),
        published_raw=_line(published),
        published_at=believable(
            _moment(entry.get("published_parsed") or entry.get("updated_parsed")), now
        ),
        edited_at=edited,
        lang=_line(body.get("language")) or _line(feed.get("language")),
        licence=_licence(entry) or _licence(feed),
    )


def _enclosed(entry: Mapping[str, Any], base: str) -> Iterable[ShownImage]:
    links = [_mapping(link) for link in _list(entry.get("links"))]
    found = [(link.get("href"), link) for link in links if link.get("rel") == "enclosure"]
    found += [(m.get("url"), m) for m in map(_mapping, _list(entry.get("media_content")))]
    for written, element in found:
        address = web_address(_text(written), base) if written else None
        named = _text(element.get("type")) or _text(element.get("medium"))
        if address and (named.startswith("image") or (not named and _IMAGE_NAME.search(address))):
            yield ShownImage(address, None)


def _images(
    enclosed: Iterable[ShownImage], shown: tuple[ShownImage, ...]
) -> tuple[ShownImage, ...]:
    """Give the images that were enclosed, described by the text where it shows them too."""
    described = {image.url: image.alt for image in shown}
    distinct = {
        image.url: ShownImage(image.url, image.alt or described.get(image.url))
        for image in enclosed
    }
    return tuple(distinct.values())[:_MOST_IMAGES] or shown[:1]


def _licence(described: Mapping[str, Any]) -> str | None:
    links = (_mapping(link) for link in _list(described.get("links")))
    stated = (_text(link.get("href")) for link in links if link.get("rel") == "license")
    return next((web_address(address) for address in stated if address), None)


def _moment(parsed: object) -> datetime | None:
    if not isinstance(parsed, time.struct_time):
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_json(content: bytes, url: str, now: datetime) -> Document:
    try:
        feed = _mapping(json.loads(content))
    except (ValueError, RecursionError) as error:
        message = "The feed is not readable JSON."
        raise UnreadableSourceError(message) from error
    if not _text(feed.get("version")).startswith("https://jsonfeed.org/version/"):
        message = "This address gives JSON that is not a feed."
        raise UnreadableSourceError(message)
    items = (_mapping(item) for item in _list(feed.get("items")))
    return Document(_distinct(_item_of(item, feed, url, now) for item in items))


def _item_of(
    item: Mapping[str, Any], feed: Mapping[str, Any], url: str, now: datetime
) -> Entry | None:
    link = web_address(item.get("url"), url) if _text(item.get("url")) else None
    stated = item.get("id")
    native_id = _line(str(stated) if isinstance(stated, int | float) else stated) or link
    if native_id is None:
        return None
    markup = _text(item.get("content_html"))
    text = plain_text(markup) or tidy(_text(item.get("content_text")) or _text(item.get("summary")))
    authors = _list(item.get("authors")) or _list(feed.get("authors")) or [item.get("author")]
    author = _mapping(authors[0])
    base = link or url
    return Entry(
        native_id=native_id[:2_000],
        url=link,
        text=_titled(tidy(_text(item.get("title"))), text),
        author=_line(author.get("name")),
        author_url=web_address(_text(author.get("url"))),
        categories=tuple(_text(tag) for tag in _list(item.get("tags"))),
        images=_images(_attached(item, base), images_in(markup, base)),
        published_raw=_line(item.get("date_published")),
        published_at=believable(read_instant(_text(item.get("date_published"))), now),
        edited_at=believable(read_instant(_text(item.get("date_modified"))), now),
        lang=_line(item.get("language")) or _line(feed.get("language")),
        licence=None,
    )


def _attached(item: Mapping[str, Any], base: str) -> Iterable[ShownImage]:
    for attachment in (_mapping(a) for a in _list(item.get("attachments"))):
        address = _text(attachment.get("url")) and web_address(attachment.get("url"), base)
        if address and _text(attachment.get("mime_type")).startswith("image/"):
            yield ShownImage(address, tidy(_text(attachment.get("title"))) or None)
    image = _text(item.get("image")) and web_address(item.get("image"), base)
    if image:
        yield ShownImage(image, None)


def _titled(title: str, text: str) -> str:
    # Short messages have no title of their own: it is the beginning of the text once more.
    start = title.removesuffix("…").removesuffix("...").strip()
    return tidy(text if text.startswith(start) else f"{title}\n\n{text}")


def _distinct(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry is not None and len(kept) < _MOST_ENTRIES:
            kept.setdefault(entry.native_id, entry)
    return tuple(kept.values())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object) -> str | None:
    return " ".join(tidy(_text(value)).split())[:2_000] or None


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    # A plain copy: the feed parser's own mappings answer for keys that they do not have.
    return dict(cast("Mapping[str, Any]", value)) if isinstance(value, dict) else {}
