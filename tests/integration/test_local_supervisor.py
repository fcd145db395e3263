"""The supervisor, on small processes: crashes, order, patience, leftovers."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import psutil
import pytest

from deploy.local.errors import PartFailedError
from deploy.local.folder import Folder
from deploy.local.parts import Part
from deploy.local.processes import end_leftovers, spawn, wait_until
from deploy.local.supervisor import Supervisor


def a_process(script: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script)


@contextlib.contextmanager
def supervised(folder: Path, *parts: Part) -> Generator[tuple[Supervisor, list[str]]]:
    said: list[str] = []
    home = Folder(folder)
    home.make()
    supervisor = Supervisor(parts, home, said.append)
    try:
        yield supervisor, said
    finally:
        supervisor.stop()


SLEEP = a_process("import time; time.sleep(600)")


def test_a_crash_is_reported_by_name_with_the_end_of_its_log(tmp_path: Path) -> None:
    marker = tmp_path / "crashed"
    crashing = Part(
        name="gallery-web",
        command=a_process(
            "import pathlib, sys, time\n"
            f"marker = pathlib.Path({str(marker)!r})\n"
            "if not marker.exists():\n"
            "    marker.touch()\n"
            "    print(*(f'line {n}' for n in range(30)), sep='\\n')\n"
            "    sys.exit('the tables are gone')\n"
            "time.sleep(600)"
        ),
        ready=marker.exists,
    )
    with supervised(tmp_path / "local", crashing) as (supervisor, said):
        supervisor.start()
        assert wait_until(lambda: any("exit code 1" in sentence for sentence in said), 10)
        supervisor.wait_ready("gallery-web")

    [report] = [sentence for sentence in said if "exit code 1" in sentence]
    assert report.startswith("gallery-web ended with exit code 1. The end of ")
    assert "| the tables are gone" in report
    assert "| line 29" in report
    assert report.count("    | ") == 20
    assert "Starting it again in 0.2 s" in report


def test_a_part_that_keeps_crashing_ends_everything(tmp_path: Path) -> None:
    steady = Part(name="steady", command=SLEEP)
    hopeless = Part(
        name="hopeless",
        command=a_process("raise SystemExit('no')"),
        needs=("steady",),
        ready=lambda: False,
    )
    with supervised(tmp_path, steady, hopeless) as (supervisor, said):
        with pytest.raises(PartFailedError, match=r"(?s)hopeless ended .* 6 times in 2 minutes"):
            supervisor.start()

        assert supervisor.pid("steady") is None
    assert sum("Starting it again" in sentence for sentence in said) == 5


def test_a_part_that_never_becomes_ready_is_killed_at_its_deadline(tmp_path: Path) -> None:
    mute = Part(name="mute", command=SLEEP, ready=lambda: False, deadline=0.2)
    with (
        supervised(tmp_path, mute) as (supervisor, _),
        pytest.raises(PartFailedError, match="mute was not ready within 0 s"),
    ):
        supervisor.start()


def test_a_command_that_never_ends_is_killed_at_its_deadline(tmp_path: Path) -> None:
    endless = Part(name="endless", command=SLEEP, one_shot=True, deadline=0.2)
    with (
        supervised(tmp_path, endless) as (supervisor, _),
        pytest.raises(PartFailedError, match=r"endless was not ready within 0 s"),
    ):
        supervisor.start()


def test_parts_start_after_what_they_need_and_stop_before_it(tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = (
        "import pathlib, signal, sys, time\n"
        "def note(word):\n"
        f"    with open({str(order)!r}, 'a') as file: file.write(word + '\\n')\n"
        "def end(*_): note('end ' + NAME); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "note('begin ' + NAME)\n"
        "time.sleep(600)"
    )

    def noted(name: str) -> Callable[[], bool]:
        return lambda: order.exists() and f"begin {name}" in order.read_text()

    parts = [
        Part(name="web", command=a_process(f"NAME='web'\n{script}"), needs=("tables",),
             ready=noted("web")),
        Part(name="tables", command=a_process(f"open({str(order)!r}, 'a').write('tables\\n')"),
             needs=("store",), one_shot=True),
        Part(name="store", command=a_process(f"NAME='store'\n{script}"), ready=noted("store")),
    ]  # fmt: skip
    with supervised(tmp_path, *parts) as (supervisor, _):
        supervisor.start()

    assert order.read_text().split("\n") == [
        "begin store", "tables", "begin web", "end web", "end store", ""
    ]  # fmt: skip


def test_a_part_that_does_not_listen_is_killed_after_its_patience(tmp_path: Path) -> None:
    listening = tmp_path / "listening"
    script = (
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(listening)!r}).touch()\n"
        "time.sleep(600)"
    )
    deaf = Part(name="deaf", command=a_process(script), ready=listening.exists, patience=0.3)
    with supervised(tmp_path / "local", deaf) as (supervisor, said):
        supervisor.start()
        pid = supervisor.pid("deaf") or 0
        supervisor.stop()

    assert not psutil.pid_exists(pid)
    assert any("deaf did not stop" in sentence for sentence in said)


def test_what_a_part_started_ends_with_it(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(child)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )

    def has_child() -> bool:
        return child.exists() and child.read_text() != ""

    parent = Part(name="parent", command=a_process(script), ready=has_child)
    with supervised(tmp_path / "local", parent) as (supervisor, _):
        supervisor.start()
        grandchild = psutil.Process(int(child.read_text()))
        os.kill(supervisor.pid("parent") or 0, signal.SIGKILL)
        psutil.wait_procs([grandchild], timeout=10)
        assert not grandchild.is_running()


def test_kills_that_were_asked_for_never_make_the_supervisor_give_up(tmp_path: Path) -> None:
    with supervised(tmp_path, Part(name="kept", command=SLEEP)) as (supervisor, said):
        supervisor.start()
        for _ in range(8):
            supervisor.kill("kept")
            supervisor.wait_ready("kept")

    assert not [sentence for sentence in said if "giving up" in sentence]


def test_leftovers_of_an_earlier_run_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    ours = spawn(Part(name="ours", command=SLEEP), folder)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        folder.pid_file("reused").write_text(
            f'{{"pid": {stranger.pid}, "command": ["java", "kafka.Kafka"]}}'
        )
        folder.pid_file("cut-short").write_text('{"pid": 12')

        end_leftovers(folder, lambda _: None)

        ours.wait(1)
        assert stranger.poll() is None
        stranger.communicate(b"\n")
    assert not list((tmp_path / "run").iterdir())
