"""The ferris wheel, standing still or drawn out into rings by a long exposure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, add_light, glow, mix, resized

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


def ferris_wheel(
    picture: Image.Image, hub: Point, radius: float, base: float, colours: Sequence[RGB]
) -> None:
    """Draw the lit wheel with its cabins and its legs."""
    r, cabins = radius, 20
    frame = Pen(picture.size)
    for side in (-1, 1):
        frame.limb(hub, r * 0.022, (hub[0] + side * r * 0.5, base), r * 0.03)
    frame.limb((hub[0] - r * 0.3, base - (base - hub[1]) * 0.42), r * 0.012,
               (hub[0] + r * 0.3, base - (base - hub[1]) * 0.42), r * 0.012)  # fmt: skip
    picture.paste((22, 18, 34), (0, 0), frame.image())
    rods = Pen(picture.size, "RGBA")
    for spoke in range(cabins):
        angle = 2 * math.pi * spoke / cabins
        colour = colours[spoke % len(colours)]
        tip = (hub[0] + math.cos(angle) * r, hub[1] + math.sin(angle) * r)
        rods.ink = (*mix((30, 24, 44), colour, 0.75), 255)
        rods.line([hub, tip], max(1.2, r * 0.008))
    for ring, share in ((1.0, 0.9), (0.9, 0.7), (0.42, 0.6)):
        rods.ink = (*mix((30, 24, 44), colours[0], share), 255)
        rods.ring(hub, r * ring, max(1.5, r * 0.01))
    shape = rods.image()
    light = Image.new("RGB", picture.size)
    light.paste(shape, (0, 0), shape)
    picture.paste(shape, (0, 0), shape)
    halo = resized(light.reduce(4).filter(ImageFilter.GaussianBlur(r / 40)), picture.size)
    add_light(picture, ImageChops.add(halo, halo))
    _cabins(picture, hub, r, cabins, colours)
    glow(picture, hub, r * 0.24, (255, 226, 170), 1.8)


def _cabins(
    picture: Image.Image, hub: Point, r: float, cabins: int, colours: Sequence[RGB]
) -> None:
    pen = Pen(picture.size, "RGBA")
    for cabin in range(cabins):
        angle = 2 * math.pi * (cabin + 0.5) / cabins
        x, y = hub[0] + math.cos(angle) * r, hub[1] + math.sin(angle) * r
        colour = colours[cabin % len(colours)]
        pen.ink = (*mix(colour, (20, 10, 30), 0.35), 255)
        pen.blob(
            [
                (x - r * 0.05, y),
                (x + r * 0.05, y),
                (x + r * 0.06, y + r * 0.1),
                (x - r * 0.06, y + r * 0.1),
            ]
        )
        pen.ink = (255, 226, 160, 255)
        pen.rectangle(x - r * 0.034, y + r * 0.022, x + r * 0.034, y + r * 0.056)
        glow(picture, (x, y + r * 0.04), r * 0.11, mix((0, 0, 0), colour, 0.5), 2.0)
    layer = pen.image()
    picture.paste(layer, (0, 0), layer)
    lamps = 60
    for lamp in range(lamps):
        angle = 2 * math.pi * lamp / lamps
        at = (hub[0] + math.cos(angle) * r, hub[1] + math.sin(angle) * r)
        glow(picture, at, r * 0.035, mix(colours[lamp % len(colours)], (255, 255, 255), 0.3), 1.2)


def spinning_wheel(
    picture: Image.Image,
    hub: Point,
    radius: float,
    base: float,
    colours: Sequence[RGB],
    rng: random.Random,
) -> None:
    """Draw the wheel as a long exposure sees it: rings of light."""
    light = Pen(picture.size, "RGBA")
    frame = Pen(picture.size)
    for side in (-1, 1):
        frame.limb(hub, radius * 0.02, (hub[0] + side * radius * 0.5, base), radius * 0.03)
    picture.paste((18, 14, 30), (0, 0), frame.image())
    for number in range(46):
        share = rng.choice((1.0, 0.97, 0.92, 0.8, 0.62, 0.45)) * rng.uniform(0.985, 1.015)
        colour = mix(colours[number % len(colours)], (255, 255, 255), rng.random() * 0.4)
        light.ink = (*colour, round(255 * rng.uniform(0.3, 0.95)))
        start = rng.uniform(0, 360)
        light.arc(hub, radius * share, (start, start + rng.uniform(60, 300)), rng.uniform(1.5, 6))
    drawn = light.image()
    sheet = Image.new("RGB", picture.size)
    sheet.paste(drawn, (0, 0), drawn)
    halo = resized(sheet.reduce(4).filter(ImageFilter.GaussianBlur(7)), picture.size)
    add_light(picture, ImageChops.add(sheet, halo))
    glow(picture, hub, radius * 1.15, mix((0, 0, 0), colours[0], 0.3), 1.5)
    glow(picture, hub, radius * 0.2, (255, 236, 200), 1.6)
