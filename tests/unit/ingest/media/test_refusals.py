import pytest
from PIL import Image

from services.ingest.media import PhotoRefusedError, RefusalReason, inspect, render
from services.ingest.media.photo import MAX_ANIMATION_PIXELS
from tests.photos import a_bomb, a_frame_bomb, a_heic, a_photo, an_animation, saved


def _refusal(content: bytes) -> PhotoRefusedError:
    with pytest.raises(PhotoRefusedError) as inspected:
        inspect(content)
    with pytest.raises(PhotoRefusedError) as rendered:
        render(content)
    assert rendered.value.reason == inspected.value.reason
    return inspected.value


def test_nothing_is_refused_as_empty() -> None:
    assert _refusal(b"").reason == "empty"


def test_sixty_megabytes_are_refused_before_anything_reads_them() -> None:
    refusal = _refusal(a_photo() + bytes(60_000_000))

    assert refusal.reason == "too-many-bytes"
    assert refusal.facts["limit"] == 40_000_000


@pytest.mark.parametrize("content", [b"hello", b"\0" * 5000, b"<!doctype html><p>photo.jpg"])
def test_what_is_not_an_image_is_refused_whatever_it_is_called(content: bytes) -> None:
    assert _refusal(content).reason == "not-an-image"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        (b"%PDF-1.7\n", "application/pdf"),
        (a_photo(400, 300, format="TIFF"), "image/tiff"),
        (a_photo(400, 300, format="BMP"), "image/bmp"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4"),
    ],
)
def test_another_type_is_refused_by_its_name(content: bytes, media_type: str) -> None:
    refusal = _refusal(content)

    assert refusal.reason == "type-not-accepted"
    assert refusal.facts == {"media_type": media_type}


def test_two_hundred_megapixels_in_a_small_file_are_refused_undecoded() -> None:
    bomb = a_bomb()
    assert len(bomb) < 400_000

    refusal = _refusal(bomb)

    assert refusal.reason == "too-many-pixels"


def test_a_bomb_below_the_decoders_own_alarm_is_refused_by_ours() -> None:
    refusal = _refusal(a_bomb(8000, 6251))

    assert refusal.reason == "too-many-pixels"
    assert (refusal.facts["width"], refusal.facts["height"]) == (8000, 6251)


def test_a_webp_that_would_take_all_of_a_decoders_memory_is_refused() -> None:
    refusal = _refusal(saved(Image.new("RGB", (6000, 4200)), "WEBP", quality=1, method=0))

    assert refusal.reason == "too-many-pixels"
    assert refusal.facts["limit"] == 25_000_000


@pytest.mark.parametrize(("width", "height"), [(1, 65_535), (10_001, 400)])
def test_a_side_that_no_camera_has_is_refused(width: int, height: int) -> None:
    assert _refusal(a_bomb(width, height)).reason == "too-many-pixels"


def test_an_animation_with_more_pixels_in_all_than_is_bearable_is_refused() -> None:
    frames = MAX_ANIMATION_PIXELS // (400 * 400) + 1

    refusal = _refusal(a_frame_bomb(frames))

    assert refusal.reason == "too-many-pixels"
    assert refusal.facts["frames"] == frames


@pytest.mark.parametrize(("width", "height"), [(319, 200), (16, 16), (1000, 40)])
def test_an_icon_or_a_line_is_too_small(width: int, height: int) -> None:
    refusal = _refusal(a_photo(width, height))

    assert refusal.reason == "too-small"
    assert refusal.facts["width"] == width


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_photo_of_which_only_a_part_arrived_is_truncated(kind: str, share: float) -> None:
    whole = a_photo(800, 600, format=kind)

    assert _refusal(whole[: int(len(whole) * share)]).reason == "truncated"


def test_a_progressive_photo_of_which_only_a_part_arrived_is_truncated() -> None:
    whole = a_photo(800, 600, progressive=True)

    assert _refusal(whole[: len(whole) // 2]).reason == "truncated"


def test_a_heic_photo_of_which_only_a_part_arrived_is_truncated() -> None:
    assert _refusal(a_heic()[:4000]).reason == "truncated"


def test_an_animation_cut_off_in_its_first_frame_is_truncated() -> None:
    assert _refusal(an_animation("GIF", frames=1)[:700]).reason == "truncated"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_with_a_hole_in_its_head_is_damaged(kind: str) -> None:
    whole = a_photo(800, 600, format=kind)

    refusal = _refusal(whole[:12] + bytes(200) + whole[212:])

    assert refusal.reason == "damaged"
    assert refusal.facts == {"media_type": f"image/{kind.lower()}"}


def test_a_refusal_says_its_reason_and_its_facts_in_one_line() -> None:
    refusal = PhotoRefusedError(RefusalReason.TOO_SMALL, width=10, height=20)

    assert str(refusal) == "too-small width=10 height=20"
