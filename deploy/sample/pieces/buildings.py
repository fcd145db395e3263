"""The invented city's buildings: a lace-work tower, gables, cranes and whole skylines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploy.sample.brush import RGB, Pen, Point, chance, mix

if TYPE_CHECKING:
    import random

    from PIL import Image

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Skyline:
    """A row of silhouettes, and where its windows are."""

    shape: Image.Image
    windows: list[Box] = field(default_factory=list[Box])


def tower(pen: Pen, x: float, base: float, height: float) -> None:
    """Draw the slender church tower, every stage narrower and prickly with pinnacles."""
    w = height * 0.15
    stages = ((0.0, 0.46, 1.0), (0.44, 0.66, 0.78), (0.64, 0.8, 0.52))
    for low, high, share in stages:
        half = w * share / 2
        top = base - height * high
        pen.polygon(
            [
                (x - half, base - height * low),
                (x - half * 0.94, top),
                (x + half * 0.94, top),
                (x + half, base - height * low),
            ]
        )
        for side in (-1, -0.5, 0.5, 1):
            _pinnacle(pen, (x + side * half * 0.94, top), half * 0.2, height * 0.05)
    _spire(pen, x, base - height * 0.79, w * 0.42, height * 0.2)
    keep, pen.ink = pen.ink, 0 if isinstance(pen.ink, int) else (0, 0, 0, 0)
    for low, high, share in stages[1:]:
        half = w * share / 2
        for side in (-0.42, 0.42):
            _lancet(
                pen,
                (x + side * half, base - height * (low + 0.045)),
                half * 0.2,
                height * (high - low - 0.09),
            )
    pen.ink = keep


def _pinnacle(pen: Pen, at: Point, half: float, height: float) -> None:
    x, y = at
    pen.polygon([(x - half, y + height * 0.5), (x, y - height), (x + half, y + height * 0.5)])


def _lancet(pen: Pen, at: Point, half: float, height: float) -> None:
    x, y = at
    pen.polygon(
        [
            (x - half, y),
            (x - half, y - height * 0.75),
            (x, y - height),
            (x + half, y - height * 0.75),
            (x + half, y),
        ]
    )


def _spire(pen: Pen, x: float, base: float, width: float, height: float) -> None:
    half = width / 2
    steps = [(0.0, 1.0), (0.3, 0.62), (0.32, 0.74), (0.36, 0.5), (0.62, 0.25), (0.64, 0.36)]
    steps += [(0.68, 0.18), (0.9, 0.05), (1.0, 0.015)]
    left = [(x - half * share, base - height * at) for at, share in steps]
    right = [(x + half * share, base - height * at) for at, share in reversed(steps)]
    pen.polygon(left + right)
    pen.line([(x, base - height * 0.98), (x, base - height * 1.12)], max(1.0, width * 0.05))
    pen.disc((x, base - height * 1.02), max(1.0, width * 0.07))


def church(pen: Pen, x: float, base: float, height: float, facing: int = 1) -> None:
    """Draw the church: its tower, the stump of the second one, and the long roof behind."""
    w = height * 0.15
    nave = height * 0.62
    near, far = x + facing * w * 0.4, x + facing * nave
    pen.polygon(
        [(near, base), (near, base - height * 0.3), (far, base - height * 0.3), (far, base)]
    )
    pen.polygon(
        [
            (near, base - height * 0.29),
            (near + facing * w * 0.35, base - height * 0.42),
            (far - facing * w * 0.5, base - height * 0.42),
            (far, base - height * 0.29),
        ]
    )
    for step in range(7):
        _pinnacle(
            pen,
            (near + (far - near) * (0.12 + step * 0.14), base - height * 0.3),
            w * 0.07,
            height * 0.04,
        )
    _spire(pen, x + facing * nave * 0.62, base - height * 0.41, w * 0.3, height * 0.16)
    stump = x + facing * w * 1.15
    pen.rectangle(stump - w * 0.42, base - height * 0.5, stump + w * 0.42, base)
    for side in (-1, 1):
        _pinnacle(pen, (stump + side * w * 0.4, base - height * 0.5), w * 0.1, height * 0.04)
    _spire(pen, stump, base - height * 0.5, w * 0.5, height * 0.09)
    tower(pen, x, base, height)


def gable(pen: Pen, box: Box, style: str) -> None:
    """Draw the silhouette of a house: stepped, bell-shaped, pointed or flat."""
    left, top, right, base = box
    w, h = right - left, base - top
    mid = (left + right) / 2
    eaves = top + min(h * 0.45, w * 0.75)
    pen.rectangle(left, eaves, right, base)
    if style == "stepped":
        steps = 5
        for step in range(steps):
            inset = w / 2 * step / steps * 0.86
            level = eaves - (eaves - top) * (step + 1) / steps
            pen.rectangle(left + inset, level, right - inset, eaves + 1)
    elif style == "bell":
        pen.polygon([(left, eaves), (left + w * 0.24, eaves - (eaves - top) * 0.45),
                     (right - w * 0.24, eaves - (eaves - top) * 0.45), (right, eaves)])  # fmt: skip
        pen.rectangle(left + w * 0.24, top + (eaves - top) * 0.18, right - w * 0.24, eaves)
        pen.disc((mid, top + (eaves - top) * 0.2), w * 0.26, (eaves - top) * 0.2)
    elif style == "pointed":
        pen.polygon([(left, eaves), (mid, top), (right, eaves)])
    else:
        pen.rectangle(left, top + (eaves - top) * 0.35, right, eaves)
        pen.rectangle(left - w * 0.03, top + (eaves - top) * 0.3, right + w * 0.03,
                      top + (eaves - top) * 0.38)  # fmt: skip


def harbour_crane(pen: Pen, x: float, base: float, height: float, facing: int = 1) -> None:
    """Draw a level-luffing harbour crane on its portal."""
    w, thin = height * 0.26, max(1.2, height * 0.018)
    deck = base - height * 0.34
    for side in (-0.5, 0.5):
        pen.limb((x + side * w, base), thin, (x + side * w * 0.62, deck), thin)
    pen.line([(x - w * 0.42, base - height * 0.17), (x + w * 0.42, base - height * 0.17)], thin)
    pen.rectangle(x - w * 0.36, deck - thin, x + w * 0.36, deck + thin)
    pen.rectangle(x - w * 0.2, deck - height * 0.16, x + w * 0.2, deck)
    top = deck - height * 0.42
    pen.limb((x - w * 0.1 * facing, deck), thin, (x - w * 0.12 * facing, top), thin * 0.7)
    pen.limb((x + w * 0.12 * facing, deck), thin, (x - w * 0.12 * facing, top), thin * 0.7)
    tip = (x + facing * height * 0.56, base - height)
    pen.limb((x + facing * w * 0.18, deck - height * 0.1), thin * 1.1, tip, thin * 0.6)
    pen.line([(x - w * 0.12 * facing, top), tip], max(1.0, thin * 0.5))
    pen.limb((x - w * 0.12 * facing, top), thin * 0.8,
             (x - facing * w * 0.7, deck - height * 0.14), thin * 1.6)  # fmt: skip
    pen.line([tip, (tip[0], base - height * 0.45)], max(1.0, thin * 0.4))
    pen.rectangle(tip[0] - thin, base - height * 0.47, tip[0] + thin, base - height * 0.42)


STYLES = ("stepped", "bell", "pointed", "flat", "stepped")


def skyline(
    size: tuple[int, int],
    rng: random.Random,
    base: float,
    heights: tuple[float, float],
    landmarks: tuple[tuple[str, float, float], ...] = (),
) -> Skyline:
    """Line up houses along the water, with landmarks (kind, share of width, height) between."""
    pen, windows, x = Pen(size), list[Box](), -20.0
    for kind, at, height in landmarks:
        where = size[0] * at
        if kind == "church":
            church(pen, where, base, height)
        elif kind == "crane":
            harbour_crane(pen, where, base, height, rng.choice((-1, 1)))
        else:
            _office(pen, windows, (where, base - height, where + height * 0.34, base), rng)
    while x < size[0]:
        h = rng.uniform(*heights)
        w = h * rng.uniform(0.42, 0.8)
        gable(pen, (x, base - h, x + w, base), rng.choice(STYLES))
        if chance(rng, 0.4):
            chimney = x + w * rng.uniform(0.1, 0.3)
            pen.rectangle(chimney, base - h * 0.96, chimney + w * 0.1, base - h * 0.5)
        windows += _window_grid((x, base - h * 0.62, x + w, base - h * 0.06), rng)
        x += w * rng.uniform(0.97, 1.02)
    return Skyline(pen.image(), windows)


def _office(pen: Pen, windows: list[Box], box: Box, rng: random.Random) -> None:
    left, top, right, base = box
    pen.rectangle(left, top, right, base)
    step_in = (right - left) * 0.18
    pen.rectangle(left + step_in, top - (base - top) * 0.08, right - step_in, top + 1)
    windows += _window_grid((left, top + (base - top) * 0.04, right, base), rng)


def _window_grid(box: Box, rng: random.Random) -> list[Box]:
    """Lit windows of a far house, as small boxes; most are dark."""
    left, top, right, base = box
    w = right - left
    columns = max(2, round(w / max(9.0, w * 0.22)))
    cell = w / (columns + 0.6)
    rows = max(1, int((base - top) / (cell * 1.35)))
    found: list[Box] = []
    for row in range(rows):
        for column in range(columns):
            if chance(rng, 0.42):
                x = left + cell * (0.3 + column + 0.22)
                y = top + (base - top) / rows * row
                found.append((x, y, x + cell * 0.45, y + cell * 0.7))
    return found


def facade(pen: Pen, box: Box, style: str, wall: RGB, rng: random.Random, lit: float) -> None:
    """Draw a house front seen from the square, with its windows, door and cornices."""
    left, top, right, base = box
    w = right - left
    pen.ink = (*wall, 255)
    gable(pen, box, style)
    eaves = top + min((base - top) * 0.45, w * 0.75)
    trim, dark = mix(wall, (250, 244, 230), 0.45), mix(wall, (20, 16, 22), 0.55)
    pen.ink = (*mix(wall, (15, 12, 22), 0.22), 255)
    pen.rectangle(right - w * 0.025, eaves, right, base)
    pen.ink = (*trim, 255)
    pen.rectangle(left, eaves - w * 0.012, right, eaves + w * 0.012)
    attic = (left + w * 0.42, eaves - w * 0.34, left + w * 0.58, eaves - w * 0.1)
    _pane(pen, attic, trim, dark, rng.random() < lit)
    columns, cell = 3, w / 3.5
    floors = max(2, round((base - eaves) / (cell * 1.75)))
    storey = (base - eaves) / floors
    for floor in range(floors - 1):
        for column in range(columns):
            x = left + cell * (0.25 + column * 1.0 + 0.22)
            y = eaves + storey * floor + storey * 0.2
            _pane(pen, (x, y, x + cell * 0.56, y + storey * 0.62), trim, dark, rng.random() < lit)
    _shop(pen, (left, base - storey, right, base), trim, dark, rng)


def _pane(pen: Pen, box: Box, trim: RGB, dark: RGB, lit: bool) -> None:  # noqa: FBT001 (drawn so)
    left, top, right, base = box
    edge = (right - left) * 0.12
    pen.ink = (*trim, 255)
    pen.rectangle(left - edge, top - edge, right + edge, base + edge)
    pen.ink = (255, 206, 128, 255) if lit else (*mix(dark, (70, 90, 120), 0.35), 255)
    pen.rectangle(left, top, right, base)
    pen.ink = (*trim, 255)
    mid = (left + right) / 2
    pen.rectangle(mid - edge * 0.3, top, mid + edge * 0.3, base)
    bar = top + (base - top) * 0.36
    pen.rectangle(left, bar - edge * 0.3, right, bar + edge * 0.3)


def _shop(pen: Pen, box: Box, trim: RGB, dark: RGB, rng: random.Random) -> None:
    """Draw the ground floor: a wide, warm window, a door and an awning."""
    left, top, right, base = box
    w, h = right - left, base - top
    pen.ink = (*mix(dark, (20, 16, 20), 0.3), 255)
    pen.rectangle(left + w * 0.06, top + h * 0.16, right - w * 0.06, base)
    pen.ink = (255, 196, 112, 255)
    pen.rectangle(left + w * 0.1, top + h * 0.3, left + w * 0.64, base - h * 0.12)
    pen.rectangle(left + w * 0.72, top + h * 0.3, right - w * 0.11, base - h * 0.4)
    awning = rng.choice(((168, 44, 40), (28, 84, 84), (196, 132, 36), (52, 64, 110)))
    stripes = 9
    for stripe in range(stripes):
        pen.ink = (*(awning if stripe % 2 else trim), 255)
        x1 = left + w * (0.06 + 0.88 * stripe / stripes)
        x2 = left + w * (0.06 + 0.88 * (stripe + 1) / stripes)
        pen.polygon([(x1, top + h * 0.12), (x2, top + h * 0.12),
                     (x2 + w * 0.01, top + h * 0.34), (x1 - w * 0.01, top + h * 0.34)])  # fmt: skip
