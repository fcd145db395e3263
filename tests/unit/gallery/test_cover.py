"""Covers: the chosen part is what is seen, and no number that was written can break the page."""

import re
from math import inf, nan

import pytest

from services.contracts.ingest import Crop
from services.gallery.domain.card import Photo
from services.gallery.domain.cover import cover_style, whole

PHOTO = Photo("c1-0", "", 1600, 1200, "#000000", "", ())


def rules(crop: Crop | None) -> tuple[str, str]:
    """Give the rules for narrow pages and those for wide ones."""
    narrow, wide = cover_style(PHOTO, crop).split("@media")
    return narrow, wide


def test_a_wide_part_fills_the_cover_exactly() -> None:
    _, wide = rules(Crop(x=0.25, y=0.5, width=0.5, height=0.25))

    # Half the width and a quarter of the height of a photo of 4:3 is 8:3.
    assert "aspect-ratio:2.667" in wide
    assert "left:-50.00%;top:-200.00%;width:200.00%;height:400.00%" in wide


def test_on_narrow_pages_the_middle_of_the_part_is_in_view() -> None:
    tall = Photo("c1-0", "", 1000, 3000, "#000000", "", ())
    top = cover_style(tall, Crop(x=0, y=0, width=1, height=0.1)).split("@media")[0]
    bottom = cover_style(tall, Crop(x=0, y=0.9, width=1, height=0.1)).split("@media")[0]

    assert "object-position:50.00% 0.00%" in top
    assert "object-position:50.00% 100.00%" in bottom


def test_without_a_part_the_middle_of_the_photo_is_shown() -> None:
    narrow, wide = rules(None)

    assert "object-position:50.00% 50.00%" in narrow
    assert "aspect-ratio:1.600" in wide
    assert "object-position:50.00% 50.00%" in wide


@pytest.mark.parametrize(
    "numbers",
    [
        (nan, 0, 1, 1),
        (0, 0, inf, 1),
        (-5, 2, 0, 0),
        (0.99, 0.99, 9, 9),
        (1e300, -1e300, 1e-300, 1),
    ],
)
def test_hostile_numbers_stay_within_the_photo(numbers: tuple[float, float, float, float]) -> None:
    x, y, width, height = numbers
    crop = Crop(x=x, y=y, width=width, height=height)
    part = whole(crop)

    assert 0 <= part.x < part.x + part.width <= 1 + 1e-9
    assert 0 <= part.y < part.y + part.height <= 1 + 1e-9
    written = cover_style(PHOTO, crop)
    assert written.count("{") == written.count("}")
    assert all(abs(float(n)) <= 2000 for n in re.findall(r"(-?\d+\.\d+)%", written))
