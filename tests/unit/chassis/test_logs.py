import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

#: A process of its own, since logs are set up once for a whole process.
PROGRAM = """
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import log, span, start_telemetry


def fail(name):
    letter = f"Dear {name}"
    raise LookupError("gone")


start_telemetry("ingest", "web", ServiceSettings())
log.info("item.received", item="i1")
with span("upload"):
    try:
        fail("Noor Janssens")
    except LookupError as error:
        log.error("request.failed", exc_info=error)
log.debug("too.small", item="i2")
"""


def lines_of(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_line_for_machines_names_its_process_and_leaves_out_what_people_wrote() -> None:
    written = lines_of()
    received, failed = (json.loads(line) for line in written)

    assert received["event"] == "item.received"
    assert (received["service"], received["role"], received["item"]) == ("ingest", "web", "i1")
    raised: list[dict[str, Any]] = failed["exception"]
    assert raised[0]["exc_type"] == "LookupError"
    assert raised[0]["frames"][-1]["name"] == "fail"
    assert len(failed["trace"]) == 32
    assert "Janssens" not in "".join(written)


def test_a_line_for_a_person_is_plain_and_leaves_out_what_people_wrote() -> None:
    written = "\n".join(lines_of(DICHTBIJ_LOG_FORMAT="console"))

    assert "item.received" in written
    assert "LookupError: gone" in written
    assert "Janssens" not in written.replace('fail("Noor Janssens")', "")
