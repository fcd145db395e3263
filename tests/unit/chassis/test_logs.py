import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]

#: A process of its own, since logs are set up once for a whole process.
PROGRAM = """
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import log, span, start_telemetry


def fail(name):
    letter = f"Dear {name}"
    try:
        int(letter)
    except ValueError as error:
        raise LookupError(f"{name} is gone") from error


start_telemetry("ingest", "web", ServiceSettings())
log.info("item.received", item="i1")
with span("upload"):
    try:
        fail("Noor Janssens")
    except LookupError as error:
        log.error("request.failed", exc_info=error)
log.debug("too.small", item="i2")
"""
#: What libraries log of errors that are ours, and how Python ends.
OF_OTHERS = """
import asyncio
import gc
import logging
import traceback

from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import start_telemetry

start_telemetry("ingest", "stream", ServiceSettings())
library = logging.getLogger("library")


async def fail():
    raise LookupError("Noor Janssens is gone")


async def lose():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()


asyncio.run(lose())
try:
    asyncio.run(fail())
except LookupError as error:
    library.exception("It broke")
    library.warning("It broke: %r", error)
    library.warning("It broke: %(why)s", {"why": error})
    library.warning(error)
    library.error(traceback.format_exc())
asyncio.run(fail())
"""


def lines_of(program: str = PROGRAM, ends: int = 0, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (ends, "")
    return done.stdout.splitlines()


def test_a_line_for_machines_names_its_process_and_leaves_out_what_people_wrote() -> None:
    written = lines_of()
    received, failed = (json.loads(line) for line in written)

    assert received["event"] == "item.received"
    assert (received["service"], received["role"], received["item"]) == ("ingest", "web", "i1")
    raised: list[dict[str, Any]] = failed["exception"]
    assert [error["type"] for error in raised] == ["LookupError", "ValueError"]
    place = raised[0]["frames"][-1]
    assert (place["file"], place["line"], place["function"]) == ("<string>", 11, "fail")
    assert len(failed["trace"]) == 32
    assert "Janssens" not in "".join(written)


def test_a_line_for_a_person_is_plain_and_leaves_out_what_people_wrote() -> None:
    written = "\n".join(lines_of(DICHTBIJ_LOG_FORMAT="console"))

    assert "item.received" in written
    assert "LookupError\n  <string>:18 in <module>\n  <string>:11 in fail\nValueError\n" in written
    assert "Janssens" not in written


@pytest.mark.parametrize("form", ["json", "console"])
def test_what_libraries_log_of_an_error_leaves_out_what_it_says(form: str) -> None:
    written = lines_of(OF_OTHERS, ends=1, DICHTBIJ_LOG_FORMAT=form)

    told = "\n".join(written)
    for known in ("Task exception was never retrieved", "It broke: LookupError", "process.crashed"):
        assert known in told
    assert told.count("LookupError") >= 6
    assert ", in fail" in told
    assert "Janssens" not in told
