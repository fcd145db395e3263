"""The Dockerfile: what it copies exists, what it installs is pinned, and it runs as nobody."""

import os
import re
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[3]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continued lines joined and comments left out."""
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    pairs = (line.split(None, 1) for line in joined.splitlines() if line.strip())
    return [(word.upper(), rest) for word, rest in pairs]


def copied() -> list[str]:
    """What the image takes from the checkout."""
    sources: list[str] = []
    for word, rest in instructions():
        if word == "COPY" and "--from=" not in rest:
            sources += [part for part in rest.split()[:-1] if not part.startswith("--")]
    return sources


def let_in() -> list[str]:
    """What .dockerignore lets through to the builder, after keeping everything out."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return [line[1:] for line in lines if line.startswith("!")]


def reaches(file: str, entries: list[str]) -> bool:
    return any(fnmatch(file, entry) or file.startswith(f"{entry}/") for entry in entries)


def test_everything_the_image_copies_exists_and_reaches_the_builder() -> None:
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert reaches(source, let_in()), source


def test_no_secret_or_local_file_reaches_the_builder() -> None:
    private = (".env", ".local/keys", ".git/config", ".venv/bin/python", "tests/conftest.py")
    for file in private:
        assert not reaches(file, let_in()), file


def test_the_image_brings_every_module_that_its_commands_start() -> None:
    for module in ("services/__main__.py", "deploy/sample/__main__.py", "deploy/probe.py"):
        assert reaches(module, copied()), module


def test_the_image_is_built_from_pinned_bases_and_hashed_wheels() -> None:
    arguments = dict(rest.split("=", 1) for word, rest in instructions() if word == "ARG")
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases == ["${PYTHON}", "${PYTHON}"]
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-bookworm", arguments["PYTHON"])
    [install] = [rest for word, rest in instructions() if word == "RUN" and "pip " in rest]
    assert "--require-hashes" in install
    assert "--only-binary=:all:" in install


def test_the_last_stage_installs_nothing_and_does_not_run_as_root() -> None:
    words = instructions()
    last = words[max(n for n, (word, _) in enumerate(words) if word == "FROM") :]
    run = " ".join(rest for word, rest in last if word == "RUN")
    assert not re.search(r"\b(pip|apt-get|curl|wget)\b", run)
    [user] = [rest for word, rest in last if word == "USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert {word for word, _ in last} >= {"ENTRYPOINT", "HEALTHCHECK", "LABEL", "STOPSIGNAL"}


def test_the_image_command_is_the_command_of_the_checkout() -> None:
    script = ROOT / "deploy" / "dichtbij"
    assert '-m services "$@"' in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
