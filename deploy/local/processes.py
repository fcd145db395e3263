"""Start a part's process so that it can always be found and ended, by this run or the next."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import psutil

from deploy.local.folder import Folder
from deploy.local.parts import Part

TETHER = Path(__file__).with_name("tether.py")
#: A leftover may need this long to close its files after being asked.
LEFTOVER_SECONDS = 10.0
#: Set for every part and inherited by what it starts, so that a later run knows its own.
MARK = "DICHTBIJ_LOCAL_FOLDER"
#: What a person set for other uses of the same programs; a part knows only what its stack tells it.
NOT_INHERITED = ("DICHTBIJ_", "KAFKA_", "PG", "RCLONE_")


def spawn(part: Part, folder: Folder) -> subprocess.Popen[bytes]:
    """Start the part in a process group of its own, tied to the thread that calls this."""
    uid, gid = (part.account.uid, part.account.gid) if part.account else (-1, -1)
    tie = [str(value) for value in (os.getpid(), int(part.death_signal), uid, gid)]
    with folder.new_log(part.name).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(TETHER), *tie, *part.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=part.directory,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith(NOT_INHERITED)},
                "PYTHONUNBUFFERED": "1",
                **part.environment,
                MARK: str(folder.root),
            },
            process_group=0,
        )
    remembered = json.dumps({"pid": process.pid, "command": part.command})
    folder.pid_file(part.name).write_text(remembered, encoding="utf-8")
    return process


def has_ended(process: subprocess.Popen[bytes], *, wait: bool) -> bool:
    """Say whether the process has ended, but leave it to be reaped, so that its id stays ours."""
    options = os.WEXITED | os.WNOWAIT | (0 if wait else os.WNOHANG)
    return os.waitid(os.P_PID, process.pid, options) is not None


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to all processes of a part that are still in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end_leftovers(folder: Folder, say: Callable[[str], None]) -> None:
    """End what an earlier run of this folder left behind when it was killed."""
    files = sorted((folder.root / "run").glob("*.json"))
    leaders = {file.stem: process for file in files if (process := _leftover(file))}
    for name, process in leaders.items():
        say(f"{name} of an earlier run is still there (process {process.pid}): ending it.")
    end_all(leaders.values())
    end_all(process for process in psutil.process_iter() if _is_marked(process, folder))
    for file in files:
        file.unlink(missing_ok=True)


def end_all(processes: Iterable[psutil.Process]) -> None:
    """Ask processes to end, and kill the groups of those that do not."""
    alive = list(processes)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(alive, timeout=LEFTOVER_SECONDS)
    for process in alive:
        signal_group(process.pid, signal.SIGKILL)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=LEFTOVER_SECONDS)


def _leftover(file: Path) -> psutil.Process | None:
    """Find the process a pid file speaks of, unless its number now belongs to another program."""
    try:
        remembered = cast("dict[str, object]", json.loads(file.read_text(encoding="utf-8")))
        pid = cast("int", remembered["pid"])
        command = cast("list[str]", remembered["command"])
        process = psutil.Process(pid)
        line = process.cmdline()
    except (ValueError, KeyError, psutil.Error):
        # A file cut short by a kill tells nothing; a process that is gone needs nothing.
        return None
    return process if _same(line, command) else None


def _same(line: list[str], command: list[str]) -> bool:
    # The tether, and an interpreter in front of a script, put words before the command's own.
    arguments = command[1:]
    return bool(command) and command[0] in line and line[len(line) - len(arguments) :] == arguments


def _is_marked(process: psutil.Process, folder: Folder) -> bool:
    """Say whether a process was started by a part of an earlier run of this folder."""
    try:
        return process.environ().get(MARK) == str(folder.root)
    except (psutil.Error, OSError):
        return False


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is true, at most so many seconds; say whether it became so."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
