"""Markup: what the HTML of others says in plain text, and which images it shows.

Nothing of the markup is kept, so nothing of it can do harm. It is read in one pass, as a browser's
tokeniser does: readers that build a tree, or that look again for an end that is not there, need
minutes for a hostile page of a hundred kilobytes.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

#: The longest text that an item keeps.
LONGEST_TEXT = 10_000
_LONGEST_MARKUP = 100_000
_LONGEST_ADDRESS = 2_000
_MOST_IMAGES = 20

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")
_SPACED_LINE = re.compile(r"[ \t]*+\n[ \t]*+")
_MANY_LINES = re.compile(r"\n{3,}")
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}+;?")

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_BETWEEN = re.compile(r"[\s/]*+")
_ATTRIBUTE = re.compile(
    r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\s>"'][^\s>]*+)?))?+"""
)
_RAW = {
    tag: re.compile(f"</{tag}", re.IGNORECASE)
    for tag in ("script", "style", "iframe", "title", "textarea", "xmp", "noembed", "noframes")
}
_UNSAID = frozenset({"template", "svg", "math", "select"})
_PARAGRAPHS = frozenset(
    {"p", "div", "section", "article", "blockquote", "ul", "ol", "table", "figure", "pre", "hr"}
    | {f"h{level}" for level in range(1, 7)}
)
_LINES = frozenset({"br", "li", "tr", "dt", "dd", "figcaption"})
_SMALLEST = 32


@dataclass(frozen=True)
class ShownImage:
    """An image that a text shows, with its alt text when the text gives one."""

    url: str
    alt: str | None


@dataclass(frozen=True)
class _Tag:
    name: str
    closes: bool
    attributes: Mapping[str, str]


def tidy(text: str) -> str:
    """Give a plain text in one normal form, without control characters, of bounded length."""
    lines = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", lines).strip()[:LONGEST_TEXT].strip()


def plain_text(markup: str) -> str:
    """Give what HTML says, in plain text with its paragraphs and lines."""
    pieces: list[str] = []
    for piece in _said(markup):
        if isinstance(piece, str):
            pieces.append(_BLANKS.sub(" ", piece))
        elif piece.name in _PARAGRAPHS:
            pieces.append("\n\n")
        elif piece.name in _LINES and not piece.closes:
            pieces.append("\n")
    text = _SPACED_LINE.sub("\n", re.sub(" {2,}", " ", "".join(pieces)))
    return tidy(_MANY_LINES.sub("\n\n", text))


def images_in(markup: str, base: str) -> tuple[ShownImage, ...]:
    """Give the images that HTML shows, with their addresses made whole by that of the page."""
    seen: dict[str, ShownImage] = {}
    for piece in _said(markup):
        if isinstance(piece, str) or piece.name != "img" or _tiny(piece):
            continue
        source = piece.attributes.get("src", "").strip()
        url = web_address(source, base) if source else None
        if url is not None and len(seen) < _MOST_IMAGES:
            seen.setdefault(url, ShownImage(url, tidy(piece.attributes.get("alt", "")) or None))
    return tuple(seen.values())


def web_address(written: str | None, base: str = "") -> str | None:
    """Give an address on the web, made whole by its base; None when it is something else."""
    try:
        url = urljoin(base, (written or "").strip())
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:
        return None
    fits = len(url) <= _LONGEST_ADDRESS and not re.search(r"\s", url)
    return url if sound and fits and not _CONTROLS.search(url) else None


def _tiny(image: _Tag) -> bool:
    """Tell counting pixels and emoji, which are images of nothing."""
    sizes = (image.attributes.get(side, "") for side in ("width", "height"))
    return any(re.fullmatch(r"[0-9]{1,6}", size) and int(size) < _SMALLEST for size in sizes)


def _said(markup: str) -> Iterator[str | _Tag]:
    """Give texts and tags, but for those inside elements whose content is not shown."""
    hidden = 0
    for piece in _pieces(markup[:_LONGEST_MARKUP]):
        if isinstance(piece, _Tag) and piece.name in _UNSAID:
            hidden = max(hidden + (-1 if piece.closes else 1), 0)
        elif not hidden:
            yield piece


def _pieces(markup: str) -> Iterator[str | _Tag]:
    at = 0
    while at >= 0:
        start = markup.find("<", at)
        yield _unescaped(markup[at:] if start < 0 else markup[at:start])
        if start < 0:
            return
        tag = _TAG.match(markup, start)
        if tag:
            attributes, at = _attributes(markup, tag.end())
            name = tag[2].lower()
            if at >= 0:
                yield _Tag(name, bool(tag[1]), attributes)
            if at >= 0 and name in _RAW and not tag[1]:
                end = _RAW[name].search(markup, at)
                at = end.start() if end else -1
        elif markup.startswith("<!--", start):
            at = _after(markup, "-->", start + 2)
        elif markup.startswith(("<!", "<?", "</"), start):
            at = _after(markup, ">", start)
        else:
            yield "<"
            at = start + 1


def _attributes(markup: str, at: int) -> tuple[Mapping[str, str], int]:
    """Read attributes to the end of their tag; where there is none, the page ends here (-1)."""
    attributes: dict[str, str] = {}
    while True:
        between = _BETWEEN.match(markup, at)
        at = between.end() if between else at
        found = _ATTRIBUTE.match(markup, at)
        if not found:
            return attributes, at + 1 if at < len(markup) else -1
        value = found[2] or found[3] or found[4] or ""
        attributes.setdefault(found[1].lower(), _unescaped(value))
        at = found.end()


def _after(markup: str, sign: str, start: int) -> int:
    found = markup.find(sign, start)
    return -1 if found < 0 else found + len(sign)


def _unescaped(text: str) -> str:
    return html.unescape(_HUGE_REFERENCE.sub("\ufffd", text)) if "&" in text else text
