from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageChops, ImageStat

from services.ingest.media import LADDER, Credit, Rendition, render
from services.ingest.media.photo import sizes_for
from tests.photos import (
    SERIAL_NUMBER,
    a_cmyk_photo,
    a_deep_grey_photo,
    a_grey_photo,
    a_heic,
    a_palette_photo,
    a_phone_photo_with_depth,
    a_photo,
    a_picture,
    a_polyglot,
    a_quartered_photo,
    a_sticker,
    a_wide_gamut_profile,
    an_animation,
    saved,
)

RED, LIME, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
CREDIT = Credit(
    creator="An De Smet",
    credit="Dichtbij / An De Smet",
    alt='Fireworks over the "Burg" <& its tower>',
    web_statement="https://dichtbij.example/licence",
)


def _open(rendition: Rendition) -> Image.Image:
    formats = {"image/avif": "AVIF", "image/jpeg": "JPEG"}
    image = Image.open(BytesIO(rendition.content), formats=[formats[rendition.media_type]])
    image.load()
    return image


def _colour(rendition: Rendition, x: float, y: float) -> tuple[int, ...]:
    picture = _open(rendition).convert("RGB")
    colour = picture.getpixel((int(picture.width * x), int(picture.height * y)))
    assert isinstance(colour, tuple)
    return tuple(int(channel) for channel in colour)


def _near(colour: tuple[int, ...], expected: tuple[int, ...], within: int = 14) -> bool:
    return all(abs(is_ - should) <= within for is_, should in zip(colour, expected, strict=True))


