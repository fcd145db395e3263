import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from prometheus_client import REGISTRY

from docs.__main__ import docs
from docs.writers import Written, written
from docs.writers.settings import PREFIX
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import METRICS
from services.contracts.topics import CATALOGUE, EVENT_CLASSES
from services.gallery.settings import Settings as GallerySettings
from services.ingest.settings import Settings as IngestSettings
from services.moderation.settings import Settings as ModerationSettings

ROOT = Path(__file__).parents[2]
PAGES = ("docs/settings.md", "docs/events.md", "docs/metrics.md", "docs/commands.md")


@pytest.fixture(scope="module")
def files() -> Written:
    return written()


@pytest.fixture
def checkout(tmp_path: Path, files: Written) -> Path:
    """A folder in which every generated file is current."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def run(checkout: Path, *options: str) -> tuple[int, str]:
    answer = CliRunner().invoke(docs, [*options, "--root", str(checkout)])
    return answer.exit_code, answer.output


def test_every_generated_file_is_current() -> None:
    code, said = run(ROOT, "--check")

    assert code == 0, said


def test_the_command_that_make_runs_says_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name",
    [
        *PAGES,
        ".env.example",
        "services/contracts/asyncapi.json",
        "services/contracts/schemas/dichtbij.item.received.v1.json",
    ],
)
def test_a_stale_file_is_named_and_mended(name: str, checkout: Path, files: Written) -> None:
    stale = files[name].replace("Time zone", "Zone").replace(" item", "  item", 1)
    (checkout / name).write_text(stale.replace("# ", "#  ", 1).replace("  {", "   {", 1))

    code, said = run(checkout, "--check")
    assert code == 1
    assert name in said

    assert run(checkout)[0] == 0
    assert (checkout / name).read_text(encoding="utf-8") == files[name]
    assert run(checkout, "--check")[0] == 0


def test_a_missing_file_is_stale(checkout: Path) -> None:
    (checkout / "docs/metrics.md").unlink()

    code, said = run(checkout, "--check")

    assert (code, "docs/metrics.md" in said) == (1, True)


def test_the_schema_of_an_event_that_is_gone_is_stale_and_removed(checkout: Path) -> None:
    left = checkout / "services/contracts/schemas/dichtbij.item.eaten.v1.json"
    left.write_text("{}")

    assert run(checkout, "--check")[0] == 1
    assert run(checkout)[0] == 0
    assert not left.exists()


def forget_a_field(schema: dict[str, Any]) -> None:
    schema["$defs"]["Item"]["properties"]["mood"] = {"type": "string"}


def was_optional(schema: dict[str, Any]) -> None:
    schema["$defs"]["Item"]["required"].remove("text")


@pytest.mark.parametrize(
    ("before", "said"),
    [(forget_a_field, "loses the field mood"), (was_optional, "demands the field text")],
)
def test_a_schema_is_not_overwritten_by_one_that_breaks_its_readers(
    before: Callable[[dict[str, Any]], None], said: str, checkout: Path
) -> None:
    path = checkout / "services/contracts/schemas/dichtbij.item.received.v1.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    before(schema)
    path.write_text(json.dumps(schema))

    code, answer = run(checkout)

    assert code == 1
    assert f"dichtbij.item.received.v1: the event.data.item {said}" in answer
    assert "dichtbij.item.received.v2" in answer
    assert json.loads(path.read_text(encoding="utf-8")) == schema


def test_every_setting_is_explained(files: Written) -> None:
    classes: list[type[ServiceSettings]] = [IngestSettings, ModerationSettings, GallerySettings]
    for settings in classes:
        for name, field in settings.model_fields.items():
            variable = f"{PREFIX}{name}".upper()
            assert (field.description or "").endswith("."), f"{variable} has no sentence"
            assert f"`{variable}`" in files["docs/settings.md"]
            assert f"# {variable}=" in files[".env.example"]


def test_no_secret_is_written_down(files: Written) -> None:
    shown = "\n".join(files.values())

    assert "00" * 32 not in shown
    assert re.search(r"^# DICHTBIJ_RECEIPT_KEY=$", files[".env.example"], re.MULTILINE)
    assert "| `DICHTBIJ_DATABASE_URL` | (secret) |" in files["docs/settings.md"]


def test_every_metric_of_a_process_has_a_sentence() -> None:
    shown = {
        f"{metric.name}_total" if metric.type == "counter" else metric.name
        for metric in REGISTRY.collect()
        if metric.name.startswith("dichtbij_")
    }

    assert shown == set(METRICS)
    assert [name for name, sentence in METRICS.items() if not sentence.endswith(".")] == []


def test_every_topic_and_event_is_described(files: Written) -> None:
    page = files["docs/events.md"]
    document = json.loads(files["services/contracts/asyncapi.json"])

    for topic in CATALOGUE:
        assert f"## `{topic.name('stad')}`" in page
        channel = document["channels"][topic.subject]
        assert channel["address"] == topic.name("{tenant}")
        assert set(channel["messages"]) == {event.__name__ for event in topic.events}
    for kind in EVENT_CLASSES:
        assert f"### `{kind}`" in page


def test_every_reference_of_the_asyncapi_document_leads_somewhere(files: Written) -> None:
    text = files["services/contracts/asyncapi.json"]
    document = json.loads(text)

    references = re.findall(r'"\$ref": "([^"]+)"', text)

    assert references
    for reference in references:
        if reference.startswith("#/"):
            place = document
            for part in reference.removeprefix("#/").split("/"):
                place = place[part]
        else:
            assert f"services/contracts/{reference}" in files


def test_the_asyncapi_document_says_who_speaks_and_who_hears(files: Written) -> None:
    operations = json.loads(files["services/contracts/asyncapi.json"])["operations"]

    for topic in CATALOGUE:
        assert operations[f"{topic.producer}-says-{topic.subject}"]["action"] == "send"
        for consumer in topic.consumers:
            assert operations[f"{consumer}-hears-{topic.subject}"]["action"] == "receive"
    assert len(operations) == sum(1 + len(topic.consumers) for topic in CATALOGUE)


def test_every_command_is_explained(files: Written) -> None:
    page = files["docs/commands.md"]

    for command in ("migrate", "campaign apply", "dead-letters redrive", "ingest stream"):
        assert f"## `{command}`" in page
    for block in page.split("\n## ")[1:]:
        assert block.split("\n\n")[1].endswith("."), block


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)

    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)

    assert [link for link in links if not (page.parent / link).exists()] == []
