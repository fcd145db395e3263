"""What one composition promises: where it is, what it shows, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from PIL import Image


@dataclass(frozen=True, slots=True)
class Scene:
    """One composition: drawn differently from every seed, described truly for all of them."""

    slug: str
    place: str
    alt: str
    captions: tuple[str, ...]
    hour: tuple[int, int]
    draw: Callable[[random.Random], Image.Image]
