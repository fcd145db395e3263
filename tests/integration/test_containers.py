"""compose.yaml: accepted by the official loader, and in step with the code that it starts."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import pytest

from deploy.first_env import first_env
from services.__main__ import SERVICES, dichtbij
from services.chassis.auth import issue, verify
from services.chassis.settings import ServiceSettings
from services.gallery.settings import Settings as GallerySettings
from services.ingest.settings import Settings as IngestSettings
from services.moderation.settings import Settings as ModerationSettings

# The first build of the loader downloads and compiles some Go; later ones find it.
pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, type[ServiceSettings]] = {
    "ingest": IngestSettings,
    "moderation": ModerationSettings,
    "gallery": GallerySettings,
}
PROCESSES = {f"{service}-{role}": service for service in SERVICES for role in ("stream", "web")}
PARTS = ("kafka", "postgres", "s3")


def variables(settings: type[ServiceSettings]) -> set[str]:
    return {f"DICHTBIJ_{name.upper()}" for name in settings.model_fields}


@pytest.fixture(scope="session")
def loader() -> Path:
    """The official loader as a program, built once for each version of its source."""
    source = ROOT / "deploy" / "composecheck"
    files = [source / name for name in ("main.go", "go.mod", "go.sum")]
    version = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    program = ROOT / ".local" / "composecheck" / version
    if not program.exists():
        assert shutil.which("go"), (
            "compose.yaml is checked by Docker's own loader, which is written in Go, and this"
            " machine has no `go`. Install Go 1.25 or newer (https://go.dev/dl)."
        )
        built = subprocess.run(
            ["go", "build", "-o", str(program), "."],
            cwd=source,
            env={**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, built.stderr
    return program


@pytest.fixture(scope="session")
def secrets_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `.env` as an operator makes it."""
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text(first_env(), encoding="utf-8")
    return file


def load(loader: Path, env_file: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(loader), str(env_file), *(str(file) for file in files)],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="session")
def project(loader: Path, secrets_file: Path) -> dict[str, Any]:
    """compose.yaml as the loader understands it."""
    loaded = load(loader, secrets_file, ROOT / "compose.yaml")
    assert loaded.returncode == 0, loaded.stderr
    return json.loads(loaded.stdout)


# compose.yaml


def test_the_loader_accepts_pages_under_host_names(loader: Path, secrets_file: Path) -> None:
    names = ROOT / "deploy" / "caddy" / "compose.names.yaml"
    loaded = load(loader, secrets_file, ROOT / "compose.yaml", names)
    assert loaded.returncode == 0, loaded.stderr
    ports = json.loads(loaded.stdout)["services"]["proxy"]["ports"]
    assert {port["published"] for port in ports} >= {"80", "443", "8001", "8002", "8003"}


@pytest.mark.parametrize(
    ("sound", "broken", "reason"),
    [
        ("    restart: unless-stopped", "    restrat: unless-stopped", "restrat"),
        ("        condition: service_healthy", "        condition: service_happy", "condition"),
        ("      postgres:\n        condition", "      postgress:\n        condition", "postgress"),
        ("networks: [parts]", "networks: [party]", "party"),
        ("      - kafka:/var/lib/kafka/data", "      - kafkas:/var/lib/kafka/data", "kafkas"),
        ("${DICHTBIJ_S3_REGION:-us-east-1}", "${DICHTBIJ_S3_REGION", "invalid interpolation"),
    ],
)
def test_the_loader_refuses_a_broken_file(
    loader: Path, secrets_file: Path, tmp_path: Path, sound: str, broken: str, reason: str
) -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert sound in text
    file = tmp_path / "compose.yaml"
    file.write_text(text.replace(sound, broken), encoding="utf-8")
    loaded = load(loader, secrets_file, file)
    assert loaded.returncode == 1
    assert reason in loaded.stderr


def test_a_missing_secret_stops_the_start_with_a_sentence(loader: Path, tmp_path: Path) -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text("utf-8")))
    lines = first_env().splitlines()
    assert {line.partition("=")[0] for line in lines} == required
    for name in required:
        file = tmp_path / f"without-{name}"
        kept = [line for line in lines if not line.startswith(f"{name}=")]
        file.write_text("\n".join(kept), encoding="utf-8")
        refused = load(loader, file, ROOT / "compose.yaml")
        assert refused.returncode == 1
        assert name in refused.stderr
        assert "Write the secrets first" in refused.stderr


