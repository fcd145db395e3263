"""Hostile bytes to upright sRGB pixels: the only place that opens a photo."""

import struct
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

import pi_heif  # pyright: ignore[reportMissingTypeStubs]
from PIL import AvifImagePlugin, Image, ImageCms

from services.ingest.media.photo import (
    MAX_ANIMATION_PIXELS,
    MAX_BYTES,
    MAX_PIXELS,
    MAX_PIXELS_OF,
    MAX_SIDE,
    MIN_LONG_SIDE,
    MIN_SHORT_SIDE,
    PhotoRefusedError,
    RefusalReason,
)
from services.ingest.media.signature import DECODERS, is_cut_short, media_type_of

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # Photos run side by side in processes instead.
pi_heif.register_heif_opener(  # pyright: ignore[reportUnknownMemberType]
    thumbnails=False, decode_threads=1
)

ORIENTATION: Final = 0x0112
#: What a broken EXIF block makes Pillow raise; the photo itself may be perfect.
EXIF_ERRORS: Final = (
    *(OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, AttributeError),
    *(struct.error, OverflowError, ZeroDivisionError),
)
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING: Final = frozenset({5, 6, 7, 8})
_SRGB: Final = ImageCms.ImageCmsProfile(
    ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
)
#: How many pixels are flattened at once: a strip of 4 MB instead of another copy of the photo.
_STRIP_PIXELS: Final = 1_000_000


@contextmanager
def open_photo(content: bytes) -> Generator[Image.Image]:
    """Open a photo whose type and size are within bounds; any failure inside is a refusal."""
    media_type = _checked_type(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=[DECODERS[media_type]]) as image:
                # Ours first: it can tell the giver how large the photo is.
                _check_size(image, MAX_PIXELS_OF.get(media_type, MAX_PIXELS))
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                yield image
    except PhotoRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefusedError(RefusalReason.TOO_MANY_PIXELS, limit=MAX_PIXELS) from error
    except MemoryError as error:
        raise PhotoRefusedError(RefusalReason.DECODER_FAILED, cause="memory") from error
    # Decoders fed with hostile bytes raise whatever they like; each of them means the same here.
    except Exception as error:
        cut = is_cut_short(content, media_type)
        reason = RefusalReason.TRUNCATED if cut else RefusalReason.DAMAGED
        raise PhotoRefusedError(reason, media_type=media_type) from error


def _checked_type(content: bytes) -> str:
    if not content:
        raise PhotoRefusedError(RefusalReason.EMPTY)
    if len(content) > MAX_BYTES:
        raise PhotoRefusedError(RefusalReason.TOO_MANY_BYTES, bytes=len(content), limit=MAX_BYTES)
    media_type = media_type_of(content)
    if media_type is None:
        raise PhotoRefusedError(RefusalReason.NOT_AN_IMAGE)
    if media_type not in DECODERS:
        raise PhotoRefusedError(RefusalReason.TYPE_NOT_ACCEPTED, media_type=media_type)
    return media_type


def _check_size(image: Image.Image, limit: int) -> None:
    width, height = image.size
    if width * height > limit or max(width, height) > MAX_SIDE:
        raise PhotoRefusedError(
            RefusalReason.TOO_MANY_PIXELS, width=width, height=height, limit=limit
        )
    if max(width, height) < MIN_LONG_SIDE or min(width, height) < MIN_SHORT_SIDE:
        raise PhotoRefusedError(
            RefusalReason.TOO_SMALL, width=width, height=height, minimum=MIN_LONG_SIDE
        )
    frames = frames_of(image)
    if width * height * frames > MAX_ANIMATION_PIXELS:
        raise PhotoRefusedError(
            RefusalReason.TOO_MANY_PIXELS, width=width, height=height, frames=frames
        )


def frames_of(image: Image.Image) -> int:
    """Count an animation's frames; the second image in a phone's JPEG is a depth map, not one."""
    if image.format not in {"GIF", "PNG", "WEBP", "AVIF"}:
        return 1
    return int(getattr(image, "n_frames", 1))


def orientation_of(image: Image.Image) -> int:
    """Read how the camera was held; a photo that does not say so is upright."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except EXIF_ERRORS:
        return 1


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Give the width and height as a viewer sees them."""
    width, height = image.size
    return (height, width) if orientation_of(image) in _LYING else (width, height)


def pixels_of(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Decode to an upright sRGB picture of exactly this size, with nothing attached to it.

    The order is what makes it cheap: a JPEG is decoded at a half, a quarter or an eighth already,
    and colours are converted and the picture is turned only when it is small.
    """
    orientation = orientation_of(image)
    stored = (size[1], size[0]) if orientation in _LYING else size
    image.draft(None, stored)
    image.load()
    profile = image.info.get("icc_profile")
    picture = image if image.mode in {"RGB", "L", "CMYK"} else _flattened(image, stored)
    if picture.size != stored:
        picture = resized(picture, stored)
    picture = _in_srgb(picture, profile)
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    # Pillow writes what it finds here (comments, profiles) into files that it saves.
    picture.info = {}
    return picture


def resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Make a smaller picture; from a much larger one by way of a whole factor, which is cheap."""
    return picture.resize(  # pyright: ignore[reportUnknownMemberType]
        size, Image.Resampling.LANCZOS, reducing_gap=2.0
    )


def _flattened(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Lay a picture of another mode on white, in strips so that no second full copy is held."""
    width, height = image.size
    factor = max(1, min(width // (2 * size[0]), height // (2 * size[1])))
    canvas = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, _STRIP_PIXELS // (width * factor))
    for top in range(0, height, rows):
        strip = _on_white(image.crop((0, top, width, min(height, top + rows))))
        canvas.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return canvas


def _on_white(strip: Image.Image) -> Image.Image:
    if strip.mode.startswith("I"):
        # Pillow's own conversion of 16 bits to 8 clips at 255: nearly everything turns white.
        strip = _top_bytes(strip)
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    layer = strip.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _top_bytes(strip: Image.Image) -> Image.Image:
    scaled = strip.point(lambda value: value / 256)  # pyright: ignore[reportUnknownMemberType]
    return scaled.convert("L")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
                return converted or picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            # A profile that is broken or for other colours than these says nothing about them.
            return picture.convert("RGB")
    return picture.convert("RGB")
