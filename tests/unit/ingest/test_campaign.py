"""Campaigns as people write them: what is accepted, what is explained, and when a post counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.ingest.domain.campaign import InvalidCampaignError, effective_time, read_campaign
from tests.builders import MOMENT


def written(**changes: Any) -> dict[str, Any]:
    return {
        "campaign": "bollekesfeest",
        "name": {"nl": "Bollekesfeest"},
        "window": {"from": "2026-08-14T18:00", "to": "2026-08-17T00:00"},
        "hashtags": [{"tag": "#Bollekesfeest", "aliases": ["bollekes"]}],
        "sources": [{"source": "upload", "connector": "upload"}],
    } | changes


def test_local_times_become_instants_of_the_campaigns_zone() -> None:
    campaign = read_campaign(written())
    assert campaign.opens_at == datetime(2026, 8, 14, 16, 0, tzinfo=UTC)
    assert campaign.announcement().hashtags[0].key == "bollekesfeest"


def test_a_source_belongs_to_its_campaign_only() -> None:
    campaign = read_campaign(written())
    assert campaign.source_id(campaign.sources[0]) == "bollekesfeest/upload"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"window": {"from": "2026-08-14T18:00", "to": "2026-08-14T18:00"}}, "later than"),
        ({"sources": []}, "at least one"),
        ({"sources": [{"source": "a", "connector": "upload"}] * 2}, "same name"),
        ({"hashtags": [], "sources": [{"source": "a", "connector": "feed"}]}, "never match"),
        ({"timeZone": "Europe/Antwerpen"}, "Europe/Brussels"),
        ({"name": {}}, "name"),
        ({"campaign": "Bollekes Feest"}, "campaign"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_said(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidCampaignError) as caught:
        read_campaign(written(**changes))
    assert any(says in fault for fault in caught.value.faults)


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
