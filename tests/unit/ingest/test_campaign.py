"""Campaigns as people write them: what is accepted, what is explained, and when a post counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.ingest.domain.campaign import (
    PHASE_MOVES,
    InvalidCampaignError,
    effective_time,
    read_campaign,
)
from tests.builders import MOMENT


def written(**changes: Any) -> dict[str, Any]:
    return {
        "campaign": "bollekesfeest",
        "name": {"nl": "Bollekesfeest"},
        "window": {"from": "2026-08-14T18:00", "to": "2026-08-17T00:00"},
        "hashtags": [{"tag": "#Bollekesfeest", "aliases": ["bollekes"]}],
        "sources": [{"source": "upload", "connector": "upload"}],
    } | changes


def window(opens: str, closes: str) -> dict[str, Any]:
    return {"window": {"from": opens, "to": closes}}


UPLOAD = {"source": "upload", "connector": "upload"}
FEED = {
    "source": "blog",
    "title": "Griet",
    "connector": "feed",
    "settings": {"url": "https://griet.example/feed.xml"},
}
SERVER = {"source": "stad", "connector": "mastodon", "settings": {"server": "stad.example"}}


def test_local_times_become_instants_of_the_campaigns_zone() -> None:
    campaign = read_campaign(written())
    assert campaign.opens_at == datetime(2026, 8, 14, 16, 0, tzinfo=UTC)
    assert campaign.announcement().hashtags[0].key == "bollekesfeest"


def test_a_source_belongs_to_its_campaign_only() -> None:
    campaign = read_campaign(written())
    assert campaign.source_id(campaign.sources[0]) == "bollekesfeest/upload"


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        (window("2026-08-14T18:00", "2026-08-14T18:00"), "window.to", "later than the start"),
        (window("2026-08-14T18:00", "9999-12-31T23:59"), "window.to", "too far away"),
        (window("soon", "2026-08-14T18:00"), "window.from", "2027-08-14T18:00"),
        ({"sources": []}, "sources", "name a source"),
        ({"sources": [UPLOAD, UPLOAD]}, "sources.1.source", "Two sources have this name"),
        ({"hashtags": [], "sources": [FEED]}, "hashtags", "nothing from Griet can ever match"),
        ({"sources": [FEED | {"settings": {}}]}, "sources.0.settings.url", "address of the feed"),
        ({"sources": [SERVER]}, "sources.0.settings.server", "address of the server"),
        ({"timeZone": "Europe/Antwerpen"}, "timeZone", "Europe/Brussels"),
        ({"timeZone": "../../etc/passwd"}, "timeZone", "Europe/Brussels"),
        ({"name": {}}, "name", "at least one language"),
        ({"name": {"nl": "  "}}, "name", "at least one language"),
        ({"rules": {"vls": "Wees lief."}}, "rules", "do not speak vls"),
        ({"consent": {"text": {"es": "Si."}}}, "consent.text", "do not speak es"),
        ({"consent": {"months": 0}}, "consent.months", "1 or more"),
        ({"campaign": "Bollekes Feest"}, "campaign", "small letters"),
        ({"campaign": "new"}, "campaign", "Choose another one"),
        ({"colour": "red"}, "colour", "no such word"),
        ({"hashtags": [{"tag": "bolle kes"}]}, "hashtags.0.tag", "without spaces"),
        ({"hashtags": [{"tag": "##"}]}, "hashtags.0.tag", "no letter to compare"),
        ({"hashtags": [{"tag": "a"}, {"tag": "A"}]}, "hashtags.1.tag", "there twice"),
        (
            {"hashtags": [{"tag": "b", "aliases": ["‍"]}]},
            "hashtags.0.aliases",
            "no letter to compare",
        ),
        ({"kinds": []}, "kinds", "at least one kind"),
        ({"kinds": ["film"]}, "kinds.0", "'photo'"),
        ({"channels": []}, "channels", "at least one place"),
        ({"contributors": "friends"}, "contributors", "'everyone'"),
        ({"phase": "asleep"}, "phase", "'draft'"),
        ({"places": ["Kaai", "Kaai"]}, "places", "Kaai is there twice"),
        ({"series": {"places": "ten"}}, "series.places", "whole number"),
        ({"series": {"places": 0}}, "series.places", "1 or more"),
        ({"series": {"places": 3, "deadline": "2026-09-01T00:00"}}, "series.deadline", "between"),
        ({"rotation": {"first": "2026-02-30"}}, "rotation.first", "Write a date"),
        ({"rotation": {"first": "2026-08-17", "hour": "nine"}}, "rotation.hour", "time of day"),
        ({"embedOrigins": ["https://de-kaai.example/blog"]}, "embedOrigins", "without a path"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_said_where_it_is(
    changes: dict[str, Any], place: str, says: str
) -> None:
    with pytest.raises(InvalidCampaignError) as caught:
        read_campaign(written(**changes))
    [fault] = caught.value.found
    assert fault.place == place
    assert says in str(fault)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidCampaignError) as caught:
        read_campaign(written(name={}, kinds=[], channels=[]))
    assert [fault.place for fault in caught.value.found] == ["name", "kinds", "channels"]


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("2027-03-28T02:30", "Write 2027-03-28T01:30 or 2027-03-28T03:30."),
        ("2026-10-25T02:30", "Write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00."),
    ],
    ids=["missing-hour", "doubled-hour"],
)
def test_a_time_that_is_not_one_instant_is_refused_with_what_to_write(
    moment: str, says: str
) -> None:
    with pytest.raises(InvalidCampaignError) as caught:
        read_campaign(written(**window(moment, "2027-12-01T00:00")))
    [fault] = caught.value.found
    assert fault.place == "window.from"
    assert str(fault).endswith(says)
    for advice in says.removeprefix("Write ").removesuffix(".").split(" or "):
        assert read_campaign(written(**window(advice, "2027-12-01T00:00"))).opens_at.tzinfo is UTC


def test_the_doubled_hour_can_be_written_with_its_offset() -> None:
    first, second = (
        read_campaign(written(**window(f"2026-10-25T02:30+0{n}:00", "2027-01-01T00:00"))).opens_at
        for n in (2, 1)
    )
    assert second - first == timedelta(hours=1)


def test_a_deadline_in_a_missing_hour_is_refused_too() -> None:
    changes = window("2027-03-01T00:00", "2027-04-01T00:00") | {
        "series": {"places": 10, "deadline": "2027-03-28T02:30"}
    }
    with pytest.raises(InvalidCampaignError, match=r"series\.deadline: The clock skips"):
        read_campaign(written(**changes))


def test_an_old_file_means_what_it_meant() -> None:
    told = read_campaign(written()).announcement()
    assert told.phase == "live"
    assert told.kinds == ("photo", "album", "text")
    assert told.channels == ("web",)
    assert told.contributors == "everyone"
    assert told.series is None
    assert told.consent_version == "1"


def test_everything_a_campaign_says_is_announced() -> None:
    told = read_campaign(
        written(
            phase="draft",
            kinds=["photo", "song"],
            channels=["web", "print"],
            places=["Kaai", "Plein"],
            contributors="curators",
            series={"places": 10, "deadline": "2026-08-16T20:00"},
            rotation={"days": 14, "first": "2026-08-17", "hour": "09:00"},
            rules={"nl": "Wees lief."},
            rulesVersion="3",
            moderatedBy={"nl": "De redactie."},
            afterwards={"nl": "Het komt in de galerij."},
            consent={"version": "2", "text": {"nl": "Je mag het tonen."}, "months": 24},
            sources=[UPLOAD, FEED | {"handedOver": True}],
        )
    ).announcement()
    assert told.phase == "draft"
    assert told.kinds == ("photo", "song")
    assert told.channels == ("web", "print")
    assert told.places == ("Kaai", "Plein")
    assert told.contributors == "curators"
    assert told.series is not None
    assert told.series.deadline == datetime(2026, 8, 16, 18, 0, tzinfo=UTC)
    assert (told.rules, told.rules_version) == ({"nl": "Wees lief."}, "3")
    assert told.moderated_by == {"nl": "De redactie."}
    assert told.afterwards == {"nl": "Het komt in de galerij."}
    assert (told.consent_version, told.consent_months) == ("2", 24)
    assert told.consent_text == {"nl": "Je mag het tonen."}
    assert [s.handed_over for s in told.sources] == [False, True]


def test_a_rotation_says_when_its_first_mandate_begins() -> None:
    campaign = read_campaign(written(rotation={"first": "2026-08-17"}))
    assert campaign.rotation is not None
    assert campaign.rotation.days == 14
    assert campaign.rotation.first_local == datetime(2026, 8, 17, 9, 0)  # noqa: DTZ001 - local


def test_every_phase_can_be_left_for_another_by_a_button() -> None:
    assert set(PHASE_MOVES) == {"draft", "live", "paused", "closed", "archived"}
    assert all(to in PHASE_MOVES and to != phase for phase, t in PHASE_MOVES.items() for to in t)
    # What was shown to the world cannot pretend to be a draft again.
    assert not any("draft" in targets for targets in PHASE_MOVES.values())


def test_something_that_is_no_campaign_at_all_is_refused_with_a_reason() -> None:
    with pytest.raises(InvalidCampaignError):
        read_campaign("bollekesfeest")


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (MOMENT - timedelta(hours=2), MOMENT - timedelta(hours=2)),
        (MOMENT + timedelta(minutes=5), MOMENT),
        (MOMENT + timedelta(days=40_000), MOMENT),
        (datetime(1970, 1, 1, tzinfo=UTC), MOMENT),
        (None, MOMENT),
    ],
    ids=["believable", "clock-ahead", "2099", "1970", "missing"],
)
def test_a_claimed_time_counts_only_where_it_is_believable(
    claimed: datetime | None, expected: datetime
) -> None:
    assert effective_time(claimed, MOMENT) == expected
