import base64
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image

from services.ingest.domain.series import alike
from services.ingest.media import inspect
from tests.photos import (
    a_cmyk_photo,
    a_deep_grey_photo,
    a_heic,
    a_phone_photo_with_depth,
    a_photo,
    a_picture,
    a_quartered_photo,
    a_sticker,
    an_animation,
    saved,
)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_photo_says_what_it_is(kind: str) -> None:
    content = a_photo(800, 600, format=kind)

    facts = inspect(content)

    assert facts.media_type == f"image/{kind.lower()}"
    assert (facts.width, facts.height) == (800, 600)
    assert facts.sha256 == sha256(content).hexdigest()
    assert not facts.animated


def test_a_heic_photo_is_accepted() -> None:
    facts = inspect(a_heic())

    assert (facts.media_type, facts.width, facts.height) == ("image/heic", 640, 480)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_upright_photo(orientation: int) -> None:
    facts = inspect(a_quartered_photo(orientation))

    assert (facts.width, facts.height) == (800, 600)


def test_the_moment_of_capture_is_read_as_the_camera_wrote_it() -> None:
    facts = inspect(a_photo(captured_at="2026:07:21 22:15:03"))

    assert facts.captured_at == datetime(2026, 7, 21, 22, 15, 3)  # noqa: DTZ001


@pytest.mark.parametrize("written", ["", "0000:00:00 00:00:00", "yesterday", "2026:13:40 99:99:99"])
def test_a_clock_that_was_never_set_is_no_moment(written: str) -> None:
    assert inspect(a_photo(captured_at=written or None, gps=True)).captured_at is None


def test_broken_metadata_does_not_cost_anyone_their_photo() -> None:
    content = a_photo(orientation=6, captured_at="2026:07:21 22:15:03")
    block = content.index(b"Exif\0\0") + 6
    garbled = content[:block] + b"\xff" * 40 + content[block + 40 :]

    facts = inspect(garbled)

    assert (facts.width, facts.height, facts.captured_at) == (1200, 900, None)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_metadata_that_is_none_at_all_does_not_cost_anyone_their_photo(kind: str) -> None:
    content = saved(a_picture(800, 600), kind, exif=b"Exif\0\0this is not a list of tags")

    facts = inspect(content)

    assert (facts.width, facts.height, facts.captured_at) == (800, 600, None)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_is_known_as_one(kind: str) -> None:
    facts = inspect(an_animation(kind, frames=4))

    assert facts.animated
    assert facts.frames == 4
    assert _near(facts.dominant_colour, (230, 20, 20))


def test_the_depth_map_in_a_phones_photo_is_not_a_second_frame() -> None:
    facts = inspect(a_phone_photo_with_depth(800, 600))

    assert (facts.media_type, facts.frames) == ("image/jpeg", 1)


def test_the_dominant_colour_is_one_that_is_in_the_photo_and_not_the_mean() -> None:
    picture = Image.new("RGB", (600, 400), (10, 120, 200))
    picture.paste((250, 240, 20), (0, 0, 600, 150))

    assert _near(inspect(saved(picture, "PNG")).dominant_colour, (10, 120, 200))


def test_the_colour_of_transparency_is_white() -> None:
    assert inspect(a_sticker(800, 200)).dominant_colour in {"#ff0000", "#ffffff"}


def test_ink_and_sixteen_bits_are_read_as_they_look() -> None:
    assert _near(inspect(a_deep_grey_photo(level=0x4000)).dominant_colour, (64, 64, 64))
    assert inspect(a_cmyk_photo()).dominant_colour.startswith("#")


def test_the_placeholder_is_a_very_small_picture_of_the_upright_photo() -> None:
    facts = inspect(a_photo(600, 1200))
    content = base64.b64decode(facts.placeholder, validate=True)

    with Image.open(BytesIO(content), formats=["WEBP"]) as tiny:
        assert tiny.size == (8, 16)
    assert len(content) < 200


def _near(colour: str, expected: tuple[int, int, int]) -> bool:
    channels = bytes.fromhex(colour.removeprefix("#"))
    return all(abs(is_ - should) < 12 for is_, should in zip(channels, expected, strict=True))


COPIES = {
    "smaller": (640, "JPEG", 90),
    "other format": (800, "WEBP", 80),
    "hard": (800, "JPEG", 40),
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("seed", range(3))
def test_a_copy_of_a_photo_shows_the_same(seed: int, how: str) -> None:
    width, kind, quality = COPIES[how]
    picture = a_picture(800, 600, seed=seed)
    smaller = picture.resize((width, width * 3 // 4))  # pyright: ignore[reportUnknownMemberType]

    first = inspect(saved(picture, "PNG"))
    copy = inspect(saved(smaller, kind, quality=quality))

    assert first.sha256 != copy.sha256
    assert alike(first.mark, copy.mark)


def test_no_two_of_forty_photos_show_the_same() -> None:
    marks = [inspect(a_photo(400, 300, seed=seed)).mark for seed in range(40)]

    assert not any(alike(one, other) for one, other in combinations(marks, 2))


def test_a_photo_of_fog_is_like_no_other() -> None:
    fog = inspect(saved(Image.new("RGB", (800, 600), "#8090a0"), "PNG"))

    assert fog.mark == ""
    assert not alike(fog.mark, fog.mark)
