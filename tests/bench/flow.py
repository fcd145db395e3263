"""How long a person waits: upload to queue, approval to open embed, takedown to gone."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from tests import photos
from tests.e2e.system import CAMPAIGN, Desk, System

#: Seconds after which a single measurement counts as failed.
_PATIENCE = 30.0
WATCH = """
window.seen = {}; window.gone = {};
new MutationObserver((changes) => {
  const now = Date.now() / 1000;
  for (const change of changes) {
    for (const node of change.addedNodes)
      if (node.dataset?.item) window.seen[node.dataset.item] = now;
    for (const node of change.removedNodes)
      if (node.dataset?.item) window.gone[node.dataset.item] = now;
  }
}).observe(document.querySelector("[data-live]"), { childList: true });
"""


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Give the median, the 95th percentile and the extremes, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered) * 1000),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000),
        "least": round(ordered[0] * 1000),
        "most": round(ordered[-1] * 1000),
    }


def wait_for(question: Callable[[], Any]) -> float:
    """Wait for an outcome, looking every 5 ms; gives the moment."""
    deadline = time.time() + _PATIENCE
    while time.time() < deadline:
        if question():
            return time.time()
        time.sleep(0.005)
    message = f"nothing within {_PATIENCE:.0f} s"
    raise TimeoutError(message)


def measure(
    system: System, browser: Browser, count: int
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Send, approve and take down `count` photos of 12 megapixels, one after the other.

    Answers the waits, and what a phone loads for the first screen while all of them are shown.
    """
    embed = browser.new_page(viewport={"width": 640, "height": 900}, locale="nl-BE")
    embed.goto(f"{system.address('gallery')}/embed/{CAMPAIGN}")
    embed.evaluate(WATCH)
    with httpx.Client(timeout=60) as client:
        desk = Desk(system, client)
        desk.sign_in()
        queued = _uploads(system, client, count)
        approved, items = _approvals(desk, embed, count)
        screen = _first_screen(system, browser)
        gone, origin = _takedowns(system, desk, client, embed, items)
    embed.close()
    waits = {
        "upload → in the queue": spread(queued),
        "approve → visible in an open embed": spread(approved),
        "take down → gone from an open embed": spread(gone),
        "take down → gone at the origin (page and file)": spread(origin),
    }
    return waits, screen


def _uploads(system: System, client: httpx.Client, count: int) -> list[float]:
    photo = photos.a_photo(4000, 3000, seed=99)
    taken: list[float] = []
    for number in range(count):
        # Bytes after the end of a JPEG change its hash and nothing else: nothing is rendered twice.
        different = photo + number.to_bytes(4, "big")
        began = time.time()
        answer = system.upload(client, different, f"bench-photo-{number:04d}")
        item = client.get(answer.json()["receipt"] + ".json").json()["items"][0]["item"]
        taken.append(wait_for(lambda i=item: _is_queued(system, i)) - began)
    return taken


def _is_queued(system: System, item: str) -> bool:
    return bool(system.rows("select 1 from moderation.review where item = %s", item))


def _approvals(
    desk: Desk, embed: Page, count: int
) -> tuple[list[float], dict[str, tuple[int, str]]]:
    taken: list[float] = []
    items: dict[str, tuple[int, str]] = {}
    while len(items) < count:
        for found in desk.waiting(24):
            item = found["item"]
            began = time.time()
            answer = desk.decide(item, "approve", found["version"], found["lease"])
            answer.raise_for_status()
            wait_for(lambda i=item: embed.evaluate("i => window.seen[i]", i))
            taken.append(embed.evaluate("i => window.seen[i]", item) - began)
            items[item] = (answer.json()["version"], item)
    return taken, items


def _takedowns(
    system: System,
    desk: Desk,
    client: httpx.Client,
    embed: Page,
    items: dict[str, tuple[int, str]],
) -> tuple[list[float], list[float]]:
    listed = {i["id"]: i["photos"][0]["renditions"][0]["url"] for i in system.published(client)}
    gone: list[float] = []
    origin: list[float] = []
    for item, (version, _) in items.items():
        page = f"{system.address('gallery')}/g/{CAMPAIGN}/i/{item}"
        began = time.time()
        desk.decide(item, "take-down", version, None, "privacy").raise_for_status()
        done = wait_for(
            lambda p=page, u=listed[item]: (
                client.get(p).status_code >= 400 and client.get(u).status_code >= 400
            )
        )
        origin.append(done - began)
        wait_for(lambda i=item: embed.evaluate("i => window.gone[i]", i))
        gone.append(embed.evaluate("i => window.gone[i]", item) - began)
    return gone, origin


def _first_screen(system: System, browser: Browser) -> dict[str, float]:
    """Count what a phone loads for the first screen of an embed of 24 photos."""
    context = browser.new_context(viewport={"width": 412, "height": 823}, locale="nl-BE")
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda r: sizes.append(sum(r.sizes()[k] for k in _WIRE)))
    page.goto(f"{system.address('gallery')}/embed/{CAMPAIGN}", wait_until="load")
    page.wait_for_timeout(1500)
    shift = page.evaluate(
        """() => new Promise((done) => { let sum = 0;
        new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; })
          .observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 300); })"""
    )
    cookies = len(context.cookies())
    context.close()
    return {
        "requests": len(sizes),
        "kB": round(sum(sizes) / 1000, 1),
        "CLS": round(shift, 4),
        "cookies": cookies,
    }


_WIRE = ("responseBodySize", "responseHeadersSize")
