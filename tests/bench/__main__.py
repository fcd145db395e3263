"""Measure everything and write the figures: `python -m tests.bench [--count N] [--rounds N]`.

Writes `docs/benchmarks.md`; each figure stands there with its spread and the machine it came from.
With `--only curators` it measures what curators and givers wait for, and writes that part anew.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import sync_playwright

from deploy.local import chromium
from tests.bench import curators, flow, media, throughput
from tests.e2e.conftest import FLAGS
from tests.e2e.system import System

_CHECKOUT = Path(__file__).parents[2]
_PAGE = _CHECKOUT / "docs" / "benchmarks.md"
_CAMPAIGN = _CHECKOUT / "tests" / "e2e" / "bollekesfeest.yaml"
_BARE = (
    "One process of each kind. The bare ones read the same records in the same run, parse the JSON"
    " and produce one record each: no database, no inbox, no matching."
)
_CURATORS = (
    "Photos of 12 megapixels for the first two rows, small ones for the others; in ms. How long it"
    " takes to count a campaign's items anew: `python -m tests.bench.mandates 1000 10000`, in"
    " [decision 0007](decisions/0007-mandates.md)."
)
_JOBS = (
    "Five widths, each as AVIF and JPEG; rounds alternate, each in a fresh process with one thread."
    " Also by `python -m tests.bench.media`."
)


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="photos to send through")
    parser.add_argument("--records", type=int, default=1000, help="records for throughput")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the media jobs")
    parser.add_argument("--only", choices=["curators"], help="measure and write this part alone")
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    if chosen.only:
        _write(_with_part(_PAGE.read_text(encoding="utf-8"), _curators(_turns(chosen.count), load)))
        return
    rendering = media.measure(chosen.rounds)
    with tempfile.TemporaryDirectory() as folder, System.started(Path(folder)) as system:
        system.apply(_CAMPAIGN)
        with sync_playwright() as driver:
            path = str(chromium.find())
            browser = driver.chromium.launch(executable_path=path, args=FLAGS)
            waits, screen = flow.measure(system, browser, chosen.count)
            turns = curators.measure(system, browser, max(20, chosen.count // 4))
            browser.close()
        rates = [throughput.measure(system, chosen.records, n) for n in range(3)]
    _write(_page(load, rendering, waits, screen, turns, rates))


def _write(page: str) -> None:
    _PAGE.write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def _turns(count: int) -> list[dict[str, float]]:
    """Measure what curators and givers wait for, on a system of its own."""
    with tempfile.TemporaryDirectory() as folder, System.started(Path(folder)) as system:
        system.apply(_CAMPAIGN)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(chromium.find()), args=FLAGS)
            turns = curators.measure(system, browser, max(20, count // 4))
            browser.close()
    return turns


def _with_part(page: str, part: Sequence[str]) -> str:
    """Put a part in the place of the one with its heading, or before the first screen."""
    parts = page.split("\n## ")
    fresh = "\n".join(part).removeprefix("## ") + "\n"
    heading = fresh.split("\n", 1)[0]
    kept = [p for p in parts if not p.startswith(heading)]
    before = next((n for n, p in enumerate(kept) if p.startswith("First screen")), len(kept))
    return "\n## ".join([*kept[:before], fresh, *kept[before:]])


def _page(
    load: float,
    rendering: Mapping[str, Any],
    waits: Mapping[str, Mapping[str, float]],
    screen: Mapping[str, float],
    turns: Sequence[Mapping[str, float]],
    rates: Sequence[Mapping[str, float]],
) -> str:
    lines = [
        "# Benchmarks",
        "",
        _machine(load),
        "",
        "## How long a person waits",
        "",
        f"{next(iter(waits.values()))['n']:.0f} photos of 12 megapixels, one by one, in ms.",
        "",
        "| what | goal, p95 | p50 | p95 | least | most |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    goals = dict(zip(waits, (2000, 1000, 1000, 2000), strict=True))
    lines += [
        f"| {name} | {goals[name]} | {w['p50']:.0f} | {w['p95']:.0f} | {w['least']:.0f} |"
        f" {w['most']:.0f} |"
        for name, w in waits.items()
    ]
    lines += [
        "",
        *_curators(turns, load),
        "",
        "## First screen of an embed",
        "",
        _screen(screen),
        "",
    ]
    lines += [*_rates(rates), ""]
    return "\n".join([*lines, *_rendering(rendering), ""])


def _machine(load: float) -> str:
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make bench`, which writes this page."
        f" Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, CPython"
        f" {platform.python_version()}; load average at the start {load:.1f}. Kafka, PostgreSQL,"
        " S3, all six processes and the browser share those cores. Orders of size, not promises."
    )


def _curators(turns: Sequence[Mapping[str, float]], load: float) -> list[str]:
    lines = [
        "## How long curators and givers wait",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, load average at the start {load:.1f}; also by `python -m"
        " tests.bench --only curators`. " + _CURATORS,
        "",
        "| what | goal, p95 | times | p50 | p95 | least | most |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    return lines + [
        f"| {name} | {goal} | {w['n']:.0f} | {w['p50']:.0f} | {w['p95']:.0f} | {w['least']:.0f} |"
        f" {w['most']:.0f} |"
        for (name, goal), w in zip(curators.GOALS.items(), turns, strict=True)
    ]


def _screen(screen: Mapping[str, float]) -> str:
    return (
        f"412 by 823 px, cold cache: {screen['requests']:.0f} requests, {screen['kB']} kB,"
        f" CLS {screen['CLS']}, {screen['cookies']:.0f} cookies"
        " (goal: at most 10 requests and 110 kB, 0 and 0). The photos are grainy test pictures, and"
        " the embed is opened by itself: Chromium then loads lazy photos far below the screen."
    )


def _rates(rates: Sequence[Mapping[str, float]]) -> list[str]:
    names = [name for name in rates[0] if name != "items"]
    middle = {name: statistics.median(r[name] for r in rates) for name in names}
    bare = middle["bare aiokafka"], middle["bare Faust agent"]
    lines = [
        "## Items a second",
        "",
        f"{rates[0]['items']:.0f} text submissions a round, {len(rates)} rounds. " + _BARE,
        "",
        "| what | median /s | least | most | of bare aiokafka | of a bare Faust agent |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in names:
        seen = [r[name] for r in rates]
        lines.append(
            f"| {name} | {middle[name]:.0f} | {min(seen):.0f} | {max(seen):.0f} |"
            f" {middle[name] / bare[0]:.4f} | {middle[name] / bare[1]:.3f} |"
        )
    return lines


def _rendering(measured: Mapping[str, Any]) -> list[str]:
    photo = measured["photo"]
    lines = [
        "## One photo, ten renditions",
        "",
        f"A JPEG of {photo['width']} by {photo['height']} px ({photo['bytes'] / 1e6:.1f} MB),"
        f" {measured['rounds']} rounds. " + _JOBS,
        "",
    ]
    rows = cast("list[Mapping[str, Any]]", measured["rows"])
    names = list(rows[0])
    lines.append("| " + " | ".join(name.replace("_", " ") for name in names) + " |")
    lines.append("| --- |" + " ---: |" * (len(names) - 1))
    lines += ["| " + " | ".join(_cell(row[name]) for name in names) + " |" for row in rows]
    return lines


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return " to ".join(_cell(v) for v in cast("Sequence[object]", value))
    return str(value)


main()