def test_every_width_is_made_in_both_formats_narrowest_first() -> None:
    renditions = render(a_photo(2000, 1500))

    assert [(made.width, made.media_type) for made in renditions] == [
        (width, media_type) for width in LADDER for media_type in ("image/avif", "image/jpeg")
    ]
    for made in renditions:
        assert _open(made).size == (made.width, made.height) == (made.width, made.width * 3 // 4)
        assert made.sha256 == sha256(made.content).hexdigest()


@pytest.mark.parametrize(
    ("width", "widths"),
    [(1919, [1280, 960, 640, 320]), (1280, [1280, 960, 640, 320]), (640, [640, 320]), (320, [320])],
)
def test_nothing_is_ever_made_wider_than_the_photo(width: int, widths: list[int]) -> None:
    assert [size[0] for size in sizes_for(width, 1500)] == widths


@pytest.mark.parametrize(
    ("photo", "widest"),
    [
        ((4032, 3024), (1920, 1440)),
        ((3024, 3024), (1920, 1920)),
        ((3024, 4032), (1280, 1707)),
        ((2268, 4032), (1280, 2276)),
        ((1000, 10_000), (320, 3200)),
        ((500, 10_000), (320, 6400)),
        ((300, 10_000), (300, 10_000)),
    ],
)
def test_a_portrait_is_not_made_larger_than_screens_are_high(
    photo: tuple[int, int], widest: tuple[int, int]
) -> None:
    assert sizes_for(*photo)[0] == widest


def test_a_photo_narrower_than_the_ladder_is_rendered_at_its_own_width() -> None:
    renditions = render(a_photo(200, 500))

    assert {(made.width, made.height) for made in renditions} == {(200, 500)}


def test_a_very_flat_photo_keeps_at_least_a_line() -> None:
    assert sizes_for(10_000, 64)[-1] == (320, 2)
    assert all(height >= 1 for _, height in sizes_for(10_000, 1))


def test_the_same_photo_gives_the_same_bytes() -> None:
    content = a_photo(700, 500)

    assert render(content, credit=CREDIT) == render(content, credit=CREDIT)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_photo_is_turned_upright_once_for_all(orientation: int, kind: str) -> None:
    for made in render(a_quartered_photo(orientation, format=kind)):
        assert (made.width, made.height) in {(640, 480), (320, 240)}
        assert _near(_colour(made, 0.25, 0.25), RED)
        assert _near(_colour(made, 0.75, 0.25), LIME)
        assert _near(_colour(made, 0.25, 0.75), BLUE)
        assert _near(_colour(made, 0.75, 0.75), WHITE)
        assert not _open(made).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_rendition_tells_where_or_with_what_it_was_taken(kind: str) -> None:
    content = a_photo(
        1400, 900, format=kind, gps=True, orientation=1, captured_at="2026:07:21 22:15:03"
    )
    assert SERIAL_NUMBER.encode() in content

    for made in render(content, credit=CREDIT):
        for secret in (SERIAL_NUMBER, "Testcam", "Someone Private", "2026:07:21", "Exif"):
            assert secret.encode() not in made.content
        assert not _open(made).getexif()


def test_a_comment_in_the_photo_and_a_page_behind_it_are_left_behind() -> None:
    content = a_polyglot()
    assert content.count(b"<script>") == 2

    for made in render(content):
        assert b"<script>" not in made.content
        assert b"<html>" not in made.content


def test_the_credit_is_written_where_there_is_room_for_it_and_nowhere_else() -> None:
    for made in render(a_photo(1300, 900), credit=CREDIT):
        xmp = _open(made).info.get("xmp")
        if made.width < 640:
            assert xmp is None
            continue
        assert isinstance(xmp, bytes)
        assert len(xmp) < 1100
        texts = [text.strip() for text in ET.fromstring(xmp).itertext() if text.strip()]
        assert texts == [CREDIT.creator, CREDIT.credit, CREDIT.alt, CREDIT.web_statement]


@pytest.mark.parametrize("credit", [None, Credit(), Credit(creator="")])
def test_without_a_credit_there_is_no_packet_at_all(credit: Credit | None) -> None:
    for made in render(a_photo(700, 500), credit=credit):
        assert _open(made).info.get("xmp") is None


@pytest.mark.parametrize(
    ("content", "left", "right"),
    [
        (a_sticker(), (255, 0, 0), WHITE),
        (a_palette_photo(), WHITE, None),
        (a_deep_grey_photo(level=0x4000), (64, 64, 64), (64, 64, 64)),
        (an_animation("GIF"), (230, 20, 20), (230, 20, 20)),
        (an_animation("WEBP"), (230, 20, 20), (230, 20, 20)),
        (an_animation("PNG"), (230, 20, 20), (230, 20, 20)),
        (an_animation("AVIF"), (230, 20, 20), (230, 20, 20)),
    ],
)
def test_rare_kinds_of_pixels_look_as_they_should(
    content: bytes, left: tuple[int, ...], right: tuple[int, ...] | None
) -> None:
    for made in render(content):
        assert _near(_colour(made, 0.2, 0.5), left)
        assert right is None or _near(_colour(made, 0.8, 0.5), right)


@pytest.mark.parametrize(
    "content", [a_cmyk_photo(), a_grey_photo(), a_heic(), a_phone_photo_with_depth(800, 600)]
)
def test_what_a_press_or_a_phone_writes_is_rendered_in_plain_colours(content: bytes) -> None:
    renditions = render(content)

    assert {made.width for made in renditions} == {640, 320}
    assert {_open(made).mode for made in renditions} == {"RGB"}


def test_a_cmyk_photo_is_not_a_negative_of_itself() -> None:
    white_paper = saved(Image.new("CMYK", (800, 600), (0, 0, 0, 0)), "JPEG")

    for made in render(white_paper):
        assert _near(_colour(made, 0.5, 0.5), WHITE)


def test_colours_of_another_profile_are_converted_and_the_profile_is_left_behind() -> None:
    # In this profile the first channel's primary is sRGB's green.
    picture = Image.new("RGB", (800, 600), RED)
    content = saved(picture, "PNG", icc_profile=a_wide_gamut_profile())

    for made in render(content):
        assert _near(_colour(made, 0.5, 0.5), LIME, within=30)
        assert "icc_profile" not in _open(made).info


@pytest.mark.parametrize("profile", [b"no profile at all", a_wide_gamut_profile()[:200]])
def test_a_profile_that_says_nothing_is_passed_over(profile: bytes) -> None:
    for made in render(a_photo(700, 500, icc_profile=profile)):
        assert "icc_profile" not in _open(made).info


@pytest.mark.parametrize(
    "content",
    [lambda: a_photo(2600, 1950, quality=95), lambda: a_photo(2600, 1950, format="PNG")],
    ids=["jpeg", "png"],
)
def test_the_short_way_looks_like_the_long_one(content: Callable[[], bytes]) -> None:
    whole = a_picture(2600, 1950)

    for made in render(content()):
        ideal = whole.resize(  # pyright: ignore[reportUnknownMemberType]
            (made.width, made.height), Image.Resampling.LANCZOS
        )
        assert _mean_difference(_open(made).convert("RGB"), ideal) < 4.5


def _mean_difference(one: Image.Image, other: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]
