"""Every page, at both sizes and in both colour schemes, has no finding of axe at WCAG 2.2 AA."""

# axe ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import photos
from tests.e2e.system import CAMPAIGN, Desk, System, approve, until
from tests.e2e.test_path import sign_in
from tests.integration.curator_room import CuratorRoom

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SERIES = "tienfotos"
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
        return {
            "token": token,
            "item": item,
            **what_is_gone(system, client),
            **a_turn(system, desk, client),
            **a_series(system, desk, client),
        }


def what_is_gone(system: System, client: httpx.Client) -> dict[str, str]:
    """Give something and take it back, then let its link stop."""
    photo = photos.a_photo(800, 600, seed=58)
    receipt = system.upload(client, photo, "toegankelijk-weg").json()["receipt"]
    [told] = client.get(f"{receipt}.json").json()["items"]
    client.post(f"{receipt}/withdraw").raise_for_status()
    room = CuratorRoom(system.installation, CAMPAIGN)
    closed = room.invite("Els", mail="els@example.org").token
    httpx.post(f"{system.address('ingest')}/k/{closed}/renew")
    return {"withdrawn": receipt.rsplit("/", 1)[1], "gone": told["item"], "closed": closed}


def a_series(system: System, desk: Desk, client: httpx.Client) -> dict[str, str]:
    """Let somebody show two photos as one series, and somebody else have one place filled."""
    system.apply(Path(__file__).parent / "curators.yaml")
    room = CuratorRoom(system.installation, SERIES)
    shown, begun = room.invite("Lotte", places=2), room.invite("Bram", places=3)
    for who, seeds in ((shown, (61, 62)), (begun, (63,))):
        for seed in seeds:
            httpx.post(
                f"{system.address('ingest')}/k/{who.token}/photos",
                data={"mandate": who.mandate, "alt": f"Wat {seed} toont", "line": f"Regel {seed}"},
                files=[("photos", (f"{seed}.jpg", photos.a_photo(900, 600, seed=seed)))],
                headers={"Accept": "application/json"},
            ).raise_for_status()
    page = f"{system.address('ingest')}/k/{shown.token}"

    def mine() -> list[dict[str, Any]]:
        [turn] = client.get(f"{page}.json").json()["mandates"]
        return turn["photos"] if {p["state"] for p in turn["photos"]} == {"waiting"} else []

    items = {str(photo["item"]) for photo in until(mine, "both wait")}
    [turn] = client.get(f"{page}.json").json()["mandates"]
    httpx.post(
        f"{page}/mandates/{shown.mandate}", data={"do": "done", "seen": turn["version"]}
    ).raise_for_status()
    approve(system, desk, items)
    series = f"{system.address('gallery')}/g/{SERIES}/s/{shown.mandate}"
    until(lambda: client.get(series).status_code == 200, "the series has a page")
    message = system.rows("select message from ingest.message limit 1")[0][0]
    return {"series": shown.mandate, "curator": shown.curator, "message": str(message)}


