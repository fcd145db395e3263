"""Brushes for drawing photos: smooth shapes, gradients, clouds and light, all from a seed."""

from __future__ import annotations

import math
import random
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RGB = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]

#: Shapes are drawn this much larger and then reduced: Pillow itself draws hard edges.
OVERSAMPLING = 2


def dice(*names: object) -> random.Random:
    """Chance that comes out the same for the same names, on every machine."""
    return random.Random(":".join(map(str, names)))  # noqa: S311 (pictures, not secrets)


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """Give the colour that lies `share` of the way from one colour to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def ramp(stops: Sequence[tuple[float, RGB]], at: float) -> RGB:
    """Read a colour from a row of colour stops, eased so that no stop shows as a line."""
    if at <= stops[0][0]:
        return stops[0][1]
    for (low, one), (high, other) in pairwise(stops):
        if at <= high:
            return mix(one, other, (at - low) / (high - low))
    return stops[-1][1]


def gradient(size: Size, stops: Sequence[tuple[float, RGB]]) -> Image.Image:
    """Fill a picture from top to bottom with a row of colour stops."""
    steps = 256
    column = Image.new("RGB", (1, steps))
    for step in range(steps):
        column.putpixel((0, step), ramp(stops, step / (steps - 1)))
    return resized(column, size)


def fade(size: Size, stops: Sequence[tuple[float, int]]) -> Image.Image:
    """Make a mask that changes from top to bottom."""
    return gradient(size, [(at, (v, v, v)) for at, v in stops]).getchannel(0)


def curve(change: Callable[[float], float]) -> list[int]:
    """Turn a function of brightness (0 to 1) into the table that Pillow applies per pixel."""
    return [max(0, min(255, round(255 * change(v / 255)))) for v in range(256)]


def mapped(picture: Image.Image, table: Sequence[int]) -> Image.Image:
    """Change every brightness by a table; the one place where Pillow's own types leave gaps."""
    return picture.point(table)  # pyright: ignore[reportUnknownMemberType]


def resized(picture: Image.Image, size: Size) -> Image.Image:
    """Make a picture larger or smaller, smoothly."""
    return picture.resize(size, Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType]


def toned(picture: Image.Image, change: Callable[[float], float]) -> Image.Image:
    """Change every brightness (0 to 1) by a function; all channels alike."""
    return mapped(picture, curve(change) * len(picture.getbands()))


def chance(rng: random.Random, share: float) -> bool:
    """Toss a coin that falls on its good side this often."""
    return rng.random() < share


