"""Answers that are made once for a version of a gallery and then given to everybody.

They hold no nonce: an answer of "not modified" must carry the very policy of the page that the
browser kept. A style block is allowed by its hash instead.
"""

import gzip
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request, Response
from markupsafe import Markup

from services.chassis.web import policy, safe_text

#: Query members that change a page; an address with others is answered but not kept.
_KNOWN = frozenset({"page", "lang", "outside", "theme"})
_LONGEST_QUERY = 40

_COMPRESSION = 6


@dataclass(frozen=True)
class StyleBlock:
    """Rules that belong to one page only, and the hash by which the policy allows them."""

    text: str

    @property
    def markup(self) -> Markup:
        """Give the whole element; the rules are made by us, never by people."""
        return safe_text(f"<style>{self.text}</style>")

    @property
    def source(self) -> str:
        """Give what stands for it in `style-src`."""
        return f"'sha256-{b64encode(sha256(self.text.encode()).digest()).decode()}'"


@dataclass(frozen=True)
class Answer:
    """The bytes of a page or document, twice, and the headers that go with them.

    Whoever gets it is shown the item that it `counts` for, if any.
    """

    body: bytes
    packed: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...]
    status: int = 200
    counts: str = ""

    @staticmethod
    def of(
        text: str,
        media_type: str,
        headers: dict[str, str],
        status: int = 200,
        *,
        counts: str = "",
    ) -> "Answer":
        """Prepare an answer: compress it, and name it by its content."""
        body = text.encode()
        named = {
            # Every use asks us whether it still holds: a photo may have been taken back.
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding, Accept-Language",
            "ETag": f'W/"{sha256(body).hexdigest()[:24]}"',
        } | headers
        packed = gzip.compress(body, _COMPRESSION, mtime=0)
        return Answer(body, packed, media_type, tuple(named.items()), status, counts)

    @property
    def size(self) -> int:
        """Give the bytes that keeping it takes."""
        return len(self.body) + len(self.packed)

    def respond(self, request: Request) -> Response:
        """Answer a request: in full, compressed, or that nothing has changed."""
        headers = dict(self.headers)
        asked = request.headers.get("if-none-match", "")
        if self.status == 200 and headers["ETag"] in [t.strip() for t in asked.split(",")]:  # noqa: PLR2004
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, self.status, headers, self.media_type)
        return Response(self.body, self.status, headers, self.media_type)


def keepable(request: Request) -> str | None:
    """Give what of the address tells pages apart, or None when the page must not be kept."""
    query = request.url.query
    if len(query) > _LONGEST_QUERY or not _KNOWN.issuperset(request.query_params):
        return None
    return query


def page_policy(
    request: Request,
    style: StyleBlock | None = None,
    origins: tuple[str, ...] | None = None,
    **changes: str,
) -> str:
    """Give a page's content security policy: no nonce, and framed by these origins or by nobody."""
    sources = ["'self'", *([style.source] if style else [])]
    framing = "'none'" if origins is None else " ".join(["'self'", *origins])
    return policy(request, style_src=" ".join(sources), frame_ancestors=framing, **changes)
