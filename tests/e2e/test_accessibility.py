"""Every page, at both sizes and in both colour schemes, has no finding of axe at WCAG 2.2 AA."""

# axe ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from collections.abc import Callable

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import photos
from tests.e2e.system import CAMPAIGN, Desk, System, until
from tests.e2e.test_path import sign_in

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIZES = {"phone": (360, 740), "laptop": (1280, 800)}


@pytest.fixture(scope="module")
def filled(system: System) -> dict[str, str]:
    """A gallery with photos, a desk with something waiting, a receipt, and a curator's turn."""
    with httpx.Client(timeout=60) as client:
        desk = Desk(system, client)
        desk.sign_in()
        receipts = [
            system.upload(client, photos.a_photo(1200, 900, seed=50 + n), f"toegankelijk-{n}")
            for n in range(4)
        ]
        token = receipts[0].json()["receipt"].rsplit("/", 1)[1]
        until(
            lambda: all(
                i["state"] == "waiting"
                for r in receipts
                for i in client.get(r.json()["receipt"] + ".json").json()["items"]
            ),
            "all wait",
        )
        mine = [i for i in desk.waiting() if str(i["caption"]).startswith("toegankelijk")]
        for found in mine[:2]:
            desk.decide(found["item"], "approve", found["version"], found["lease"])
        item = mine[0]["item"]
        until(lambda: item in [i["id"] for i in system.published(client)], "it is visible")
        return {"token": token, "item": item, **a_turn(system, desk, client)}


def a_turn(system: System, desk: Desk, client: httpx.Client) -> dict[str, str]:
    """Plan a turn that runs, invite its curator and let them say yes."""
    ingest = system.address("ingest")
    plan = f"{ingest}/manage/campaigns/{CAMPAIGN}/mandates"
    form = {"how": "together", "starts": "2026-08-10T09:00", "ends": "2097-08-24T09:00"}
    person = {"people": "Fatima Amrani; fatima@example.org", "overlap": "yes", "csrf": desk.csrf}
    [mandate] = client.post(plan, data={**form, **person}).raise_for_status().json()["mandates"]
    invited = client.post(f"{ingest}/manage/mandates/{mandate}/invite", data={"csrf": desk.csrf})
    link = httpx.URL(invited.raise_for_status().json()["link"]).path
    yes = {"mandate": mandate, "made": "yes", "channel": "web", "way": "link"}
    httpx.post(f"{ingest}{link}/accept", data=yes).raise_for_status()
    term = f"{system.address('gallery')}/g/{CAMPAIGN}/t/{mandate}"
    until(lambda: client.get(term).status_code == 200, "the term has a page")
    return {"mandate": mandate, "link": link}


PAGES: dict[str, Callable[[System, dict[str, str]], str]] = {
    "start": lambda s, _: s.address("ingest"),
    "upload": lambda s, _: f"{s.address('ingest')}/c/{CAMPAIGN}/upload",
    "receipt": lambda s, f: f"{s.address('ingest')}/r/{f['token']}",
    "unknown": lambda s, _: f"{s.address('ingest')}/nowhere",
    "reference": lambda s, _: f"{s.address('ingest')}/docs",
    "sources": lambda s, _: f"{s.address('ingest')}/sources",
    "sign-in": lambda s, _: f"{s.address('moderation')}/sign-in",
    "choice": lambda s, _: f"{s.address('moderation')}/desk",
    "desk": lambda s, _: f"{s.address('moderation')}/desk?campaign={CAMPAIGN}",
    "approved": lambda s, _: f"{s.address('moderation')}/desk?campaign={CAMPAIGN}&tab=approved",
    "item": lambda s, f: f"{s.address('moderation')}/desk/items/{f['item']}",
    "galleries": lambda s, _: s.address("gallery"),
    "gallery": lambda s, _: f"{s.address('gallery')}/g/{CAMPAIGN}",
    "permalink": lambda s, f: f"{s.address('gallery')}/g/{CAMPAIGN}/i/{f['item']}",
    "embed": lambda s, _: f"{s.address('gallery')}/embed/{CAMPAIGN}",
    "embed-code": lambda s, _: f"{s.address('gallery')}/g/{CAMPAIGN}/embed-code",
    "magazine": lambda s, _: s.address("magazine"),
    "landing": lambda s, _: f"{s.address('ingest')}/c/{CAMPAIGN}",
    "curator": lambda s, f: f"{s.address('ingest')}{f['link']}",
    "accounts": lambda s, f: f"{s.address('ingest')}{f['link']}/accounts",
    "no link": lambda s, _: f"{s.address('ingest')}/k/altered.link",
    "terms": lambda s, _: f"{s.address('gallery')}/g/{CAMPAIGN}/terms",
    "term": lambda s, f: f"{s.address('gallery')}/g/{CAMPAIGN}/t/{f['mandate']}",
    "campaigns": lambda s, _: f"{s.address('ingest')}/manage",
    "new campaign": lambda s, _: f"{s.address('ingest')}/manage/campaigns/new",
    "from template": lambda s, _: f"{s.address('ingest')}/manage/campaigns/new?template=festival",
    "campaign": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{CAMPAIGN}",
    "calendar": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{CAMPAIGN}/mandates",
    "mandate": lambda s, f: f"{s.address('ingest')}/manage/mandates/{f['mandate']}",
    "matrix": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{CAMPAIGN}/series",
    "outbox": lambda s, _: f"{s.address('ingest')}/manage/outbox",
    "receipts": lambda s, _: f"{s.address('ingest')}/manage/receipts",
}
STAFF = {
    *(
        "sources",
        "choice",
        "desk",
        "approved",
        "item",
        "campaigns",
        "new campaign",
        "from template",
    ),
    *("campaign", "calendar", "mandate", "matrix", "outbox", "receipts"),
}


@pytest.fixture(scope="module", params=["light", "dark"])
def pages(request: pytest.FixtureRequest, browser: Browser, system: System) -> dict[str, Page]:
    """A visitor's and a moderator's page in one colour scheme."""
    opened: dict[str, Page] = {}
    for who in ("visitor", "staff"):
        page = browser.new_page(color_scheme=request.param, locale="nl-BE")
        page.set_default_timeout(30_000)
        opened[who] = page
    sign_in(opened["staff"], system)
    return opened


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_finding(
    system: System, pages: dict[str, Page], filled: dict[str, str], name: str, size: str
) -> None:
    page = pages["staff" if name in STAFF else "visitor"]
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(PAGES[name](system, filled))
    page.wait_for_selector("main")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, f"the page is {overflow} px wider than the screen"


def test_axe_is_awake(pages: dict[str, Page]) -> None:
    page = pages["visitor"]
    page.set_content("<html><body><img src='data:,'><p style='color:#ccc'>grey</p></body></html>")
    assert Axe().run(page, options=RULES).violations_count > 0
