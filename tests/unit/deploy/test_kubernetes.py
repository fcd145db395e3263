"""The manifests of a cluster: one Deployment for each process, with settings that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.__main__ import SERVICES
from services.chassis.settings import ServiceSettings
from services.gallery.settings import Settings as GallerySettings
from services.ingest.settings import Settings as IngestSettings
from services.moderation.settings import Settings as ModerationSettings

FOLDER = Path(__file__).parents[3] / "deploy" / "kubernetes"
SETTINGS: dict[str, type[ServiceSettings]] = {
    "ingest": IngestSettings,
    "moderation": ModerationSettings,
    "gallery": GallerySettings,
}
PROCESSES = {f"{service}-{role}": service for service in SERVICES for role in ("stream", "web")}


def variables(settings: type[ServiceSettings]) -> set[str]:
    return {f"DICHTBIJ_{name.upper()}" for name in settings.model_fields}


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    texts = [file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yaml"))]
    documents = [one for text in texts for one in yaml.safe_load_all(text)]
    return {one["metadata"]["name"]: one for one in documents if one["kind"] == kind}


def container(name: str) -> dict[str, Any]:
    [only] = of_kind("Deployment")[name]["spec"]["template"]["spec"]["containers"]
    return only


@pytest.mark.parametrize("process", PROCESSES)
def test_a_cluster_runs_each_process_as_the_image_means_it(process: str) -> None:
    spec = of_kind("Deployment")[process]["spec"]
    own = container(process)
    assert "-".join(own["args"]) == process
    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
    assert own["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert own["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert own["securityContext"]["readOnlyRootFilesystem"] is True
    assert spec["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
    assert own["resources"].keys() == {"limits", "requests"}


def test_a_cluster_has_no_process_that_the_code_does_not() -> None:
    assert of_kind("Deployment").keys() == PROCESSES.keys()
    [migrate] = of_kind("Job").values()
    [only] = migrate["spec"]["template"]["spec"]["containers"]
    assert only["args"] == ["migrate"]


def test_a_cluster_gives_only_settings_that_exist_and_secrets_only_to_those_who_read_them() -> None:
    known = set[str]().union(*(variables(settings) for settings in SETTINGS.values()))
    secret = of_kind("Secret")["dichtbij"]["stringData"].keys()
    assert of_kind("ConfigMap")["dichtbij"]["data"].keys() <= known - secret
    assert secret <= known
    for process, service in PROCESSES.items():
        taken = {
            v["name"]: v["valueFrom"]["secretKeyRef"]["key"] for v in container(process)["env"]
        }
        assert taken.keys() == variables(SETTINGS[service]) & secret
        assert all(name == key for name, key in taken.items())


def test_services_and_the_ingress_of_a_cluster_lead_to_pods_that_exist() -> None:
    deployments = of_kind("Deployment").values()
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in deployments]
    services = of_kind("Service")
    for service in services.values():
        assert any(service["spec"]["selector"].items() <= each.items() for each in labels)
    [ingress] = of_kind("Ingress").values()
    paths = [path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    backends = {path["backend"]["service"]["name"] for path in paths}
    assert backends == services.keys() == {f"{service}-web" for service in SERVICES}


def test_kustomize_applies_every_file_but_the_example_of_a_secret() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
    there = {file.name for file in FOLDER.glob("*.yaml")}
    assert there - set(listed["resources"]) == {"kustomization.yaml", "secret.example.yaml"}
