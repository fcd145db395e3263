"""The sentences for what is missing on this machine."""

from pathlib import Path

import pytest

from deploy.local.errors import MissingToolError
from deploy.local.java import find_java, find_maven


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def test_without_java_one_reads_what_to_install_or_to_run_instead() -> None:
    with pytest.raises(MissingToolError) as caught:
        find_java()

    assert "this machine has none" in str(caught.value)
    assert "apt-get install default-jre-headless" in str(caught.value)
    assert "docker compose up" in str(caught.value)


def test_without_maven_one_reads_what_to_install_or_to_run_instead() -> None:
    with pytest.raises(MissingToolError) as caught:
        find_maven()

    assert "apt-get install maven" in str(caught.value)
    assert "docker compose up" in str(caught.value)
