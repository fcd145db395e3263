"""Alerts and the dashboard speak of metrics that exist, and every alert is explained."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.telemetry import METRICS, metrics_page

ROOT = Path(__file__).parents[3]
TELEMETRY = ROOT / "deploy" / "telemetry"
PROCESSES = {f"{s}-{r}" for s in ("ingest", "moderation", "gallery") for r in ("stream", "web")}
#: What a histogram's name becomes in a query.
SUFFIXES = ("_bucket", "_count", "_sum")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((TELEMETRY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    return json.loads((TELEMETRY / "dashboard.json").read_text(encoding="utf-8"))


def dashboard_queries() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def metrics_in(query: str) -> set[str]:
    """Give the metrics of ours that a query names, as METRICS spells them."""
    named = re.findall(r"\bdichtbij_\w+", query)
    stems = {name.removesuffix(suffix) for name in named for suffix in SUFFIXES} & METRICS.keys()
    return {next((s for s in stems if name in {s + x for x in SUFFIXES}), name) for name in named}


@pytest.mark.parametrize("query", [*(rule["expr"] for rule in rules()), *dashboard_queries()])
def test_a_query_names_only_metrics_that_a_process_shows(query: str) -> None:
    assert metrics_in(query) <= METRICS.keys()
    assert metrics_in(query) or "up{" in query


def test_a_query_with_a_misspelt_metric_would_be_noticed() -> None:
    assert not metrics_in("rate(dichtbij_dead_letter_total[5m])") <= METRICS.keys()
    assert not metrics_in("rate(dichtbij_event_second_bucket[5m])") <= METRICS.keys()
    assert metrics_in("rate(dichtbij_event_seconds_bucket[5m])") == {"dichtbij_event_seconds"}


def test_every_metric_is_on_the_dashboard() -> None:
    shown = set[str]().union(*(metrics_in(query) for query in dashboard_queries()))
    assert shown == METRICS.keys()


def test_every_declared_metric_is_one_that_prometheus_reads_from_a_process() -> None:
    page = metrics_page().decode()
    helped = set(re.findall(r"^# HELP (dichtbij_\w+)", page, re.MULTILINE))
    assert {name for name in helped if not name.endswith("_created")} == METRICS.keys()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_operations_says_what_to_do(rule: dict[str, Any]) -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert rule["labels"]["severity"] in {"page", "warn"}
    assert rule["annotations"].keys() == {"summary", "description"}
    assert f"\n### {rule['alert']}\n" in operations


def test_operations_explains_no_alert_that_does_not_exist() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = operations.split("\n## Alerts\n")[1].split("\n## ")[0]
    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == [r["alert"] for r in rules()]


def test_prometheus_asks_exactly_the_processes_there_are() -> None:
    asked = yaml.safe_load((TELEMETRY / "prometheus.yaml").read_text(encoding="utf-8"))
    [found] = asked["scrape_configs"][0]["dns_sd_configs"]
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(found["names"]) == PROCESSES
    assert compose["services"].keys() >= PROCESSES


def test_the_alert_for_a_lost_process_knows_every_process() -> None:
    [down] = [rule for rule in rules() if rule["alert"] == "ProcessDown"]
    assert set(re.findall(r'process="([\w-]+)"', down["expr"])) == PROCESSES


def test_panels_of_the_dashboard_do_not_cover_each_other() -> None:
    places = [panel["gridPos"] for panel in dashboard()["panels"]]
    cells = [
        (x, y)
        for p in places
        for x in range(p["x"], p["x"] + p["w"])
        for y in range(p["y"], p["y"] + p["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(places)


def test_the_collector_takes_traces_where_the_processes_send_them() -> None:
    collector = yaml.safe_load((TELEMETRY / "otel-collector.yaml").read_text(encoding="utf-8"))
    traces = collector["service"]["pipelines"]["traces"]
    assert collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
    assert set(traces["receivers"]) <= collector["receivers"].keys()
    assert set(traces["processors"]) <= collector["processors"].keys()
    assert set(traces["exporters"]) <= collector["exporters"].keys()
