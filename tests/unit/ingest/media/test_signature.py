import pytest

from services.ingest.media.signature import is_cut_short, media_type_of
from tests.photos import a_heic, a_photo, an_animation


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
        ("TIFF", "image/tiff"),
        ("BMP", "image/bmp"),
        ("JPEG2000", "image/jp2"),
        ("ICO", "image/vnd.microsoft.icon"),
        ("PDF", "application/pdf"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(kind: str, media_type: str) -> None:
    assert media_type_of(a_photo(64, 64, format=kind)) == media_type


def test_a_photo_of_a_phone_that_writes_heic_is_known() -> None:
    assert media_type_of(a_heic()) == "image/heic"


@pytest.mark.parametrize(
    "drawing",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf \n<?xml version='1.0'?>\n<!-- made by hand --><svg/>",
        b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg/>",
    ],
)
def test_a_drawing_that_can_carry_script_is_known(drawing: bytes) -> None:
    assert media_type_of(drawing) == "image/svg+xml"


@pytest.mark.parametrize("text", [b"", b"\0", b"<html><svg/></html>", b"GIF", b"RIFF1234WAVE"])
def test_what_is_no_image_has_no_type(text: bytes) -> None:
    assert media_type_of(text) is None


def test_a_film_is_not_taken_for_a_photo_in_the_same_kind_of_box() -> None:
    assert media_type_of(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom") == "video/mp4"


@pytest.mark.parametrize("content", [an_animation("GIF"), an_animation("WEBP"), a_heic()])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_whole_file_is_not_called_cut_short(kind: str, content: bytes) -> None:
    for file in (a_photo(400, 300, format=kind), content):
        media_type = media_type_of(file)
        assert media_type is not None
        assert not is_cut_short(file, media_type)
        assert is_cut_short(file[: len(file) * 2 // 3], media_type)
