"""The addresses a person opens after `make run`, and how they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CAMPAIGN = "bollekesfeest"
COORDINATOR = "coordinator"

#: What is shown, in this order; the names in braces are the services' own addresses.
PAGES = (
    ("Upload page", "{ingest}/c/" + CAMPAIGN + "/upload"),
    ("Desk", "{moderation}/desk"),
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


def show(pages: Sequence[Address]) -> str:
    """Write the addresses one below the other, aligned."""
    name_width = max(len(page.name) for page in pages)
    url_width = max(len(page.url) for page in pages)
    lines = (f"  {page.name:<{name_width}}  {page.url:<{url_width}}  {page.note}" for page in pages)
    return "\n".join(line.rstrip() for line in lines)
