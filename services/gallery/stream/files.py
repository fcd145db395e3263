"""Files of items in the public bucket: copied before an item is shown, deleted after it is not."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TypeVar

from services.chassis.objects import ObjectStore
from services.contracts.moderation import ClearedItem
from services.gallery.domain.publication import files_of, folder_of

ResultT = TypeVar("ResultT")

#: Files that are copied or deleted at the same time.
_AT_ONCE = 8


async def copy_files(contents: Sequence[ClearedItem], objects: ObjectStore) -> None:
    """Copy all files of some items to where the world may read them."""
    await _all(
        [
            partial(objects.copy, ("renditions", file.source), ("public", file.target))
            for content in contents
            for file in files_of(content)
        ]
    )


async def public_keys(item: str, objects: ObjectStore) -> list[str]:
    """List the files of an item that the world may read."""
    return await objects.keys("public", folder_of(item))


async def delete_files(keys: Sequence[str], objects: ObjectStore) -> int:
    """Delete files; says how many of them were still there."""
    return sum(await _all([partial(objects.delete, "public", key) for key in keys]))


async def delete_others(content: ClearedItem, objects: ObjectStore) -> None:
    """Delete what an item's earlier content showed and this one does not."""
    kept = {file.target for file in files_of(content)}
    keys = await public_keys(content.item, objects)
    await delete_files([key for key in keys if key not in kept], objects)


async def _all(calls: Sequence[Callable[[], Coroutine[None, None, ResultT]]]) -> list[ResultT]:
    """Make calls side by side; when one fails, the others are still waited for.

    A copy that went on after its event was given up could bring back what a later purge removed.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(call: Callable[[], Coroutine[None, None, ResultT]]) -> ResultT:
        async with room:
            return await call()

    outcomes = await asyncio.gather(*(one(call) for call in calls), return_exceptions=True)
    results: list[ResultT] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        results.append(outcome)
    return results
