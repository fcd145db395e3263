"""Ruff and pyright are seen to refuse what the project's settings say they refuse."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent

CLEAN = '''\
"""Greets."""

from datetime import UTC, datetime


def greet() -> datetime:
    """Say when."""
    return datetime.now(UTC)
'''

#: A line that must be refused, and the code under which ruff names it.
REFUSED = {
    "T201": "print(1)",
    "DTZ005": "datetime.now()",
    "G004": 'import logging\nlogging.getLogger().info(f"{1}")',
    "BLE001": "try: pass\nexcept Exception: pass",
    "ERA001": "# x = 1",
    "D103": "def shout(): pass",
    "D400": 'def shout():\n    """Say it loud"""',
    "FBT003": "greet(True)",
    "S608": 'f"select * from item where id = {1}"',
}

UNMATCHED = '''\
"""Two kinds of thing, of which one is forgotten."""

from dataclasses import dataclass
from typing import assert_never


@dataclass(frozen=True)
class Approve:
    """Approve it."""


@dataclass(frozen=True)
class Reject:
    """Reject it."""


def decide(command: Approve | Reject) -> str:
    """Say what becomes of it."""
    match command:
        case Approve():
            return "approved"
        case _:
            assert_never(command)


def untyped(anything):
    """Take what has no type."""
    return anything
'''


@pytest.fixture(scope="module")
def said_by_ruff(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("ruff")
    shutil.copy(ROOT / "pyproject.toml", folder)
    code = folder / "services" / "moderation"
    code.mkdir(parents=True)
    (code / "clean.py").write_text(CLEAN)
    for name, line in REFUSED.items():
        (code / f"{name.lower()}.py").write_text(f"{CLEAN}\n\n{line}\n")
    done = subprocess.run(
        [BIN / "ruff", "check", "--no-cache", "--output-format=concise", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        stem = Path(line.partition(":")[0]).stem
        found[stem] = found.get(stem, "") + line + "\n"
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_line_that_breaks_the_style_is_refused(name: str, said_by_ruff: dict[str, str]) -> None:
    assert f" {name} " in said_by_ruff.get(name.lower(), "")


def test_a_module_that_keeps_the_style_is_not_refused(said_by_ruff: dict[str, str]) -> None:
    # Both lie in folders that are no packages, as every file of this experiment.
    faults = [line for line in said_by_ruff.get("clean", "").splitlines() if " INP001 " not in line]

    assert faults == []


def test_a_missing_case_and_a_missing_type_are_refused(tmp_path: Path) -> None:
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(settings.replace('venv = ".venv"\n', ""))
    for folder in ("services", "deploy", "docs", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "services" / "decisions.py").write_text(UNMATCHED)

    done = subprocess.run(
        [BIN / "pyright", "--outputjson"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 1, done.stderr
    assert '"Reject" is not assignable to' in done.stdout.replace('\\"', '"')
    assert "reportMissingParameterType" in done.stdout


def spelling(*paths: Path) -> tuple[int, str]:
    done = subprocess.run(
        [BIN / "codespell", "--quiet-level=2", *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_code_and_english_pages_are_spelled_well() -> None:
    # The register of reasons and the templates of campaigns hold their texts in four languages.
    spoken = {"reason.py", "campaign_texts.py"}
    code = [p for p in (ROOT / "services").rglob("*.py") if p.name not in spoken]
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]

    assert spelling(*code, *pages) == (0, "")


def test_a_word_that_is_spelled_badly_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("We recieve photos.")

    code, said = spelling(page)

    assert code != 0
    assert "recieve ==> receive" in said
