import pytest

from services.ingest.domain.wide_crop import WIDE, crop_at, position_of, positions

SIZES = [(1600, 1200), (1200, 1600), (4000, 1000), (2100, 900), (1, 3000)]


@pytest.mark.parametrize("size", SIZES)
def test_a_wide_part_lies_within_its_photo_and_is_as_large_as_can_be(size: tuple[int, int]) -> None:
    for position in positions(*size):
        crop = crop_at(position, *size)
        assert 0 <= crop.x <= crop.x + crop.width <= 1.0001
        assert 0 <= crop.y <= crop.y + crop.height <= 1.0001
        assert max(crop.width, crop.height) == 1


def test_a_wide_part_has_the_shape_of_a_wide_photo() -> None:
    crop = crop_at("top", 1600, 1200)
    assert crop.width * 1600 / (crop.height * 1200) == pytest.approx(WIDE, rel=0.001)
    assert crop.y == 0
    assert crop_at("bottom", 1600, 1200).y == pytest.approx(1 - crop.height, abs=0.001)


@pytest.mark.parametrize("size", SIZES[:3])
def test_the_place_of_a_wide_part_is_found_again(size: tuple[int, int]) -> None:
    for position in positions(*size):
        assert position_of(crop_at(position, *size), *size) == position


def test_only_places_that_make_a_difference_are_offered() -> None:
    assert positions(1600, 1200) == ("centre", "top", "bottom")
    assert positions(4000, 1000) == ("centre", "left", "right")
    assert crop_at("left", 1600, 1200) == crop_at("centre", 1600, 1200)
    assert position_of(None, 1600, 1200) == "centre"
