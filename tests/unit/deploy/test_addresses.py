"""The addresses printed by `make run`."""

from deploy.local.addresses import addresses, show

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
