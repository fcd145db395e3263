"""Each import contract of pyproject.toml is seen to fail, by the real tool on a broken copy."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINT = Path(sys.executable).with_name("lint-imports")


@dataclass(frozen=True)
class Breach:
    """Lines added to a module, the contract they break, and what is said about it."""

    said: str
    module: str
    line: str
    contract: str
    report: str


MEET = "Services meet only through contracts"
STAND = "Services stand on the chassis, the chassis on the contracts"
SKELETON = "Every service has the same skeleton"
PARTS = "The chassis has these parts and no others"
PURE = "Domains, rules and contracts are pure"
SETTINGS = "Only app.py reads settings"
CONNECTORS = "Connectors do not know each other"

PACKAGES = [
    *("boto3", "faust", "psycopg", "jinja2", "structlog", "alembic", "PIL", "joserfc"),
    *("feedparser", "aiosmtplib", "icalendar"),
]

BREACHES = [
    Breach(
        "a service imports a service",
        "gallery/domain/gallery.py",
        "import services.moderation.domain.review",
        MEET,
        "services.gallery.domain.gallery -> services.moderation.domain.review",
    ),
    Breach(
        "a domain asks the environment",
        "ingest/domain/item.py",
        "import os",
        PURE,
        "services.ingest.domain.item -> os",
    ),
    Breach(
        "a domain imports its store",
        "moderation/domain/review.py",
        "import services.moderation.store",
        SKELETON,
        "services.moderation.domain.review -> services.moderation.store",
    ),
    Breach(
        "an api reads settings",
        "gallery/api/__init__.py",
        "import services.gallery.settings",
        SETTINGS,
        "services.gallery.api -> services.gallery.settings",
    ),
    Breach(
        "an api imports the stream",
        "gallery/api/__init__.py",
        "import services.gallery.stream",
        SKELETON,
        "services.gallery.api -> services.gallery.stream",
    ),
    Breach(
        "a stream imports the api",
        "ingest/stream/__init__.py",
        "import services.ingest.api",
        SKELETON,
        "services.ingest.stream -> services.ingest.api",
    ),
    Breach(
        "the chassis imports a service",
        "chassis/objects.py",
        "import services.ingest",
        STAND,
        "services.chassis.objects -> services.ingest",
    ),
    Breach(
        "a contract imports the chassis",
        "contracts/ids.py",
        "import services.chassis.settings",
        STAND,
        "services.contracts.ids -> services.chassis.settings",
    ),
    Breach(
        "a part of the chassis imports one above it",
        "chassis/settings.py",
        "import services.chassis.web",
        PARTS,
        "services.chassis.settings -> services.chassis.web",
    ),
    Breach("a package beside the services", "common/__init__.py", "", STAND, "services.common"),
    Breach("a module in the chassis", "chassis/helpers.py", "", PARTS, "services.chassis.helpers"),
    Breach("a module in a service", "gallery/utils.py", "", SKELETON, "services.gallery.utils"),
    Breach(
        "a connector imports another",
        "ingest/connectors/second.py",
        "import services.ingest.connectors.upload",
        CONNECTORS,
        "services.ingest.connectors.second -> services.ingest.connectors.upload",
    ),
    Breach(
        "aiokafka is used outside its homes",
        "moderation/store/__init__.py",
        "import aiokafka",
        "aiokafka has two homes in the chassis",
        "services.moderation.store -> aiokafka",
    ),
    Breach(
        "httpx is used outside its home",
        "gallery/store/__init__.py",
        "import httpx",
        "httpx has one home in ingest",
        "services.gallery.store -> httpx",
    ),
    *(
        Breach(
            f"{package} is used outside its home",
            "moderation/store/__init__.py",
            f"import {package}",
            f"{package} has one home",
            f"services.moderation.store -> {package}",
        )
        for package in PACKAGES
    ),
]


def copy_of_the_tree(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(
        ROOT / "services",
        folder / "services",
        ignore=lambda _, names: [n for n in names if "." in n and not n.endswith(".py")],
    )
    return folder


def lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the tool says of each contract once every breach has been made."""
    folder = copy_of_the_tree(tmp_path_factory.mktemp("broken"))
    for breach in BREACHES:
        module = folder / "services" / breach.module
        module.parent.mkdir(exist_ok=True)
        with module.open("a", encoding="utf-8") as file:
            file.write(f"\n{breach.line}\n")
    code, said = lint(folder)
    assert code == 1
    parts = re.split(r"^(.+)\n-{3,}\n", said.partition("Broken contracts")[2], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_a_copy_of_the_tree_keeps_every_contract(tmp_path: Path) -> None:
    code, said = lint(copy_of_the_tree(tmp_path))

    assert code == 0, said


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.said)
def test_a_broken_contract_is_named(breach: Breach, sections: dict[str, str]) -> None:
    assert re.search(rf"- +{re.escape(breach.report)}\b", sections[breach.contract])


def test_a_service_without_a_store_is_refused(tmp_path: Path) -> None:
    folder = copy_of_the_tree(tmp_path)
    shutil.rmtree(folder / "services" / "gallery" / "store")

    code, said = lint(folder)

    assert code == 1
    assert "services.gallery.store does not exist" in " ".join(said.split())


def test_every_contract_of_the_project_is_broken_here() -> None:
    configured = re.findall(
        r'^\[\[tool\.importlinter\.contracts\]\]\nname = "(.+)"$',
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )

    assert {breach.contract for breach in BREACHES} == set(configured)
