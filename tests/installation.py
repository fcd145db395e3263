"""Installations on the real parts: each with a database, topics and buckets of its own."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg

from services.chassis.kafka import create_topics, producing
from services.chassis.objects import ObjectStore
from services.chassis.settings import ServiceSettings
from services.contracts.envelope import EventData
from services.contracts.topics import TOPIC_OF
from tests.builders import an_event

CHECKOUT = Path(__file__).parents[1]
TEMPLATE = "dichtbij_template"


@dataclass(frozen=True)
class Installation:
    """Everything that a process needs to know to belong to one installation."""

    environment: Mapping[str, str]

    @property
    def settings(self) -> ServiceSettings:
        """The settings as a process of this installation would read them."""
        with environment(self.environment):
            return ServiceSettings()  # pyright: ignore[reportCallIssue]

    @property
    def database_url(self) -> str:
        return self.environment["DICHTBIJ_DATABASE_URL"]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `dichtbij` with some arguments and give what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Ask the database directly, as an operator with psql would."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), parameters)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def environment(variables: Mapping[str, str]):  # noqa: ANN201 - a context manager of nothing
    """Let DICHTBIJ_ variables stand for a block, and only these."""
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith("DICHTBIJ_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def prepare_template(parts: Mapping[str, str]) -> None:
    """Migrate one database, of which every installation is a copy, to save time."""
    from services.gallery import app as gallery
    from services.ingest import app as ingest
    from services.moderation import app as moderation

    _create_database(parts["DICHTBIJ_DATABASE_URL"], TEMPLATE)
    url = _with_database(parts["DICHTBIJ_DATABASE_URL"], TEMPLATE)
    with environment({**parts, "DICHTBIJ_DATABASE_URL": url}):
        for app in (ingest, moderation, gallery):
            app.migrate()


def install(parts: Mapping[str, str], *, topics: bool = True) -> Installation:
    """Make a new installation: its own tenant, database and buckets."""
    from services.ingest import app as ingest

    name = f"t{secrets.token_hex(4)}"
    _create_database(parts["DICHTBIJ_DATABASE_URL"], name, template=TEMPLATE)
    installation = Installation(
        {
            **parts,
            "DICHTBIJ_DATABASE_URL": _with_database(parts["DICHTBIJ_DATABASE_URL"], name),
            "DICHTBIJ_TENANT": name,
            "DICHTBIJ_S3_BUCKET_PREFIX": name,
        }
    )
    settings = installation.settings

    async def prepare() -> None:
        if topics:
            await create_topics(settings, ingest.TABLES.changelogs("ingest", settings.tenant))
        objects = ObjectStore(settings)
        await objects.create_buckets()
        objects.close()

    asyncio.run(prepare())
    return installation


def _create_database(url: str, name: str, template: str | None = None) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        source = f' template "{template}"' if template else ""
        connection.execute(f'create database "{name}"{source}'.encode())


def _with_database(url: str, name: str) -> str:
    head, _, _ = url.rpartition("/")
    return f"{head}/{name}"


async def deliver(installation: Installation, *facts: tuple[EventData, str, int]) -> None:
    """Put events (data, subject, version) on their topics, each twice, as another service would."""
    async with producing(installation.settings) as producer:
        for data, subject, version in facts:
            topic = TOPIC_OF[data.TYPE].name(installation.settings.tenant)
            wire = an_event(data, subject, version).to_wire()
            for _ in range(2):
                await cast("Any", producer).send(topic, wire, key=subject.encode())
        await producer.flush()
