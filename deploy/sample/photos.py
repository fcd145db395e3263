"""Photograph the feast: drawn, never taken, so that nobody's face or work is in the sample."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image

from deploy.sample.brush import dice
from deploy.sample.people import CURATORS, VISITORS
from deploy.sample.scenes.catalogue import SCENES

if TYPE_CHECKING:
    from deploy.sample.scenes.scene import Scene

#: Part of the cache's name: raise it when drawn photos change.
GENERATION = 2
JPEG_QUALITY = 88
FIRST_DAY = datetime(2026, 8, 14)  # noqa: DTZ001 (EXIF dates carry no zone)
DAYS = 3

#: Every so many photos lies on its side, as phones store them, and says so in its EXIF.
LYING_EVERY = 5
LYING = 6

ORIENTATION, MAKE, MODEL, CHANGED = 0x0112, 0x010F, 0x0110, 0x0132
EXIF_PART, TAKEN = 0x8769, 0x9003


@dataclass(frozen=True, slots=True)
class Notes:
    """Everything about a photo that is known before it is drawn."""

    filename: str
    caption: str
    alt: str
    place: str
    author: str
    taken: datetime


@dataclass(frozen=True, slots=True)
class SamplePhoto:
    """A photo as a contributor would send it in."""

    filename: str
    content: bytes
    caption: str
    alt: str
    place: str
    author: str


def notes(number: int, *, seed: int = 1) -> Notes:
    """Say what photo `number` shows, and who sends it, without drawing it."""
    scene = _scene(number)
    rng = dice("notes", number, seed)
    hour, minute = scene.hour
    day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    names = [curator.name for curator in CURATORS]
    suffix = "" if seed == 1 and number <= len(SCENES) else f"-{number}-{seed}"
    return Notes(
        filename=f"{scene.slug}{suffix}.jpg",
        caption=scene.captions[(number + seed) % len(scene.captions)],
        alt=scene.alt,
        place=scene.place,
        author=VISITORS[number // 3 % len(VISITORS)]
        if number % 3 == 0
        else names[number % len(names)],
        taken=day
        + timedelta(hours=hour, minutes=minute + rng.randrange(-4, 5), seconds=rng.randrange(60)),
    )


def photograph(number: int, *, seed: int = 1) -> SamplePhoto:
    """Draw photo `number`; the same number and seed always give the same bytes."""
    known = notes(number, seed=seed)
    scene = _scene(number)
    drawn = scene.draw(dice(scene.slug, number, seed))
    return SamplePhoto(
        filename=known.filename,
        content=_jpeg(drawn, known.taken, lying=number % LYING_EVERY == 0),
        caption=known.caption,
        alt=known.alt,
        place=known.place,
        author=known.author,
    )


def _scene(number: int) -> Scene:
    return SCENES[(number - 1) % len(SCENES)]


def _jpeg(picture: Image.Image, taken: datetime, *, lying: bool) -> bytes:
    stamp = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif = Image.Exif()
    exif[MAKE], exif[MODEL], exif[CHANGED] = "Kaai", "Kaai K1", stamp
    exif.get_ifd(EXIF_PART)[TAKEN] = stamp
    if lying:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        exif[ORIENTATION] = LYING
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, exif=exif, progressive=True, subsampling=0)
    return out.getvalue()
