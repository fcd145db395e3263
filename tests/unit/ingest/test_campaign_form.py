"""The form of a campaign: what is typed becomes what is written, and faults find their fields."""

from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from services.ingest.api.campaign_form import FilledForm, fill, read_form
from services.ingest.domain.campaign import InvalidCampaignError, read_campaign
from services.ingest.domain.campaign_templates import TEMPLATES
from services.ingest.domain.campaign_words import Fault
from services.ingest.domain.hashtag_keys import compared
from tests.builders import MOMENT


def campaign(**changes: Any) -> dict[str, Any]:
    return {
        "campaign": "kaai",
        "name": {"nl": "Kaai"},
        "window": {"from": "2026-08-14T18:00:00", "to": "2026-08-17T00:00:00"},
        "hashtags": [{"tag": "kaai", "aliases": ["kade"]}],
        "kinds": ["photo"],
        "channels": ["web"],
        "sources": [
            {"source": "upload", "connector": "upload"},
            {
                "source": "blog",
                "connector": "feed",
                "title": "Griet",
                "settings": {"url": "https://griet.example/feed"},
            },
        ],
    } | changes


def typed(form: FilledForm, **changes: str) -> FormData:
    """What a browser would send of a form, with some fields filled in by hand."""
    fields = dict(form.values) | {name.replace("__", "."): v for name, v in changes.items()}
    rows = {f"sources.{row.number}" for row in form.sources}
    pairs: list[tuple[str, str | UploadFile]] = [
        (name, value)
        for name, value in fields.items()
        if name not in form.ticked
        and value
        # An upload has no row of its own, only a box.
        and (not name.startswith("sources.") or ".".join(name.split(".")[:2]) in rows)
    ]
    pairs += [(name, value) for name, values in form.ticked.items() for value in values]
    if form.upload:
        pairs.append(("upload", "yes"))
    for row in form.sources:
        pairs.append((f"sources.{row.number}.connector", row.connector))
    return FormData(pairs)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_that_is_sent_back_untouched_says_the_same_campaign(template: str) -> None:
    before = TEMPLATES[template].written("Nacht van de Kaai", MOMENT.date())
    if template == "blogs":
        before["sources"][0]["settings"]["url"] = "https://griet.example/feed"
    after = read_form(typed(fill(before)), before)
    assert read_campaign(after) == read_campaign(before)


def test_seconds_that_are_none_are_not_shown_and_offsets_stay() -> None:
    form = fill(campaign(window={"from": "2026-08-14T18:00:00", "to": "2026-10-25T02:30:00+01:00"}))
    assert form.value("window.from") == "2026-08-14T18:00"
    assert form.value("window.to") == "2026-10-25T02:30+01:00"
    assert fill(campaign(rotation={"hour": "09:00:00"})).value("rotation.hour") == "09:00"
    assert fill(campaign(rotation={"hour": "09:00:30"})).value("rotation.hour") == "09:00:30"


def test_an_empty_row_is_no_hashtag_and_no_source() -> None:
    before = campaign()
    written = read_form(typed(fill(before), hashtags__1__tag=" ", sources__2__title=""), before)
    assert [h["tag"] for h in written["hashtags"]] == ["kaai"]
    assert [s["source"] for s in written["sources"]] == ["upload", "blog"]


def test_spellings_are_parted_by_commas_and_spaces() -> None:
    before = campaign()
    form = typed(fill(before), hashtags__0__aliases="kade, quai;  kaaien")
    assert read_form(form, before)["hashtags"][0]["aliases"] == ["kade", "quai", "kaaien"]


def test_a_new_source_gets_a_name_that_none_had() -> None:
    before = campaign()
    number = fill(before).sources[-1].number
    form = typed(
        fill(before),
        **{
            f"sources__{number}__title": "Blog",
            f"sources__{number}__settings__url": "https://rik.example/feed",
        },
    )
    added = read_form(form, before)["sources"][-1]
    assert (added["source"], added["title"]) == ("blog-2", "Blog")


def test_a_source_can_be_taken_out_and_uploads_switched_off() -> None:
    before = campaign()
    form = typed(fill(before), sources__1__remove="yes")
    assert [s["source"] for s in read_form(form, before)["sources"]] == ["upload"]
    without = FormData([(k, v) for k, v in form.multi_items() if k != "upload"])
    assert read_form(without, before)["sources"] == []


def test_a_series_and_a_rotation_are_there_only_when_they_are_filled_in() -> None:
    before = campaign(series={"places": 10}, rotation={"days": 14, "first": "2026-08-17"})
    empty = {"series__places": "", "rotation__days": "", "rotation__first": ""}
    assert {"series", "rotation"} & set(read_form(typed(fill(before), **empty), before)) == set()
    half = read_form(typed(fill(before), rotation__first=""), before)
    with pytest.raises(InvalidCampaignError, match=r"rotation\.first: Fill this in"):
        read_campaign(half)


def test_what_a_form_does_not_show_is_kept() -> None:
    before = campaign(phase="paused", curators=[{"handle": "lotte", "name": "Lotte"}])
    before["sources"][1] |= {"pollSeconds": 5}
    after = read_form(typed(fill(before)), before)
    assert after["phase"] == "paused"
    assert after["curators"] == before["curators"]
    assert after["sources"][1]["pollSeconds"] == 5


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("name", "name.nl"),
        ("rules.fr", "rules.fr"),
        ("consent.text", "consent.text.nl"),
        ("hashtags", "hashtags.0.tag"),
        ("hashtags.0.aliases.1", "hashtags.0.aliases"),
        ("sources", "upload"),
        ("sources.1.settings.url", "sources.1.settings.url"),
        ("sources.1.connector", "sources.1.title"),
        ("kinds.2", "kinds"),
        ("series.places", "series.places"),
        ("colour", "campaign"),
    ],
)
def test_every_fault_finds_a_field(place: str, field: str) -> None:
    assert set(fill(campaign(), [Fault(place, "missing")]).faults) == {field}


def test_what_a_colleague_wrote_stands_at_what_differs_and_nowhere_else() -> None:
    theirs = campaign(name={"nl": "De Kaai", "fr": "Le Quai"})
    assert fill(campaign(), theirs=theirs).theirs == {"name.nl": "De Kaai", "name.fr": "Le Quai"}
    assert fill(campaign(), theirs=campaign()).theirs == {}


@pytest.mark.parametrize(
    ("spelling", "key", "plain", "in_text"),
    [
        ("#Köln", "köln", "koln", True),
        ("Straße", "strasse", "", True),
        ("ŁÓDŹ", "łódź", "lodz", True),
        ("東京", "東京", "", True),
        ("köln-süd", "köln-süd", "", False),
        ("2027", "2027", "", False),
    ],
)
def test_the_keys_of_a_spelling_are_told(
    spelling: str, key: str, plain: str, *, in_text: bool
) -> None:
    told = compared(spelling)
    assert (told.key, told.plain, told.in_text) == (key, plain, in_text)
