"""Things to hold, ride and hang up: a glass of amber beer, bicycles, boats, bunting, balloons."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from deploy.sample.brush import RGB, Pen, Point, fade, glow, gradient, mix, sagging, toned

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

AMBER: tuple[tuple[float, RGB], ...] = (
    (0.0, (226, 132, 40)), (0.35, (196, 92, 20)), (0.75, (140, 52, 10)), (1.0, (88, 28, 8)),
)  # fmt: skip


TENTHS = tuple(step / 10 for step in range(11))


def bolleke(picture: Image.Image, at: Point, height: float, rng: random.Random) -> None:
    """Stand a round, stemmed glass of amber beer on a table."""
    x, base = at
    h = height
    size = (round(h * 0.86), round(h * 1.1))
    cx, floor = size[0] / 2, h * 1.04

    def outline(inset: float, top: float) -> list[Point]:
        rim, belly = h * 0.25 - inset, h * 0.305 - inset
        right: list[Point] = []
        for step in range(25):
            t = step / 24
            angle = math.pi * (0.16 + 0.78 * t)
            y = floor - h * 0.62 - math.cos(angle) * h * 0.34
            half = belly * math.sin(angle) ** 0.8
            right.append((cx + max(half, h * 0.03), y))
        right[0] = (cx + rim, right[0][1])
        right = [(px, max(py, top)) for px, py in right]
        return right + [(2 * cx - px, py) for px, py in reversed(right)]

    glass, beer, foam, shine = Pen(size), Pen(size), Pen(size), Pen(size)
    glass.polygon(outline(0, 0))
    glass.blob([(cx - h * 0.035, floor - h * 0.32), (cx + h * 0.035, floor - h * 0.32),
                (cx + h * 0.028, floor - h * 0.08), (cx + h * 0.2, floor - h * 0.02),
                (cx + h * 0.2, floor), (cx - h * 0.2, floor), (cx - h * 0.2, floor - h * 0.02),
                (cx - h * 0.028, floor - h * 0.08)])  # fmt: skip
    level = floor - h * 0.82
    beer.polygon(outline(h * 0.012, level))
    _foam(foam, (cx, level), h, rng)
    tile = gradient(
        size, [(0, AMBER[0][1]), (0.2, AMBER[0][1]), *((0.2 + 0.5 * p, c) for p, c in AMBER)]
    )
    body = picture.crop(
        (round(x - cx), round(base - floor), round(x - cx) + size[0], round(base - floor) + size[1])
    )
    behind = body.filter(ImageFilter.GaussianBlur(h * 0.01))
    body.paste(
        Image.blend(behind, Image.new("RGB", size, (236, 232, 226)), 0.14), (0, 0), glass.image()
    )
    body.paste(
        Image.blend(ImageChops.screen(tile, toned(behind, lambda v: v / 3)), tile, 0.55),
        (0, 0),
        beer.image(),
    )
    glow_layer = Image.new("RGB", size)
    glow(glow_layer, (cx - h * 0.06, floor - h * 0.6), h * 0.27, (150, 84, 22), 1.3)
    for _ in range(90):
        spot = (cx + rng.gauss(0, h * 0.1), floor - rng.uniform(0.36, 0.8) * h)
        glow(glow_layer, spot, rng.uniform(1.5, h * 0.005 + 2), (190, 140, 80), 0.9)
    lit = ImageChops.screen(body, glow_layer)
    body.paste(lit, (0, 0), beer.image())
    _shade_sides(body, beer.image(), size)
    foam_shape = foam.image()
    cream = gradient(
        size,
        [
            (0, (255, 252, 240)),
            (0.14, (252, 244, 224)),
            (0.3, (222, 190, 140)),
            (1, (214, 170, 110)),
        ],
    )
    body.paste(cream, (0, 0), foam_shape)
    shine.ink = 150
    shine.blob([(cx - h * 0.24, floor - h * 0.78), (cx - h * 0.2, floor - h * 0.8),
                (cx - h * 0.23, floor - h * 0.55), (cx - h * 0.17, floor - h * 0.42),
                (cx - h * 0.215, floor - h * 0.44),
                (cx - h * 0.275, floor - h * 0.58)])  # fmt: skip
    shine.ink = 90
    shine.blob([(cx + h * 0.2, floor - h * 0.76), (cx + h * 0.225, floor - h * 0.75),
                (cx + h * 0.26, floor - h * 0.58), (cx + h * 0.235, floor - h * 0.5)])  # fmt: skip
    shine.disc((cx - h * 0.1, floor - h * 0.012), h * 0.06, h * 0.006)
    body.paste((255, 250, 240), (0, 0), shine.image().filter(ImageFilter.GaussianBlur(h * 0.004)))
    picture.paste(body, (round(x - cx), round(base - floor)))


def _foam(pen: Pen, level: Point, h: float, rng: random.Random) -> None:
    cx, y = level
    half = h * 0.262
    pen.polygon([(cx - half, y - h * 0.02), (cx + half, y - h * 0.02),
                (cx + half * 1.06, y + h * 0.045),
                 (cx - half * 1.06, y + h * 0.045)])  # fmt: skip
    pen.disc((cx, y + h * 0.045), half * 1.06, h * 0.018)
    for step in range(16):
        t = (step + 0.5) / 16 * 2 - 1
        lift = h * 0.085 * math.sqrt(1 - t * t * 0.92)
        pen.disc(
            (cx + t * half * 0.93, y - lift * 0.5),
            h * rng.uniform(0.034, 0.05),
            lift * 0.75 + h * 0.02,
        )


def _shade_sides(body: Image.Image, shape: Image.Image, size: tuple[int, int]) -> None:
    """Round glass is darker where we look along its wall."""
    sideways = fade(
        (size[1], size[0]), [(0, 190), (0.2, 110), (0.4, 0), (0.66, 0), (0.82, 120), (1, 200)]
    )
    dark = sideways.transpose(Image.Transpose.ROTATE_90)
    body.paste((58, 18, 6), (0, 0), ImageChops.multiply(dark, shape))


def bicycle(pen: Pen, at: Point, length: float, facing: int = 1) -> None:
    """Draw a city bicycle leaning somewhere, seen from the side."""
    x, base = at
    u = length / 10
    r = u * 1.95
    back, front = (x - facing * u * 3.0, base - r), (x + facing * u * 3.0, base - r)
    for hub in (back, front):
        pen.ring(hub, r, u * 0.19)
        for spoke in range(14):
            angle = math.pi * spoke / 7 + 0.2
            pen.line([hub, (hub[0] + math.cos(angle) * r, hub[1] + math.sin(angle) * r)], u * 0.035)
        pen.disc(hub, u * 0.16)
        pen.arc(hub, r * 1.1, (190, 330) if facing > 0 else (210, 350), u * 0.13)
    crank, seat = (x - facing * u * 0.35, base - u * 1.55), (x - facing * u * 1.25, base - u * 4.1)
    head, bars = (x + facing * u * 2.0, base - u * 4.3), (x + facing * u * 1.75, base - u * 5.3)
    for one, other in ((crank, seat), (crank, head), (seat, back), (crank, back), (head, front)):
        pen.limb(one, u * 0.12, other, u * 0.1)
    pen.limb(
        (crank[0] + facing * u * 0.5, crank[1] - u * 0.95),
        u * 0.1,
        (head[0], head[1] + u * 0.5),
        u * 0.1,
    )
    pen.limb(head, u * 0.11, bars, u * 0.1)
    pen.limb(bars, u * 0.1, (bars[0] - facing * u * 1.0, bars[1] + u * 0.05), u * 0.12)
    pen.limb(bars, u * 0.1, (bars[0] + facing * u * 0.35, bars[1] - u * 0.12), u * 0.1)
    post = (seat[0] - facing * u * 0.12, seat[1] - u * 0.55)
    pen.limb(seat, u * 0.09, post, u * 0.09)
    pen.blob([(post[0] - facing * u * 0.75, post[1] - u * 0.22),
             (post[0] + facing * u * 0.8, post[1] - u * 0.1),
              (post[0] + facing * u * 0.75, post[1] + u * 0.08),
              (post[0] - facing * u * 0.6, post[1] + u * 0.22)])  # fmt: skip
    pen.disc(crank, u * 0.42)
    pen.limb(crank, u * 0.08, (crank[0] + facing * u * 0.7, crank[1] + u * 0.6), u * 0.07)
    rack = (back[0] - facing * u * 1.3, back[1] - u * 2.3)
    pen.limb((seat[0] - facing * u * 0.3, rack[1]), u * 0.08, rack, u * 0.08)
    pen.limb(rack, u * 0.06, back, u * 0.06)
    basket = (head[0] + facing * u * 0.35, head[1] - u * 0.75)
    pen.polygon([(basket[0], basket[1]), (basket[0] + facing * u * 1.7, basket[1]),
                 (basket[0] + facing * u * 1.45, basket[1] + u * 1.15),
                 (basket[0] + facing * u * 0.15, basket[1] + u * 1.15)])  # fmt: skip


def sailing_boat(pen: Pen, at: Point, height: float, facing: int, colour: RGB) -> None:
    """Draw a small yacht under sail, in colour."""
    x, y = at
    h = height
    pen.ink = (46, 38, 46, 255)
    pen.line([(x, y - h * 0.06), (x, y - h)], h * 0.014)
    pen.ink = (252, 246, 234, 255)
    leech = [(x - facing * h * (0.02 + 0.35 * t**0.8), y - h * (0.97 - 0.83 * t)) for t in TENTHS]
    pen.polygon([*leech, (x - facing * h * 0.015, y - h * 0.12)])
    pen.ink = (226, 216, 204, 255)
    for batten in (3, 5, 7):
        at_mast = (x - facing * h * 0.015, leech[batten][1] - h * 0.02)
        pen.line([leech[batten], at_mast], h * 0.006)
    pen.ink = (*mix(colour, (255, 250, 240), 0.25), 255)
    luff = [(x + facing * h * (0.02 + 0.36 * t**1.12), y - h * (0.86 - 0.75 * t)) for t in TENTHS]
    foot = [
        (x + facing * h * (0.02 + 0.1 * t * (1 - t)), y - h * (0.86 - 0.71 * t)) for t in TENTHS
    ]
    pen.polygon([*luff, *foot[::-1]])
    pen.ink = (*colour, 255)
    pen.polygon([(x - facing * h * 0.33, y - h * 0.085), (x + facing * h * 0.42, y - h * 0.1),
                 (x + facing * h * 0.28, y), (x - facing * h * 0.26, y)])  # fmt: skip
    pen.ink = (250, 246, 238, 255)
    pen.polygon([(x - facing * h * 0.33, y - h * 0.085), (x + facing * h * 0.42, y - h * 0.1),
                 (x + facing * h * 0.41, y - h * 0.082),
                 (x - facing * h * 0.325, y - h * 0.066)])  # fmt: skip


def tall_ship(pen: Pen, at: Point, height: float) -> None:
    """Draw a three-master with furled sails as a silhouette."""
    x, y = at
    h = height
    pen.blob([(x - h * 0.62, y - h * 0.115), (x - h * 0.56, y - h * 0.105), (x, y - h * 0.07),
             (x + h * 0.5, y - h * 0.12),
              (x + h * 0.66, y - h * 0.16), (x + h * 0.5, y), (x - h * 0.52, y)])  # fmt: skip
    pen.limb((x + h * 0.58, y - h * 0.14), h * 0.009, (x + h * 0.88, y - h * 0.26), h * 0.004)
    for mast, tall in ((-0.36, 0.8), (0.0, 1.0), (0.34, 0.9)):
        mx, top = x + mast * h, y - tall * h
        pen.limb((mx, y - h * 0.05), h * 0.01, (mx, top), h * 0.004)
        for yard, wide in ((0.4, 0.2), (0.56, 0.17), (0.71, 0.135), (0.84, 0.1)):
            yy = y - tall * h * yard - h * 0.06
            pen.limb((mx - wide * h, yy), h * 0.004, (mx + wide * h, yy), h * 0.004)
            pen.limb(
                (mx - wide * h * 0.9, yy + h * 0.006),
                h * 0.009,
                (mx + wide * h * 0.9, yy + h * 0.006),
                h * 0.009,
            )
        for side in (-1, 1):
            for foot in (0.13, 0.17, 0.21):
                pen.line([(mx, top + h * 0.1), (mx + side * foot * h, y - h * 0.08)], h * 0.003)
    stays = (
        (0.34, 0.9, 0.86, 0.25),
        (0.34, 0.66, 0.74, 0.2),
        (0.0, 1.0, 0.34, 0.6),
        (-0.36, 0.8, 0.0, 0.5),
    )
    for a, up, b, down in stays:
        pen.line([(x + a * h, y - up * h), (x + b * h, y - down * h)], h * 0.003)


def bunting(
    pen: Pen, one: Point, other: Point, sag: float, size: float, colours: Sequence[RGB]
) -> None:
    """Hang a string of little flags, in colour."""
    count = max(4, round(math.dist(one, other) / (size * 1.25)))
    cable = sagging(one, other, sag, count)
    pen.ink = (60, 52, 52, 255)
    pen.line(cable, max(1.2, size * 0.045))
    for number, (a, b) in enumerate(pairwise(cable)):
        dx, dy = b[0] - a[0], b[1] - a[1]
        left = (a[0] + dx * 0.1, a[1] + dy * 0.1)
        right = (a[0] + dx * 0.9, a[1] + dy * 0.9)
        tip = ((left[0] + right[0]) / 2 - dy * 0.3, (left[1] + right[1]) / 2 + size * 1.15)
        colour = colours[number % len(colours)]
        pen.ink = (*colour, 255)
        pen.polygon([left, right, tip])
        pen.ink = (*mix(colour, (20, 12, 30), 0.18), 255)
        pen.polygon([((left[0] + right[0]) / 2, (left[1] + right[1]) / 2), right, tip])


def balloon(picture: Image.Image, at: Point, radius: float, colour: RGB) -> None:
    """Let one shiny balloon float."""
    r = radius
    size = (round(r * 2.4), round(r * 2.9))
    cx, cy = size[0] / 2, r * 1.2
    pen = Pen(size)
    pen.blob([(cx, cy - r * 1.12), (cx + r * 0.9, cy - r * 0.9), (cx + r * 1.14, cy),
              (cx + r * 0.72, cy + r * 0.86), (cx + r * 0.06, cy + r * 1.3),
              (cx - r * 0.06, cy + r * 1.3),
              (cx - r * 0.72, cy + r * 0.86), (cx - r * 1.14, cy),
              (cx - r * 0.9, cy - r * 0.9)])  # fmt: skip
    pen.polygon([(cx, cy + r * 1.2), (cx + r * 0.13, cy + r * 1.4), (cx - r * 0.13, cy + r * 1.4)])
    skin = gradient(
        size,
        [
            (0, mix(colour, (255, 255, 255), 0.12)),
            (0.4, colour),
            (0.85, mix(colour, (24, 8, 40), 0.4)),
        ],
    )
    glow(skin, (cx - r * 0.35, cy - r * 0.4), r * 1.0, mix(colour, (255, 255, 255), 0.3), 1.6)
    glow(skin, (cx - r * 0.42, cy - r * 0.5), r * 0.3, (235, 235, 235), 1.1)
    glow(skin, (cx + r * 0.5, cy + r * 0.55), r * 0.55, mix(colour, (120, 60, 60), 0.4), 1.8)
    picture.paste(skin, (round(at[0] - cx), round(at[1] - cy)), pen.image())
