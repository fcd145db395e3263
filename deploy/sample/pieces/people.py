"""People, always as silhouettes: nobody in the sample can be recognised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from deploy.sample.brush import add_light, chance, tinted

if TYPE_CHECKING:
    import random

    from deploy.sample.brush import RGB, Pen, Point

#: Half a body seen from the front, in shares of its height: (aside, up).
TROUSERS = (
    (0.0, 0.875), (0.03, 0.87), (0.036, 0.845), (0.085, 0.825), (0.118, 0.8), (0.122, 0.76),
    (0.098, 0.7), (0.084, 0.6), (0.092, 0.5), (0.092, 0.4), (0.08, 0.27), (0.078, 0.2),
    (0.062, 0.05), (0.085, 0.012), (0.08, 0.0), (0.03, 0.0), (0.022, 0.05), (0.018, 0.25),
    (0.006, 0.43), (0.0, 0.44),
)  # fmt: skip
DRESS = (
    (0.0, 0.875), (0.026, 0.87), (0.03, 0.848), (0.075, 0.825), (0.1, 0.8), (0.1, 0.76),
    (0.078, 0.69), (0.066, 0.62), (0.085, 0.54), (0.13, 0.3), (0.128, 0.27), (0.06, 0.265),
    (0.058, 0.16), (0.04, 0.05), (0.058, 0.01), (0.052, 0.0), (0.02, 0.0), (0.016, 0.06),
    (0.014, 0.27), (0.0, 0.28),
)  # fmt: skip
COAT = (
    (0.0, 0.875), (0.036, 0.87), (0.05, 0.845), (0.1, 0.82), (0.128, 0.79), (0.128, 0.74),
    (0.112, 0.6), (0.122, 0.45), (0.128, 0.37), (0.086, 0.365), (0.076, 0.2), (0.058, 0.05),
    (0.08, 0.012), (0.074, 0.0), (0.028, 0.0), (0.02, 0.06), (0.016, 0.34), (0.0, 0.36),
)  # fmt: skip

#: Elbow and hand, seen from the shoulder, for the left and for the right arm.
GESTURES: dict[str, tuple[Point, Point, Point, Point]] = {
    "standing": ((-0.035, 0.15), (-0.02, 0.3), (0.035, 0.15), (0.02, 0.3)),
    "walking": ((-0.06, 0.14), (-0.1, 0.27), (0.05, 0.15), (0.1, 0.26)),
    "cheering": ((-0.09, -0.08), (-0.06, -0.27), (0.1, -0.08), (0.08, -0.28)),
    "photographing": ((-0.03, 0.1), (0.08, -0.06), (0.05, 0.1), (-0.06, -0.06)),
    "dancing": ((-0.13, 0.0), (-0.17, -0.18), (0.12, 0.09), (0.24, 0.05)),
    "twirling": ((-0.11, 0.09), (-0.2, 0.16), (0.08, -0.1), (0.01, -0.26)),
    "toasting": ((-0.04, 0.15), (-0.02, 0.29), (0.1, 0.02), (0.14, -0.17)),
    "playing": ((0.1, 0.13), (0.24, 0.02), (0.08, 0.12), (0.2, 0.03)),
    "pointing": ((-0.04, 0.15), (-0.02, 0.3), (0.12, 0.0), (0.27, -0.05)),
    "arm in arm": ((-0.05, 0.14), (0.03, 0.2), (0.05, 0.14), (-0.03, 0.2)),
}
MIRRORED = frozenset({"pointing", "toasting", "playing", "dancing", "twirling"})
POSES = ("standing", "standing", "cheering", "photographing", "toasting", "arm in arm", "walking")


@dataclass(frozen=True, slots=True)
class Figure:
    """Where somebody's head and hands ended up."""

    head: Point
    left: Point
    right: Point