def a_turn(system: System, desk: Desk, client: httpx.Client) -> dict[str, str]:
    """Plan a turn that runs, invite its curator and let them say yes."""
    ingest = system.address("ingest")
    plan = f"{ingest}/manage/campaigns/{CAMPAIGN}/mandates"
    form = {"how": "together", "starts": "2026-08-10T09:00", "ends": "2097-08-24T09:00"}
    person = {"people": "Fatima Amrani; fatima@example.org", "overlap": "yes", "csrf": desk.csrf}
    [mandate] = client.post(plan, data={**form, **person}).raise_for_status().json()["mandates"]
    # Another turn came to nothing, so that the calendar offers it to somebody who waits.
    form |= {"starts": "2098-01-06T09:00", "ends": "2098-01-20T09:00", "quota": "5"}
    [off] = client.post(plan, data={**form, **person}).raise_for_status().json()["mandates"]
    client.post(f"{ingest}/manage/mandates/{off}/cancel", data={"csrf": desk.csrf})
    waiting = {"people": "Maximiliaan Vandenbroucke-Van Overstraeten", "words": "In het weekend"}
    client.post(plan.replace("mandates", "waiting"), data={**waiting, "csrf": desk.csrf})
    invited = client.post(f"{ingest}/manage/mandates/{mandate}/invite", data={"csrf": desk.csrf})
    link = httpx.URL(invited.raise_for_status().json()["link"]).path
    yes = {"mandate": mandate, "made": "yes", "channel": "web", "way": "link"}
    httpx.post(f"{ingest}{link}/accept", data=yes).raise_for_status()
    term = f"{system.address('gallery')}/g/{CAMPAIGN}/t/{mandate}"
    until(lambda: client.get(term).status_code == 200, "the term has a page")
    # An account that they are about to show to be theirs, with a name as long as names get.
    server = "https://sociaal.district-borgerhout.stad.example"
    system.rows(
        """insert into ingest.account_proof
             (proof, curator, network, author_key, handle, url, way)
           select 'toegankelijk', curator, 'mastodon', %s, %s, %s, 'rel-me'
           from ingest.mandate where mandate = %s""",
        f"{server}/users/fatima_amrani_in_de_zomer",
        f"fatima_amrani_in_de_zomer@{server.removeprefix('https://')}",
        f"{server}/@fatima_amrani_in_de_zomer",
        mandate,
    )
    return {"mandate": mandate, "link": link, "me": "toegankelijk"}


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
    "me": lambda s, f: f"{s.address('ingest')}/me/{f['me']}",
    "no link": lambda s, _: f"{s.address('ingest')}/k/altered.link",
    "terms": lambda s, _: f"{s.address('gallery')}/g/{CAMPAIGN}/terms",
    "term": lambda s, f: f"{s.address('gallery')}/g/{CAMPAIGN}/t/{f['mandate']}",
    "campaigns": lambda s, _: f"{s.address('ingest')}/manage",
    "new campaign": lambda s, _: f"{s.address('ingest')}/manage/campaigns/new",
    "from template": lambda s, _: f"{s.address('ingest')}/manage/campaigns/new?template=festival",
    "campaign": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{CAMPAIGN}",
    "calendar": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{CAMPAIGN}/mandates",
    "mandate": lambda s, f: f"{s.address('ingest')}/manage/mandates/{f['mandate']}",
    "matrix": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{SERIES}/series",
    "no matrix": lambda s, _: f"{s.address('ingest')}/manage/campaigns/{CAMPAIGN}/series",
    "message": lambda s, f: f"{s.address('ingest')}/manage/outbox/{f['message']}",
    "series": lambda s, f: f"{s.address('gallery')}/g/{SERIES}/s/{f['series']}",
    "series gallery": lambda s, _: f"{s.address('gallery')}/g/{SERIES}",
    "curator's terms": lambda s, f: f"{s.address('gallery')}/g/{SERIES}/curators/{f['curator']}",
    "find": lambda s, _: f"{s.address('ingest')}/find",
    "withdrawn": lambda s, f: f"{s.address('ingest')}/r/{f['withdrawn']}",
    "gone": lambda s, f: f"{s.address('gallery')}/g/{CAMPAIGN}/i/{f['gone']}",
    "closed": lambda s, f: f"{s.address('ingest')}/k/{f['closed']}",
    "drafting": lambda s, _: f"{s.address('ingest')}/manage/campaigns/new?copy={SERIES}",
    "named": lambda s, _: f"{s.address('ingest')}/manage/campaigns/new?template=festival&name=Kaai",
    "outbox": lambda s, _: f"{s.address('ingest')}/manage/outbox",
    "receipts": lambda s, _: f"{s.address('ingest')}/manage/receipts",
}
STAFF = {
    *("sources", "choice", "desk", "approved", "item", "campaigns", "new campaign"),
    *(
        "from template",
        "named",
        "drafting",
        "campaign",
        "calendar",
        "mandate",
        "matrix",
        "no matrix",
    ),
    *("outbox", "message", "receipts"),
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
    if name in {"calendar", "mandate"}:
        # What is folded away must be as good.
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, f"the page is {overflow} px wider than the screen"


def test_axe_is_awake(pages: dict[str, Page]) -> None:
    page = pages["visitor"]
    page.set_content("<html><body><img src='data:,'><p style='color:#ccc'>grey</p></body></html>")
    assert Axe().run(page, options=RULES).violations_count > 0
