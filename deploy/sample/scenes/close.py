"""Photos of things near by: a full glass, a toast, a bicycle, a sparkler."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from deploy.sample.brush import (
    RGB,
    Pen,
    add_light,
    chance,
    clouds,
    fade,
    glow,
    gradient,
    lay,
    mix,
    resized,
    toned,
)
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.buildings import skyline
from deploy.sample.pieces.lights import bokeh
from deploy.sample.pieces.people import edge_light
from deploy.sample.pieces.props import bicycle, bolleke
from deploy.sample.pieces.water import River, pour, sun_path

if TYPE_CHECKING:
    import random

EVENING: tuple[RGB, ...] = (
    (255, 176, 84),
    (255, 120, 60),
    (255, 214, 140),
    (255, 90, 80),
    (120, 170, 255),
)


def table(picture: Image.Image, top: int, rng: random.Random, wood: RGB) -> None:
    """Put a wooden table across the bottom of the picture."""
    size = (picture.width, picture.height - top)
    planks = gradient(
        size, [(0, mix(wood, (255, 220, 170), 0.3)), (0.3, wood), (1, mix(wood, (10, 6, 8), 0.6))]
    )
    grain = toned(clouds(size, rng, (2, 60), 3), lambda v: v * 0.4)
    planks.paste(mix(wood, (20, 8, 4), 0.7), (0, 0), grain)
    picture.paste(planks, (0, top))


def bolleke_close(rng: random.Random) -> Image.Image:
    """Photograph a glass of amber beer with the evening square behind it."""
    size = (1440, 1800)
    picture = gradient(
        size, [(0, (38, 26, 48)), (0.45, (104, 58, 54)), (0.7, (150, 84, 50)), (1, (60, 30, 24))]
    )
    bokeh(picture, rng, 34, (0, 120, 1440, 1150), (34, 96), EVENING, 0.62)
    bokeh(picture, rng, 26, (0, 500, 1440, 1250), (14, 40), EVENING, 0.8)
    picture = defocused(picture, 5)
    table(picture, 1440, rng, (112, 62, 34))
    bolleke(picture, (720 + rng.uniform(-60, 60), 1600), 1130, rng)
    return develop(picture, Film(shadows=(18, 8, 14), highlights=(255, 246, 224), bloom=0.55), rng)


def toast(rng: random.Random) -> Image.Image:
    """Two glasses next to each other against the low sun."""
    size = (1800, 1350)
    picture = gradient(
        size,
        [(0, (92, 120, 160)), (0.4, (246, 186, 124)), (0.6, (255, 200, 120)), (1, (130, 84, 60))],
    )
    sun = (rng.uniform(820, 980), 560)
    glow(picture, sun, 900, (255, 150, 60), 2.0)
    glow(picture, sun, 150, (255, 246, 210), 0.7)
    row = skyline(size, rng, 860, (90, 190), (("church", 0.22, 520), ("crane", 0.86, 300)))
    lay(picture, row.shape, (150, 92, 70))
    pour(picture, 860, River((110, 84, 76), 0.9, 0.8), rng)
    sun_path(picture, 860, sun[0], (255, 210, 130), rng, 220)
    picture = defocused(picture, 13)
    bokeh(
        picture, rng, 30, (300, 870, 1500, 1160), (10, 26), ((255, 210, 130), (255, 236, 190)), 0.6
    )
    table(picture, 1130, rng, (126, 74, 44))
    for x in (600 + rng.uniform(-30, 20), 1180 + rng.uniform(-20, 40)):
        bolleke(picture, (x, 1236), 860, rng)
    return develop(picture, Film(shadows=(20, 10, 16), highlights=(255, 248, 228), bloom=0.5), rng)


def bicycle_quay(rng: random.Random) -> Image.Image:
    """Photograph a bicycle against the railing while the sun sets."""
    size, horizon = (1800, 1350), 700
    picture = gradient(
        size,
        [(0, (66, 60, 116)), (0.3, (206, 106, 110)), (0.5, (255, 176, 104)), (1, (255, 180, 100))],
    )
    sun = (rng.uniform(1200, 1420), horizon - 90)
    glow(picture, sun, 1000, (255, 140, 60), 2.2)
    glow(picture, sun, 110, (255, 248, 214), 0.4)
    row = skyline(size, rng, horizon, (50, 120), (("church", 0.17, 400), ("crane", 0.6, 240)))
    lay(picture, row.shape, (176, 92, 84))
    pour(picture, horizon, River((120, 70, 80), 0.9, 0.8), rng)
    sun_path(picture, horizon, sun[0], (255, 206, 120), rng, 200)
    picture = defocused(picture, 5)
    pen = Pen(size)
    pen.polygon([(0, 1190), (1800, 1176), (1800, 1350), (0, 1350)])
    for post in range(7):
        pen.limb((60 + post * 290, 1190), 11, (60 + post * 290, 800), 9)
        pen.disc((60 + post * 290, 792), 15)
    for y in (826, 950, 1074):
        pen.line([(0, y + 6), (1800, y)], 9)
    bicycle(pen, (rng.uniform(700, 860), 1232), 900, rng.choice((-1, 1)))
    shape = pen.image()
    lay(picture, shape, (28, 16, 26))
    edge_light(picture, shape, (255, 150, 70), (-4, 3))
    return develop(picture, Film(shadows=(22, 12, 26), highlights=(255, 246, 226), bloom=0.6), rng)


def sparkler(rng: random.Random) -> Image.Image:
    """Photograph a burning sparkler held out in front of out-of-focus lights."""
    size = (1280, 1600)
    picture = gradient(size, [(0, (10, 12, 34)), (0.6, (34, 24, 54)), (1, (20, 12, 24))])
    bokeh(picture, rng, 40, (0, 500, 1280, 1500), (30, 90), EVENING, 0.42)
    picture = defocused(picture, 4)
    centre = (rng.uniform(560, 700), 560)
    layer = Image.new("RGB", size)
    pen = ImageDraw.Draw(layer)
    for _ in range(330):
        angle, reach = rng.uniform(0, 2 * math.pi), 40 + 430 * rng.random() ** 2.1
        start = reach * rng.uniform(0.15, 0.8)
        one = (centre[0] + math.cos(angle) * start, centre[1] + math.sin(angle) * start)
        other = (
            centre[0] + math.cos(angle) * reach,
            centre[1] + math.sin(angle) * reach + reach * 0.04,
        )
        pen.line(
            [one, other],
            fill=mix((255, 150, 50), (255, 244, 214), rng.random()),
            width=rng.choice((2, 2, 3)),
        )
        if chance(rng, 0.3):
            for side in (-0.6, 0.0, 0.6):
                tip = (
                    other[0] + math.cos(angle + side) * 22,
                    other[1] + math.sin(angle + side) * 22,
                )
                pen.line([other, tip], fill=(255, 226, 160), width=2)
    halo = resized(layer.reduce(4).filter(ImageFilter.GaussianBlur(5)), size)
    add_light(picture, ImageChops.add(layer.filter(ImageFilter.GaussianBlur(0.8)), halo))
    glow(picture, centre, 620, (255, 140, 50), 2.6)
    glow(picture, centre, 120, (255, 240, 200), 1.2)
    stick = Pen(size)
    stick.limb((centre[0], centre[1] + 14), 3.5, (centre[0] + 130, 1620), 5.5)
    shape = stick.image()
    lay(picture, shape, (30, 18, 20))
    edge_light(picture, shape, (220, 120, 50), (2, 1), 1.0)
    return develop(
        picture,
        Film(shadows=(10, 8, 18), highlights=(255, 246, 228), bloom=0.8, bloom_from=0.5),
        rng,
    )


def chips(rng: random.Random) -> Image.Image:
    """Photograph a paper cone of chips held up in front of a stall."""
    size = (1440, 1440)
    picture = gradient(size, [(0, (70, 40, 54)), (0.5, (170, 92, 56)), (1, (70, 34, 30))])
    bokeh(picture, rng, 42, (0, 60, 1440, 1300), (30, 84), (*EVENING, (90, 200, 170)), 0.6)
    picture = defocused(picture, 5)
    x, rim = 720 + rng.uniform(-40, 40), 790
    for depth in range(3):
        sticks = Pen(size, "RGBA")
        for number in range(15):
            t = (number + rng.uniform(0.1, 0.9)) / 15 * 2 - 1
            tall = (300 - 150 * abs(t)) * rng.uniform(0.72, 1.08) - depth * 46
            foot = (x + t * 236, rim + 40)
            tip = (x + t * 292 + rng.gauss(0, 26), rim - tall)
            tone = mix((250, 198, 84), (214, 138, 40), rng.random() * 0.7 + 0.1 * (2 - depth))
            for side, shade in ((0, mix(tone, (120, 60, 10), 0.35)), (-7, tone)):
                sticks.ink = (*shade, 255)
                sticks.polygon([(foot[0] - 22 + side, foot[1]), (tip[0] - 20 + side, tip[1]),
                                (tip[0] + 14 + side, tip[1] - 7),
                                (foot[0] + 18 + side, foot[1])])  # fmt: skip
            sticks.ink = (*mix(tone, (255, 240, 190), 0.5), 255)
            sticks.polygon(
                [
                    (tip[0] - 27, tip[1]),
                    (tip[0] + 7, tip[1] - 7),
                    (tip[0] + 16, tip[1] + 7),
                    (tip[0] - 16, tip[1] + 13),
                ]
            )
        layer = sticks.image()
        picture.paste(layer, (0, 0), layer)
    cone = Pen(size)
    cone.blob(
        [
            (x - 292, rim - 26),
            (x - 100, rim + 8),
            (x + 100, rim + 8),
            (x + 292, rim - 26),
            (x + 110, 1620),
            (x - 110, 1620),
        ]
    )
    paper = gradient(
        size,
        [
            (0, (252, 244, 228)),
            (0.45, (252, 244, 228)),
            (0.75, (222, 196, 166)),
            (1, (150, 108, 84)),
        ],
    )
    stripes = Pen(size)
    for number in range(-4, 5):
        stripes.polygon(
            [
                (x + number * 74 - 17, rim - 60),
                (x + number * 74 + 17, rim - 60),
                (x + number * 22 + 7, 1560),
                (x + number * 22 - 7, 1560),
            ]
        )
    paper.paste((186, 52, 44), (0, 0), stripes.image())
    lay(picture, cone.image(), paper)
    edge = fade((1440, 1440), [(0, 0), (0.3, 0), (0.44, 120), (0.62, 210), (1, 210)]).transpose(
        Image.Transpose.ROTATE_90
    )
    lay(picture, ImageChops.multiply(cone.image(), edge), (70, 30, 26))
    sauce = Pen(size)
    sauce.blob(
        [
            (x - 120, rim - 150),
            (x - 30, rim - 216),
            (x + 70, rim - 190),
            (x + 130, rim - 120),
            (x + 60, rim - 84),
            (x - 70, rim - 80),
        ]
    )
    lay(
        picture,
        sauce.image(),
        gradient(
            size,
            [
                (0, (255, 252, 232)),
                (0.38, (255, 250, 226)),
                (0.44, (236, 214, 160)),
                (1, (236, 214, 160)),
            ],
        ),
    )
    return develop(picture, Film(shadows=(18, 10, 16), highlights=(255, 247, 228), bloom=0.4), rng)
