"""Keep one part running: start it when its needs are met, and again whenever it crashes."""

import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from deploy.local.errors import LocalPartsError, PartFailedError
from deploy.local.folder import Folder
from deploy.local.parts import Part
from deploy.local.processes import has_ended, signal_group, spawn

RESTARTS_ALLOWED = 5
RESTARTS_COUNTED_SECONDS = 120.0
FIRST_BACKOFF_SECONDS = 0.2
TICK_SECONDS = 0.05
LAST_LINES = 20


class Standing(Enum):
    """Where a part stands."""

    WAITING = auto()
    STARTING = auto()
    READY = auto()
    DOWN = auto()
    STOPPED = auto()
    FAILED = auto()


class Keeper:
    """One part and its thread; the thread lives as long as the part, because the tie is to it."""

    def __init__(
        self, part: Part, folder: Folder, change: threading.Condition, say: Callable[[str], None]
    ) -> None:
        self.part = part
        self.standing = Standing.WAITING
        self.failure: LocalPartsError | None = None
        self._folder = folder
        self._change = change
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._holding = threading.RLock()
        self._stopping = threading.Event()
        # An end that was asked for, by `kill` or `restart`, is no crash.
        self._asked = False
        self._crashes: deque[float] = deque(maxlen=RESTARTS_ALLOWED + 1)
        self._thread = threading.Thread(target=self._keep, name=f"keep {part.name}", daemon=True)

    def begin(self, needs_met: Callable[[], bool]) -> None:
        """Start the thread; the part starts as soon as its needs are met."""
        self._needs_met = needs_met
        self._thread.start()

    def end(self) -> None:
        """Stop the part for good, and wait until it is gone."""
        self._stopping.set()
        with self._change:
            self._change.notify_all()
        self._finish_process()
        if self._thread.ident is not None:
            self._thread.join()

    def kill(self) -> None:
        """Kill the part's processes as a crash would, and have it started again."""
        with self._change:
            self._asked = True
            self._stand(Standing.DOWN)
        self.signal(signal.SIGKILL)

    def restart(self) -> None:
        """Stop the part in its own way and have it started again."""
        with self._change:
            self._asked = True
            self._stand(Standing.DOWN)
        self._finish_process()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the part's process group, if it runs."""
        with self._holding:
            if self._process is not None:
                signal_group(self._process.pid, number)

    @property
    def pid(self) -> int | None:
        """The process the part runs as, if it runs."""
        with self._holding:
            return self._process.pid if self._process is not None else None

    def _finish_process(self) -> None:
        pid = self.pid
        self.signal(self.part.stop_signal)
        until = time.monotonic() + self.part.patience
        while pid is not None and self.pid == pid:
            if time.monotonic() > until:
                self._say(f"{self.part.name} did not stop in {self.part.patience:.0f} s: killing.")
                self.signal(signal.SIGKILL)
                until = float("inf")
            time.sleep(TICK_SECONDS)

    def _stand(self, standing: Standing) -> None:
        with self._change:
            self.standing = standing
            self._change.notify_all()

    def _keep(self) -> None:
        try:
            with self._change:
                self._change.wait_for(lambda: self._stopping.is_set() or self._needs_met())
            last = Standing.STOPPED
            while not self._stopping.is_set():
                problem = self._live()
                if self._stopping.is_set():
                    break
                if self.part.one_shot and problem is None:
                    self.part.finished()
                    last = Standing.READY
                    break
                self._face(problem)
            self._stand(last)
        except LocalPartsError as error:
            if self.part.essential:
                self.failure = error
            else:
                self._say(f"{error}\nThe others go on without {self.part.name}.")
                self._stand(Standing.READY)
        finally:
            if self.standing not in {Standing.STOPPED, Standing.READY}:
                self._stand(Standing.FAILED)

    def _live(self) -> str | None:
        """Run the part once, from preparation to end; say what went wrong, if anything did."""
        self._stand(Standing.STARTING)
        began = time.monotonic()
        try:
            self.part.prepare()
            with self._holding:
                if self._stopping.is_set():
                    return None
                self._asked = False
                process = self._process = spawn(self.part, self._folder)
        except (OSError, subprocess.SubprocessError) as error:
            return f"could not be started: {error}"
        late = not self._becomes_ready(process, began)
        if late:
            self.signal(signal.SIGKILL)
        code = self._ends(process)
        if late and code == -signal.SIGKILL:
            return f"was not ready within {self.part.deadline:.0f} s"
        if self.part.one_shot and code == 0:
            self._say(f"{self.part.name} is done after {time.monotonic() - began:.1f} s.")
            return None
        return _ending(code)

    def _becomes_ready(self, process: subprocess.Popen[bytes], began: float) -> bool:
        """Wait until the part is ready or has ended; say whether it did so in time."""
        until = time.monotonic() + self.part.deadline
        while not has_ended(process, wait=False):
            if not self.part.one_shot and self.part.ready():
                self._welcome(time.monotonic() - began)
                return True
            if time.monotonic() > until:
                return False
            time.sleep(TICK_SECONDS)
        return True

    def _welcome(self, seconds: float) -> None:
        with self._change:
            # Who asked for a restart meanwhile must not be told that it is over.
            if self._asked:
                return
            self._stand(Standing.READY)
        self._say(f"{self.part.name} is ready after {seconds:.1f} s. {self.part.address}".rstrip())

    def _ends(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for the end of the part, then end whatever is left of its group."""
        has_ended(process, wait=True)
        with self._holding:
            signal_group(process.pid, signal.SIGKILL)
            self._process = None
            self._folder.pid_file(self.part.name).unlink(missing_ok=True)
            return process.wait()

    def _face(self, problem: str | None) -> None:
        """After an end: report it, and wait before the next start, or give up."""
        self._stand(Standing.DOWN)
        if self._asked:
            self._say(f"{self.part.name} was ended on request: starting it again.")
            return
        now = time.monotonic()
        self._crashes.append(now)
        recent = [crash for crash in self._crashes if now - crash < RESTARTS_COUNTED_SECONDS]
        log = self._folder.log(self.part.name)
        sentence = f"{self.part.name} {problem}. {_last_lines(log)}"
        if len(recent) > RESTARTS_ALLOWED:
            minutes = RESTARTS_COUNTED_SECONDS / 60
            sentence += f"\nIt crashed {len(recent)} times in {minutes:.0f} minutes: giving up."
            raise PartFailedError(sentence)
        wait = FIRST_BACKOFF_SECONDS * 2 ** (len(recent) - 1)
        again = f"Starting it again in {wait:.1f} s ({len(recent)} of {RESTARTS_ALLOWED} tries)."
        self._say(f"{sentence}\n{again}")
        self._stopping.wait(wait)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by signal {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _last_lines(log: Path) -> str:
    """Quote the end of a log under the sentence that says whose it is."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    if not lines:
        return f"It wrote nothing to {log}."
    quoted = "\n".join(f"    | {line}" for line in lines[-LAST_LINES:])
    return f"The end of {log}:\n{quoted}"
