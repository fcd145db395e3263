"""The river: what stands above it comes back broken by waves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter, ImageOps

from deploy.sample.brush import RGB, clouds, fade, glow, gradient, resized, toned

if TYPE_CHECKING:
    import random


@dataclass(frozen=True, slots=True)
class River:
    """How the water lies."""

    tint: RGB
    clarity: float = 0.72
    waves: float = 1.0
    smear: float = 14.0


def pour(picture: Image.Image, horizon: int, river: River, rng: random.Random) -> None:
    """Fill the picture below the horizon with water that mirrors what is above it."""
    depth = picture.height - horizon
    above = picture.crop((0, max(0, horizon - round(depth * 1.25)), picture.width, horizon))
    mirror = resized(ImageOps.flip(above), (picture.width, depth))
    smeared = mirror.filter(ImageFilter.GaussianBlur((2.0, river.smear)))
    mirror = Image.blend(mirror, smeared, 0.6)
    mirror = _rippled(mirror, river.waves, rng)
    water = Image.blend(Image.new("RGB", mirror.size, river.tint), mirror, river.clarity)
    shade = fade(mirror.size, [(0, 250), (0.12, 228), (1, 168)])
    water = ImageChops.multiply(water, Image.merge("RGB", [shade] * 3))
    relief = _relief(mirror.size, rng, river.waves)
    water = ImageChops.soft_light(water, Image.merge("RGB", [relief] * 3))
    picture.paste(water, (0, horizon))
    _shoreline(picture, horizon)


def _shoreline(picture: Image.Image, horizon: int) -> None:
    """Water and land never meet in a perfectly sharp line."""
    soft = max(2, picture.height // 500)
    band = (0, horizon - soft, picture.width, horizon + 2 * soft)
    strip = picture.crop(band).filter(ImageFilter.GaussianBlur((4, soft * 0.7)))
    picture.paste(strip, band[:2])


def _rows(depth: int) -> list[int]:
    """Waves lie close together far away and wide apart near by."""
    rows, y, step = [0], 0.0, 2.0
    while y < depth:
        y += step
        step = 2.0 + 15.0 * (y / depth) ** 1.1
        rows.append(min(depth, round(y)))
    return sorted(set(rows))


def _rippled(mirror: Image.Image, waves: float, rng: random.Random) -> Image.Image:
    """Bend the mirror image on a net whose knots the waves push about."""
    width, depth = mirror.size
    rows, columns = _rows(depth), max(12, width // 70)
    xs = [round(width * i / columns) for i in range(columns + 1)]
    knots: list[list[tuple[float, float]]] = []
    phase = rng.uniform(0, 9)
    for y in rows:
        near = y / depth
        reach = waves * (1.5 + 17.0 * near)
        swell = math.sin(y * 0.11 / (0.12 + near) + phase)
        line = [
            (
                min(width - 1.0, max(0.0, x + rng.gauss(0, 0.55) * reach)),
                min(depth - 1.0, max(0.0, y + (swell + rng.gauss(0, 1)) * reach * 0.9)),
            )
            for x in xs
        ]
        knots.append(line)
    mesh = [
        (
            (xs[i], rows[j], xs[i + 1], rows[j + 1]),
            (*knots[j][i], *knots[j + 1][i], *knots[j + 1][i + 1], *knots[j][i + 1]),
        )
        for j in range(len(rows) - 1)
        for i in range(columns)
    ]
    return mirror.transform(mirror.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _relief(size: tuple[int, int], rng: random.Random, waves: float) -> Image.Image:
    """Light and dark flanks of the waves, flattened towards the horizon."""
    width, depth = size
    flat = clouds((width // 2, depth), rng, (5, 40), octaves=3)
    flat = toned(flat, lambda v: 0.5 + (v - 0.5) * min(1.0, 0.55 * waves))
    relief = Image.new("L", (width // 2, depth))
    y = 0
    while y < depth:
        share = (y + 1) / depth
        height = max(2, round(depth * 0.02 + depth * 0.10 * share))
        take = max(height, round(height * (0.32 / (0.08 + share))))
        top = min(depth - 1, rng.randrange(max(1, depth - take)))
        strip = flat.crop((0, top, width // 2, min(depth, top + take)))
        strip = resized(strip, (width // 2, height))
        relief.paste(strip, (0, y))
        y += height
    soft = relief.filter(ImageFilter.GaussianBlur((3, 1)))
    return resized(soft, size)


def sun_path(
    picture: Image.Image, horizon: int, x: float, colour: RGB, rng: random.Random, spread: float
) -> None:
    """Scatter the glitter that a low sun or a moon lays over the water."""
    depth = picture.height - horizon
    for _ in range(900):
        near = rng.random() ** 1.5
        y = horizon + 3 + near * depth
        reach = spread * (0.25 + near)
        dx = rng.gauss(0, reach * 0.5)
        w = 2 + 26 * near * rng.random()
        strength = math.exp(-((dx / reach) ** 2)) * (1 - 0.5 * near)
        tone = (
            round(colour[0] * strength),
            round(colour[1] * strength),
            round(colour[2] * strength),
        )
        glint(picture, (x + dx, y), (w, max(1.5, w * 0.16)), tone)


def glint(
    picture: Image.Image, at: tuple[float, float], reach: tuple[float, float], colour: RGB
) -> None:
    """Place one flat flash of light on a wave."""
    rx, ry = max(1, round(reach[0])), max(1, round(reach[1]))
    left, top = round(at[0]) - rx, round(at[1]) - ry
    patch = Image.new("RGB", (2 * rx, 2 * ry))
    glow(patch, (rx, ry), min(rx, ry), colour, 1.0)
    if rx != ry:
        patch = Image.new("RGB", (32, 32))
        glow(patch, (16, 16), 16, colour, 1.4)
        patch = resized(patch, (2 * rx, 2 * ry))
    box = (max(0, left), max(0, top), min(picture.width, left + 2 * rx),
           min(picture.height, top + 2 * ry))  # fmt: skip
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    part = patch.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    picture.paste(ImageChops.screen(picture.crop(box), part), box)


def mist(picture: Image.Image, at: int, reach: int, colour: RGB, strength: float) -> None:
    """Lay a band of haze over the picture, thickest at one height."""
    height = picture.height
    low, mid, high = (at - reach) / height, at / height, (at + reach) / height
    peak = round(255 * strength)
    stops = [(0.0, 0), (max(0.0, low), 0), (mid, peak), (min(1.0, high), 0), (1.0, 0)]
    picture.paste(
        gradient(picture.size, [(0, colour), (1, colour)]), (0, 0), fade(picture.size, stops)
    )
