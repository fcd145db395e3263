"""Bring Kafka's jars from the Maven repository into the checkout, whole or not at all."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from deploy.local.errors import DownloadError
from deploy.local.folder import CHECKOUT
from deploy.local.java import find_maven

POM = CHECKOUT / "deploy" / "kafka" / "pom.xml"
LIB = CHECKOUT / ".local" / "kafka" / "lib"
#: Names the `pom.xml` the jars were brought for, so that a changed version brings new ones.
STAMP = ".pom"
TRIES = 3
PROGRESS_SECONDS = 2.0


def ensure_jars(say: Callable[[str], None], lib: Path = LIB, *, pause: float = 2.0) -> Path:
    """Give the folder of jars, downloading them if they are not there yet."""
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    stamp = lib / STAMP
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return lib
    maven = find_maven()
    say("Kafka is not here yet: downloading it by Maven (about 45 MB, once).")
    fresh = lib.with_name(f"{lib.name}.part-{os.getpid()}")
    try:
        _download(maven, fresh, say, pause)
        (fresh / STAMP).write_text(wanted, encoding="utf-8")
        shutil.rmtree(lib, ignore_errors=True)
        fresh.rename(lib)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return lib


def _download(maven: str, into: Path, say: Callable[[str], None], pause: float) -> None:
    for attempt in range(1, TRIES + 1):
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        problem = _run_maven(maven, into, say) or _damaged(into)
        if problem is None:
            jars = list(into.glob("*.jar"))
            size = sum(jar.stat().st_size for jar in jars) / 1e6
            say(f"Kafka is downloaded: {len(jars)} files, {size:.0f} MB.")
            return
        say(f"Kafka could not be downloaded (try {attempt} of {TRIES}): {problem}")
        if attempt < TRIES:
            time.sleep(pause * attempt)
    sentence = (
        "Kafka could not be downloaded by Maven. Check that this machine reaches the Maven "
        "repository (`mvn` reads a proxy or a mirror from ~/.m2/settings.xml) and run again."
    )
    raise DownloadError(sentence)


def _run_maven(maven: str, into: Path, say: Callable[[str], None]) -> str | None:
    """Run Maven and say now and then how far it is; give the reason if it failed."""
    command = [maven, "-B", "--strict-checksums", "-f", str(POM), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={into}", "-DincludeScope=runtime"]
    files, last, errors = 0, time.monotonic(), list[str]()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            files += "Downloaded from" in line
            if "ERROR" in line:
                errors.append(re.sub(r"\x1b\[[0-9;]*m|\[ERROR\]", "", line).strip())
            if time.monotonic() - last > PROGRESS_SECONDS:
                last = time.monotonic()
                say(f"Kafka: {files} files downloaded so far." if files else "Kafka: please wait.")
    if process.returncode == 0:
        return None
    return next((error for error in errors if error), f"Maven ended with {process.returncode}")


def _damaged(lib: Path) -> str | None:
    """Name the first jar that is not a whole archive."""
    jars = sorted(lib.glob("*.jar"))
    if not any(jar.name.startswith("kafka_2.13-") for jar in jars):
        return "Kafka itself is missing"
    damaged = [jar.name for jar in jars if not zipfile.is_zipfile(jar)]
    return f"{damaged[0]} is damaged" if damaged else None


if __name__ == "__main__":
    ensure_jars(lambda sentence: print(sentence, file=sys.stderr))
