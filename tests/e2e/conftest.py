"""The whole system as `make run` starts it, and a real browser to use it with."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from deploy.local import chromium
from tests.e2e.system import System

#: As root and without a network there is no other way for a browser to be quiet and to start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: How long a page may take on a machine that runs everything at once, in milliseconds.
expect.set_options(timeout=30_000)


# The driver keeps a loop running in this thread, in which other modules' tests could not run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = os.environ.get("DICHTBIJ_CHROMIUM") or chromium.find()
    assert found, "no Chromium; `make test` installs one, or set DICHTBIJ_CHROMIUM to its path"
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(found), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System.started(tmp_path_factory.mktemp("system")) as running:
        running.apply(Path(__file__).parent / "bollekesfeest.yaml")
        yield running
