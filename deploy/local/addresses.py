"""The addresses a person opens after `make run`, and how they are shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CAMPAIGN = "bollekesfeest"
COORDINATOR = "coordinator"

#: What is shown, in this order; the names in braces are the services' own addresses.
PAGES = (
    ("Upload page", "{ingest}/c/" + CAMPAIGN + "/upload"),
    ("Desk", "{moderation}/desk"),
    ("Staff pages", "{ingest}/manage"),
    ("Letters", "{ingest}/manage/outbox"),
    ("Gallery", "{gallery}/g/" + CAMPAIGN),
    ("Magazine", "{magazine}/"),
    ("API of ingest", "{ingest}/docs"),
    ("API of moderation", "{moderation}/docs"),
    ("API of gallery", "{gallery}/docs"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """A page to open, and what a person needs to know to get in."""

    name: str
    url: str
    note: str = ""


def addresses(environment: Mapping[str, str], desk_password: str) -> list[Address]:
    """List the pages of a running system."""
    names = ("ingest", "moderation", "gallery", "magazine")
    bases = {name: environment[f"DICHTBIJ_{name.upper()}_URL"] for name in names}
    notes = {"Desk": f"user {COORDINATOR}, password {desk_password}"} if desk_password else {}
    return [Address(name, page.format(**bases), notes.get(name, "")) for name, page in PAGES]


def curators(environment: Mapping[str, str], told: Path) -> list[Address]:
    """List the private pages of the sample's curators, as far as its story has told of them."""
    try:
        turns = json.loads(told.read_text(encoding="utf-8"))["turns"]
        city = [turn for turn in turns if turn["campaign"] == "zot-van-a"]
        series = [turn for turn in turns if turn["campaign"] != "zot-van-a"]
        hour = city[-1]["starts"].split("T")[1][:5]
        found = [
            (city[-2], f"has the turn until {hour}"),
            (city[-1], f"takes over at {hour}"),
            (series[0], f"a series of ten, {series[0]['photos']} given"),
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []
    base = environment["DICHTBIJ_INGEST_URL"]
    return [
        Address("Curator's page", base + turn["link"], f"{turn['person'].split(';')[0]}: {note}")
        for turn, note in found
    ]


def show(pages: Sequence[Address]) -> str:
    """Write the addresses one below the other, aligned."""
    name_width = max(len(page.name) for page in pages)
    url_width = max(len(page.url) for page in pages)
    lines = (f"  {page.name:<{name_width}}  {page.url:<{url_width}}  {page.note}" for page in pages)
    return "\n".join(line.rstrip() for line in lines)
