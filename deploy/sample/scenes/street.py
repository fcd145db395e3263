"""Photos of the streets around the square: flags, house fronts, rain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from deploy.sample.brush import RGB, Pen, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.ground import cobbles, wet
from deploy.sample.pieces.lights import WARM, bokeh
from deploy.sample.pieces.people import bystanders, crowd_row, edge_light, person
from deploy.sample.pieces.props import bunting
from deploy.sample.pieces.water import mist
from deploy.sample.scenes.river import sky
from deploy.sample.scenes.square import FLAGS, WALLS, row_of_fronts

if TYPE_CHECKING:
    import random


def gables_day(rng: random.Random) -> Image.Image:
    """House fronts in the afternoon sun, with flags between them."""
    size, ground = (1600, 1600), 1330
    picture = gradient(size, [(0, (72, 134, 196)), (0.6, (186, 214, 226)), (1, (240, 232, 214))])
    sky(picture, rng, 900, (255, 252, 244), (3, 4))
    row_of_fronts(picture, rng, ground, 960, 0.0, (255, 214, 150), 0.14)
    picture.paste(cobbles((1600, 270), rng, (196, 176, 158), (92, 80, 78)), (0, ground))
    mist(picture, ground, 70, (70, 52, 56), 0.3)
    pen = Pen(size, "RGBA")
    for number in range(4):
        y = 120 + number * 120
        bunting(
            pen,
            (-60, y + rng.uniform(-40, 40)),
            (1660, y + rng.uniform(-70, 90)),
            130,
            62 - number * 6,
            rng.sample(FLAGS, 6),
        )
    flags = pen.image()
    picture.paste(flags, (0, 0), flags)
    pen = Pen(size)
    bystanders(pen, (60, 1540), ground + 60, 250, rng, 8)
    lay(picture, pen.image(), (58, 44, 52))
    return develop(
        picture,
        Film(shadows=(20, 18, 28), highlights=(255, 250, 238), bloom=0.25, vignette=0.25),
        rng,
    )


def bunting_street(rng: random.Random) -> Image.Image:
    """Look up between two rows of houses at flags against the sky."""
    size = (1200, 1800)
    picture = gradient(size, [(0, (44, 108, 184)), (0.6, (150, 196, 222)), (1, (240, 226, 200))])
    sky(picture, rng, 1500, (255, 252, 246), (3, 5))
    for side in (-1, 1):
        for number in range(6):
            near, far = 1 - number / 6, 1 - (number + 1) / 6
            wall = mix(WALLS[(number + (2 if side > 0 else 0)) % 6], (224, 216, 206), number * 0.09)
            wall = mix(wall, (24, 18, 40), 0.42 if side < 0 else 0.06)
            edge = [600 + side * (130 + 540 * share**1.3) for share in (near, far)]
            top = [1150 - 1120 * share**1.25 for share in (near, far)]
            pen = Pen(size, "RGBA")
            pen.ink = (*wall, 255)
            mid = (edge[0] + edge[1]) / 2
            pen.polygon(
                [
                    (edge[0], 1800),
                    (edge[0], top[0]),
                    (mid, top[0] - 190 * near),
                    (edge[1], top[1] + 60 * near),
                    (edge[1], 1800),
                ]
            )
            _street_windows(pen, edge, top, wall, near)
            pen.ink = (*mix(wall, (255, 246, 226), 0.35), 255)
            pen.limb(
                (edge[0], top[0] + 26 * near),
                7 * near + 1,
                (edge[1], top[1] + 86 * near),
                6 * near + 1,
            )
            layer = pen.image()
            picture.paste(layer, (0, 0), layer)
    pen = Pen(size, "RGBA")
    for number in range(7):
        share = 1 - number / 7.5
        y, half = 1100 - 900 * share**1.2, 140 + 520 * share**1.3
        bunting(
            pen,
            (600 - half, y),
            (600 + half, y + rng.uniform(-40, 40)),
            120 * share,
            16 + 62 * share,
            rng.sample(FLAGS, 6),
        )
    flags = pen.image()
    picture.paste(flags, (0, 0), flags)
    mist(picture, 1560, 330, (246, 226, 196), 0.5)
    pen = Pen(size)
    crowd_row(pen, 1200, 1700, 120, rng, 0.1)
    crowd = defocused(pen.image(), 3)
    lay(picture, crowd, (40, 28, 38))
    edge_light(picture, crowd, (200, 170, 130), (0, 5), 2)
    return develop(picture, Film(shadows=(16, 16, 30), highlights=(255, 250, 238), bloom=0.3), rng)


def _street_windows(pen: Pen, edge: list[float], top: list[float], wall: RGB, near: float) -> None:
    for floor in range(5):
        for column in (0.18, 0.56):
            xs = [edge[0] + (edge[1] - edge[0]) * t for t in (column, column + 0.26)]
            ys = [top[0] + (top[1] - top[0]) * t for t in (column, column + 0.26)]
            drop = (110 + floor * 200) * near + 20
            tall = 124 * near
            pen.ink = (*mix(wall, (255, 248, 232), 0.5), 255)
            pen.polygon(
                [
                    (xs[0], ys[0] + drop - 6),
                    (xs[1], ys[1] + drop - 6),
                    (xs[1], ys[1] + drop + tall + 6),
                    (xs[0], ys[0] + drop + tall + 6),
                ]
            )
            inner = (xs[1] - xs[0]) * 0.1
            pen.ink = (*mix(wall, (30, 48, 84), 0.66), 255)
            pen.polygon(
                [
                    (xs[0] + inner, ys[0] + drop),
                    (xs[1] - inner, ys[1] + drop),
                    (xs[1] - inner, ys[1] + drop + tall),
                    (xs[0] + inner, ys[0] + drop + tall),
                ]
            )


def rain_cobbles(rng: random.Random) -> Image.Image:
    """Photograph wet cobbles after a shower, and somebody under an umbrella."""
    size, ground = (1200, 1800), 900
    picture = gradient(size, [(0, (12, 18, 44)), (0.4, (40, 44, 82)), (0.5, (92, 70, 92))])
    row_of_fronts(picture, rng, ground, 720, 0.7, (20, 20, 46), 0.55)
    picture = defocused(picture, 4)
    for lamp in range(4):
        x = 120 + lamp * 320 + rng.uniform(-30, 30)
        glow(picture, (x, 560), 260, (255, 160, 70), 2.4)
        glow(picture, (x, 560), 26, (255, 244, 214), 0.7)
    bokeh(
        picture,
        rng,
        26,
        (0, 640, 1200, 880),
        (10, 30),
        (WARM, (255, 90, 80), (110, 190, 255), (255, 220, 160)),
        0.75,
    )
    pen = Pen(size)
    x, tall, foot = rng.uniform(520, 700), 560, 1130
    person(pen, (x, foot), tall, rng, "standing", 1)
    top = foot - tall * 1.14
    pen.blob(
        [
            (x - 210, top + 96),
            (x - 190, top + 20),
            (x - 100, top - 50),
            (x, top - 74),
            (x + 100, top - 50),
            (x + 190, top + 20),
            (x + 210, top + 96),
            (x + 105, top + 70),
            (x, top + 92),
            (x - 105, top + 70),
        ]
    )
    hand = (x + 66, foot - tall * 0.66)
    pen.limb((hand[0], hand[1] + 26), 5, (x + 2, top - 92), 4)
    pen.limb((x + 50, foot - tall * 0.78), 19, (x + 104, foot - tall * 0.6), 16)
    pen.limb((x + 104, foot - tall * 0.6), 16, hand, 13)
    shape = pen.image()
    wet(picture, ground, rng, cobbles((1200, 900), rng, (96, 90, 108), (18, 18, 32)))
    reflection = shape.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    moved = Image.new("L", size)
    moved.paste(reflection, (0, 2 * foot - 1800))
    blurred = toned(moved.filter(ImageFilter.GaussianBlur((5, 26))), lambda v: v * 0.75)
    lay(picture, blurred, (14, 12, 22))
    lay(picture, shape, (16, 12, 22))
    edge_light(picture, shape, (255, 160, 80), (-3, 4), 1.4)
    return develop(picture, Film(shadows=(8, 10, 26), highlights=(255, 246, 230), bloom=0.7), rng)
