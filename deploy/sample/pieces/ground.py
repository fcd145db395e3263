"""What people walk on: cobbles and planks, dry or shining with rain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from deploy.sample.brush import RGB, Pen, clouds, mix, resized, toned

if TYPE_CHECKING:
    import random


def cobbles(size: tuple[int, int], rng: random.Random, light: RGB, dark: RGB) -> Image.Image:
    """Lay cobblestones in perspective, filling the picture from its horizon at the top."""
    width, height = size
    pen = Pen(size, "RGBA")
    pen.ink = (*dark, 255)
    pen.rectangle(0, 0, width, height)
    y, row = 0.0, 0
    while y < height:
        near = y / height
        tall = 5 + 62 * near**1.15
        wide = tall * 1.75 + 6
        x = -wide * (0.5 if row % 2 else rng.uniform(0.8, 1.0)) + (width / 2) % wide
        while x < width:
            stone = wide * rng.uniform(0.86, 1.08)
            tone = mix(dark, light, rng.uniform(0.45, 1.0))
            _stone(pen, (x, y, x + stone, y + tall), tone)
            x += stone
        y += tall
        row += 1
    stains = toned(clouds(size, rng, (4, 6)), lambda v: v * 0.5)
    ground = pen.image().convert("RGB")
    ground.paste(dark, (0, 0), stains)
    return ground


def _stone(pen: Pen, box: tuple[float, float, float, float], tone: RGB) -> None:
    left, top, right, base = box
    w, h = right - left, base - top
    for inset, shade, raised in ((0.05, mix(tone, (0, 0, 0), 0.25), 0), (0.11, tone, 1)):
        lift = h * 0.05 * raised
        pen.ink = (*shade, 255)
        pen.blob([(left + w * inset, top + h * inset - lift + h * 0.04),
                 (right - w * inset, top + h * inset - lift + h * 0.04),
                  (right - w * inset, base - h * inset - lift),
                  (left + w * inset, base - h * inset - lift)])  # fmt: skip
    pen.ink = (*mix(tone, (255, 250, 240), 0.22), 255)
    pen.disc(((left + right) / 2, top + h * 0.26), w * 0.26, h * 0.07)


def wet(picture: Image.Image, horizon: int, rng: random.Random, ground: Image.Image) -> None:
    """Let the wet ground mirror, in long streaks, whatever stands on it."""
    depth = picture.height - horizon
    above = picture.crop((0, max(0, horizon - depth), picture.width, horizon))
    mirror = resized(above.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (picture.width, depth))
    mirror = mirror.filter(ImageFilter.GaussianBlur((4, depth * 0.03)))
    puddles = toned(clouds((picture.width, depth), rng, (3, 7)), lambda v: 0.5 + 0.5 * v)
    stones = toned(ground.convert("L"), lambda v: 0.34 + v * 1.5)
    shine = Image.new("L", (picture.width, depth))
    shine.paste(puddles, (0, 0), stones)
    floor = ground.copy()
    floor.paste(mirror, (0, 0), shine)
    picture.paste(floor, (0, horizon))