def clouds(size: Size, rng: random.Random, cells: Size, octaves: int = 5) -> Image.Image:
    """Make soft noise over the whole brightness range: clouds, smoke, stains, worn stone."""
    field = Image.new("L", size, 128)
    small = (max(8, size[0] // 3), max(8, size[1] // 3))
    total = 0.0
    for octave in range(octaves):
        grid = (cells[0] << octave, cells[1] << octave)
        noise = Image.frombytes("L", grid, rng.randbytes(grid[0] * grid[1]))
        layer = resized(noise, small)
        weight = 0.55**octave
        total += weight
        field = layer if octave == 0 else Image.blend(field, layer, weight / total)
    return resized(ImageOps.autocontrast(field, cutoff=1), size)


def tinted(mask: Image.Image, colour: RGB) -> Image.Image:
    """Colour a brightness mask: black stays black, white becomes the colour."""
    return Image.merge("RGB", [toned(mask, lambda v, c=c: v * c / 255) for c in colour])


def lay(picture: Image.Image, mask: Image.Image, colour: RGB | Image.Image) -> None:
    """Put a colour (or another picture) on the picture where the mask says so."""
    picture.paste(colour, (0, 0), mask)


def add_light(picture: Image.Image, light: Image.Image) -> None:
    """Add light the way film does: it brightens and never burns the colour away at once."""
    picture.paste(ImageChops.screen(picture, light))


@lru_cache(maxsize=64)
def falloff(radius: int, power: float) -> Image.Image:
    """Make a round spot of light that weakens towards its edge."""
    # Pillow's gradient ends in the corners; light must end at the edge, or its square shows.
    spot = toned(Image.radial_gradient("L"), lambda v: max(0.0, 1 - 1.45 * v) ** power)
    return resized(spot, (2 * radius, 2 * radius))


def glow(picture: Image.Image, at: Point, radius: float, colour: RGB, power: float = 2.2) -> None:
    """Shine a round light into the picture."""
    reach = max(1, round(radius * 1.25))
    left, top = round(at[0]) - reach, round(at[1]) - reach
    light = tinted(falloff(reach, power), colour)
    box = (
        max(0, left),
        max(0, top),
        min(picture.width, left + 2 * reach),
        min(picture.height, top + 2 * reach),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    light = light.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    picture.paste(ImageChops.screen(picture.crop(box), light), box)


class Pen:
    """Draws smooth shapes in the picture's own coordinates, on a larger sheet."""

    def __init__(self, size: Size, mode: str = "L") -> None:
        self.size = size
        self._k = OVERSAMPLING
        self._sheet = Image.new(mode, (size[0] * self._k, size[1] * self._k))
        self._draw = ImageDraw.Draw(self._sheet)
        self.ink: int | tuple[int, ...] = 255 if mode == "L" else (255, 255, 255, 255)

    def image(self) -> Image.Image:
        """Reduce the sheet to what was drawn, with soft edges."""
        return self._sheet.reduce(self._k)

    def polygon(self, points: Sequence[Point]) -> None:
        self._draw.polygon([(x * self._k, y * self._k) for x, y in points], fill=self.ink)

    def blob(self, points: Sequence[Point]) -> None:
        """Fill an outline whose corners are rounded off."""
        self.polygon(rounded(points))

    def rectangle(self, left: float, top: float, right: float, bottom: float) -> None:
        if right > left and bottom > top:
            k = self._k
            box = (left * k, top * k, right * k - 1, bottom * k - 1)
            if box[2] >= box[0] and box[3] >= box[1]:
                self._draw.rectangle(box, fill=self.ink)

    def disc(self, at: Point, rx: float, ry: float | None = None) -> None:
        ry = rx if ry is None else ry
        k = self._k
        box = ((at[0] - rx) * k, (at[1] - ry) * k, (at[0] + rx) * k, (at[1] + ry) * k)
        self._draw.ellipse(box, fill=self.ink)

    def ring(self, at: Point, radius: float, width: float, ry: float | None = None) -> None:
        ry = radius if ry is None else ry
        k = self._k
        box = ((at[0] - radius) * k, (at[1] - ry) * k, (at[0] + radius) * k, (at[1] + ry) * k)
        self._draw.ellipse(box, outline=self.ink, width=max(1, round(width * k)))

    def arc(self, at: Point, radius: float, span: tuple[float, float], width: float) -> None:
        k = self._k
        box = tuple(v * k for v in (at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius))
        self._draw.arc(box, span[0], span[1], fill=self.ink, width=max(1, round(width * k)))

    def line(self, points: Sequence[Point], width: float) -> None:
        k = self._k
        bold = max(1, round(width * k))
        self._draw.line([(x * k, y * k) for x, y in points], self.ink, bold, joint="curve")

    def limb(self, one: Point, r1: float, other: Point, r2: float) -> None:
        """Draw a rounded, tapering stroke: an arm, a leg, the neck of a bottle."""
        self.disc(one, r1)
        self.disc(other, r2)
        dx, dy = other[0] - one[0], other[1] - one[1]
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length, dx / length
        self.polygon(
            [
                (one[0] + nx * r1, one[1] + ny * r1),
                (other[0] + nx * r2, other[1] + ny * r2),
                (other[0] - nx * r2, other[1] - ny * r2),
                (one[0] - nx * r1, one[1] - ny * r1),
            ]
        )


def rounded(points: Sequence[Point], times: int = 2) -> list[Point]:
    """Round the corners of a closed outline by cutting them, twice or more (Chaikin)."""
    outline = list(points)
    for _ in range(times):
        following = [*outline[1:], outline[0]]
        outline = [
            (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            for a, b in zip(outline, following, strict=True)
            for share in (0.25, 0.75)
        ]
    return outline


def sagging(one: Point, other: Point, sag: float, steps: int = 40) -> list[Point]:
    """Trace a cable that hangs between two points."""
    return [
        (
            one[0] + (other[0] - one[0]) * t,
            one[1] + (other[1] - one[1]) * t + sag * 4 * t * (1 - t),
        )
        for t in (step / steps for step in range(steps + 1))
    ]
