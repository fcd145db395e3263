"""What is kept and exported when things fail: enough to mend them, and nothing about people."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from services.chassis.kafka import log_ends, producing, read_range
from services.contracts.moderation import ItemCleared
from services.contracts.topics import PUBLICATIONS
from tests.builders import a_cleared_item, an_event, an_item_id
from tests.installation import Installation
from tests.integration.collector import Collector
from tests.integration.curator_room import CuratorRoom
from tests.integration.processes import Process, until
from tests.integration.programs.indiscreet import PRIVATE
from tests.integration.receipt_room import CAMPAIGN, room

PROGRAM = "tests/integration/programs/indiscreet.py"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as opened:
        yield opened


@pytest.fixture
def place(fresh_installation: Installation, collector: Collector) -> Installation:
    traced = {**fresh_installation.environment, "DICHTBIJ_OTLP_ENDPOINT": collector.url}
    return replace(fresh_installation, environment=traced)


def send(place: Installation, *texts: str, raw: tuple[bytes, ...] = ()) -> None:
    async def produce() -> None:
        name = PUBLICATIONS.name(place.settings.tenant)
        async with producing(place.settings) as producer:
            for text in texts:
                item = an_item_id()
                event = an_event(ItemCleared(item=a_cleared_item(item=item, text=text)), item)
                await cast("Any", producer).send(name, event.to_wire(), key=item.encode())
            for value in raw:
                await cast("Any", producer).send(name, value, key=b"raw")
            await producer.flush()

    asyncio.run(produce())


def letters(place: Installation) -> list[dict[str, str]]:
    """Read the headers of the dead letters in their topic."""

    async def read() -> list[dict[str, str]]:
        name = PUBLICATIONS.dead_name(place.settings.tenant, "gallery")
        [(where, end)] = (await log_ends([(name, 0)], place.settings)).items()
        records, _ = await read_range(*where, 0, end, place.settings)
        return [{k: v.decode() for k, v in record.headers} for record in records]

    return asyncio.run(read())


def reasons(place: Installation) -> list[str]:
    return sorted(str(r) for (r,) in place.rows("select reason from gallery.dead_letter"))


def test_a_handler_that_fails_with_personal_words_leaves_them_nowhere(
    place: Installation, collector: Collector, tmp_path: Path
) -> None:
    place.rows("create table gallery.guest (mail text constraint guest_once unique, link text)")
    place.rows("insert into gallery.guest values (%s, 'x')", PRIVATE[0])
    unreadable = an_event(ItemCleared(item=a_cleared_item()), "i-1").to_wire()
    misfit = json.loads(unreadable) | {"time": PRIVATE[0]}
    unknown = json.loads(unreadable) | {"type": PRIVATE[1]}
    process = Process(tmp_path / "stream.log", place.environment, PROGRAM, "stream").start()
    try:
        process.until_ready()
        raw = tuple(json.dumps(known).encode() for known in (misfit, unknown))
        send(place, "refused", "misfit", "caused", "said", raw=raw)
        until(lambda: len(reasons(place)) == 6, "each is dead")
        assert process.stop() == 0
    finally:
        process.kill()

    told = [reason.partition(" at services/")[0] for reason in reasons(place)]
    assert told == [
        "LookupError",
        "LookupError from InvalidTextRepresentation 22P02",
        "UniqueViolation 23505 guest guest_once",
        "ValidationError givenAt: datetime_from_date_parsing",
        "unreadable: its event type is not in the catalogue",
        "unreadable: time: datetime_from_date_parsing",
    ]
    assert sum(" at services/chassis/streams.py:" in reason for reason in reasons(place)) == 4
    headers = letters(place)
    assert sorted(h["Dead-Reason"] for h in headers) == reasons(place)

    log = process.log.read_text()
    failed = [json.loads(line) for line in log.splitlines() if "event.failed" in line]
    assert len(failed) == 16
    for line in failed:
        assert {"topic", "partition", "offset", "subject", "attempt"} <= set(line)
        frames = [frame["function"] for frame in line["exception"][0]["frames"]]
        assert "on_cleared" in frames
    exported = collector.exported
    assert b"handle dichtbij.item.cleared.v1" in exported
    assert b"UniqueViolation" in exported
    for private in PRIVATE:
        assert private not in log
        assert private not in json.dumps(headers)
        assert private.encode() not in exported


def test_a_page_that_fails_with_personal_words_leaves_them_nowhere(
    place: Installation, collector: Collector, tmp_path: Path
) -> None:
    process = Process(tmp_path / "web.log", place.environment, PROGRAM, "web").start()
    try:
        process.until_ready()
        answer = httpx.get(f"http://127.0.0.1:{process.port}/k/{PRIVATE[1]}?mail={PRIVATE[0]}")
        assert answer.status_code == 500
        assert process.stop() == 0
    finally:
        process.kill()

    log = process.log.read_text()
    [line] = [json.loads(line) for line in log.splitlines() if "request.failed" in line]
    assert line["path"] == "/k/*"
    assert line["exception"][0]["reason"] == "UniqueViolation 23505"
    assert line["exception"][0]["frames"][-1]["function"].endswith("curator")
    assert b"GET /k/*" in collector.exported
    for private in PRIVATE:
        assert private not in log
        assert private.encode() not in collector.exported


def test_no_link_of_a_curator_or_a_giver_is_in_logs_or_traces(
    place: Installation, collector: Collector, tmp_path: Path
) -> None:
    with room(place, tmp_path) as made:
        made.apply()
        curator = CuratorRoom(place, CAMPAIGN).invite("Fatima", mail="fatima@example.org")
        giver = made.given(mail="noor@example.org", caption="Geheime woorden")
        with made.browser(Accept="text/html") as browser:
            for page in (
                f"/k/{curator.token}",
                f"/k/{curator.token}x",
                f'/k/"{curator.token}"',
                f"/k/{curator.token}/nothing",
                f"/r/{giver.token}",
                f"/r/{giver.token}.json",
                f"/r/<{giver.token}>",
            ):
                assert browser.get(page).status_code < 500
            browser.post(f"/r/{giver.token}/renew")
            browser.post(f"/k/{curator.token}/renew")
        links = [str(link) for (link,) in place.rows("select link from ingest.link")]

    assert len(links) >= 3
    logs = "".join(log.read_text() for log in tmp_path.glob("*.log"))
    exported = collector.exported
    assert b"GET /k/*" in exported
    assert b"GET /r/*" in exported
    people = ("fatima@example.org", "noor@example.org", "Fatima", "Geheime woorden")
    for private in (curator.token, giver.token, *links, *people):
        assert private not in logs
        assert private.encode() not in exported
