"""Everything that shines: bulbs on a string, fireworks, out-of-focus lights, beams, stars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, add_light, glow, mix, resized, sagging, tinted

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

WARM: RGB = (255, 190, 96)


def bulbs(
    picture: Image.Image,
    one: Point,
    other: Point,
    sag: float,
    size: float,
    colours: Sequence[RGB] = (WARM,),
) -> None:
    """Hang a string of lamps between two points."""
    cable = sagging(one, other, sag, 60)
    length = math.dist(one, other)
    ImageDraw.Draw(picture).line(cable, fill=(24, 18, 20), width=max(1, round(size * 0.22)))
    count = max(3, round(length / (size * 9)))
    lamps = sagging(one, other, sag, count)
    for number, (x, y) in enumerate(lamps[1:-1]):
        colour = colours[number % len(colours)]
        centre = (x, y + size * 0.9)
        glow(picture, centre, size * 6, mix((0, 0, 0), colour, 0.36), 2.6)
        glow(picture, centre, size * 1.9, colour, 1.3)
        glow(picture, centre, size * 1.05, (255, 244, 216), 0.6)


def bokeh(
    picture: Image.Image,
    rng: random.Random,
    count: int,
    area: tuple[float, float, float, float],
    radius: tuple[float, float],
    colours: Sequence[RGB],
    strength: float = 0.5,
) -> None:
    """Scatter lights that are out of focus, each a disc with a brighter rim."""
    layer = Image.new("RGB", picture.size)
    for _ in range(count):
        r = rng.uniform(*radius)
        at = (rng.uniform(area[0], area[2]), rng.uniform(area[1], area[3]))
        colour = rng.choice(list(colours))
        disc = _disc(round(r), mix((0, 0, 0), colour, strength * rng.uniform(0.45, 1.0)))
        _add(layer, disc, at)
    add_light(picture, layer.filter(ImageFilter.GaussianBlur(max(0.8, radius[0] * 0.05))))


def _disc(r: int, colour: RGB) -> Image.Image:
    r = max(2, r)
    pen = Pen((2 * r + 4, 2 * r + 4))
    pen.ink = 175
    pen.disc((r + 2, r + 2), r)
    pen.ink = 255
    pen.ring((r + 2, r + 2), r, max(1.0, r * 0.07))
    return tinted(pen.image(), colour)


def _add(layer: Image.Image, light: Image.Image, at: Point) -> None:
    left, top = round(at[0] - light.width / 2), round(at[1] - light.height / 2)
    box = (max(0, left), max(0, top), min(layer.width, left + light.width),
           min(layer.height, top + light.height))  # fmt: skip
    if box[0] < box[2] and box[1] < box[3]:
        part = light.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        layer.paste(ImageChops.screen(layer.crop(box), part), box)


def stars(picture: Image.Image, rng: random.Random, count: int, until: float) -> None:
    """Sprinkle stars over the upper part of the sky."""
    for _ in range(count):
        at = (rng.uniform(0, picture.width), rng.uniform(0, until))
        tone = round(150 * rng.random() ** 2 + 40)
        glow(picture, at, rng.uniform(1.5, 3.2), (tone, tone, min(255, tone + 20)), 1.0)


def firework(
    picture: Image.Image, at: Point, radius: float, colours: tuple[RGB, RGB], rng: random.Random
) -> None:
    """Let one shell burst: sparks on falling arcs, bright at the tip, with its own smoke."""
    scale = 2
    reach = round(radius * 1.5)
    sheet = Image.new("RGB", (reach * 2 * scale // 2, reach * 2 * scale // 2))
    pen = ImageDraw.Draw(sheet)
    centre = sheet.width / 2
    k = sheet.width / (2 * reach)
    tips: list[tuple[Point, RGB]] = []
    arms = 150
    for arm in range(arms):
        angle = 2 * math.pi * (arm + rng.random()) / arms
        height = rng.uniform(-1, 1)
        span = radius * math.sqrt(1 - height * height * 0.92) * rng.uniform(0.94, 1.03)
        colour = mix(colours[0], colours[1], rng.random() ** 2)
        trail: list[Point] = []
        for step in range(12):
            t = 0.16 + 0.84 * step / 11
            out = span * (1 - (1 - t) ** 2.1)
            drop = radius * 0.14 * t * t
            trail.append(
                (centre + math.cos(angle) * out * k, centre + (math.sin(angle) * out + drop) * k)
            )
        for step in range(11):
            tone = mix((0, 0, 0), colour, 0.12 + 0.88 * (step / 10) ** 1.6)
            pen.line(
                [trail[step], trail[step + 1]],
                fill=tone,
                width=max(1, round(radius * 0.007 * k) + 1),
            )
        tips.append((trail[-1], colour))
    sparks = sheet.filter(ImageFilter.GaussianBlur(0.9))
    halo = resized(sheet.reduce(4).filter(ImageFilter.GaussianBlur(radius / 34)), sheet.size)
    light = ImageChops.add(sparks, halo)
    for tip, colour in tips:
        glow(light, tip, max(3.0, radius * 0.024), mix(colour, (255, 255, 255), 0.55), 1.2)
    glow(light, (centre, centre), radius * 1.4, mix((0, 0, 0), colours[0], 0.28), 1.8)
    _add(picture, resized(light, (reach * 2, reach * 2)), at)


def willow(picture: Image.Image, at: Point, radius: float, colour: RGB, rng: random.Random) -> None:
    """Let a golden willow hang in the sky: long trails that fall."""
    layer = Image.new("RGB", picture.size)
    pen = ImageDraw.Draw(layer)
    for _ in range(70):
        angle = rng.uniform(0, 2 * math.pi)
        span = radius * rng.uniform(0.35, 1.0)
        last: Point | None = None
        for step in range(18):
            t = step / 17
            x = at[0] + math.cos(angle) * span * (1 - (1 - t) ** 2)
            y = at[1] + math.sin(angle) * span * 0.55 * (1 - (1 - t) ** 2) + radius * 1.05 * t**2
            if last:
                tone = mix((0, 0, 0), colour, 0.95 * (1 - t) ** 0.7 * rng.uniform(0.5, 1.0))
                pen.line([last, (x, y)], fill=tone, width=2)
            last = (x, y)
    halo = resized(layer.reduce(4).filter(ImageFilter.GaussianBlur(6)), layer.size)
    add_light(picture, ImageChops.add(layer.filter(ImageFilter.GaussianBlur(0.8)), halo))


def rocket_trail(picture: Image.Image, start: Point, end: Point, colour: RGB) -> None:
    """Draw the faint track of a rocket on its way up."""
    for step in range(60):
        t = step / 59
        at = (
            start[0] + (end[0] - start[0]) * t + math.sin(t * 7) * 3,
            start[1] + (end[1] - start[1]) * t,
        )
        glow(picture, at, 4 + 4 * t, mix((0, 0, 0), colour, 0.1 + 0.4 * t), 1.5)


def beam(
    picture: Image.Image, top: Point, foot: Point, spread: float, colour: RGB, strength: float
) -> None:
    """Shine a stage light through haze."""
    small = (picture.width // 2, picture.height // 2)
    pen = Pen(small)
    layers = 5
    shape = Image.new("L", small)
    dx, dy = foot[0] - top[0], foot[1] - top[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length, dx / length
    for layer in range(layers):
        pen = Pen(small)
        pen.ink = round(255 * strength / layers)
        half = spread * (layer + 1) / layers / 2
        pen.polygon(
            [
                (top[0] / 2 - nx * half * 0.06, top[1] / 2 - ny * half * 0.06),
                (top[0] / 2 + nx * half * 0.06, top[1] / 2 + ny * half * 0.06),
                ((foot[0] + nx * half) / 2, (foot[1] + ny * half) / 2),
                ((foot[0] - nx * half) / 2, (foot[1] - ny * half) / 2),
            ]
        )
        shape = ImageChops.add(shape, pen.image())
    soft = shape.filter(ImageFilter.GaussianBlur(max(3.0, spread * 0.02)))
    add_light(picture, resized(tinted(soft, colour), picture.size))
    glow(picture, top, spread * 0.22, mix(colour, (255, 255, 255), 0.6), 2.0)
