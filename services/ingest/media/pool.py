"""Decoders in processes of their own, so that a hostile photo costs one job and nothing else."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

from services.ingest.media import wire
from services.ingest.media.photo import (
    MAX_BYTES,
    Credit,
    PhotoFacts,
    PhotoRefusedError,
    Rendition,
)

_Answer = TypeVar("_Answer")

_IMPORT_ROOT: Final = str(Path(__file__).resolve().parents[3])
#: How much of an answer is read at once; the default of 64 KB wakes the loop twenty times a photo.
_READ_AHEAD: Final = 2**20
#: How long a child that was told to end may take before it is killed.
_LAST_BREATH: Final = 2.0


class DecodersBusyError(Exception):
    """More photos wait than the pool was told to hold; the giver is asked to try again soon."""


class PoolClosedError(Exception):
    """The service is stopping; the photo was not looked at."""


class _ChildGoneError(Exception):
    """A child ended in the middle of a job."""

    def __init__(self, returncode: int) -> None:
        super().__init__(returncode)
        self.returncode = returncode

    @property
    def cause(self) -> str:
        if self.returncode < 0:
            return signal.Signals(-self.returncode).name
        return f"exit-{self.returncode}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one job may take before its child is ended, and how long a child lives."""

    memory_bytes: int = 2**30
    cpu_seconds: int = 10
    wall_seconds: float = 30.0
    jobs_per_child: int = 200


class _Child:
    """One decoder process, and the pipes to it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.jobs = 0

    @classmethod
    async def start(cls, limits: Limits) -> Self:
        numbers = (limits.memory_bytes, limits.cpu_seconds, limits.jobs_per_child)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-s", "-P", "-m", "services.ingest.media.child"),
            *(str(number) for number in numbers),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=_READ_AHEAD,
            # Nothing of the service's: no keys, no working directory, no terminal.
            env={"PYTHONPATH": _IMPORT_ROOT, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            start_new_session=True,
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def work(self, request: wire.Header, content: bytes) -> tuple[wire.Header, bytes]:
        to_child, from_child = self._process.stdin, self._process.stdout
        if to_child is None or from_child is None:
            raise _ChildGoneError(await self.kill())
        self.jobs += 1
        try:
            to_child.write(wire.framed({**request, "bytes": len(content)}))
            to_child.write(content)
            await to_child.drain()
            length = wire.length_of(await from_child.readexactly(wire.LENGTH_BYTES))
            header = wire.header_from(await from_child.readexactly(length))
            return header, await from_child.readexactly(wire.body_length(header))
        except (OSError, EOFError) as error:
            raise _ChildGoneError(await self.kill()) from error

    async def kill(self) -> int:
        """End the child at once and say what it died of, which may have been something else."""
        with suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    async def end(self) -> None:
        """Let the child end by itself, as it does when it is told nothing more."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_LAST_BREATH):
                await self._process.wait()
        except TimeoutError:
            await self.kill()


class DecoderPool:
    """As many decoders as there are cores, kept warm; each photo is decoded by one of them.

    `waiting` bounds how many photos are held in memory until a decoder is free.
    """

    def __init__(
        self, *, size: int | None = None, waiting: int = 64, limits: Limits | None = None
    ) -> None:
        self._size = size or len(os.sched_getaffinity(0))
        self._limits = limits or Limits()
        self._free = asyncio.Semaphore(self._size)
        self._idle: list[_Child] = []
        self._waiting = 0
        self._max_waiting = waiting
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def inspect(self, content: bytes) -> PhotoFacts:
        """Check a photo and say what it is, or why it is refused."""
        return await self._job({"work": "inspect"}, content, lambda head, _: wire.facts_from(head))

    async def render(self, content: bytes, *, credit: Credit | None = None) -> list[Rendition]:
        """Make a photo's renditions, narrowest first."""
        request: wire.Header = {"work": "render", "credit": credit and astuple(credit)}
        return await self._job(request, content, wire.renditions_from)

    async def close(self) -> None:
        """Finish the photos that are being decoded, turn away those that wait, end the children."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._size):
            await self._free.acquire()
        await asyncio.gather(*(child.end() for child in self._idle))
        self._idle.clear()

    async def _job(
        self,
        request: wire.Header,
        content: bytes,
        read: Callable[[wire.Header, bytes], _Answer],
    ) -> _Answer:
        # Told here and not by a child: it would have to be sent there first.
        if len(content) > MAX_BYTES:
            raise PhotoRefusedError("too-many-bytes", bytes=len(content), limit=MAX_BYTES)
        await self._turn()
        try:
            return await self._attempt(request, content, read)
        except _ChildGoneError as gone:
            # Killed from outside, by the kernel or a person: the photo may be innocent. Once more.
            if gone.returncode != -signal.SIGKILL:
                raise PhotoRefusedError("decoder-failed", cause=gone.cause) from gone
            try:
                return await self._attempt(request, content, read)
            except _ChildGoneError as again:
                raise PhotoRefusedError("decoder-failed", cause=again.cause) from again
        finally:
            self._free.release()

    async def _turn(self) -> None:
        if self._closed:
            raise PoolClosedError
        if self._free.locked() and self._waiting >= self._max_waiting:
            raise DecodersBusyError
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        if self._closed:
            self._free.release()
            raise PoolClosedError

    async def _attempt(
        self,
        request: wire.Header,
        content: bytes,
        read: Callable[[wire.Header, bytes], _Answer],
    ) -> _Answer:
        child = await self._child()
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                header, body = await child.work(request, content)
            wire.raise_refusal(header)
            answer = read(header, body)
        except PhotoRefusedError as refused:
            await self._dismiss(child, usable=refused.reason != "decoder-failed")
            raise
        except TimeoutError as error:
            await child.kill()
            raise PhotoRefusedError("decoder-failed", cause="deadline") from error
        except wire.GarbledError as error:
            await child.kill()
            raise PhotoRefusedError("decoder-failed", cause="garbled") from error
        except BaseException:
            # Cancelled in the middle of a job: nobody could tell its answer from the next one's.
            await child.kill()
            raise
        await self._dismiss(child, usable=True)
        return answer

    async def _child(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
        return await _Child.start(self._limits)

    async def _dismiss(self, child: _Child, *, usable: bool) -> None:
        if usable and child.jobs < self._limits.jobs_per_child:
            self._idle.append(child)
        else:
            await child.end()
