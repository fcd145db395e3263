"""The command `dichtbij`: run processes, prepare parts, apply campaigns, mend."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast

import click
import yaml

from services.chassis.database import TRANSIENT, Database
from services.chassis.dead_letters import DeadLetter, list_dead_letters, redrive
from services.chassis.kafka import KAFKA_TRANSIENT, create_topics
from services.chassis.objects import OBJECTS_TRANSIENT, ObjectStore
from services.chassis.settings import ServiceSettings
from services.chassis.streams import Tables
from services.gallery import app as gallery
from services.ingest import app as ingest
from services.ingest.domain.campaign import InvalidCampaignError, read_campaign
from services.moderation import app as moderation
from services.moderation.domain.account import InvalidAccountError

ResultT = TypeVar("ResultT")
ServiceName = Literal["ingest", "moderation", "gallery"]


class _App(Protocol):
    """What every service's app.py offers."""

    TABLES: Tables

    def run_stream(self) -> None: ...

    def run_web(self) -> None: ...

    def migrate(self) -> None: ...


SERVICES: dict[str, _App] = {
    "ingest": cast("_App", ingest),
    "moderation": cast("_App", moderation),
    "gallery": cast("_App", gallery),
}


def _settings() -> ServiceSettings:
    return ServiceSettings()  # pyright: ignore[reportCallIssue] - pydantic fills them in


def _explain(error: Exception) -> click.ClickException:
    return click.ClickException(
        f"{type(error).__name__}: a part does not answer. Check DICHTBIJ_DATABASE_URL,"
        " DICHTBIJ_KAFKA_BOOTSTRAP and DICHTBIJ_S3_ENDPOINT, and that all three are running."
    )


@click.group(help=__doc__)
def dichtbij() -> None:
    """Gather the commands."""


def _add_service(name: str, app: _App) -> None:
    @dichtbij.group(name, help=f"Run the processes of {name}.")
    def group() -> None: ...

    roles: dict[str, Callable[[], None]] = {"stream": app.run_stream, "web": app.run_web}
    for role, run in roles.items():
        group.command(role, help=f"Run the {role} process of {name} until it is told to stop.")(run)


for _name, _app in SERVICES.items():
    _add_service(_name, _app)


@dichtbij.command()
def migrate() -> None:
    """Prepare everything that processes need: schemas, topics, buckets. Run again at any time."""
    settings = _settings()
    changelogs: dict[str, int] = {}
    for name, app in SERVICES.items():
        changelogs |= app.TABLES.changelogs(name, settings.tenant)
    try:
        for app in SERVICES.values():
            app.migrate()
        created = asyncio.run(_prepare(settings, changelogs))
    except (*TRANSIENT, *KAFKA_TRANSIENT, *OBJECTS_TRANSIENT) as error:
        raise _explain(error) from error
    click.echo(f"schemas are current; {len(created)} topics created; buckets are there")


async def _prepare(settings: ServiceSettings, changelogs: dict[str, int]) -> list[str]:
    created = await create_topics(settings, changelogs)
    objects = ObjectStore(settings)
    await objects.create_buckets()
    objects.close()
    return created


@dichtbij.group()
def campaign() -> None:
    """Work with campaigns."""


@campaign.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def campaign_apply(file: Path) -> None:
    """Apply a campaign from a YAML FILE; the same file again changes nothing."""
    try:
        written: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        checked = read_campaign(written)
    except yaml.YAMLError as error:
        message = f"{file} is not valid YAML: {error}"
        raise click.ClickException(message) from None
    except InvalidCampaignError as error:
        faults = "\n".join(f"  - {fault}" for fault in error.faults)
        message = f"{file} cannot be applied. Mend this:\n{faults}"
        raise click.ClickException(message) from None
    try:
        changed = asyncio.run(ingest.apply(checked))
    except TRANSIENT as error:
        raise _explain(error) from error
    click.echo(f"{checked.campaign}: {'applied' if changed else 'unchanged'}")


