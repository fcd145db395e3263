"""Photos for tests, made from a seed: ordinary ones, rare ones and hostile ones."""

# Pillow's signatures name types of packages that are not installed here.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import random
import struct
import zlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final, cast

import piexif  # pyright: ignore[reportMissingTypeStubs]
from PIL import Image, ImageChops, ImageCms, ImageDraw

_BICUBIC: Final = Image.Resampling.BICUBIC
#: Burg, Bruges, as a phone writes it: degrees, minutes, hundredths of seconds.
_LATITUDE: Final = ((51, 1), (12, 1), (3036, 100))
_LONGITUDE: Final = ((3, 1), (13, 1), (3708, 100))
SERIAL_NUMBER: Final = "SN-0471-1199"
#: A photo in HEIC, which nothing here can write: 640 by 480, from `a_picture(640, 480, seed=11)`.
_HEIC: Final = Path(__file__).parent / "unit" / "ingest" / "media" / "phone.heic"


@lru_cache(maxsize=8)
def a_picture(width: int = 1200, height: int = 900, *, seed: int = 1) -> Image.Image:
    """Paint what a photo holds: large and small shapes, texture, sharp edges and grain."""
    chance = random.Random(seed)
    long_side = max(width, height)
    light = _noise(width, height, long_side // 3, chance)
    for cell, weight in ((long_side // 12, 0.4), (long_side // 50, 0.3), (long_side // 200, 0.2)):
        light = Image.blend(light, _noise(width, height, max(cell, 2), chance), weight)
    warm, cool = _colour(chance), _colour(chance)
    picture = Image.merge(
        "RGB",
        [light.point(_ramp(low, high)) for low, high in zip(cool, warm, strict=True)],
    )
    _scatter(picture, chance)
    texture = _noise(width, height, 4, chance).convert("RGB")
    picture = Image.blend(picture, texture, 0.1)
    grain = Image.frombytes("L", (width, height), chance.randbytes(width * height))
    return ImageChops.add(picture, grain.point(_ramp(0, 26)).convert("RGB"), offset=-13)


def _noise(width: int, height: int, cell: int, chance: random.Random) -> Image.Image:
    columns, rows = width // cell + 3, height // cell + 3
    return Image.frombytes("L", (columns, rows), chance.randbytes(columns * rows)).resize(
        (width, height), _BICUBIC
    )


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def _ramp(low: int, high: int) -> list[int]:
    return [low + (high - low) * value // 255 for value in range(256)]


def _scatter(picture: Image.Image, chance: random.Random) -> None:
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = chance.randrange(picture.width), chance.randrange(picture.height)
        size = chance.randrange(4, max(5, max(picture.size) // 8))
        box = (x, y, x + size, y + chance.randrange(4, size + 1))
        if chance.random() < 0.5:
            draw.ellipse(box, fill=_colour(chance))
        else:
            draw.rectangle(box, fill=_colour(chance))


def a_photo(  # noqa: PLR0913 - a photo may be special in many ways
    width: int = 1200,
    height: int = 900,
    *,
    seed: int = 1,
    format: str = "JPEG",  # noqa: A002 - the word that Pillow uses, too
    quality: int = 90,
    orientation: int | None = None,
    gps: bool = False,
    captured_at: str | None = None,
    comment: str | None = None,
    icc_profile: bytes | None = None,
    progressive: bool = False,
) -> bytes:
    """Make a photo; `captured_at` is in the camera's form, "2026:07:21 22:15:00"."""
    picture = a_picture(width, height, seed=seed)
    options: dict[str, object] = {"quality": quality}
    if orientation or gps or captured_at:
        options["exif"] = _exif(orientation, captured_at, gps=gps)
    if comment:
        options["comment"] = comment
    if icc_profile:
        options["icc_profile"] = icc_profile
    if progressive:
        options["progressive"] = True
    if format == "AVIF":
        options["speed"] = 9
    return saved(picture, format, **options)


def saved(picture: Image.Image, format: str, **options: object) -> bytes:  # noqa: A002
    """Write a picture in a format and give the bytes of the file."""
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def _exif(orientation: int | None, captured_at: str | None, *, gps: bool) -> bytes:
    blocks: dict[str, dict[int, object]] = {
        "0th": {piexif.ImageIFD.Make: b"Testcam", piexif.ImageIFD.Artist: b"Someone Private"},
        "Exif": {},
    }
    if orientation:
        blocks["0th"][piexif.ImageIFD.Orientation] = orientation
    if captured_at:
        blocks["Exif"][piexif.ExifIFD.DateTimeOriginal] = captured_at.encode()
    if gps:
        blocks["Exif"][piexif.ExifIFD.BodySerialNumber] = SERIAL_NUMBER.encode()
        blocks["GPS"] = {
            piexif.GPSIFD.GPSLatitudeRef: b"N",
            piexif.GPSIFD.GPSLatitude: _LATITUDE,
            piexif.GPSIFD.GPSLongitudeRef: b"E",
            piexif.GPSIFD.GPSLongitude: _LONGITUDE,
        }
    return cast("bytes", piexif.dump(blocks))


def a_quartered_photo(orientation: int, *, format: str = "JPEG") -> bytes:  # noqa: A002
    """Make a photo that is red, green, blue and white when upright, stored as a camera does."""
    upright = Image.new("RGB", (800, 600), "white")
    for box, colour in (
        ((0, 0, 400, 300), "red"),
        ((400, 0, 800, 300), "lime"),
        ((0, 300, 400, 600), "blue"),
    ):
        upright.paste(colour, box)
    # Each is the opposite of what a viewer does with that orientation.
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = upright.transpose(stored[orientation]) if orientation in stored else upright
    return saved(picture, format, quality=95, exif=_exif(orientation, None, gps=False))


def a_cmyk_photo(width: int = 800, height: int = 600, *, seed: int = 1) -> bytes:
    """Make a JPEG in printing colours, as a magazine's own photographer sends it."""
    return saved(a_picture(width, height, seed=seed).convert("CMYK"), "JPEG", quality=92)


def a_grey_photo(width: int = 800, height: int = 600, *, seed: int = 1) -> bytes:
    """Make a JPEG with one channel."""
    return saved(a_picture(width, height, seed=seed).convert("L"), "JPEG", quality=92)


def a_deep_grey_photo(width: int = 800, height: int = 600, *, level: int = 0x4000) -> bytes:
    """Make a PNG of one even grey in 16 bits a pixel."""
    picture = Image.frombytes("I;16", (width, height), struct.pack("<H", level) * width * height)
    return saved(picture, "PNG")


def a_palette_photo(width: int = 800, height: int = 600, *, seed: int = 1) -> bytes:
    """Make a PNG of 64 colours, the left half of which is transparent."""
    picture = a_picture(width, height, seed=seed).quantize(64)
    picture.paste(0, (0, 0, width // 2, height))
    return saved(picture, "PNG", transparency=bytes([0]) + bytes([255]) * 255)


def a_sticker(width: int = 800, height: int = 600) -> bytes:
    """Make a PNG with an opaque red left half; the rest is black and fully transparent."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, width // 2, height))
    return saved(picture, "PNG")


def an_animation(
    format: str = "GIF",  # noqa: A002
    *,
    frames: int = 3,
    width: int = 480,
    height: int = 360,
) -> bytes:
    """Make an animation whose first frame is red and whose others are blue, more or less."""
    red = Image.new("RGB", (width, height), (230, 20, 20))
    # Apart enough that no encoder merges two of them.
    blues = [
        Image.new("RGB", (width, height), (20, 60 * (at % 4), 200)) for at in range(frames - 1)
    ]
    return saved(red, format, save_all=True, append_images=blues, duration=100)


def a_bomb(width: int = 20_000, height: int = 10_000) -> bytes:
    """Make a PNG of a few hundred kilobytes that is 200 megapixels when it goes off."""
    row = zlib.compressobj(9)
    pixels = b"".join([*(row.compress(bytes(width + 1)) for _ in range(height)), row.flush()])
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def a_frame_bomb(frames: int, *, width: int = 400, height: int = 400) -> bytes:
    """Make a GIF with a great many frames of one pixel each, which cost their decoder dearly."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    # One pixel at the top left: a descriptor, then LZW codes clear, 0, end.
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b";"


def a_heic() -> bytes:
    """Give a photo as a phone of one large maker stores it."""
    return _HEIC.read_bytes()


def a_phone_photo_with_depth(width: int = 1200, height: int = 900, *, seed: int = 1) -> bytes:
    """Make a JPEG with a smaller image behind the first, as phones do for their depth maps."""
    picture = a_picture(width, height, seed=seed)
    return saved(picture, "MPO", save_all=True, append_images=[picture.resize((160, 120))])


def a_polyglot(script: str = "<script>alert(1)</script>") -> bytes:
    """Make a JPEG that is also a page: a browser that guesses types would run it."""
    page = f"<html><body>{script}</body></html>"
    return a_photo(comment=page) + page.encode()


def a_wide_gamut_profile() -> bytes:
    """Make a colour profile with other primaries than sRGB: what is red there is our green."""
    # Pillow writes only sRGB, Lab and XYZ profiles; swapping two primaries makes a profile no
    # screen has, and a colour that cannot be mistaken when it was converted.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def a_damaged_copy(content: bytes, *, seed: int, flips: int = 20) -> bytes:
    """Flip bits of a file here and there, as a bad disk or a curious person does."""
    chance = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(flips):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)
