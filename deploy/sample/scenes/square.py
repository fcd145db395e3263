"""Photos of the square: lamps on strings, parasols, market stalls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.buildings import facade, skyline
from deploy.sample.pieces.ground import cobbles, wet
from deploy.sample.pieces.lights import WARM, bokeh, bulbs, stars
from deploy.sample.pieces.people import bystanders, crowd_row, edge_light
from deploy.sample.scenes.river import sky

if TYPE_CHECKING:
    import random


WALLS: tuple[RGB, ...] = (
    (158, 74, 58), (206, 168, 118), (124, 84, 70), (224, 208, 178), (176, 108, 72), (96, 104, 112),
)  # fmt: skip


#: Brighter than this is a lit window, whatever the hour does to its wall.
BRIGHT = 0.77


GABLES = ("stepped", "bell", "stepped", "pointed", "stepped", "flat")


WHITE: RGB = (246, 240, 226)


FLAGS: tuple[RGB, ...] = (
    (206, 52, 46), (240, 178, 48), (36, 112, 132), (246, 240, 226), (226, 112, 52), (60, 140, 96),
)  # fmt: skip


def row_of_fronts(
    picture: Image.Image,
    rng: random.Random,
    base: int,
    tall: float,
    lit: float,
    dusk: RGB,
    share: float,
) -> None:
    """Line the square with house fronts, toned by the light of the hour."""
    pen, x, number = Pen(picture.size, "RGBA"), -40.0, rng.randrange(6)
    while x < picture.width:
        height = tall * rng.uniform(0.86, 1.08)
        wide = height * rng.uniform(0.36, 0.46)
        facade(
            pen, (x, base - height, x + wide, base), GABLES[number % 6], WALLS[number % 6], rng, lit
        )
        x, number = x + wide, number + 1
    fronts = pen.image()
    shape = fronts.getchannel("A")
    hued = Image.blend(fronts.convert("RGB"), Image.new("RGB", picture.size, dusk), share)
    if lit:
        bright = toned(fronts.convert("L"), lambda v: float(v > BRIGHT))
        hued.paste(fronts.convert("RGB"), (0, 0), bright)
    picture.paste(hued, (0, 0), shape)


def bulbs_square(rng: random.Random) -> Image.Image:
    """Strings of lamps criss-cross over the square at dusk."""
    size, ground = (1800, 1200), 880
    picture = gradient(size, [(0, (22, 34, 82)), (0.4, (92, 84, 134)), (0.7, (226, 146, 120))])
    sky(picture, rng, 700, (190, 130, 150), (4, 6))
    row_of_fronts(picture, rng, ground, 560, 0.6, (30, 26, 58), 0.52)
    floor = cobbles((1800, 320), rng, (118, 92, 92), (34, 26, 40))
    picture.paste(floor, (0, ground))
    wet_floor = picture.crop((0, ground, 1800, 1200))
    glow(wet_floor, (900, 20), 900, (190, 104, 50), 1.6)
    picture.paste(wet_floor, (0, ground))
    pen = Pen(size)
    bystanders(pen, (40, 1780), 930, 175, rng, 22)
    lay(picture, pen.image(), (26, 17, 28))
    edge_light(picture, pen.image(), (150, 84, 40), (0, 2), 1.0)
    for number in range(6):
        left, right = (
            (-40, 40 + number * 95 + rng.uniform(-20, 20)),
            (1840, 330 - number * 40 + rng.uniform(-30, 30)),
        )
        bulbs(picture, left, right, 110 + 14 * number, 9 + number * 1.2)
    pen = Pen(size)
    crowd_row(pen, 1800, 1170, 120, rng, 0.15)
    crowd = defocused(pen.image(), 4)
    lay(picture, crowd, (14, 9, 16))
    edge_light(picture, crowd, (150, 84, 36), (0, 6), 3)
    return develop(picture, Film(shadows=(14, 10, 28), highlights=(255, 246, 228), bloom=0.6), rng)


def parasols(rng: random.Random) -> Image.Image:
    """Parasols on the square, seen from straight above."""
    size = (1600, 1600)
    picture = Image.new("RGB", size, (150, 132, 120))
    stones = Pen(size, "RGBA")
    for row in range(54):
        x = -20.0 - 15 * (row % 2)
        while x < size[0] + 20:
            wide = rng.uniform(34, 42)
            stones.ink = (*mix((128, 112, 104), (186, 168, 150), rng.random()), 255)
            stones.blob(
                [
                    (x + 2, row * 30 + 2),
                    (x + wide - 2, row * 30 + 2),
                    (x + wide - 2, row * 30 + 28),
                    (x + 2, row * 30 + 28),
                ]
            )
            x += wide
    floor = stones.image()
    picture.paste(floor, (0, 0), floor)
    spots: list[tuple[float, float, float]] = []
    for _ in range(900):
        spot = (rng.uniform(-40, 1640), rng.uniform(-40, 1640), rng.uniform(135, 190))
        if all(math.dist(spot[:2], other[:2]) > (spot[2] + other[2]) * 0.98 for other in spots):
            spots.append(spot)
    _strollers(picture, rng, spots)
    shade = Pen(size)
    for x, y, r in spots:
        shade.disc((x + 66, y + 74), r)
    shadow = toned(shade.image().filter(ImageFilter.GaussianBlur(9)), lambda v: v * 0.58)
    lay(picture, shadow, (38, 28, 48))
    pen = Pen(size, "RGBA")
    for number, (x, y, r) in enumerate(spots):
        _parasol(pen, (x, y), r, FLAGS[number % len(FLAGS)], rng.uniform(0, 1))
    tops = pen.image()
    picture.paste(tops, (0, 0), tops)
    return develop(
        picture,
        Film(shadows=(24, 20, 34), highlights=(255, 249, 236), bloom=0.2, vignette=0.22),
        rng,
    )


def _parasol(pen: Pen, at: tuple[float, float], r: float, colour: RGB, turn: float) -> None:
    ribs = 8
    for rib in range(ribs):
        one, other = (2 * math.pi * (rib + turn + step) / ribs for step in (0, 1))
        light = 0.5 + 0.5 * math.cos((one + other) / 2 + 2.3)
        cloth = colour if rib % 2 or colour == WHITE else mix(colour, (250, 242, 226), 0.82)
        pen.ink = (
            *mix(mix(cloth, (40, 20, 50), 0.3), mix(cloth, (255, 250, 236), 0.12), light),
            255,
        )
        arc: list[Point] = []
        for step in range(7):
            angle = one + (other - one) * step / 6
            reach = r * (1 - 0.035 * math.sin(math.pi * step / 6))
            arc.append((at[0] + math.cos(angle) * reach, at[1] + math.sin(angle) * reach))
        pen.polygon([at, *arc])
        pen.ink = (*mix(cloth, (30, 16, 30), 0.4), 255)
        pen.line([at, arc[0]], 2.0)
    pen.ink = (*mix(colour, (20, 10, 20), 0.4), 255)
    pen.disc(at, r * 0.05)


def _strollers(
    picture: Image.Image, rng: random.Random, spots: list[tuple[float, float, float]]
) -> None:
    """People between the parasols: a head, shoulders and a long shadow."""
    pen, shade = Pen(picture.size, "RGBA"), Pen(picture.size)
    for _ in range(70):
        at = (rng.uniform(0, 1600), rng.uniform(0, 1600))
        if any(math.dist(at, spot[:2]) < spot[2] + 24 for spot in spots):
            continue
        angle = rng.uniform(0, math.pi)
        dx, dy = math.cos(angle) * 17, math.sin(angle) * 17
        shade.limb(at, 15, (at[0] + 52, at[1] + 58), 12)
        pen.ink = (*mix(rng.choice(FLAGS), (60, 50, 70), 0.35), 255)
        pen.limb((at[0] - dx, at[1] - dy), 11, (at[0] + dx, at[1] + dy), 11)
        pen.ink = (*rng.choice(((52, 34, 26), (30, 24, 24), (150, 104, 60), (190, 160, 120))), 255)
        pen.disc(at, 11.5)
    lay(
        picture,
        toned(shade.image().filter(ImageFilter.GaussianBlur(3)), lambda v: v * 0.5),
        (38, 28, 48),
    )
    people = pen.image()
    picture.paste(people, (0, 0), people)


def stalls(rng: random.Random) -> Image.Image:
    """Photograph a row of market stalls with striped awnings in the evening."""
    size, ground = (1920, 1280), 1010
    picture = gradient(size, [(0, (16, 22, 58)), (0.5, (60, 50, 92)), (0.8, (150, 84, 84))])
    stars(picture, rng, 40, 300)
    row = skyline(size, rng, 800, (260, 460), (("church", rng.uniform(0.6, 0.8), 720),))
    lay(picture, row.shape, (34, 26, 54))
    picture = defocused(picture, 5)
    bokeh(
        picture, rng, 40, (0, 380, 1920, 760), (8, 26), (WARM, (255, 220, 160), (255, 130, 90)), 0.6
    )
    pen = Pen(size, "RGBA")
    wide, awnings = 470, rng.sample(FLAGS[:3] + FLAGS[4:], 5)
    for number in range(5):
        _stall(
            pen,
            (number * wide - 200 + rng.uniform(-14, 14), ground),
            wide - 22,
            awnings[number],
            rng,
        )
    layer = pen.image()
    picture.paste(layer, (0, 0), layer)
    floor = cobbles((1920, 270), rng, (120, 92, 84), (30, 22, 32))
    wet(picture, ground, rng, floor)
    for number in range(5):
        glow(picture, (number * wide + 20, 720), 300, (200, 116, 46), 2.0)
        bulbs(picture, (number * wide - 190, 640), (number * wide + wide - 210, 640), 36, 8)
    pen = Pen(size)
    bystanders(pen, (60, 1860), 1130, 440, rng, 7)
    lay(picture, pen.image(), (18, 12, 20))
    edge_light(picture, pen.image(), (220, 124, 54), (0, 4), 1.6)
    return develop(picture, Film(shadows=(14, 10, 24), highlights=(255, 246, 226), bloom=0.55), rng)


def _stall(pen: Pen, at: tuple[float, float], wide: float, colour: RGB, rng: random.Random) -> None:
    x, base = at
    pen.ink = (88, 50, 34, 255)
    pen.rectangle(x + 16, base - 420, x + wide - 16, base)
    pen.ink = (240, 164, 84, 255)
    pen.rectangle(x + 34, base - 360, x + wide - 34, base - 150)
    for shelf in (300, 232):
        pen.ink = (120, 66, 36, 255)
        pen.rectangle(x + 34, base - shelf, x + wide - 34, base - shelf + 8)
        for jar in range(11):
            pen.ink = (*mix(rng.choice(FLAGS), (150, 70, 30), 0.35), 255)
            left = x + 48 + jar * (wide - 110) / 10.6
            pen.blob(
                [
                    (left, base - shelf),
                    (left, base - shelf - 46),
                    (left + 26, base - shelf - 46),
                    (left + 26, base - shelf),
                ]
            )
    pen.ink = (122, 70, 42, 255)
    pen.rectangle(x, base - 170, x + wide, base)
    for plank in range(9):
        pen.ink = (*mix((122, 70, 42), (40, 20, 16), rng.uniform(0.1, 0.5)), 255)
        pen.rectangle(x + plank * wide / 9 + 3, base - 148, x + (plank + 1) * wide / 9 - 3, base)
    pen.ink = (176, 112, 70, 255)
    pen.rectangle(x - 8, base - 178, x + wide + 8, base - 152)
    stripes = 10
    for stripe in range(stripes):
        cloth = colour if stripe % 2 else (246, 236, 216)
        top = [x + 30 + (wide - 60) * (stripe + s) / stripes for s in (0, 1)]
        foot = [x - 16 + (wide + 32) * (stripe + s) / stripes for s in (0, 1)]
        pen.ink = (*mix(cloth, (30, 16, 40), 0.22), 255)
        pen.polygon(
            [
                (top[0], base - 500),
                (top[1], base - 500),
                (foot[1], base - 390),
                (foot[0], base - 390),
            ]
        )
        pen.ink = (*mix(cloth, (255, 190, 110), 0.2), 255)
        pen.rectangle(foot[0], base - 392, foot[1], base - 362)
        pen.disc(((foot[0] + foot[1]) / 2, base - 363), (foot[1] - foot[0]) / 2, 15)
