"""The addresses printed by `make run`."""

import json
from pathlib import Path

import pytest

from deploy.local.addresses import addresses, curators, show

ENVIRONMENT = {
    "DICHTBIJ_INGEST_URL": "http://localhost:8001",
    "DICHTBIJ_MODERATION_URL": "http://localhost:28002",
    "DICHTBIJ_GALLERY_URL": "http://localhost:8003",
    "DICHTBIJ_MAGAZINE_URL": "http://localhost:8004",
}


def test_every_page_a_person_opens_is_listed_with_its_port() -> None:
    pages = {page.name: page.url for page in addresses(ENVIRONMENT, "geheim")}

    assert pages["Upload page"] == "http://localhost:8001/c/bollekesfeest/upload"
    assert pages["Desk"] == "http://localhost:28002/desk"
    assert pages["Gallery"] == "http://localhost:8003/g/bollekesfeest"
    assert pages["Magazine"] == "http://localhost:8004/"
    assert pages["API of gallery"] == "http://localhost:8003/docs"


def test_only_the_desk_carries_the_user_and_the_password() -> None:
    notes = {page.name: page.note for page in addresses(ENVIRONMENT, "geheim")}

    assert notes.pop("Desk") == "user coordinator, password geheim"
    assert set(notes.values()) == {""}


def test_without_a_known_password_none_is_invented() -> None:
    assert {page.note for page in addresses(ENVIRONMENT, "")} == {""}


def test_the_addresses_are_aligned() -> None:
    lines = show(addresses(ENVIRONMENT, "geheim")).splitlines()

    assert {line.index("http://") for line in lines} == {lines[0].index("http://")}


TOLD = {
    "turns": [
        {
            "campaign": "zot-van-a",
            "person": "An; an@x",
            "link": "/k/a",
            "starts": "2026-01-01T09:00",
        },
        {
            "campaign": "zot-van-a",
            "person": "Bo; bo@x",
            "link": "/k/b",
            "starts": "2026-01-15T09:05",
        },
        {"campaign": "tien", "person": "Ce", "link": "/k/c", "starts": "2026-01-01", "photos": 7},
    ]
}


def test_the_curators_of_the_sample_are_listed_by_their_own_links(tmp_path: Path) -> None:
    told = tmp_path / "applied.json"
    told.write_text(json.dumps(TOLD))

    assert [(p.url, p.note) for p in curators(ENVIRONMENT, told)] == [
        ("http://localhost:8001/k/a", "An: has the turn until 09:05"),
        ("http://localhost:8001/k/b", "Bo: takes over at 09:05"),
        ("http://localhost:8001/k/c", "Ce: a series of ten, 7 given"),
    ]


@pytest.mark.parametrize("told", ["", "{}", '{"turns": []}', '{"turns": [1]}'])
def test_a_story_that_was_not_told_lists_nobody(tmp_path: Path, told: str) -> None:
    file = tmp_path / "applied.json"
    assert curators(ENVIRONMENT, file) == []
    file.write_text(told)
    assert curators(ENVIRONMENT, file) == []
