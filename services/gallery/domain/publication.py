"""Where an item's files are when the world may see them: public keys, and addresses."""

from dataclasses import dataclass

from services.contracts.ingest import Rendition
from services.contracts.moderation import ClearedItem

#: The formats that renditions come in, and the ends of their names.
EXTENSIONS: dict[str, str] = {
    "image/avif": "avif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}
MEDIA_TYPES: dict[str, str] = {end: kind for kind, end in EXTENSIONS.items()}


@dataclass(frozen=True)
class PublicFile:
    """One file to be public: where it is now, and where it will be."""

    source: str
    target: str


def folder_of(item: str) -> str:
    """Give the prefix of all public files of an item.

    Each item has its own: two items may show the same photo, and purging one must not break
    the other.
    """
    return f"i/{item}/"


def key_of(item: str, sha256: str, extension: str) -> str:
    """Give the key of one public file."""
    return f"{folder_of(item)}{sha256}.{extension}"


def media_path(item: str, rendition: Rendition) -> str:
    """Give the path under which a rendition is served."""
    return f"/media/{item}/{rendition.sha256}.{EXTENSIONS[rendition.media_type]}"


def servable(rendition: Rendition) -> bool:
    """Whether a rendition is of a format that we serve."""
    return rendition.media_type in EXTENSIONS


def files_of(content: ClearedItem) -> tuple[PublicFile, ...]:
    """List every file that showing an item needs, each once."""
    files = {
        PublicFile(r.key, key_of(content.item, r.sha256, EXTENSIONS[r.media_type])): None
        for attachment in content.attachments
        for r in attachment.renditions
        if servable(r)
    }
    return tuple(files)
