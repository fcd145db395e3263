"""Photos of the fair and the sky above it: ferris wheel, balloons, lanterns, the moon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, clouds, curve, glow, gradient, lay, mix
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.buildings import skyline
from deploy.sample.pieces.lights import WARM, bokeh, bulbs, stars
from deploy.sample.pieces.people import bystanders, crowd_row, edge_light, person
from deploy.sample.pieces.props import balloon
from deploy.sample.pieces.water import River, glint, mist, pour
from deploy.sample.pieces.wheel import ferris_wheel, spinning_wheel
from deploy.sample.scenes.river import layered_city, light_windows, quay_lamps, sky

if TYPE_CHECKING:
    import random

WHEELS: tuple[tuple[RGB, ...], ...] = (
    ((255, 90, 130), (255, 190, 90), (120, 200, 255)),
    ((90, 220, 255), (190, 120, 255), (255, 120, 190)),
    ((255, 170, 70), (255, 96, 80), (255, 226, 150)),
)


def ferris_night(rng: random.Random) -> Image.Image:
    """The wheel stands lit above the heads."""
    size = (1280, 1600)
    picture = gradient(
        size,
        [(0, (14, 20, 58)), (0.5, (62, 50, 110)), (0.85, (196, 104, 110)), (1, (220, 130, 110))],
    )
    sky(picture, rng, 1200, (150, 100, 150), (3, 5))
    row = skyline(size, rng, 1430, (110, 210), (("church", 0.9, 420),))
    lay(picture, row.shape, (44, 30, 62))
    light_windows(picture, row, rng, 0.4)
    ferris_wheel(picture, (rng.uniform(560, 680), 690), 500, 1430, rng.choice(WHEELS))
    pen = Pen(size, "RGBA")
    for tent in range(6):
        x, colour = tent * 250 - 60, ((200, 60, 50), (244, 236, 220))[tent % 2]
        pen.ink = (*mix(colour, (40, 16, 50), 0.45), 255)
        pen.polygon([(x, 1400), (x + 125, 1290), (x + 250, 1400), (x + 236, 1500), (x + 14, 1500)])
    tents = pen.image()
    picture.paste(tents, (0, 0), tents)
    bulbs(picture, (-30, 1330), (1310, 1330), 40, 9)
    pen = Pen(size)
    crowd_row(pen, 1280, 1510, 104, rng, 0.12)
    crowd = defocused(pen.image(), 3)
    lay(picture, crowd, (12, 9, 20))
    edge_light(picture, crowd, (150, 90, 70), (0, 5), 2.4)
    return develop(picture, Film(shadows=(12, 10, 28), highlights=(255, 246, 232), bloom=0.6), rng)


def ferris_trails(rng: random.Random) -> Image.Image:
    """The turning wheel as rings of light, mirrored in the dock."""
    size, horizon = (1600, 1600), 1130
    picture = gradient(size, [(0, (6, 8, 28)), (0.5, (24, 22, 60)), (0.75, (70, 44, 84))])
    stars(picture, rng, 70, 600)
    row = skyline(size, rng, horizon, (80, 180), (("crane", 0.12, 330),))
    lay(picture, row.shape, (16, 13, 30))
    light_windows(picture, row, rng, 0.6)
    spinning_wheel(picture, (rng.uniform(760, 900), 600), 440, horizon, rng.choice(WHEELS), rng)
    quay_lamps(picture, horizon - 14, 130, 6, (255, 190, 110))
    pour(picture, horizon, River((8, 10, 30), 0.95, 0.8, 30), rng)
    return develop(picture, Film(shadows=(8, 8, 24), highlights=(255, 248, 240), bloom=0.7), rng)


PARTY: tuple[RGB, ...] = (
    (214, 44, 52), (246, 176, 40), (36, 130, 168), (236, 96, 44), (240, 234, 222), (92, 62, 150), (46, 150, 110),
)  # fmt: skip


def balloons(rng: random.Random) -> Image.Image:
    """A bunch of balloons goes up into a summer sky."""
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
        if len(spots) < 17 and all(
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
    layered_city(picture, rng, horizon, (124, 92, 98), (236, 186, 156), 0.0, 0.24, 0.26)
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


def _envelope(  # noqa: PLR0913 (one balloon, described once)
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
              (at[0] + r * 0.11, mouth + r * 0.48), (at[0] - r * 0.11, mouth + r * 0.48)])  # fmt: skip
    layer = pen.image()
    picture.paste(layer, (0, 0), layer)


def _girth(t: float) -> float:
    """How wide an envelope is, from its crown (0) to its mouth (1)."""
    if t < 0.42:
        return math.sqrt(max(0.0, 1 - ((0.42 - t) / 0.42) ** 2))
    return 0.17 + 0.83 * (0.5 + 0.5 * math.cos((t - 0.42) / 0.58 * math.pi)) ** 0.82


def lanterns(rng: random.Random) -> Image.Image:
    """Paper lanterns float on the dark dock."""
    size, horizon = (1800, 1200), 430
    picture = gradient(size, [(0, (10, 14, 40)), (0.25, (34, 34, 78)), (0.36, (92, 60, 92))])
    row = skyline(size, rng, horizon, (70, 150), (("church", 0.75, 330),))
    lay(picture, row.shape, (14, 12, 30))
    light_windows(picture, row, rng, 0.5)
    quay_lamps(picture, horizon - 10, 110, 4, (255, 190, 110))
    pour(picture, horizon, River((8, 12, 34), 0.92, 0.8, 22), rng)
    boats = sorted((rng.random() ** 1.3, rng.uniform(0, 1)) for _ in range(46))
    for near, across in boats:
        y, s = horizon + 26 + near * 690, 7 + 62 * near
        x = -60 + across * 1920
        tone = rng.choice(((255, 150, 60), (255, 176, 84), (255, 120, 70), (255, 196, 110)))
        glow(picture, (x, y), s * 3.6, mix((0, 0, 0), tone, 0.42), 2.0)
        for streak in range(5):
            glint(
                picture,
                (x + rng.gauss(0, s * 0.2), y + s * (0.9 + streak * 0.55)),
                (s * rng.uniform(0.4, 0.9), s * 0.1),
                mix((0, 0, 0), tone, 0.6 - streak * 0.1),
            )
        _lantern(picture, (x, y), s, tone)
    return develop(picture, Film(shadows=(8, 10, 26), highlights=(255, 246, 228), bloom=0.6), rng)


def _lantern(picture: Image.Image, at: Point, s: float, tone: RGB) -> None:
    box = (round(s * 2.4), round(s * 2.2))
    pen = Pen(box)
    cx, cy = box[0] / 2, box[1] * 0.55
    pen.blob(
        [
            (cx - s * 0.62, cy - s * 0.95),
            (cx + s * 0.62, cy - s * 0.95),
            (cx + s * 0.72, cy + s * 0.6),
            (cx - s * 0.72, cy + s * 0.6),
        ]
    )
    paper = gradient(
        box,
        [
            (0, mix(tone, (255, 255, 220), 0.1)),
            (0.55, mix(tone, (255, 250, 214), 0.75)),
            (0.85, tone),
            (1, mix(tone, (90, 20, 10), 0.5)),
        ],
    )
    picture.paste(paper, (round(at[0] - cx), round(at[1] - cy)), pen.image())


def moon_tower(rng: random.Random) -> Image.Image:
    """The full moon rises behind the tower."""
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
    face = clouds(size, rng, (9, 13), 4).point(curve(lambda v: 0.72 + 0.26 * v))
    lay(
        picture,
        disc.image(),
        Image.merge(
            "RGB",
            [face, face.point(curve(lambda v: v * 0.97)), face.point(curve(lambda v: v * 0.88))],
        ),
    )
    veil = clouds(size, rng, (2, 12)).point(curve(lambda v: max(0.0, v - 0.55) * 0.8))
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


def tunnel(rng: random.Random) -> Image.Image:
    """The tiled foot tunnel under the river, with a cyclist far away."""
    size = (1280, 1600)
    picture = Image.new("RGB", size, (20, 20, 26))
    centre = (640 + rng.uniform(-20, 20), 820)
    rings = 44
    for ring in range(rings):
        share = (1 - ring / rings) ** 2.6
        pen = Pen(size)
        r = 34 + 1150 * share
        pen.disc((centre[0], centre[1] - r * 0.1), r, r)
        tone = mix((232, 220, 190), (122, 108, 92), min(1.0, share * 1.15))
        lay(picture, pen.image(), mix(tone, (60, 54, 50), 0.2 if ring % 2 else 0.06))
    glow(picture, centre, 700, (130, 110, 76), 1.8)
    floor = Pen(size)
    floor.polygon(
        [
            (centre[0] - 26, centre[1] + 26),
            (centre[0] + 26, centre[1] + 26),
            (1560, 1600),
            (-280, 1600),
        ]
    )
    lay(
        picture,
        floor.image(),
        gradient(size, [(0, (150, 134, 112)), (0.5, (150, 134, 112)), (1, (58, 50, 48))]),
    )
    for lamp in range(13):
        share = (1 - lamp / 13) ** 2.4
        y, wide = centre[1] - 30 - 1090 * share, 5 + 130 * share
        strip = Pen(size)
        strip.limb((centre[0] - wide, y), 2 + 15 * share, (centre[0] + wide, y), 2 + 15 * share)
        lay(picture, strip.image(), (255, 250, 230))
        glow(picture, (centre[0], y), wide * 2.8 + 12, (120, 108, 80), 1.8)
        glow(picture, (centre[0], centre[1] + 30 + 700 * share), wide * 2.4, (70, 60, 44), 1.6)
    pen = Pen(size)
    person(pen, (centre[0] - 40, centre[1] + 150), 168, rng, "walking")
    person(pen, (centre[0] + 52, centre[1] + 128), 146, rng, "walking", -1)
    person(pen, (centre[0] + 6, centre[1] + 66), 74, rng, "standing")
    shade = pen.image().transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    moved = Image.new("L", size)
    moved.paste(shade, (0, round(2 * (centre[1] + 142)) - 1600))
    lay(
        picture,
        moved.filter(ImageFilter.GaussianBlur((3, 10))).point(
            [round(v * 0.35) for v in range(256)]
        ),
        (30, 26, 28),
    )
    lay(picture, pen.image(), (30, 26, 30))
    return develop(
        picture,
        Film(shadows=(20, 20, 26), highlights=(255, 248, 230), bloom=0.5, vignette=0.5),
        rng,
    )


def glimmer(rng: random.Random) -> Image.Image:
    """Only lights, out of focus: the fair as a blur of colour."""
    size = (1600, 1067)
    picture = gradient(size, [(0, (12, 12, 36)), (0.6, (44, 26, 56)), (1, (24, 14, 26))])
    tones = (*PARTY[:4], WARM, (255, 90, 130), (110, 200, 255))
    bokeh(picture, rng, 60, (0, 100, 1600, 900), (40, 110), tones, 0.6)
    bokeh(picture, rng, 40, (0, 200, 1600, 900), (18, 44), tones, 0.85)
    pen = Pen(size)
    crowd_row(pen, 1600, 960, 250, rng, 0.35)
    shape = pen.image()
    lay(picture, shape, (10, 8, 16))
    edge_light(picture, shape, (96, 54, 60), (-2, 5), 5)
    return develop(picture, Film(shadows=(10, 8, 22), highlights=(255, 246, 234), bloom=0.5), rng)
