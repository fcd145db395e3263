"""Photos of music: a brass band, hands in the air, confetti, a singer in the light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, clouds, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.lights import WARM, beam, bulbs
from deploy.sample.pieces.people import bystanders, crowd_row, edge_light, lit_phones, person
from deploy.sample.pieces.water import mist
from deploy.sample.scenes.square import row_of_fronts

if TYPE_CHECKING:
    import random

STAGE: tuple[RGB, ...] = (
    (255, 80, 120),
    (80, 150, 255),
    (255, 170, 70),
    (170, 90, 255),
    (70, 220, 210),
)


def smoke(picture: Image.Image, rng: random.Random, colour: RGB, strength: float) -> None:
    """Blow stage smoke through the picture."""
    veil = toned(clouds(picture.size, rng, (3, 3)), lambda v: max(0.0, v - 0.3) * strength)
    lay(picture, veil, colour)


def brass_band(rng: random.Random) -> Image.Image:
    """Photograph a brass band against the evening light."""
    size, floor = (1800, 1200), 1010
    picture = gradient(
        size, [(0, (64, 28, 66)), (0.5, (222, 92, 64)), (0.8, (255, 178, 92)), (1, (255, 196, 110))]
    )
    glow(picture, (900, 780), 1000, (255, 190, 100), 1.8)
    smoke(picture, rng, (255, 160, 110), 0.35)
    for x in (300, 900, 1500):
        beam(picture, (x, -20), (x + rng.uniform(-160, 160), 1100), 520, (255, 150, 90), 0.32)
    pen = Pen(size)
    pen.rectangle(0, floor, 1800, 1200)
    players = (
        ("tuba", 300),
        ("trombone", 560),
        ("trumpet", 860),
        ("drum", 1160),
        ("trumpet", 1390),
        ("sousaphone", 1620),
    )
    for kind, x in players:
        _player(pen, (x + rng.uniform(-20, 20), floor + 6), rng.uniform(545, 600), kind, rng)
    shape = pen.image()
    lay(picture, shape, (26, 10, 24))
    edge_light(picture, shape, (255, 150, 70), (0, 4), 1.8)
    front = Pen(size)
    crowd_row(front, 1800, 1180, 112, rng, 0.2)
    crowd = defocused(front.image(), 4)
    lay(picture, crowd, (16, 7, 16))
    edge_light(picture, crowd, (200, 90, 50), (0, 6), 3)
    return develop(picture, Film(shadows=(18, 8, 22), highlights=(255, 246, 226), bloom=0.45), rng)


def _player(pen: Pen, at: Point, tall: float, kind: str, rng: random.Random) -> None:
    x, base = at
    h = tall
    facing = -1 if x > pen.size[0] / 2 else 1
    pose = "photographing" if kind in {"tuba", "sousaphone", "drum"} else "playing"
    figure = person(pen, at, tall, rng, pose, facing)
    hx, hy = figure.head
    mouth = (hx + facing * h * 0.05, hy + h * 0.02)
    if kind == "trumpet":
        bell = (mouth[0] + facing * h * 0.36, mouth[1] - h * 0.03)
        pen.limb(mouth, h * 0.008, bell, h * 0.011)
        pen.polygon([(bell[0] - facing * h * 0.06, bell[1] - h * 0.01),
                    (bell[0] + facing * h * 0.03, bell[1] - h * 0.062),
                     (bell[0] + facing * h * 0.03, bell[1] + h * 0.062),
                     (bell[0] - facing * h * 0.06, bell[1] + h * 0.01)])  # fmt: skip
        middle = (mouth[0] + facing * h * 0.17, mouth[1] + h * 0.015)
        pen.ring(middle, h * 0.07, h * 0.012, h * 0.034)
        for valve in (-1, 0, 1):
            pen.limb(
                (middle[0] + valve * h * 0.022, middle[1] - h * 0.05),
                h * 0.007,
                (middle[0] + valve * h * 0.022, middle[1] + h * 0.04),
                h * 0.007,
            )
    elif kind == "trombone":
        slide = (mouth[0] + facing * h * 0.56, mouth[1] + h * 0.17)
        for lift in (0.0, 0.045):
            pen.limb(
                (mouth[0], mouth[1] + h * lift),
                h * 0.007,
                (slide[0], slide[1] + h * lift),
                h * 0.007,
            )
        pen.disc((slide[0], slide[1] + h * 0.022), h * 0.02, h * 0.03)
        bell = (mouth[0] + facing * h * 0.26, mouth[1] - h * 0.02)
        pen.limb((mouth[0] - facing * h * 0.16, mouth[1] - h * 0.09), h * 0.01, bell, h * 0.012)
        pen.polygon([(bell[0] - facing * h * 0.1, bell[1] - h * 0.015),
                    (bell[0] + facing * h * 0.04, bell[1] - h * 0.08),
                     (bell[0] + facing * h * 0.06, bell[1] + h * 0.085),
                     (bell[0] - facing * h * 0.1, bell[1] + h * 0.008)])  # fmt: skip
    elif kind == "drum":
        pen.disc((x, base - h * 0.5), h * 0.2, h * 0.185)
        for side in (-1, 1):
            pen.limb(
                (x + side * h * 0.1, base - h * 0.66),
                h * 0.008,
                (x + side * h * 0.26, base - h * 0.82),
                h * 0.01,
            )
            pen.disc((x + side * h * 0.265, base - h * 0.83), h * 0.026)
    elif kind == "tuba":
        pen.blob([(x - h * 0.1, base - h * 0.42), (x + h * 0.13, base - h * 0.42),
                 (x + h * 0.15, base - h * 0.62),
                  (x + h * 0.12, base - h * 0.86), (x + h * 0.25, base - h * 1.06),
                  (x - h * 0.03, base - h * 1.12),
                  (x + h * 0.03, base - h * 0.86), (x - h * 0.02, base - h * 0.68),
                  (x - h * 0.13, base - h * 0.6)])  # fmt: skip
        pen.disc((x + h * 0.105, base - h * 1.08), h * 0.15, h * 0.045)
    else:
        pen.ring((x, base - h * 0.66), h * 0.27, h * 0.05, h * 0.25)
        pen.limb(
            (x - h * 0.16, base - h * 0.84), h * 0.035, (x - h * 0.1, base - h * 1.14), h * 0.05
        )
        pen.disc((x - h * 0.08, base - h * 1.17), h * 0.17, h * 0.135)


def concert(rng: random.Random) -> Image.Image:
    """Hands and phones in the air before a stage full of light."""
    size = (1920, 1280)
    picture = gradient(size, [(0, (8, 8, 26)), (0.6, (36, 18, 58)), (1, (20, 10, 30))])
    one, other = rng.sample(STAGE, 2)
    smoke(picture, rng, mix(one, (20, 10, 40), 0.5), 0.5)
    for number in range(7):
        top = (160 + number * 268, 60)
        foot = (top[0] + rng.uniform(-420, 420), 1180)
        beam(picture, top, foot, 330, one if number % 2 else other, 0.5)
    glow(picture, (960, 820), 860, mix((0, 0, 0), other, 0.55), 1.6)
    rig = Pen(size)
    rig.rectangle(0, 22, 1920, 34)
    rig.rectangle(0, 66, 1920, 78)
    for number in range(49):
        rig.line([(number * 40, 30), (number * 40 + 40, 74)], 5)
    lay(picture, rig.image(), (10, 8, 18))
    band = Pen(size)
    band.rectangle(240, 890, 1680, 1000)
    for x in (640, 960, 1280):
        person(
            band,
            (x + rng.uniform(-30, 30), 895),
            300,
            rng,
            rng.choice(("cheering", "toasting", "standing")),
        )
    lay(picture, band.image(), (14, 8, 24))
    edge_light(picture, band.image(), mix(other, (255, 255, 255), 0.3), (0, 4), 2)
    for row, (shoulder, scale) in enumerate(((1010, 74), (1090, 100), (1190, 142))):
        pen, glowing = Pen(size), Pen(size, "RGBA")
        phones = crowd_row(pen, 1920, shoulder, scale, rng, 0.42)
        lit_phones(glowing, phones, scale)
        shape, screens = pen.image(), glowing.image()
        lay(picture, shape, mix((26, 12, 40), (6, 4, 12), row / 2))
        edge_light(picture, shape, mix((0, 0, 0), one, 0.75), (0, 5), 2)
        picture.paste(screens, (0, 0), screens)
    return develop(picture, Film(shadows=(10, 6, 22), highlights=(255, 248, 242), bloom=0.6), rng)


def confetti(rng: random.Random) -> Image.Image:
    """Confetti comes down over the square."""
    size = (1440, 1800)
    picture = gradient(
        size,
        [(0, (44, 28, 84)), (0.5, (170, 70, 110)), (0.9, (255, 160, 100)), (1, (255, 180, 110))],
    )
    row_of_fronts(picture, rng, 1560, 760, 0.4, (120, 40, 80), 0.62)
    picture = defocused(picture, 9)
    beam(picture, (180, -40), (960, 1700), 900, (255, 170, 110), 0.35)
    beam(picture, (1260, -40), (480, 1700), 900, (255, 110, 150), 0.3)
    glow(picture, (720, 1400), 800, (255, 170, 100), 1.8)
    tones = (
        (255, 84, 96),
        (255, 206, 84),
        (96, 200, 255),
        (255, 250, 240),
        (140, 235, 170),
        (255, 140, 210),
    )
    for size_low, size_high, count, blur in (
        (5, 10, 420, 0.0),
        (9, 16, 170, 0.0),
        (24, 44, 26, 7.0),
    ):
        pen = Pen(size, "RGBA")
        for _ in range(count):
            _paper(
                pen,
                (rng.uniform(0, 1440), rng.triangular(-40, 1500, 500)),
                rng.uniform(size_low, size_high),
                rng.choice(tones),
                rng,
            )
        layer = pen.image()
        if blur:
            layer = layer.filter(ImageFilter.GaussianBlur(blur))
        picture.paste(layer, (0, 0), layer)
    pen = Pen(size)
    crowd_row(pen, 1440, 1540, 120, rng, 0.6)
    crowd_row(pen, 1440, 1680, 170, rng, 0.35)
    shape = pen.image()
    lay(picture, shape, (30, 10, 34))
    edge_light(picture, shape, (255, 150, 90), (0, 5), 2)
    return develop(picture, Film(shadows=(20, 8, 28), highlights=(255, 248, 236), bloom=0.4), rng)


def _paper(pen: Pen, at: Point, s: float, colour: RGB, rng: random.Random) -> None:
    angle, flat = rng.uniform(0, math.pi), rng.uniform(0.25, 1.0)
    ux, uy = math.cos(angle) * s, math.sin(angle) * s
    vx, vy = -math.sin(angle) * s * flat * 0.7, math.cos(angle) * s * flat * 0.7
    shade = mix(colour, (40, 10, 40), rng.uniform(0, 0.45))
    pen.ink = (*shade, 235)
    x, y = at
    pen.polygon(
        [
            (x - ux - vx, y - uy - vy),
            (x + ux - vx, y + uy - vy),
            (x + ux + vx, y + uy + vy),
            (x - ux + vx, y - uy + vy),
        ]
    )


def dancers(rng: random.Random) -> Image.Image:
    """People dance on the quay under strings of lamps."""
    size, floor = (1800, 1350), 1130
    picture = gradient(size, [(0, (24, 26, 74)), (0.5, (140, 74, 110)), (0.84, (255, 158, 96))])
    glow(picture, (rng.uniform(700, 1100), 1100), 900, (255, 160, 80), 2.0)
    ground = gradient((1800, 220), [(0, (190, 110, 84)), (1, (44, 22, 40))])
    picture.paste(ground, (0, floor))
    mist(picture, floor, 60, (255, 170, 110), 0.5)
    pen, shade = Pen(size), Pen(size)
    for number in range(7):
        x, tall = 170 + number * 243 + rng.uniform(-40, 40), rng.uniform(430, 520)
        foot = floor + rng.uniform(10, 60)
        person(
            pen,
            (x, foot),
            tall,
            rng,
            ("dancing", "twirling", "cheering")[number % 3],
            rng.choice((-1, 1)),
        )
        shade.blob(
            [
                (x - 40, foot),
                (x + 40, foot),
                (x + (x - 900) * 0.3 + 90, 1360),
                (x + (x - 900) * 0.3 - 50, 1360),
            ]
        )
    bystanders(pen, (0, 1800), floor, 150, rng, 12)
    lay(
        picture,
        toned(shade.image().filter(ImageFilter.GaussianBlur(10)), lambda v: v * 0.6),
        (40, 16, 34),
    )
    shape = pen.image()
    lay(picture, shape, (32, 14, 34))
    edge_light(picture, shape, (255, 160, 84), (0, 4), 1.8)
    for number in range(4):
        bulbs(
            picture,
            (-40, 90 + number * 70),
            (1840, 160 + number * 50 + rng.uniform(-50, 50)),
            190 + 22 * number,
            12,
            (WARM, (255, 120, 90), (255, 224, 150)),
        )
    return develop(picture, Film(shadows=(18, 10, 30), highlights=(255, 246, 228), bloom=0.5), rng)
