"""Whatever the bytes are, a photo is described or refused: nothing else ever comes out."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.media import PhotoRefusedError, inspect, render
from tests.photos import (
    a_cmyk_photo,
    a_damaged_copy,
    a_heic,
    a_palette_photo,
    a_phone_photo_with_depth,
    a_photo,
    a_wide_gamut_profile,
    an_animation,
)

PHOTOS = {
    "jpeg": a_photo(340, 260, gps=True, orientation=6, icc_profile=a_wide_gamut_profile()),
    "progressive": a_photo(340, 260, progressive=True),
    "depth": a_phone_photo_with_depth(340, 260),
    "cmyk": a_cmyk_photo(340, 260),
    "png": a_photo(340, 260, format="PNG", gps=True),
    "palette": a_palette_photo(340, 260),
    "webp": a_photo(340, 260, format="WEBP"),
    "avif": a_photo(340, 260, format="AVIF"),
    "gif": an_animation("GIF"),
    "apng": an_animation("PNG"),
    "heic": a_heic(),
}
HEADS = [content[:40] for content in PHOTOS.values()]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([b"", *HEADS]), st.binary(max_size=400))
@example(b"\xff\xd8\xff", b"")
def test_random_bytes_are_described_or_refused(head: bytes, rest: bytes) -> None:
    with suppress(PhotoRefusedError):
        inspect(head + rest)


@pytest.mark.parametrize("kind", PHOTOS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), flips=st.integers(1, 60))
def test_a_photo_with_flipped_bits_is_described_or_refused(
    kind: str, seed: int, flips: int
) -> None:
    damaged = a_damaged_copy(PHOTOS[kind], seed=seed, flips=flips)

    with suppress(PhotoRefusedError):
        inspect(damaged)
    with suppress(PhotoRefusedError):
        render(damaged)


@pytest.mark.parametrize("kind", PHOTOS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), flips=st.integers(1, 20))
def test_a_photo_with_flipped_bits_in_its_head_is_described_or_refused(
    kind: str, seed: int, flips: int
) -> None:
    whole = PHOTOS[kind]
    damaged = a_damaged_copy(whole[:600], seed=seed, flips=flips) + whole[600:]

    with suppress(PhotoRefusedError):
        inspect(damaged)


@pytest.mark.parametrize("kind", PHOTOS)
@settings(max_examples=25, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_photo_cut_anywhere_is_described_or_refused(kind: str, share: float) -> None:
    whole = PHOTOS[kind]

    with suppress(PhotoRefusedError):
        render(whole[: int(len(whole) * share)])