@dichtbij.group()
def staff() -> None:
    """Work with the accounts of moderators, editors and coordinators."""


@staff.command("add")
@click.argument("account")
@click.option("--name", required=True, help="How colleagues call them.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=["moderator"],
    type=click.Choice(["moderator", "editor", "coordinator"]),
    help="What they may do; give it again for more.",
)
def staff_add(account: str, name: str, roles: tuple[str, ...]) -> None:
    """Add an ACCOUNT and print its password, once."""
    click.echo(f"password for {account}: {_ask(moderation.add_staff(account, name, roles))}")


@staff.command("reset-password")
@click.argument("account")
def staff_reset(account: str) -> None:
    """Give an ACCOUNT a new password and print it, once."""
    click.echo(f"password for {account}: {_ask(moderation.reset_password(account))}")


@staff.command("end")
@click.argument("account")
def staff_end(account: str) -> None:
    """End an ACCOUNT: it can no longer sign in, and its session is not renewed."""
    if not _ask(moderation.end_staff(account)):
        message = f"there is no account {account}; see dichtbij staff list"
        raise click.ClickException(message)
    click.echo(f"{account}: ended")


@staff.command("list")
def staff_list() -> None:
    """List the accounts with their roles."""
    for account in _ask(moderation.list_staff()):
        state = "" if account.active else "  (ended)"
        click.echo(f"{account.account}  {account.name}  {', '.join(sorted(account.roles))}{state}")


@dichtbij.group("dead-letters")
def dead_letters() -> None:
    """Look at records that could not be handled, and send them back."""


def _line(service: str, letter: DeadLetter) -> str:
    place = f"{letter.topic} {letter.partition}:{letter.offset}"
    return f"{service} {letter.id}  {place}  {letter.subject or '(no key)'}  {letter.reason}"


@dead_letters.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
def dead_letters_list(*, as_json: bool) -> None:
    """List the dead letters of all services with their reasons."""

    async def collect() -> int:
        count = 0
        for name in SERVICES:
            database = Database(name, _settings())
            await database.open()
            try:
                for letter in await list_dead_letters(database):
                    count += 1
                    line = {
                        "service": name,
                        "id": letter.id,
                        "topic": letter.topic,
                        "partition": letter.partition,
                        "offset": letter.offset,
                        "subject": letter.subject,
                        "reason": letter.reason,
                        "attempts": letter.attempts,
                        "died_at": letter.died_at.isoformat(),
                    }
                    click.echo(json.dumps(line) if as_json else _line(name, letter))
            finally:
                await database.close()
        return count

    count = _run(collect)
    if not count and not as_json:
        click.echo("no dead letters")


@dead_letters.command("redrive")
@click.argument("service", type=click.Choice(list(SERVICES)))
@click.option("--id", "only", type=int, help="Only this one, instead of all.")
def dead_letters_redrive(service: str, only: int | None) -> None:
    """Send the dead letters of a SERVICE back to their topic, oldest first."""

    async def send() -> int:
        settings = _settings()
        database = Database(service, settings)
        await database.open()
        try:
            sent, lost = await redrive(service, database, settings, only)
        finally:
            await database.close()
        for letter in lost:
            click.echo(f"{letter.id}: its record has expired; only its reason is left", err=True)
        click.echo(f"{sent} sent back")
        return 1 if lost else 0

    sys.exit(_run(send))


def _ask(answer: Coroutine[Any, Any, ResultT]) -> ResultT:
    try:
        return asyncio.run(answer)
    except InvalidAccountError as error:
        raise click.ClickException(str(error)) from None
    except TRANSIENT as error:
        raise _explain(error) from error


def _run(work: Callable[[], Any]) -> int:
    try:
        return int(asyncio.run(work()))
    except (*TRANSIENT, *KAFKA_TRANSIENT) as error:
        raise _explain(error) from error


if __name__ == "__main__":
    dichtbij(prog_name="dichtbij")
