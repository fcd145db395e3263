"""Develop a drawing into a photo: bloom, depth of field, grading, vignette and grain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from deploy.sample.brush import RGB, add_light, curve, mapped, resized, toned

if TYPE_CHECKING:
    import random

#: The grain is drawn once in this size and laid as tiles: finer than anyone sees a repeat.
GRAIN_TILE = 640


@dataclass(frozen=True, slots=True)
class Film:
    """How a photo is developed."""

    bloom: float = 0.5
    bloom_from: float = 0.62
    shadows: RGB = (10, 14, 26)
    highlights: RGB = (255, 248, 236)
    contrast: float = 0.22
    vignette: float = 0.35
    grain: float = 0.045


def develop(picture: Image.Image, film: Film, rng: random.Random) -> Image.Image:
    """Give a drawing the look of a photo taken on this film."""
    photo = picture.convert("RGB")
    if film.bloom:
        add_light(photo, _bloom(photo, film))
    photo = _graded(photo, film)
    photo = _vignetted(photo, film.vignette)
    return _grained(photo, film.grain, rng)


def _bloom(photo: Image.Image, film: Film) -> Image.Image:
    """Light that spills over from the brightest places."""
    start, strength = film.bloom_from, film.bloom
    table = curve(lambda v: max(0.0, v - start) / (1 - start) * strength)
    small = mapped(photo.reduce(4), table * 3)
    reach = max(photo.size) / 4
    near = small.filter(ImageFilter.GaussianBlur(reach / 90))
    far = small.filter(ImageFilter.GaussianBlur(reach / 22))
    return resized(ImageChops.add(near, far), photo.size)


def _graded(photo: Image.Image, film: Film) -> Image.Image:
    """Tone the shadows and the highlights, with a soft S in between."""

    def scale(low: int, high: int) -> list[int]:
        def change(v: float) -> float:
            s_curve = v * v * (3 - 2 * v)
            v = v + (s_curve - v) * film.contrast * 2
            return low / 255 + v * (high - low) / 255

        return curve(change)

    tables = [scale(a, b) for a, b in zip(film.shadows, film.highlights, strict=True)]
    return mapped(photo, [value for table in tables for value in table])


def _vignetted(photo: Image.Image, strength: float) -> Image.Image:
    """Darken the corners, as a fast lens does."""
    table = curve(lambda v: 1 - strength * max(0.0, v - 0.35) ** 1.6 * 1.5)
    wide = mapped(Image.radial_gradient("L").crop((28, 28, 228, 228)), table)
    shade = resized(wide, photo.size)
    return ImageChops.multiply(photo, Image.merge("RGB", [shade] * 3))


def _grained(photo: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    """Lay film grain over it, strongest in the middle tones."""
    tile_size = (GRAIN_TILE, GRAIN_TILE)
    layers = [Image.frombytes("L", tile_size, rng.randbytes(GRAIN_TILE**2)) for _ in range(2)]
    tile = Image.blend(layers[0], layers[1], 0.5).filter(ImageFilter.GaussianBlur(0.7))
    tile = toned(tile, lambda v: 0.5 + (v - 0.5) * strength * 14)
    grain = Image.new("L", photo.size)
    for left in range(0, photo.width, GRAIN_TILE):
        for top in range(0, photo.height, GRAIN_TILE):
            grain.paste(tile, (left, top))
    soft = ImageChops.soft_light(photo, Image.merge("RGB", [grain] * 3))
    return Image.blend(photo, soft, 0.55)


def defocused(picture: Image.Image, radius: float) -> Image.Image:
    """Throw a picture out of focus, fast: a big blur needs no fine pixels."""
    step = max(1, int(radius // 4))
    small = picture.reduce(step) if step > 1 else picture
    soft = small.filter(ImageFilter.GaussianBlur(radius / step))
    return resized(soft, picture.size)
