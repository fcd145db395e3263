"""Find a Java that Kafka runs on, and Maven, or say what to install."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.local.errors import MissingToolError

OLDEST = 17
INSTEAD = "Or run `docker compose up`, which brings its own."


def find_java() -> str:
    """Give the path of a Java 17 or newer: JAVA_HOME's if that is set, else the first on PATH."""
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home) / "bin" / "java")] if home else []
    candidates += [found] if (found := shutil.which("java")) else []
    versions = {java: _major(java) for java in candidates if Path(java).is_file()}
    for java, major in versions.items():
        if major >= OLDEST:
            return java
    sentence = (
        f"Kafka needs Java {OLDEST} or newer, and this machine has "
        f"{f'Java {max(versions.values())}' if versions else 'none'}. Install it with "
        f"`apt-get install default-jre-headless`. {INSTEAD}"
    )
    raise MissingToolError(sentence)


def find_maven() -> str:
    """Give the path of Maven, which is needed once, to download Kafka."""
    maven = shutil.which("mvn")
    if maven is None:
        sentence = (
            "Kafka is downloaded by Maven, and this machine has none. "
            f"Install it with `apt-get install maven`. {INSTEAD}"
        )
        raise MissingToolError(sentence)
    return maven


def _major(java: str) -> int:
    """Read the major version from `java -version`; 0 when it does not even start."""
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    # "1.8.0_392" is Java 8, "17.0.15" and "25" are what they say.
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(found[1]) if found else 0