def person(
    pen: Pen, at: Point, height: float, rng: random.Random, pose: str = "standing", facing: int = 1
) -> Figure:
    """Draw somebody with their feet at a point."""
    x, base = at
    outline = rng.choice((TROUSERS, TROUSERS, DRESS, COAT))
    broad = rng.uniform(0.94, 1.1)
    dances = pose in {"dancing", "twirling"}
    sway = facing * height * (rng.uniform(0.05, 0.13) if dances else rng.uniform(0.0, 0.02))

    def place(aside: float, up: float) -> Point:
        return (x + aside * broad * height + sway * up, base - up * height)

    right = [place(a, u) for a, u in outline]
    left = [place(-a, u) for a, u in reversed(outline)]
    pen.blob(right + left)
    head = (x + sway * 1.1, base - height * 0.924)
    draw_head(pen, head, height * 0.066, rng, facing)
    hands: list[Point] = []
    spec, turn = GESTURES[pose], 1 if pose in MIRRORED else 0
    mirror = facing if turn else 1
    for elbow, hand, side in ((spec[0], spec[1], -1), (spec[2], spec[3], 1)):
        start = place(side * mirror * (0.104 if outline is not DRESS else 0.088), 0.79)
        h = height * rng.uniform(0.97, 1.03)
        bend = (start[0] + mirror * elbow[0] * h, start[1] + elbow[1] * h)
        end = (start[0] + mirror * hand[0] * h, start[1] + hand[1] * h)
        thick = 0.034 if outline is not DRESS else 0.026
        pen.limb(start, h * thick, bend, h * thick * 0.82)
        pen.limb(bend, h * thick * 0.82, end, h * 0.019)
        pen.disc(end, h * 0.024)
        hands.append(end)
    return Figure(head, hands[0], hands[1])


def draw_head(pen: Pen, at: Point, r: float, rng: random.Random, facing: int) -> None:
    """Draw a head of hair, a hat or a cap around it."""
    x, y = at
    pen.disc(at, r * 0.8, r * 1.02)
    match rng.randrange(7):
        case 0:
            pen.disc((x, y - r * 0.15), r * 0.9, r * 0.92)
            pen.disc((x - facing * r * 0.25, y - r * 1.1), r * 0.42)
        case 1:
            pen.disc((x, y - r * 0.15), r * 0.9, r * 0.9)
            pen.blob([(x - facing * r * 0.5, y - r * 0.6), (x - facing * r * 1.25, y - r * 0.2),
                      (x - facing * r * 1.15, y + r * 1.3),
                      (x - facing * r * 0.75, y + r * 0.5)])  # fmt: skip
        case 2:
            pen.blob([(x - r * 0.5, y - r), (x + r * 0.5, y - r), (x + r * 1.02, y - r * 0.2),
                      (x + r * 1.08, y + r * 1.3), (x + r * 0.6, y + r * 1.75),
                      (x - r * 0.6, y + r * 1.75), (x - r * 1.08, y + r * 1.3),
                      (x - r * 1.02, y - r * 0.2)])  # fmt: skip
        case 3:
            pen.disc((x, y - r * 0.3), r * 0.86, r * 0.84)
            pen.limb((x, y - r * 0.3), r * 0.12, (x + facing * r * 1.3, y - r * 0.18), r * 0.09)
        case 4:
            pen.disc((x, y - r * 0.18), r * 1.06, r * 1.02)
        case 5:
            pen.limb((x - r * 1.45, y - r * 0.42), r * 0.1, (x + r * 1.45, y - r * 0.42), r * 0.1)
            pen.blob([(x - r * 0.85, y - r * 0.35), (x - r * 0.7, y - r * 1.3),
                      (x + r * 0.7, y - r * 1.3), (x + r * 0.85, y - r * 0.35)])  # fmt: skip
        case _:
            pen.disc((x, y - r * 0.2), r * 0.86, r * 0.88)


