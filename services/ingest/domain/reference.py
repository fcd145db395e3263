"""References: what stands at an address elsewhere, as far as its host tells."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

Reference = Literal["link", "song", "video"]

#: Hosts, with all names below them, at whose addresses songs and videos are.
_HOSTS: Mapping[str, Reference] = {
    "spotify.com": "song",
    "soundcloud.com": "song",
    "bandcamp.com": "song",
    "deezer.com": "song",
    "music.apple.com": "song",
    "music.youtube.com": "song",
    "youtube.com": "video",
    "youtube-nocookie.com": "video",
    "youtu.be": "video",
    "vimeo.com": "video",
    "dailymotion.com": "video",
    "dai.ly": "video",
}
#: PeerTube has no host of its own: each of its servers has these paths.
_PEERTUBE = re.compile(r"/(w|videos/watch)/[0-9A-Za-z-]{20,36}")


def kind_of_link(url: str) -> Reference:
    """Say what stands at an address, by its host."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "link"
    while host:
        if host in _HOSTS:
            return _HOSTS[host]
        host = host.partition(".")[2]
    return "video" if _PEERTUBE.fullmatch(parts.path) else "link"
