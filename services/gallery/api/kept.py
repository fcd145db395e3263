"""Things kept in memory up to a number of bytes, the least recently used going first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

ThingT = TypeVar("ThingT")


class Kept(Generic[ThingT]):
    """A bounded memory. Whoever takes something out must know that it may still be shown."""

    def __init__(self, most: int) -> None:
        """Keep at most this many bytes."""
        self._most = most
        self._bytes = 0
        self._things: OrderedDict[Hashable, tuple[ThingT, int]] = OrderedDict()

    def get(self, key: Hashable) -> ThingT | None:
        """Give what is kept under a key, if it still is."""
        found = self._things.get(key)
        if found is None:
            return None
        self._things.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, thing: ThingT, size: int) -> None:
        """Keep a thing of this size; what alone would fill a quarter of the room is not kept."""
        if size * 4 > self._most:
            return
        self.forget(key)
        self._things[key] = (thing, size)
        self._bytes += size
        while self._bytes > self._most:
            _, (_, freed) = self._things.popitem(last=False)
            self._bytes -= freed

    def forget(self, key: Hashable) -> None:
        """Keep what is under a key no longer."""
        found = self._things.pop(key, None)
        if found:
            self._bytes -= found[1]

    @property
    def size(self) -> int:
        """Give the bytes that are kept."""
        return self._bytes
