"""Photos of the fair and its lights: ferris wheel, lanterns, the tunnel that leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.buildings import skyline
from deploy.sample.pieces.lights import WARM, bokeh, bulbs, stars
from deploy.sample.pieces.people import crowd_row, edge_light, person
from deploy.sample.pieces.water import River, glint, pour
from deploy.sample.pieces.wheel import ferris_wheel, spinning_wheel
from deploy.sample.scenes.above import PARTY
from deploy.sample.scenes.river import light_windows, quay_lamps, sky

if TYPE_CHECKING:
    import random


WHEELS: tuple[tuple[RGB, ...], ...] = (
    ((255, 90, 130), (255, 190, 90), (120, 200, 255)),
    ((90, 220, 255), (190, 120, 255), (255, 120, 190)),
    ((255, 170, 70), (255, 96, 80), (255, 226, 150)),
)


def ferris_night(rng: random.Random) -> Image.Image:
    """Photograph the lit wheel above the heads."""
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
    """Photograph the turning wheel as rings of light, mirrored in the dock."""
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


def tunnel(rng: random.Random) -> Image.Image:
    """Photograph the tiled foot tunnel under the river, with people far away."""
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
        toned(moved.filter(ImageFilter.GaussianBlur((3, 10))), lambda v: v * 0.35),
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
