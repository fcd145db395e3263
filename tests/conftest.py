"""The real parts, started once by the test command itself, and installations on them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.installation import Installation, install, prepare_template


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment by which Kafka, PostgreSQL and S3 are found; started once for all tests."""
    folder = tmp_path_factory.mktemp("parts")
    with Stack(folder, only=("kafka", "postgres", "s3")) as stack:
        environment = {
            name: value
            for name, value in stack.environment().items()
            if name.startswith("DICHTBIJ_")
        }
        prepare_template(environment)
        yield environment


@pytest.fixture(scope="module")
def installation(parts: Mapping[str, str]) -> Installation:
    """An installation that one module's tests share."""
    return install(parts)


@pytest.fixture
def fresh_installation(parts: Mapping[str, str]) -> Installation:
    """An installation that only this test uses."""
    return install(parts)


@pytest.fixture
def unheard_installation(parts: Mapping[str, str]) -> Installation:
    """An installation that only this test uses, without topics: no worker or relay runs on it."""
    return install(parts, topics=False)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the project."""
    return Path(__file__).parents[1]
