"""Media: photo bytes to facts and renditions, decoded where a hostile file can do no harm."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.ingest.media.inspection import inspect
    from services.ingest.media.photo import (
        LADDER,
        Credit,
        PhotoFacts,
        PhotoRefusedError,
        RefusalReason,
        Rendition,
    )
    from services.ingest.media.pool import (
        DecoderPool,
        DecodersBusyError,
        DecoderStartError,
        Limits,
        PoolClosedError,
    )
    from services.ingest.media.rendering import render

__all__ = [
    "LADDER",
    "Credit",
    "DecoderPool",
    "DecoderStartError",
    "DecodersBusyError",
    "Limits",
    "PhotoFacts",
    "PhotoRefusedError",
    "PoolClosedError",
    "RefusalReason",
    "Rendition",
    "inspect",
    "render",
]

# Loaded on first use: a service that keeps a pool never loads a decoder into itself, and a decoder
# child, of which there is one a core, never loads the pool.
_HOMES = {
    "inspect": "inspection",
    "render": "rendering",
    "DecoderPool": "pool",
    "DecoderStartError": "pool",
    "DecodersBusyError": "pool",
    "Limits": "pool",
    "PoolClosedError": "pool",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'photo')}"), name)
