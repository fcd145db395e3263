"""Photos from the quay: the skyline over the water, from golden hour until deep in the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from deploy.sample.brush import RGB, Pen, clouds, glow, gradient, lay, mix, toned
from deploy.sample.darkroom import Film, defocused, develop
from deploy.sample.pieces.buildings import Skyline, skyline
from deploy.sample.pieces.lights import firework, stars, willow
from deploy.sample.pieces.people import bystanders, crowd_row, edge_light
from deploy.sample.pieces.water import River, mist, pour, sun_path

if TYPE_CHECKING:
    import random


def sky(
    picture: Image.Image, rng: random.Random, until: int, light: RGB, cells: tuple[int, int]
) -> None:
    """Draw clouds that catch the light, drawn out along the horizon."""
    veil = clouds((picture.width, until), rng, cells)
    bright = toned(veil, lambda v: max(0.0, v - 0.48) ** 1.2 * 1.25)
    whole = Image.new("L", picture.size)
    whole.paste(bright, (0, 0))
    lay(picture, whole, light)


def light_windows(picture: Image.Image, row: Skyline, rng: random.Random, share: float) -> None:
    """Switch on part of the windows of a skyline."""
    pen = Pen(picture.size, "RGBA")
    for left, top, right, base in row.windows:
        if rng.random() < share:
            warm = mix((255, 176, 84), (255, 236, 190), rng.random())
            pen.ink = (*warm, round(255 * rng.uniform(0.45, 1)))
            pen.rectangle(left, top, right, base)
    lamps = pen.image()
    picture.paste(lamps, (0, 0), lamps)


def quay_lamps(picture: Image.Image, y: float, every: float, size: float, colour: RGB) -> None:
    """Line the far quay with lamps."""
    x = every * 0.4
    while x < picture.width:
        glow(picture, (x, y), size * 6, mix((0, 0, 0), colour, 0.55), 2.4)
        glow(picture, (x, y), size, (255, 240, 210), 0.7)
        x += every


def layered_city(
    picture: Image.Image,
    rng: random.Random,
    horizon: int,
    near: RGB,
    far: RGB,
    lit: float,
    church: tuple[float, float] = (0.34, 0.36),
    haze: float = 0.35,
) -> None:
    """Put three rows of houses behind each other, each paler than the one before it."""
    size, tall = picture.size, picture.height
    rows = (
        (
            0.06,
            0.125,
            (("office", rng.uniform(0.62, 0.72), tall * 0.2), ("office", 0.86, tall * 0.16)),
        ),
        (0.055, 0.1, (("church", church[0], tall * church[1]),)),
        (0.045, 0.09, (("crane", rng.uniform(0.8, 0.9), tall * 0.2), ("crane", 0.95, tall * 0.16))),
    )
    for number, (low, high, landmarks) in enumerate(rows):
        row = skyline(size, rng, horizon, (tall * low, tall * high), landmarks)
        lay(picture, row.shape, mix(far, near, number / 2))
        if lit:
            light_windows(picture, row, rng, lit * (0.5 + number * 0.3))
        if number < len(rows) - 1:
            mist(picture, horizon, round(tall * 0.09), mix(far, near, 0.15), haze)


def golden_quay(rng: random.Random) -> Image.Image:
    """Photograph the sun that goes down behind the city, from the other bank."""
    size, horizon = (1800, 1200), 690
    sun_x = rng.uniform(1050, 1300)
    picture = gradient(size, [(0, (58, 92, 140)), (0.2, (126, 140, 164)), (0.4, (240, 178, 120)),
                              (0.54, (255, 206, 128)), (0.6, (255, 190, 110))])  # fmt: skip
    sky(picture, rng, horizon, (255, 214, 168), (3, 9))
    glow(picture, (sun_x, horizon - 70), 900, (255, 150, 60), 2.4)
    glow(picture, (sun_x, horizon - 70), 260, (255, 214, 130), 2.0)
    glow(picture, (sun_x, horizon - 70), 62, (255, 250, 220), 0.35)
    layered_city(picture, rng, horizon, (62, 44, 52), (214, 146, 104), 0.0)
    pour(picture, horizon, River((96, 74, 72), 0.86, 0.9), rng)
    sun_path(picture, horizon, sun_x, (255, 206, 120), rng, 190)
    pen = Pen(size)
    pen.rectangle(0, 1118, 1800, 1200)
    for post in range(9):
        pen.limb((90 + post * 205, 1130), 9, (90 + post * 205, 1010), 7)
        pen.disc((90 + post * 205, 1003), 11)
    pen.line([(0, 1022), (1800, 1022)], 7)
    pen.line([(0, 1072), (1800, 1072)], 5)
    bystanders(pen, (120, 760), 1126, 330, rng, 4)
    lay(picture, pen.image(), (30, 20, 26))
    edge_light(picture, pen.image(), (150, 90, 40), (-3, 3))
    return develop(picture, Film(shadows=(22, 14, 26), highlights=(255, 246, 226)), rng)


def blue_hour(rng: random.Random) -> Image.Image:
    """Photograph the city when the lamps are on and the sky is still blue."""
    size, horizon = (1920, 1280), 760
    picture = gradient(size, [(0, (14, 26, 66)), (0.3, (38, 72, 138)), (0.46, (120, 132, 172)),
                              (0.56, (246, 176, 136)), (0.6, (255, 176, 110))])  # fmt: skip
    sky(picture, rng, horizon, (106, 104, 158), (3, 10))
    glow(picture, (rng.uniform(1100, 1500), horizon), 900, (150, 82, 50), 2.0)
    layered_city(
        picture,
        rng,
        horizon,
        (16, 20, 40),
        (112, 100, 136),
        0.9,
        (rng.uniform(0.3, 0.42), 0.36),
        0.2,
    )
    quay_lamps(picture, horizon - 12, 74, 5, (255, 190, 100))
    pour(picture, horizon, River((14, 28, 60), 0.94, 0.7, 26), rng)
    return develop(picture, Film(shadows=(6, 12, 34), highlights=(255, 244, 230), bloom=0.7), rng)


def panorama(rng: random.Random) -> Image.Image:
    """Photograph the whole city in one wide frame."""
    size, horizon = (2400, 900), 600
    picture = gradient(size, [(0, (46, 40, 92)), (0.28, (122, 74, 126)), (0.5, (228, 122, 112)),
                              (0.66, (255, 190, 120))])  # fmt: skip
    sky(picture, rng, horizon, (255, 170, 140), (5, 8))
    glow(picture, (rng.uniform(1500, 1900), horizon), 900, (255, 140, 70), 2.4)
    layered_city(picture, rng, horizon, (34, 24, 48), (176, 98, 112), 0.55, (0.42, 0.5))
    quay_lamps(picture, horizon - 9, 60, 4, (255, 200, 120))
    pour(picture, horizon, River((50, 34, 66), 0.9, 0.8, 18), rng)
    return develop(picture, Film(shadows=(18, 12, 34), highlights=(255, 242, 228), bloom=0.6), rng)


SHELLS: tuple[tuple[RGB, RGB], ...] = (
    ((255, 190, 90), (255, 120, 50)),
    ((255, 96, 120), (255, 200, 160)),
    ((110, 190, 255), (230, 240, 255)),
    ((150, 255, 190), (250, 255, 210)),
    ((214, 130, 255), (255, 190, 230)),
)


def fireworks_river(rng: random.Random) -> Image.Image:
    """Shells burst over the city and once more in the river."""
    size, horizon = (1920, 1280), 830
    picture = gradient(size, [(0, (5, 8, 22)), (0.45, (16, 20, 48)), (0.65, (46, 36, 70))])
    stars(picture, rng, 90, 500)
    smoke = toned(clouds(size, rng, (4, 4)), lambda v: max(0.0, v - 0.5) * 0.5)
    lay(picture, smoke, (92, 66, 84))
    shells = rng.sample(SHELLS, 4)
    for number, (x, y, r) in enumerate(
        ((620, 290, 290), (1260, 240, 320), (960, 470, 210), (1600, 440, 190))
    ):
        at = (x + rng.uniform(-60, 60), y + rng.uniform(-30, 30))
        firework(picture, at, r, shells[number], rng)
    layered_city(picture, rng, horizon, (8, 8, 18), (50, 36, 62), 0.6, (0.2, 0.3))
    quay_lamps(picture, horizon - 10, 82, 4, (255, 190, 110))
    pour(picture, horizon, River((6, 8, 20), 0.95, 0.9, 24), rng)
    pen = Pen(size)
    crowd_row(pen, size[0], 1200, 96, rng, 0.2)
    lay(picture, pen.image(), (6, 5, 10))
    edge_light(picture, pen.image(), (70, 52, 90), (0, 5))
    return develop(
        picture,
        Film(shadows=(6, 6, 16), highlights=(255, 250, 244), bloom=0.85, bloom_from=0.5),
        rng,
    )


def fireworks_tower(rng: random.Random) -> Image.Image:
    """One big golden shell right above the tower."""
    size = (1280, 1600)
    picture = gradient(size, [(0, (8, 8, 26)), (0.6, (38, 24, 54)), (1, (96, 48, 56))])
    stars(picture, rng, 60, 700)
    x = rng.uniform(560, 720)
    willow(picture, (x, 430), 470, (255, 176, 84), rng)
    firework(picture, (x, 440), 430, ((255, 170, 70), (255, 232, 180)), rng)
    row = skyline(size, rng, 1500, (150, 260), (("church", x / size[0], 880),))
    lay(picture, row.shape, (14, 9, 20))
    light_windows(picture, row, rng, 0.6)
    mist(picture, 1500, 260, (120, 60, 50), 0.35)
    pen = Pen(size)
    crowd_row(pen, size[0], 1510, 120, rng, 0.3)
    crowd = defocused(pen.image(), 4)
    lay(picture, crowd, (5, 4, 9))
    edge_light(picture, crowd, (120, 70, 30), (0, 6))
    return develop(
        picture,
        Film(shadows=(8, 6, 18), highlights=(255, 246, 230), bloom=0.8, bloom_from=0.5),
        rng,
    )
