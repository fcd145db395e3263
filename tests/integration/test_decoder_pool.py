"""The pool's promises, with real children that are stopped, killed, starved and abandoned."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from services.ingest.media import (
    Credit,
    DecoderPool,
    DecodersBusyError,
    DecoderStartError,
    Limits,
    PhotoRefusedError,
    PoolClosedError,
    inspect,
    render,
)
from tests.photos import a_bomb, a_frame_bomb, a_photo, a_sticker

PHOTO = a_photo(700, 500, captured_at="2026:07:21 22:15:03")


def _children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if _decodes(child)]


def _decodes(process: psutil.Process) -> bool:
    # One that has just ended is still in the list for a moment, and has no command line any more.
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and "services.ingest.media.child" in process.cmdline()
    return False


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("waited for 20 seconds in vain")


@asynccontextmanager
async def _a_job_that_waits(
    pool: DecoderPool,
) -> AsyncGenerator[tuple[int, "asyncio.Task[object]"]]:
    """Begin a job in a child that is stopped, so that what happens next happens in its middle."""
    await pool.inspect(PHOTO)
    [child] = _children()
    os.kill(child.pid, signal.SIGSTOP)
    job: asyncio.Task[object] = asyncio.create_task(pool.render(PHOTO))
    await asyncio.sleep(0)
    try:
        yield child.pid, job
    finally:
        if child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            os.kill(child.pid, signal.SIGCONT)
        job.cancel()


async def test_a_child_answers_as_the_plain_functions_do() -> None:
    credit = Credit(creator="An De Smet", alt="Vuurwerk boven de Burg")

    async with DecoderPool(size=2) as pool:
        facts, renditions, plain = await asyncio.gather(
            pool.inspect(PHOTO), pool.render(PHOTO, credit=credit), pool.render(PHOTO)
        )

    assert facts == inspect(PHOTO)
    assert renditions == render(PHOTO, credit=credit)
    assert plain == render(PHOTO)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"not a photo", "not-an-image"),
        (b"%PDF-1.7", "type-not-accepted"),
        (PHOTO[:20_000], "truncated"),
        (a_bomb(8000, 7000), "too-many-pixels"),
        (PHOTO + bytes(60_000_000), "too-many-bytes"),
    ],
)
async def test_a_refusal_arrives_with_its_reason_and_the_child_goes_on(
    content: bytes, reason: str
) -> None:
    async with DecoderPool(size=1) as pool:
        await pool.inspect(PHOTO)
        before = [child.pid for child in _children()]
        with pytest.raises(PhotoRefusedError) as refusal:
            await pool.render(content)
        await pool.inspect(PHOTO)

        assert [child.pid for child in _children()] == before
    assert refusal.value.reason == reason


@pytest.mark.parametrize("crash", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
async def test_a_decoder_that_crashes_costs_its_photo_and_nothing_else(
    crash: signal.Signals,
) -> None:
    async with DecoderPool(size=1) as pool:
        async with _a_job_that_waits(pool) as (pid, job):
            os.kill(pid, crash)
            os.kill(pid, signal.SIGCONT)
            with pytest.raises(PhotoRefusedError) as refusal:
                await job

        assert refusal.value.reason == "decoder-failed"
        assert refusal.value.facts == {"cause": crash.name}
        assert (await pool.inspect(PHOTO)).width == 700
        assert pid not in [child.pid for child in _children()]


async def test_a_photo_whose_decoder_was_killed_from_outside_is_tried_once_more() -> None:
    async with DecoderPool(size=1) as pool, _a_job_that_waits(pool) as (pid, job):
        os.kill(pid, signal.SIGKILL)

        assert await job == render(PHOTO)


async def test_a_photo_whose_decoder_is_killed_every_time_is_refused() -> None:
    async with DecoderPool(size=1) as pool, _a_job_that_waits(pool) as (pid, job):
        os.kill(pid, signal.SIGKILL)
        await _until(lambda: bool(_children()) and _children()[0].pid != pid)
        while not job.done():
            for child in _children():
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            await asyncio.sleep(0)

        with pytest.raises((PhotoRefusedError, DecoderStartError)):
            await job


async def test_a_signal_to_stop_the_service_does_not_spoil_the_photo_being_decoded() -> None:
    async with DecoderPool(size=1) as pool, _a_job_that_waits(pool) as (pid, job):
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGCONT)

        assert await job == render(PHOTO)


async def test_a_decoder_that_hangs_is_ended_at_the_deadline() -> None:
    limits = Limits(wall_seconds=5)
    async with DecoderPool(size=1, limits=limits) as pool:
        async with _a_job_that_waits(pool) as (pid, job):
            with pytest.raises(PhotoRefusedError) as refusal:
                await job
            assert not psutil.pid_exists(pid)

        assert refusal.value.facts == {"cause": "deadline"}
        assert (await pool.inspect(PHOTO)).width == 700


async def test_a_photo_that_needs_more_memory_than_a_child_has_is_refused() -> None:
    async with DecoderPool(size=1, limits=Limits(memory_bytes=200_000_000)) as pool:
        with pytest.raises(PhotoRefusedError) as refusal:
            await pool.inspect(a_sticker(7000, 5000))

        assert refusal.value.reason == "decoder-failed"
        assert refusal.value.facts == {"cause": "memory"}
        assert (await pool.inspect(PHOTO)).width == 700


async def test_a_photo_that_takes_too_much_time_is_refused() -> None:
    async with DecoderPool(size=1, limits=Limits(cpu_seconds=1)) as pool:
        with pytest.raises(PhotoRefusedError) as refusal:
            # As many as a file of 40 MB can hold, so that a fast processor needs its second too.
            await pool.inspect(a_frame_bomb(2_600_000))

        assert refusal.value.facts == {"cause": "SIGXCPU"}
        assert (await pool.inspect(PHOTO)).width == 700


async def test_the_other_children_do_not_notice_a_death() -> None:
    async with DecoderPool(size=3) as pool:
        await asyncio.gather(*(pool.inspect(PHOTO) for _ in range(3)))
        victim = _children()[0].pid
        os.kill(victim, signal.SIGSTOP)
        jobs = [asyncio.create_task(pool.render(PHOTO)) for _ in range(6)]
        await asyncio.sleep(0)
        os.kill(victim, signal.SIGSEGV)
        os.kill(victim, signal.SIGCONT)
        answers = await asyncio.gather(*jobs, return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(refused) == 1
    assert [answer for answer in answers if answer not in refused] == [render(PHOTO)] * 5


async def test_a_job_that_was_given_up_does_not_answer_the_next_one() -> None:
    async with DecoderPool(size=1) as pool:
        async with _a_job_that_waits(pool) as (pid, job):
            await asyncio.sleep(0.05)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            assert not psutil.pid_exists(pid)

        assert await pool.inspect(PHOTO) == inspect(PHOTO)


async def test_photos_beyond_what_may_wait_are_turned_away() -> None:
    async with DecoderPool(size=1, waiting=1) as pool, _a_job_that_waits(pool) as (pid, job):
        second = asyncio.create_task(pool.inspect(PHOTO))
        await asyncio.sleep(0)

        with pytest.raises(DecodersBusyError):
            await pool.inspect(PHOTO)

        os.kill(pid, signal.SIGCONT)
        assert await job == render(PHOTO)
        assert (await second).width == 700


async def test_closing_finishes_what_runs_and_turns_away_what_waits() -> None:
    pool = DecoderPool(size=1)
    async with _a_job_that_waits(pool) as (pid, job):
        waiting = asyncio.create_task(pool.inspect(PHOTO))
        await asyncio.sleep(0)
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGCONT)

        assert await job == render(PHOTO)
        with pytest.raises(PoolClosedError):
            await waiting
        await closing
        with pytest.raises(PoolClosedError):
            await pool.inspect(PHOTO)
    assert not _children()


async def test_a_child_is_replaced_after_its_share_of_photos() -> None:
    async with DecoderPool(size=1, limits=Limits(jobs_per_child=2)) as pool:
        seen: list[int] = []
        for _ in range(4):
            await pool.inspect(PHOTO)
            seen += [child.pid for child in _children()]

    # After every second photo there is no child until the next photo needs one.
    assert len(seen) == len(set(seen)) == 2


async def test_a_child_knows_nothing_that_is_worth_stealing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DICHTBIJ_S3_SECRET_KEY", "hunter2")
    ours = os.open(__file__, os.O_RDONLY)
    os.set_inheritable(ours, True)  # noqa: FBT003 - os defines it so
    try:
        async with DecoderPool(size=1) as pool:
            await pool.inspect(PHOTO)
            [child] = _children()

            assert set(child.environ()) == {"PYTHONPATH", "LC_ALL", "PYTHONDONTWRITEBYTECODE"}
            assert child.cwd() == "/"
            assert not child.net_connections()
            assert not child.open_files()
            for what in (psutil.RLIMIT_FSIZE, psutil.RLIMIT_CORE):
                assert child.rlimit(what) == (0, 0)
            # Nobody but root could decode HEIC without leave to start a thread.
            ours_too = resource.getrlimit(resource.RLIMIT_NPROC)
            assert child.rlimit(psutil.RLIMIT_NPROC) == ours_too
            assert child.rlimit(psutil.RLIMIT_AS) == (2**30, 2**30)
            assert child.rlimit(psutil.RLIMIT_NOFILE) == (16, 16)
    finally:
        os.close(ours)


async def test_an_installation_whose_decoders_do_not_start_refuses_no_photo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    async with DecoderPool(size=1) as pool:
        for _ in range(2):
            with pytest.raises(DecoderStartError):
                await pool.inspect(PHOTO)


_SERVICE = """
import asyncio, sys
from services.ingest.media import DecoderPool
from tests.photos import a_photo

async def main():
    pool = DecoderPool(size=2)
    photo = a_photo(400, 300)
    await asyncio.gather(pool.inspect(photo), pool.inspect(photo))
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_when_the_service_is_killed_its_children_end_by_themselves() -> None:
    service = subprocess.Popen(
        [sys.executable, "-c", _SERVICE],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert service.stdout is not None
    with service, service.stdout:
        assert service.stdout.readline() == b"ready\n"
        children = psutil.Process(service.pid).children()
        assert len(children) == 2
        service.kill()

    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