def test_the_keys_of_a_new_installation_sign_and_verify(project: dict[str, Any]) -> None:
    desk = project["services"]["moderation-web"]["environment"]
    gallery = project["services"]["gallery-web"]["environment"]
    token = issue(desk["DICHTBIJ_SESSION_PRIVATE_KEY"], "an", "An", frozenset({"moderator"}))
    staff = verify(gallery["DICHTBIJ_SESSION_PUBLIC_KEY"], token)
    assert staff is not None
    assert staff.account == "an"
    assert first_env() != first_env()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_is_given_every_setting_it_reads_and_no_other(
    project: dict[str, Any], process: str
) -> None:
    given = project["services"][process]["environment"]
    assert given.keys() == variables(SETTINGS[PROCESSES[process]])


def test_only_the_desk_can_sign_sessions(project: dict[str, Any]) -> None:
    holders = {
        name
        for name, service in project["services"].items()
        if "DICHTBIJ_SESSION_PRIVATE_KEY" in service.get("environment", {})
    }
    assert holders == {"moderation-stream", "moderation-web", "migrate"}


@pytest.mark.parametrize("process", [*PROCESSES, "migrate"])
def test_a_process_runs_a_command_that_exists(project: dict[str, Any], process: str) -> None:
    found: click.Command = dichtbij
    for word in project["services"][process]["command"]:
        assert isinstance(found, click.Group)
        assert word in found.commands
        found = found.commands[word]
    assert not isinstance(found, click.Group)
    assert process == "migrate" or process == "-".join(project["services"][process]["command"])


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_starts_after_the_migration_and_cannot_do_more_than_it_needs(
    project: dict[str, Any], process: str
) -> None:
    service = project["services"][process]
    waits = service["depends_on"]["migrate"]["condition"]
    assert waits == "service_completed_successfully"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    assert "privileged" not in service


def test_only_the_pages_are_published_and_the_parts_have_no_way_out(
    project: dict[str, Any],
) -> None:
    published = {name for name, service in project["services"].items() if service.get("ports")}
    ours = {name for name in published if not project["services"][name].get("profiles")}
    assert ours == {"proxy"}
    assert not published & {*PARTS, *PROCESSES}
    for part in PARTS:
        assert project["services"][part]["networks"].keys() == {"parts"}
    assert project["networks"]["parts"]["internal"] is True
    assert project["networks"]["pages"]["internal"] is True
    hosts = {p["host_ip"] for name in published for p in project["services"][name]["ports"]}
    assert hosts == {"127.0.0.1"}


def test_everything_long_lived_is_watched_limited_and_pinned(project: dict[str, Any]) -> None:
    for name, service in project["services"].items():
        assert service["deploy"]["resources"]["limits"]["memory"], name
        tag = service["image"].rpartition(":")[2]
        assert tag not in {"latest", service["image"]}, name
        built_here = "build" in service
        if not built_here and not service.get("profiles"):
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_files_that_are_mounted_exist(project: dict[str, Any]) -> None:
    mounted = [
        volume
        for service in project["services"].values()
        for volume in service.get("volumes", [])
        if volume["type"] == "bind"
    ]
    assert mounted
    for volume in mounted:
        assert Path(volume["source"]).is_file()
        assert volume["read_only"] is True


def test_the_proxy_leads_each_public_address_to_its_process(project: dict[str, Any]) -> None:
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    sites = dict(re.findall(r"\{\$DICHTBIJ_(\w+)_URL\} \{[^}]*\}\s*import behind ([\w-]+)", text))
    assert sites == {name.upper(): f"{name}-web" for name in SERVICES}
    given = project["services"]["proxy"]["environment"]
    assert given.keys() == {f"DICHTBIJ_{name}_URL" for name in sites}
    assert all(url.startswith("http://localhost:800") for url in given.values())


# The health check


@contextmanager
def answering(status: int) -> Generator[int]:
    """A server on a free port whose /readyz answers this status."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def probe(port: int) -> int:
    command = [sys.executable, "-m", "deploy.probe"]
    environment = {**os.environ, "DICHTBIJ_PORT": str(port)}
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=30, check=False).returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_repeats_what_the_process_says(status: int, code: int) -> None:
    with answering(status) as port:
        assert probe(port) == code


def test_the_health_check_fails_where_nothing_listens() -> None:
    with answering(200) as port:
        pass
    assert probe(port) == 1
