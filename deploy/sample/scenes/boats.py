"""Photos of the harbour: sails at noon, a tall ship, cranes in the mist, gulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from deploy.sample.brush import RGB, Pen, Point, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, develop
from deploy.sample.pieces.buildings import harbour_crane, skyline
from deploy.sample.pieces.people import edge_light, person
from deploy.sample.pieces.props import sailing_boat, tall_ship
from deploy.sample.pieces.water import River, mist, pour, sun_path
from deploy.sample.scenes.river import layered_city, sky

if TYPE_CHECKING:
    import random

HULLS: tuple[RGB, ...] = (
    (186, 44, 44),
    (30, 84, 128),
    (236, 226, 206),
    (34, 104, 96),
    (222, 146, 46),
)


def gulls(
    picture: Image.Image,
    rng: random.Random,
    count: int,
    area: tuple[float, float, float, float],
    colour: RGB,
) -> None:
    """Let gulls sail through the sky."""
    pen = Pen(picture.size)
    for _ in range(count):
        x, y = rng.uniform(area[0], area[2]), rng.uniform(area[1], area[3])
        s, tilt = rng.uniform(10, 30), rng.uniform(-0.35, 0.35)
        for side in (-1, 1):
            elbow = (x + side * s * 0.5, y - s * (0.34 + side * tilt * 0.5))
            tip = (x + side * s * 1.25, y - s * (0.06 + side * tilt))
            pen.limb((x, y), s * 0.09, elbow, s * 0.07)
            pen.limb(elbow, s * 0.07, tip, s * 0.015)
        pen.disc((x, y), s * 0.16, s * 0.09)
    lay(picture, pen.image(), colour)


def sails(rng: random.Random) -> Image.Image:
    """Small yachts race past the city on a bright day."""
    size, horizon = (1920, 1280), 640
    picture = gradient(size, [(0, (58, 124, 190)), (0.35, (146, 190, 220)), (0.5, (226, 228, 216))])
    sky(picture, rng, horizon, (255, 253, 248), (3, 5))
    layered_city(
        picture, rng, horizon, (108, 116, 128), (190, 206, 214), 0.0, (rng.uniform(0.55, 0.7), 0.3)
    )
    far: list[tuple[float, float]] = [
        (rng.uniform(100, 1820), rng.uniform(90, 150)) for _ in range(5)
    ]
    pen = Pen(size, "RGBA")
    for number, (x, tall) in enumerate(far):
        sailing_boat(pen, (x, horizon + 6), tall, 1, mix(HULLS[number % 5], (190, 206, 214), 0.45))
    layer = pen.image()
    picture.paste(layer, (0, 0), layer)
    pour(picture, horizon, River((70, 118, 146), 0.62, 1.1), rng)
    for x, y, tall, hull in ((380, 800, 440, 0), (1010, 760, 340, 1), (1500, 900, 560, 4)):
        at = (x + rng.uniform(-60, 60), y)
        _boat_with_mirror(picture, at, tall, HULLS[hull], rng)
    gulls(picture, rng, 9, (200, 120, 1700, 460), (250, 250, 248))
    return develop(
        picture,
        Film(shadows=(14, 26, 44), highlights=(255, 251, 240), bloom=0.3, vignette=0.22),
        rng,
    )


def _boat_with_mirror(
    picture: Image.Image, at: Point, tall: float, hull: RGB, rng: random.Random
) -> None:
    pen = Pen(picture.size, "RGBA")
    sailing_boat(pen, at, tall, 1, hull)
    boat = pen.image()
    flipped = boat.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirror = Image.new("RGBA", picture.size)
    mirror.paste(flipped, (0, round(2 * at[1]) - picture.height))
    strips = Image.new("RGBA", picture.size)
    y, shift = round(at[1]) - 2, 0.0
    while y < picture.height:
        band = 3 + round((y - at[1]) * 0.02)
        shift = shift * 0.5 + rng.gauss(0, 3 + (y - at[1]) * 0.02)
        strips.paste(mirror.crop((0, y, picture.width, y + band)), (round(shift), y))
        y += band
    faint = toned(strips.getchannel("A"), lambda v: v * 0.42)
    picture.paste(strips.convert("RGB"), (0, 0), faint)
    picture.paste(boat, (0, 0), boat)


def tall_ship_sunset(rng: random.Random) -> Image.Image:
    """Photograph a three-master in front of the sun."""
    size, horizon = (1500, 1500), 930
    picture = gradient(
        size,
        [
            (0, (60, 44, 96)),
            (0.25, (178, 84, 104)),
            (0.45, (250, 144, 90)),
            (0.62, (255, 206, 120)),
        ],
    )
    sky(picture, rng, horizon, (255, 176, 140), (3, 7))
    sun = (rng.uniform(640, 860), horizon - 150)
    glow(picture, sun, 900, (255, 160, 70), 2.2)
    glow(picture, sun, 150, (255, 244, 206), 0.5)
    row = skyline(size, rng, horizon, (30, 80), (("crane", 0.1, 170), ("church", 0.9, 270)))
    lay(picture, row.shape, (190, 96, 84))
    mist(picture, horizon, 80, (255, 180, 120), 0.45)
    pen = Pen(size)
    tall_ship(pen, (rng.uniform(700, 800), horizon + 22), 700)
    ship = pen.image()
    low = ship.crop((0, 0, 1500, horizon))
    whole = Image.new("L", size)
    whole.paste(low, (0, 0))
    lay(picture, whole, (38, 18, 32))
    pour(picture, horizon, River((120, 66, 76), 0.92, 0.8), rng)
    lay(picture, ship, (38, 18, 32))
    sun_path(picture, horizon + 26, sun[0], (255, 206, 130), rng, 170)
    gulls(picture, rng, 7, (150, 150, 1350, 560), (58, 32, 46))
    return develop(picture, Film(shadows=(22, 12, 28), highlights=(255, 246, 226), bloom=0.5), rng)


def cranes_mist(rng: random.Random) -> Image.Image:
    """Old harbour cranes stand in the morning mist."""
    size, horizon = (2400, 1000), 720
    picture = gradient(size, [(0, (132, 150, 172)), (0.4, (206, 200, 198)), (0.7, (250, 214, 180))])
    glow(picture, (rng.uniform(500, 800), 560), 700, (255, 210, 150), 2.0)
    glow(picture, (620, 560), 60, (255, 250, 232), 0.7)
    for number in range(3):
        haze = (236, 208, 186)
        tone = mix((214, 194, 184), (62, 62, 78), number / 2)
        pen = Pen(size)
        scale = (230, 330, 470)[number]
        for crane in range((7, 4, 3)[number]):
            x = 2400 * (crane + rng.uniform(0.25, 0.75)) / (7, 4, 3)[number]
            harbour_crane(pen, x, horizon + 4, scale * rng.uniform(0.9, 1.05), rng.choice((-1, 1)))
        lay(picture, pen.image(), tone)
        mist(picture, horizon, 150 - number * 30, haze, 0.6)
    pour(picture, horizon, River((176, 164, 162), 0.85, 0.55), rng)
    mist(picture, horizon + 6, 60, (244, 222, 204), 0.6)
    gulls(picture, rng, 11, (300, 120, 2200, 420), (92, 92, 104))
    return develop(
        picture,
        Film(shadows=(38, 38, 50), highlights=(255, 249, 236), bloom=0.35, vignette=0.3),
        rng,
    )


def jetty(rng: random.Random) -> Image.Image:
    """Two people on a jetty look out over a still, pastel river."""
    size, horizon = (1440, 1800), 860
    picture = gradient(
        size,
        [
            (0, (110, 136, 178)),
            (0.25, (196, 170, 188)),
            (0.42, (250, 198, 168)),
            (0.5, (255, 220, 176)),
        ],
    )
    sky(picture, rng, horizon, (255, 222, 210), (2, 6))
    layered_city(picture, rng, horizon, (128, 106, 124), (232, 188, 176), 0.25, (0.68, 0.2))
    mist(picture, horizon - 10, 110, (252, 214, 190), 0.5)
    pour(picture, horizon, River((160, 140, 160), 0.9, 0.5), rng)
    pen = Pen(size, "RGBA")
    planks = 26
    for plank in range(planks):
        near, far = ((plank + step) / planks for step in (1, 0))
        y1, y2 = 1130 + 680 * far**1.7, 1130 + 680 * near**1.7
        half1, half2 = 62 + 470 * far**1.7, 62 + 470 * near**1.7
        pen.ink = (*mix((124, 96, 92), (74, 54, 60), rng.random()), 255)
        pen.polygon(
            [(720 - half1, y1), (720 + half1, y1), (720 + half2, y2 - 3), (720 - half2, y2 - 3)]
        )
    wood = pen.image()
    picture.paste(wood, (0, 0), wood)
    posts = Pen(size)
    for number in range(5):
        t = (number / 4) ** 1.7
        for side in (-1, 1):
            x, y = 720 + side * (66 + 400 * t), 1140 + 560 * t
            posts.limb((x, y + 70 * (0.4 + t)), 6 + 20 * t, (x, y - 60 - 150 * t), 6 + 20 * t)
    for dx in (-34, 30):
        person(
            posts, (720 + dx + rng.uniform(-6, 6), 1150), rng.uniform(215, 250), rng, "arm in arm"
        )
    shape = posts.image()
    lay(picture, shape, (58, 42, 52))
    edge_light(picture, shape, (255, 190, 150), (0, 3), 1.4)
    gulls(picture, rng, 6, (200, 200, 1240, 600), (250, 240, 236))
    return develop(
        picture,
        Film(shadows=(30, 24, 38), highlights=(255, 249, 238), bloom=0.35, vignette=0.28),
        rng,
    )
