"""Photos of what floats above the feast: balloons of both kinds, and the moon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image

from deploy.sample.brush import RGB, Pen, Point, clouds, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.buildings import skyline
from deploy.sample.pieces.lights import stars
from deploy.sample.pieces.people import bystanders, person
from deploy.sample.pieces.props import balloon
from deploy.sample.pieces.water import River, mist, pour
from deploy.sample.scenes.river import layered_city, light_windows, sky

if TYPE_CHECKING:
    import random


PARTY: tuple[RGB, ...] = (
    (214, 44, 52), (246, 176, 40), (36, 130, 168), (236, 96, 44), (240, 234, 222),
    (92, 62, 150), (46, 150, 110),
)  # fmt: skip


#: So many balloons make the bunch.
BUNCH = 17


def balloons(rng: random.Random) -> Image.Image:
    """Photograph a bunch of balloons that goes up into a summer sky."""
    size = (1440, 1440)
    picture = gradient(size, [(0, (40, 112, 190)), (0.6, (132, 188, 224)), (1, (230, 226, 210))])
    sky(picture, rng, 1440, (255, 253, 248), (2, 3))
    far: list[Point] = []
    for _ in range(16):
        at = (rng.uniform(60, 1380), rng.uniform(60, 640))
        r = rng.uniform(12, 34)
        balloon(picture, at, r, rng.choice(PARTY))
        far.append(at)
    picture = defocused(picture, 3)
    spots: list[tuple[float, float, float]] = []
    for _ in range(400):
        angle, out = rng.uniform(0, 2 * math.pi), 390 * math.sqrt(rng.random())
        spot = (
            720 + math.cos(angle) * out,
            590 + math.sin(angle) * out * 0.95,
            rng.uniform(92, 128),
        )
        if len(spots) < BUNCH and all(
            math.dist(spot[:2], o[:2]) > (spot[2] + o[2]) * 0.72 for o in spots
        ):
            spots.append(spot)
    strings = Pen(size)
    for x, y, r in spots:
        strings.line(
            [
                (x, y + r * 1.35),
                ((x + 720) / 2 + rng.uniform(-12, 12), (y + 1480) / 2),
                (720, 1500),
            ],
            2.2,
        )
    lay(picture, strings.image(), (236, 232, 226))
    spots.sort(key=lambda spot: spot[1])
    for number, (x, y, r) in enumerate(spots):
        balloon(picture, (x, y), r, PARTY[number % len(PARTY)])
    return develop(
        picture,
        Film(shadows=(18, 18, 34), highlights=(255, 251, 240), bloom=0.3, vignette=0.2),
        rng,
    )


def hot_air(rng: random.Random) -> Image.Image:
    """Hot-air balloons drift over the river in the first light."""
    size, horizon = (1920, 1280), 960
    picture = gradient(
        size,
        [
            (0, (104, 148, 196)),
            (0.4, (204, 196, 196)),
            (0.65, (255, 208, 160)),
            (0.75, (255, 198, 150)),
        ],
    )
    sky(picture, rng, horizon, (255, 240, 226), (3, 6))
    glow(picture, (1500, horizon - 40), 800, (255, 180, 110), 2.2)
    layered_city(picture, rng, horizon, (124, 92, 98), (236, 186, 156), 0.0, (0.24, 0.26))
    mist(picture, horizon - 20, 130, (255, 222, 190), 0.55)
    places = (
        (520, 330, 178),
        (1130, 220, 128),
        (1500, 470, 92),
        (870, 560, 66),
        (1740, 250, 58),
        (200, 560, 50),
    )
    for number, (x, y, r) in enumerate(places):
        at = (x + rng.uniform(-50, 50), y + rng.uniform(-30, 30))
        _envelope(picture, at, r, PARTY[number % 4], (255, 216, 184), 0.05 + 0.5 * (1 - r / 178))
    pour(picture, horizon, River((190, 160, 150), 0.82, 0.6), rng)
    return develop(
        picture,
        Film(shadows=(34, 26, 36), highlights=(255, 248, 234), bloom=0.35, vignette=0.25),
        rng,
    )


def _envelope(
    picture: Image.Image, at: Point, r: float, colour: RGB, haze: RGB, far: float
) -> None:
    """Sew a hot-air balloon together from gores, with its basket."""
    pen = Pen(picture.size, "RGBA")
    gores = 12

    def edge(share: float) -> list[Point]:
        return [
            (at[0] + math.sin(share * math.pi / 2) * r * _girth(t), at[1] - r + t * r * 2.35)
            for t in (step / 20 for step in range(21))
        ]

    for gore in range(gores):
        left, right = (2 * (gore + step) / gores - 1 for step in (0, 1))
        cloth = (250, 240, 220) if gore % 3 == 1 else colour
        light = 1 - abs((left + right) / 2 - 0.35) * 0.8
        pen.ink = (*mix(mix(mix(cloth, (50, 20, 60), 0.4), cloth, light), haze, far), 255)
        pen.polygon(edge(left) + edge(right)[::-1])
    dark = mix((64, 40, 36), haze, far)
    pen.ink = (*dark, 255)
    mouth = at[1] + r * 1.35
    for side in (-1, 1):
        pen.line(
            [(at[0] + side * r * 0.17, mouth), (at[0] + side * r * 0.1, mouth + r * 0.3)],
            max(1.0, r * 0.015),
        )
    pen.blob([(at[0] - r * 0.13, mouth + r * 0.28), (at[0] + r * 0.13, mouth + r * 0.28),
              (at[0] + r * 0.11, mouth + r * 0.48),
              (at[0] - r * 0.11, mouth + r * 0.48)])  # fmt: skip
    layer = pen.image()
    picture.paste(layer, (0, 0), layer)


#: Where an envelope is widest, from its crown (0) to its mouth (1).
WIDEST = 0.42


def _girth(t: float) -> float:
    """How wide an envelope is, from its crown (0) to its mouth (1)."""
    if t < WIDEST:
        return math.sqrt(max(0.0, 1 - ((WIDEST - t) / WIDEST) ** 2))
    return 0.17 + 0.83 * (0.5 + 0.5 * math.cos((t - WIDEST) / (1 - WIDEST) * math.pi)) ** 0.82


def moon_tower(rng: random.Random) -> Image.Image:
    """Photograph the full moon behind the tower."""
    size = (1200, 1800)
    picture = gradient(
        size,
        [(0, (10, 16, 44)), (0.5, (40, 52, 100)), (0.85, (120, 104, 136)), (1, (150, 116, 130))],
    )
    stars(picture, rng, 110, 900)
    x, moon = rng.uniform(470, 560), (rng.uniform(640, 720), 640)
    glow(picture, moon, 780, (150, 140, 150), 2.6)
    disc = Pen(size)
    disc.disc(moon, 235)
    face = toned(clouds(size, rng, (9, 13), 4), lambda v: 0.72 + 0.26 * v)
    lay(
        picture,
        disc.image(),
        Image.merge(
            "RGB",
            [face, toned(face, lambda v: v * 0.97), toned(face, lambda v: v * 0.88)],
        ),
    )
    veil = toned(clouds(size, rng, (2, 12)), lambda v: max(0.0, v - 0.55) * 0.8)
    lay(picture, veil, (96, 96, 130))
    row = skyline(size, rng, 1640, (150, 280), (("church", x / 1200, 1240),))
    lay(picture, row.shape, (18, 18, 36))
    light_windows(picture, row, rng, 0.5)
    mist(picture, 1640, 260, (92, 88, 120), 0.55)
    pen = Pen(size)
    pen.rectangle(0, 1640, 1200, 1800)
    person(pen, (300, 1660), 210, rng, "arm in arm")
    person(pen, (372, 1660), 196, rng, "arm in arm")
    bystanders(pen, (700, 1120), 1658, 200, rng, 2)
    lay(picture, pen.image(), (9, 9, 18))
    return develop(picture, Film(shadows=(10, 12, 28), highlights=(255, 250, 238), bloom=0.45), rng)
