"""Keep drawn photos in a folder, so that a second start need not draw them again."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from deploy.sample.photos import GENERATION, SamplePhoto, notes, photograph

#: Two at a time: drawing must leave the services room to start.
PAINTERS = 2


def album(count: int, folder: Path, *, seed: int = 1) -> list[SamplePhoto]:
    """Give the first photos of a series, drawing only those the folder does not have yet."""
    kept = folder / f"photos-{GENERATION}-{seed}"
    kept.mkdir(parents=True, exist_ok=True)
    numbers = range(1, count + 1)
    missing = [number for number in numbers if not _place(kept, number, seed).is_file()]
    if missing:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(PAINTERS, mp_context=context) as painters:
            list(painters.map(_draw, missing, [kept] * len(missing), [seed] * len(missing)))
    return [_reading(kept, number, seed) for number in numbers]


def one(number: int, folder: Path, *, seed: int = 1) -> SamplePhoto:
    """Give one photo of a series, from the folder if it is there."""
    kept = folder / f"photos-{GENERATION}-{seed}"
    kept.mkdir(parents=True, exist_ok=True)
    if not _place(kept, number, seed).is_file():
        _draw(number, kept, seed)
    return _reading(kept, number, seed)


def _place(kept: Path, number: int, seed: int) -> Path:
    return kept / notes(number, seed=seed).filename


def _draw(number: int, kept: Path, seed: int) -> None:
    photo = photograph(number, seed=seed)
    place = kept / photo.filename
    # Written beside it and moved: a start that was killed must not leave half a photo.
    half = place.with_suffix(f".{os.getpid()}-{threading.get_ident()}.half")
    half.write_bytes(photo.content)
    half.replace(place)


def _reading(kept: Path, number: int, seed: int) -> SamplePhoto:
    known = notes(number, seed=seed)
    return SamplePhoto(
        filename=known.filename,
        content=_place(kept, number, seed).read_bytes(),
        caption=known.caption,
        alt=known.alt,
        place=known.place,
        author=known.author,
    )
