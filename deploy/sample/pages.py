"""Write the magazine's pages from their templates, and find the photos that they show."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from deploy.sample.album import one
from deploy.sample.brush import resized
from deploy.sample.photos import GENERATION, Notes, notes
from deploy.sample.posts import BLOG_SEED, BLOGGER, POSTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from deploy.sample.posts import Post
    from deploy.sample.settings import SampleSettings

TEMPLATES = Path(__file__).parent / "magazine"
SLOT = re.compile(r"\{\{(\w+)\}\}")
WIDTHS = (800, 1600, 2400)

#: The article's own photos are of a series that nobody uploads.
ARTICLE_SEED = 9
ARTICLE = {"hero": 13, "square": 4, "glass": 2}

MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]


class MissingSlotError(LookupError):
    """A template asks for something that the page does not give."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo that the site shows, by number and series."""

    number: int
    seed: int

    @property
    def notes(self) -> Notes:
        """Tell what the photo shows."""
        return notes(self.number, seed=self.seed)


def shown_photos() -> dict[str, Shown]:
    """List every photo of the site by its file name."""
    photos = [Shown(number, ARTICLE_SEED) for number in ARTICLE.values()]
    photos += [Shown(post.photo, BLOG_SEED) for post in POSTS]
    return {photo.notes.filename: photo for photo in photos}


def photo(shown: Shown, folder: Path, width: int | None = None) -> bytes:
    """Give a photo as taken, or upright and at most so wide; drawn once and then kept."""
    if width is None:
        return one(shown.number, folder, seed=shown.seed).content
    kept = folder / f"site-{GENERATION}" / str(width) / shown.notes.filename
    if not kept.is_file():
        taken = one(shown.number, folder, seed=shown.seed).content
        kept.parent.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}.half")
        half.write_bytes(_scaled(taken, width))
        half.replace(kept)
    return kept.read_bytes()


def _scaled(content: bytes, width: int) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(content)) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    if picture.width > width:
        picture = resized(picture, (width, round(picture.height * width / picture.width)))
    picture.save(out, "JPEG", quality=80, progressive=True)
    return out.getvalue()


def article(settings: SampleSettings) -> str:
    """Write the page about the feast, with the gallery in it."""
    values = _addresses(settings)
    for slot, number in ARTICLE.items():
        known = notes(number, seed=ARTICLE_SEED)
        values |= {slot: known.filename, f"{slot}_alt": known.alt}
    return filled("article.html", values)


def blog(settings: SampleSettings) -> str:
    """Write the page that lists the blog's posts."""
    return filled("blog.html", _addresses(settings), posts="\n".join(map(_teaser, POSTS)))


def blog_post(post: Post, settings: SampleSettings, size: tuple[int, int]) -> str:
    """Write the page of one post, whose photo has this size."""
    known = notes(post.photo, seed=BLOG_SEED)
    values = _addresses(settings) | {
        "title": post.title,
        "address": f"{settings.magazine_url}/blog/{post.slug}",
        "published": post.published.isoformat(),
        "day": _day(post.published),
        "photo": known.filename,
        "alt": known.alt,
        "width": str(size[0]),
        "height": str(size[1]),
        "tags": " ".join(f"#{category}" for category in post.categories),
    }
    text = "\n".join(f"        <p>{escape(part)}</p>" for part in post.paragraphs)
    return filled("post.html", values, paragraphs=text)


def size_of(content: bytes) -> tuple[int, int]:
    """Measure a photo as it is shown, upright."""
    with Image.open(BytesIO(content)) as picture:
        return ImageOps.exif_transpose(picture).size


def filled(template: str, values: Mapping[str, str], **markup: str) -> str:
    """Fill a template's slots: values are escaped, markup is ours and stays as it is."""
    slots = {name: escape(value) for name, value in values.items()} | markup

    def fill(match: re.Match[str]) -> str:
        if match[1] not in slots:
            raise MissingSlotError(match[1])
        return slots[match[1]]

    return SLOT.sub(fill, (TEMPLATES / template).read_text(encoding="utf-8"))


def _addresses(settings: SampleSettings) -> dict[str, str]:
    return {"gallery_url": settings.gallery_url, "ingest_url": settings.ingest_url}


def _teaser(post: Post) -> str:
    known = notes(post.photo, seed=BLOG_SEED)
    return f"""\
      <article>
        <h2><a href="/blog/{post.slug}">{escape(post.title)}</a></h2>
        <p class="byline">{BLOGGER} <span class="dot" aria-hidden="true">·</span> \
<time datetime="{post.published.isoformat()}">{_day(post.published)}</time></p>
        <figure><img src="/foto/800/{known.filename}" loading="lazy" alt="{escape(known.alt)}">\
</figure>
        <p>{escape(post.paragraphs[0])}</p>
      </article>"""


def _day(time: datetime) -> str:
    return f"{time.day} {MONTHS[time.month - 1]} {time.year}"
