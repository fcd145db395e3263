"""How an item looks: its photos in all sizes, its words, its credit; pure, and safe to render."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from services.contracts.ids import MandateId
from services.contracts.ingest import Attachment, Link
from services.contracts.moderation import ClearedItem
from services.gallery.domain.placement import address_of
from services.gallery.domain.publication import media_path, servable
from services.gallery.domain.series import path_of
from services.gallery.domain.term import Term

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,2000}={0,2}\Z")
_SAFE_ID = re.compile(r"[^A-Za-z0-9_-]")

#: Rows stay calm when no photo is much taller or wider than the others: beyond this it is cropped.
_NARROWEST, _WIDEST = 0.75, 2.2
_TEXT_RATIO = 1.2

#: Licences that people know by a short name, and where they are written down.
_LICENCES = {
    "CC0-1.0": ("CC0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "CC-BY-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC-BY-SA-4.0": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "CC-BY-NC-4.0": ("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
    "CC-BY-ND-4.0": ("CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nd/4.0/"),
}


@dataclass(frozen=True)
class Licence:
    """Under which terms an item may be used again."""

    name: str
    url: str | None


@dataclass(frozen=True)
class Source:
    """One size of a photo."""

    url: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Photo:
    """One photo of an item with everything a browser needs to choose and to wait.

    `number` says which of the item's attachments it is, counted from 0.
    """

    mark: str
    alt: str
    width: int
    height: int
    colour: str
    placeholder: str
    sources: tuple[Source, ...]
    number: int = 0

    def sized(self, media_type: str) -> tuple[Source, ...]:
        """Give the sizes of one format, narrowest first."""
        return tuple(s for s in self.sources if s.media_type == media_type)

    def srcset(self, media_type: str, widest: int) -> str:
        """Give the sizes of one format up to a width, as the `srcset` attribute is written."""
        sizes = self.sized(media_type)
        # Something must be left to choose from, even if it is wider.
        fitting = [s for s in sizes if s.width <= widest] or sizes[:1]
        return ", ".join(f"{s.url} {s.width}w" for s in fitting)

    def nearest(self, width: int) -> Source:
        """Give the JPEG that is closest to a width; any format where there is no JPEG."""
        candidates = self.sized("image/jpeg") or self.sources
        return min(candidates, key=lambda s: abs(s.width - width))

    @property
    def ratio(self) -> float:
        """Give width by height as it is laid out in rows."""
        return round(min(max(self.width / self.height, _NARROWEST), _WIDEST), 3)

    @property
    def style(self) -> str:
        """Give the rule that reserves the photo's place and fills it until the photo has come."""
        blur = (
            f"background-image:url(data:image/webp;base64,{self.placeholder});"
            if self.placeholder
            else ""
        )
        shape = f"--r:{self.ratio};--w:{self.width};--h:{self.height};"
        return f".{self.mark}{{{shape}background-color:{self.colour};{blur}}}"


@dataclass(frozen=True)
class Reference:
    """Something that stands elsewhere: only its address is known here, nothing of it is loaded."""

    url: str
    host: str
    title: str


@dataclass(frozen=True)
class Belonging:
    """Where an item belongs: the term that it counts for, and its series, if that is in view.

    `moment` orders it on a page; `number` of `total` is its place in the series as it is seen.
    """

    moment: datetime
    term: Term | None = None
    series: MandateId | None = None
    number: int = 0
    total: int = 0


@dataclass(frozen=True)
class Card:
    """One item as pages show it."""

    item: str
    mark: str
    gallery: str
    path: str
    kind: str
    text: str
    lang: str
    warning: str
    credit: str
    credit_url: str | None
    licence: Licence | None
    at: datetime
    photos: tuple[Photo, ...]
    belonging: Belonging
    link: Reference | None = None
    place: str = ""

    @property
    def series_path(self) -> str | None:
        """Give the path of the series in which it is seen."""
        series = self.belonging.series
        return path_of(self.gallery, series) if series else None

    @property
    def photo(self) -> Photo | None:
        """Give the photo that stands for the item."""
        return self.photos[0] if self.photos else None

    @property
    def style(self) -> str:
        """Give the rules of this card in a row: how wide it is, and what waits for its photo."""
        ratio = self.photo.ratio if self.photo else _TEXT_RATIO
        return f".{self.mark}{{--r:{ratio}}}" + (self.photo.style if self.photo else "")

    @property
    def whole_style(self) -> str:
        """Give the rules of all of this card's photos."""
        return "".join(photo.style for photo in self.photos)


def _web(url: str | None) -> str | None:
    """Keep addresses of the web only: others could run script or open programs."""
    return url if url and re.match(r"https?://[^\s]+\Z", url) else None


def _licence(written: str | None) -> Licence | None:
    if not written:
        return None
    name, url = _LICENCES.get(written.upper(), (written, _web(written)))
    return Licence(name, url)


def _photo(item: ClearedItem, attachment: Attachment, number: int, mark: str) -> Photo | None:
    sources = tuple(
        Source(media_path(item.item, r), r.media_type, r.width, r.height)
        for r in sorted(attachment.renditions, key=lambda r: r.width)
        if servable(r)
    )
    if not sources:
        return None
    colour = attachment.dominant_colour
    placeholder = attachment.placeholder.removeprefix("data:image/webp;base64,")
    return Photo(
        mark=f"{mark}-{number}",
        number=number,
        alt=attachment.alt or "",
        width=max(attachment.width, 1),
        height=max(attachment.height, 1),
        colour=colour if _COLOUR.match(colour) else "#888888",
        placeholder=placeholder if _BASE64.match(placeholder) else "",
        sources=sources,
    )


def _reference(link: Link | None) -> Reference | None:
    """Keep what leads to the web; the host is that of the address, whatever was written of it."""
    url = _web(link.url) if link else None
    try:
        host = (urlsplit(url).hostname or "") if url else ""
    except ValueError:
        return None
    if link is None or url is None or not host:
        return None
    host = host.removeprefix("www.")
    return Reference(url, host, " ".join(link.title.split())[:200] or host)


def card_of(
    item: ClearedItem, gallery: str, zone: ZoneInfo, belonging: Belonging | None = None
) -> Card:
    """Make what a page shows of a cleared item; times are told in the campaign's zone."""
    mark = "c" + _SAFE_ID.sub("", item.item)[:36]
    photos = (_photo(item, a, n, mark) for n, a in enumerate(item.attachments))
    return Card(
        item=item.item,
        mark=mark,
        gallery=gallery,
        path=address_of(gallery, item.item),
        kind=item.kind,
        text=item.text.strip(),
        lang=item.lang[0] if item.lang else "",
        warning=item.content_warning or "",
        credit=item.credit.name,
        credit_url=_web(item.credit.url) or _web(item.url),
        licence=_licence(item.credit.licence),
        at=item.effective_at.astimezone(zone),
        photos=tuple(p for p in photos if p),
        belonging=belonging or Belonging(item.effective_at),
        link=_reference(item.link),
        place=" ".join((item.place or "").split()),
    )
