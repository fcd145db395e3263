"""What a file really is, told from its first bytes and never from its name."""

from typing import Final

#: The formats that are taken, and the one decoder each may reach: a short list is the strongest
#: single control against hostile files.
DECODERS: Final[dict[str, str]] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    # Known, so that the giver hears what it is; not taken.
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (b"\xff\x0a", "image/jxl"),
    (b"\0\0\0\x0cJXL ", "image/jxl"),
    (b"\0\0\0\x0cjP  ", "image/jp2"),
    (b"%PDF-", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"})
#: How far into a text file its root element is looked for.
_PROLOGUE: Final = 1024


def media_type_of(content: bytes) -> str | None:
    """Name the media type of a file, or nothing if it is no kind of image, video or document."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _boxed(content)
    start = content[:_PROLOGUE].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in start:
        return "image/svg+xml"
    return None


def _boxed(content: bytes) -> str:
    length = min(int.from_bytes(content[:4], "big"), 256)
    # The major brand, then (after a version) the compatible ones.
    brands = [content[8:12], *(content[at : at + 4] for at in range(16, length, 4))]
    if _AVIF_BRANDS.intersection(brands):
        return "image/avif"
    if _HEIC_BRANDS.intersection(brands):
        return "image/heic"
    return "video/mp4"


def is_cut_short(content: bytes, media_type: str) -> bool:
    """Tell whether a file that cannot be decoded lacks its end, as after a broken upload."""
    match media_type:
        case "image/jpeg":
            return not content.rstrip(b"\0").endswith(b"\xff\xd9")
        case "image/png":
            return b"IEND" not in content[-1024:]
        case "image/gif":
            return not content.rstrip(b"\0").endswith(b";")
        case "image/webp":
            return int.from_bytes(content[4:8], "little") + 8 > len(content)
        case _:
            return _boxes_end(content) > len(content)


def _boxes_end(content: bytes) -> int:
    at = 0
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        if length == 0:
            return len(content)
        at += max(length, 8)
    return at
