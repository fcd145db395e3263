"""Addresses of pages, songs and videos elsewhere that givers write down, checked before use.

InvalidReferenceError    what was written is no address that can be shown safely
"""

import ipaddress
import unicodedata
from urllib.parse import urlsplit

from services.contracts.ingest import Link

#: The longest address that is kept.
LONGEST = 2_000
_LONGEST_TITLE = 200


class InvalidReferenceError(ValueError):
    """What was written is no address of a page; the message is a sentence."""

    def __init__(self) -> None:
        """Say what to write."""
        super().__init__("Write the whole address of the page, like https://example.org/song.")


def reference_to(written: str, title: str) -> Link:
    """Check an address that somebody gave and name its host. Raises InvalidReferenceError.

    Only http and https: other schemes can run something. No name and password, which can make an
    address look like another's.
    """
    address = written.strip()
    if len(address) > LONGEST or any(c.isspace() or not c.isprintable() for c in address):
        raise InvalidReferenceError
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidReferenceError from None
    named = parts.username is None and parts.password is None and port != 0
    if parts.scheme not in {"http", "https"} or not host or not named or not _is_public(host):
        raise InvalidReferenceError
    shown = " ".join(unicodedata.normalize("NFC", title).split())
    return Link(url=address, host=host.removeprefix("www."), title=shown[:_LONGEST_TITLE])


def _is_public(host: str) -> bool:
    """Whether a host has a name in public: at least two parts, and no number."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host.strip(".")
    return False
