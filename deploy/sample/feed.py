"""Write the blog's Atom feed, the same bytes until a post changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from deploy.sample.photos import notes
from deploy.sample.posts import BLOG, BLOG_SEED, BLOGGER, POSTS, TAGLINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.sample.posts import Post

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is sent, with what a reader needs to ask for it politely."""

    content: bytes
    changed: datetime

    @property
    def etag(self) -> str:
        """Give the validator that changes with every byte."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    @property
    def last_modified(self) -> str:
        """Give the time of the newest change, as HTTP writes it."""
        return format_datetime(self.changed, usegmt=True)


def write_feed(site: str) -> Feed:
    """Write the feed for a blog whose site stands at this address."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "nl-BE"})
    changed = max(post.updated for post in POSTS)
    _add(root, "id", "tag:kaaipraat.example,2026:feed")
    _add(root, "title", BLOG)
    _add(root, "subtitle", TAGLINE)
    _add(root, "updated", _instant(changed))
    _add(_add(root, "author"), "name", BLOGGER)
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{site}/blog/feed.atom")
    _add(root, "link", rel="alternate", type="text/html", href=f"{site}/blog/")
    for post in POSTS:
        _add_entry(root, post, site)
    ET.indent(root)
    return Feed(ET.tostring(root, "utf-8", xml_declaration=True), changed)


def is_known(feed: Feed, asked: Mapping[str, str]) -> bool:
    """Say whether the asker has this feed already; an entity tag outranks a date."""
    if tags := asked.get("if-none-match"):
        plain = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return "*" in plain or feed.etag in plain
    if since := asked.get("if-modified-since"):
        try:
            known = parsedate_to_datetime(since)
        except ValueError:
            return False
        return feed.changed <= (known if known.tzinfo else known.replace(tzinfo=UTC))
    return False


def photo_address(post: Post, site: str) -> str:
    """Say where a post's photo is."""
    return f"{site}/foto/{notes(post.photo, seed=BLOG_SEED).filename}"


def _add_entry(root: ET.Element, post: Post, site: str) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", post.id)
    _add(entry, "title", post.title)
    _add(entry, "published", _instant(post.published))
    _add(entry, "updated", _instant(post.updated))
    _add(_add(entry, "author"), "name", BLOGGER)
    address = f"{site}/blog/{post.slug}"
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    photo = photo_address(post, site)
    _add(entry, "link", rel="enclosure", type="image/jpeg", href=photo)
    for category in post.categories:
        _add(entry, "category", term=category)
    _add(entry, "summary", post.paragraphs[0])
    alt = escape(notes(post.photo, seed=BLOG_SEED).alt)
    text = "".join(f"<p>{escape(part)}</p>" for part in post.paragraphs)
    _add(entry, "content", f'<p><img src="{escape(photo)}" alt="{alt}"></p>{text}', type="html")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, attributes)
    child.text = text or None
    return child


def _instant(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
