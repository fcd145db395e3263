"""The drawn photos: always the same, real JPEGs, and described for whoever cannot see them."""

import io
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageOps, ImageStat

from deploy.sample.album import album, one
from deploy.sample.people import CURATORS
from deploy.sample.photos import (
    GENERATION,
    LYING,
    ORIENTATION,
    TAKEN,
    SamplePhoto,
    notes,
    photograph,
)
from deploy.sample.scenes.catalogue import SCENES

#: Drawing all of them takes half a minute; these are quick, and of three formats.
LOOKED_AT = (5, 8, 14)
ALL = range(1, len(SCENES) + 1)


@cache
def drawn(number: int, seed: int = 1) -> SamplePhoto:
    return photograph(number, seed=seed)


def test_there_are_at_least_twenty_four_compositions_and_no_name_twice() -> None:
    slugs = {scene.slug for scene in SCENES}

    assert len(slugs) == len(SCENES) >= 24


def test_the_same_number_and_seed_give_the_same_bytes() -> None:
    assert photograph(14).content == drawn(14).content


def test_another_seed_gives_another_photo_of_the_same_scene() -> None:
    one_of_them, other = drawn(8), drawn(8, 2)

    assert one_of_them.content != other.content
    assert one_of_them.filename != other.filename
    assert one_of_them.alt == other.alt


@pytest.mark.parametrize("number", LOOKED_AT)
def test_a_photo_is_a_jpeg_of_a_size_that_a_phone_takes(number: int) -> None:
    photo = drawn(number)

    with Image.open(io.BytesIO(photo.content)) as picture:
        picture.load()
        assert picture.format == "JPEG"
        assert picture.mode == "RGB"
        assert 1400 <= max(picture.size) <= 2400
    assert 100_000 < len(photo.content) < 2_000_000


@pytest.mark.parametrize("number", LOOKED_AT)
def test_a_photo_is_not_one_flat_colour(number: int) -> None:
    with Image.open(io.BytesIO(drawn(number).content)) as picture:
        spread = ImageStat.Stat(picture.convert("L")).stddev[0]

    assert spread > 20


def test_a_photo_tells_when_it_was_taken() -> None:
    with Image.open(io.BytesIO(drawn(8).content)) as picture:
        taken = picture.getexif().get_ifd(0x8769)[TAKEN]

    assert taken == notes(8).taken.strftime("%Y:%m:%d %H:%M:%S")
    assert taken.startswith("2026:08:")


def test_every_fifth_photo_lies_on_its_side_and_says_so() -> None:
    with Image.open(io.BytesIO(drawn(5).content)) as picture:
        assert picture.getexif()[ORIENTATION] == LYING
        assert picture.width > picture.height
        upright = ImageOps.exif_transpose(picture)

    assert upright.height > upright.width


@pytest.mark.parametrize("number", ALL)
def test_every_photo_is_described_in_a_sentence(number: int) -> None:
    known = notes(number)

    assert 60 <= len(known.alt) <= 250
    assert known.alt[0].isupper()
    assert known.alt.endswith(".")
    assert not known.alt.lower().startswith(("foto", "afbeelding"))
    assert known.alt != known.caption
    assert known.place
    assert known.author


def test_many_captions_carry_the_hashtag_and_some_do_not() -> None:
    tagged = ["#bollekesfeest" in notes(number).caption for number in ALL]

    assert len(tagged) // 4 < sum(tagged) < len(tagged)


def test_no_two_photos_of_a_series_share_a_file_name() -> None:
    names = [notes(number, seed=seed).filename for number in ALL for seed in (1, 2)]

    assert len(set(names)) == len(names)


def test_there_are_ten_curators_with_a_line_about_each() -> None:
    assert len({curator.handle for curator in CURATORS}) == 10
    assert all(len(curator.bio) > 20 for curator in CURATORS)


def test_a_kept_photo_is_not_drawn_again(tmp_path: Path) -> None:
    first = one(14, tmp_path)
    [kept] = tmp_path.rglob("*.jpg")
    kept.write_bytes(b"kept as it was")

    assert first.content == drawn(14).content
    assert one(14, tmp_path).content == b"kept as it was"
    assert not list(tmp_path.rglob("*.half"))


def test_an_album_that_is_there_is_given_in_order(tmp_path: Path) -> None:
    folder = tmp_path / f"photos-{GENERATION}-1"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / notes(number).filename).write_bytes(b"photo %d" % number)

    assert [photo.content for photo in album(3, tmp_path)] == [b"photo 1", b"photo 2", b"photo 3"]