def bystanders(
    pen: Pen, span: Point, base: float, height: float, rng: random.Random, count: int
) -> list[Figure]:
    """Scatter people over a stretch of quay or square."""
    step = (span[1] - span[0]) / max(1, count)
    found: list[Figure] = []
    for place in range(count):
        at = (span[0] + step * (place + rng.uniform(0.25, 0.75)), base)
        tall = height * rng.choice((1.0, 0.95, 0.91, 1.04, 0.97, 0.66))
        found.append(person(pen, at, tall, rng, rng.choice(POSES), rng.choice((-1, 1))))
    return found


SHOULDERS = (
    (-0.13, -0.3), (-0.17, -0.08), (-0.48, 0.06), (-0.62, 0.3), (-0.68, 1.6), (0.68, 1.6),
    (0.62, 0.3), (0.48, 0.06), (0.17, -0.08), (0.13, -0.3),
)  # fmt: skip


def crowd_row(
    pen: Pen, width: int, shoulder: float, scale: float, rng: random.Random, raised: float
) -> list[Point]:
    """Draw the backs of a row of people; tells where the raised phones are."""
    phones: list[Point] = []
    x = -scale * rng.random()
    while x < width + scale:
        size = scale * rng.uniform(0.9, 1.08)
        y = shoulder + scale * rng.uniform(-0.22, 0.22)
        pen.blob([(x + dx * size, y + dy * size) for dx, dy in SHOULDERS])
        draw_head(pen, (x, y - size * 0.4), size * 0.29, rng, rng.choice((-1, 1)))
        if chance(rng, raised):
            phones += _raised(pen, (x, y), size, rng)
        x += scale * rng.uniform(0.9, 1.25)
    return phones


def _raised(pen: Pen, at: Point, scale: float, rng: random.Random) -> list[Point]:
    x, y = at
    side = rng.choice((-1, 1))
    elbow = (x + side * scale * 0.66, y - scale * rng.uniform(0.3, 0.5))
    hand = (x + side * scale * rng.uniform(0.36, 0.62), y - scale * rng.uniform(1.2, 1.6))
    pen.limb((x + side * scale * 0.5, y + scale * 0.25), scale * 0.15, elbow, scale * 0.115)
    pen.limb(elbow, scale * 0.115, hand, scale * 0.075)
    if chance(rng, 0.5):
        wide, high = scale * 0.14, scale * 0.26
        pen.rectangle(hand[0] - wide, hand[1] - 1.7 * high, hand[0] + wide, hand[1] + high * 0.1)
        return [(hand[0], hand[1] - high * 0.8)]
    pen.disc((hand[0], hand[1] - scale * 0.06), scale * 0.11, scale * 0.13)
    for finger in range(4):
        dx = (finger - 1.5) * scale * 0.06
        pen.limb((hand[0] + dx * 0.7, hand[1] - scale * 0.1), scale * 0.034,
                 (hand[0] + dx * 1.5, hand[1] - scale * 0.28), scale * 0.024)  # fmt: skip
    thumb = (hand[0] - side * scale * 0.19, hand[1] - scale * 0.1)
    pen.limb((hand[0], hand[1] - scale * 0.02), scale * 0.04, thumb, scale * 0.026)
    return []


def edge_light(
    picture: Image.Image, shape: Image.Image, colour: RGB, shift: Point, blur: float = 1.6
) -> None:
    """Let the light behind somebody catch the edge of their silhouette."""
    moved = ImageChops.offset(shape, round(shift[0]), round(shift[1]))
    rim = ImageChops.subtract(shape, moved).filter(ImageFilter.GaussianBlur(blur))
    add_light(picture, tinted(rim, colour))


def lit_phones(pen: Pen, phones: list[Point], scale: float) -> None:
    """Show what glows on the raised screens."""
    pen.ink = (190, 214, 255, 255)
    wide, high = scale * 0.105, scale * 0.19
    for x, y in phones:
        pen.rectangle(x - wide, y - high, x + wide, y + high)
