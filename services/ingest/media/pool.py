"""Decoders in processes of their own, so that a hostile photo costs one job and nothing else."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

from services.ingest.media import wire
from services.ingest.media.photo import (
    MAX_BYTES,
    Credit,
    PhotoFacts,
    PhotoRefusedError,
    RefusalReason,
    Rendition,
)

_Answer = TypeVar("_Answer")

_IMPORT_ROOT: Final = str(Path(__file__).resolve().parents[3])
#: How much of an answer is read at once; the default of 64 KB wakes the loop twenty times a photo.
_READ_AHEAD: Final = 2**20
#: How long a child may take to load its decoders, also on a machine that is very busy.
_FIRST_BREATH: Final = 60.0
#: How long a child that was told to end may take before it is killed.
_LAST_BREATH: Final = 2.0


class DecodersBusyError(Exception):
    """More photos wait than the pool was told to hold; the giver is asked to try again soon."""


class PoolClosedError(Exception):
    """The service is stopping; the photo was not looked at."""


class DecoderStartError(Exception):
    """No decoder could be started: the installation is at fault; the photo was not looked at."""


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
        if process.stdin is None or process.stdout is None:
            raise DecoderStartError
        self._process = process
        self._requests = process.stdin
        self._replies = process.stdout
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
        child = cls(process)
        try:
            async with asyncio.timeout(_FIRST_BREATH):
                header, _ = await child.answer()
        except _ChildGoneError as error:
            raise DecoderStartError(error.cause) from error
        except (wire.GarbledError, TimeoutError) as error:
            await child.kill()
            raise DecoderStartError from error
        except BaseException:
            await child.kill()
            raise
        if header != wire.READY:
            await child.kill()
            raise DecoderStartError(header)
        return child

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def work(self, request: wire.Header, content: bytes) -> tuple[wire.Header, bytes]:
        self.jobs += 1
        try:
            self._requests.write(wire.framed({**request, "bytes": len(content)}))
            self._requests.write(content)
            await self._requests.drain()
        except OSError as error:
            raise _ChildGoneError(await self.end()) from error
        return await self.answer()

    async def answer(self) -> tuple[wire.Header, bytes]:
        try:
            length = wire.length_of(await self._replies.readexactly(wire.LENGTH_BYTES))
            header = wire.header_from(await self._replies.readexactly(length))
            return header, await self._replies.readexactly(wire.body_length(header))
        except (OSError, EOFError) as error:
            raise _ChildGoneError(await self.end()) from error

    async def end(self) -> int:
        """Let the child end by itself, as it does when it is told nothing more, and say of what."""
        self._requests.close()
        try:
            async with asyncio.timeout(_LAST_BREATH):
                return await self._process.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """End a child that does not end by itself."""
        # Never a child that may have ended: to signal it would take its true exit status away.
        with suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()


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
        return await self._job(
            wire.inspection_request(), content, lambda header, _: wire.facts_from(header)
        )

    async def render(self, content: bytes, *, credit: Credit | None = None) -> list[Rendition]:
        """Make a photo's renditions, narrowest first."""
        return await self._job(wire.rendering_request(credit), content, wire.renditions_from)

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
            raise PhotoRefusedError(
                RefusalReason.TOO_MANY_BYTES, bytes=len(content), limit=MAX_BYTES
            )
        await self._turn()
        try:
            return await self._attempt(request, content, read)
        except _ChildGoneError as gone:
            # Killed from outside, by the kernel or a person: the photo may be innocent. Once more.
            if gone.returncode != -signal.SIGKILL:
                raise PhotoRefusedError(RefusalReason.DECODER_FAILED, cause=gone.cause) from gone
            try:
                return await self._attempt(request, content, read)
            except _ChildGoneError as again:
                raise PhotoRefusedError(RefusalReason.DECODER_FAILED, cause=again.cause) from again
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
            await self._dismiss(child, usable=refused.reason is not RefusalReason.DECODER_FAILED)
            raise
        except TimeoutError as error:
            await child.kill()
            raise PhotoRefusedError(RefusalReason.DECODER_FAILED, cause="deadline") from error
        except wire.GarbledError as error:
            await child.kill()
            raise PhotoRefusedError(RefusalReason.DECODER_FAILED, cause="garbled") from error
        except _ChildGoneError:
            raise
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
