"""A whole run: what it refuses, what it does without, how it stops and starts again."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local.errors import (
    AlreadyRunningError,
    DownloadError,
    MissingToolError,
    SettingError,
)
from deploy.local.folder import CHECKOUT
from deploy.local.kafka_jars import ensure_jars
from deploy.local.ports import choose
from deploy.local.postgres import url
from deploy.local.stack import Stack

STORES = ("kafka", "postgres", "s3")


def test_a_second_run_in_the_same_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with (
        Stack(tmp_path, only=()),
        pytest.raises(AlreadyRunningError, match=rf"already runs .*process {os.getpid()}\)"),
        Stack(tmp_path, only=()),
    ):
        pass


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    [wanted] = choose(["kafka"], {}).values()
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0")):
        with socket.socket(family) as other:
            other.bind((host, wanted))
            other.listen()
            assert choose(["kafka"], {"kafka": wanted})["kafka"] != wanted
    assert choose(["kafka"], {"kafka": wanted}) == {"kafka": wanted}


def test_the_next_run_has_the_same_addresses(tmp_path: Path) -> None:
    with Stack(tmp_path, only=()) as stack:
        first = stack.environment()
    with Stack(tmp_path, only=()) as stack:
        assert stack.environment() == first
        again = stack.ports
    with socket.socket() as other:
        other.bind(("127.0.0.1", again["kafka"]))
        other.listen()
        with Stack(tmp_path, only=()) as stack:
            assert stack.ports["kafka"] != again["kafka"]
            assert stack.ports["s3"] == again["s3"]


def test_a_part_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"There is no part kafak\. The parts are: kafka, "):
        Stack(tmp_path, only=["kafak"]).start()


def test_without_java_the_run_ends_with_a_sentence_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(MissingToolError, match=r"Java 17 or newer.*apt-get.*docker compose up"):
        Stack(tmp_path, only=STORES).start()

    assert not list((tmp_path / "log").iterdir())


def a_program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_java_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(MissingToolError, match="this machine has Java 11"):
        Stack(tmp_path / "local", only=STORES).start()


def test_what_is_given_by_environment_needs_no_java(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    given = {"DICHTBIJ_KAFKA_BOOTSTRAP": "kafka.example:9092"}

    with Stack(tmp_path, only=("kafka", "s3"), environment=given) as stack:
        assert stack.environment()["DICHTBIJ_KAFKA_BOOTSTRAP"] == "kafka.example:9092"
        assert stack.pid("s3") is not None


BRINGS_A_DAMAGED_JAR = """\
for word; do case $word in
  -DoutputDirectory=*) echo cut short > ${word#*=}/kafka_2.13-4.jar;;
esac; done
"""


@pytest.mark.parametrize(
    ("maven", "reason"),
    [
        ("echo '[ERROR] Could not transfer artifact'; exit 1", "Could not transfer artifact"),
        (BRINGS_A_DAMAGED_JAR, "kafka_2.13-4.jar is damaged"),
    ],
)
def test_a_download_that_fails_is_tried_again_and_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, maven: str, reason: str
) -> None:
    programs, lib = tmp_path / "bin", tmp_path / "kafka" / "lib"
    programs.mkdir()
    a_program(programs, "mvn", maven)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    said: list[str] = []

    with pytest.raises(DownloadError, match="could not be downloaded"):
        ensure_jars(said.append, lib, pause=0)

    assert sum(reason in sentence for sentence in said) == 3
    assert not list(lib.parent.iterdir())


def a_run(folder: Path, *only: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "deploy.local", "run", "--folder", str(folder)]
    return subprocess.Popen(
        [*command, "--only", *only],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(run: subprocess.Popen[str], words: str) -> str:
    text = ""
    for line in run.stdout or ():
        text += line
        if words in line:
            return text
    raise AssertionError(text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_the_run_ends_well(
    tmp_path: Path, number: signal.Signals
) -> None:
    with a_run(tmp_path, "s3", "postgres") as run:
        read_until(run, "Press Ctrl-C to stop.")
        children = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(number)
        assert run.wait(20) == 0

    Stack(tmp_path).forget()
    assert children
    assert not [child for child in children if child.is_running()]


def test_a_run_killed_leaves_nothing_running_and_the_next_finds_its_data(tmp_path: Path) -> None:
    with a_run(tmp_path, *STORES) as run:
        text = read_until(run, "Press Ctrl-C to stop.")
        port = int(re.findall(r"postgres is ready .*127\.0\.0\.1:(\d+)", text)[0])
        password = (tmp_path / "keys" / "database-password").read_text().strip()
        with psycopg.connect(url(port, password)) as connection:
            connection.execute("create table kept as select 'before the kill' as line")
        children = psutil.Process(run.pid).children(recursive=True)
        run.kill()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert len(children) > 3
    assert not alive

    again = Stack(tmp_path, only=STORES)
    with again, psycopg.connect(again.environment()["DICHTBIJ_DATABASE_URL"]) as connection:
        found = connection.execute("select line from kept").fetchall()
    again.forget()
    assert found == [("before the kill",)]
    assert not tmp_path.exists()
