"""The page of settings and `.env.example`: all that an operator can set, with its sentence."""

import json

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from docs.writers.page import page, table
from services.chassis.settings import ServiceSettings
from services.gallery.settings import Settings as GallerySettings
from services.ingest.settings import Settings as IngestSettings
from services.moderation.settings import Settings as ModerationSettings

_LEAD = """\
Every process reads its settings from the environment, and from nowhere else. Without any, the
services look for their parts at the usual ports of this machine. `make run` sets all that it
needs by itself. Copy `.env.example` to begin a file of your own."""

_OWN: dict[str, type[ServiceSettings]] = {
    "Ingest": IngestSettings,
    "Moderation": ModerationSettings,
    "Gallery": GallerySettings,
}
#: What every variable begins with.
PREFIX = ServiceSettings.model_config.get("env_prefix", "")
_SECRET = "(secret)"  # noqa: S105 - what is shown instead of one


def written() -> dict[str, str]:
    """Give the page and the example file."""
    parts = [part for title, own in _groups() for part in (f"## {title}", _rows(own))]
    return {
        "docs/settings.md": page("Settings", _LEAD, "the Settings classes", *parts),
        ".env.example": _example(),
    }


def _groups() -> list[tuple[str, dict[str, FieldInfo]]]:
    shared = ServiceSettings.model_fields
    groups = [("Every service", dict(shared))]
    for title, settings in _OWN.items():
        own = {name: f for name, f in settings.model_fields.items() if name not in shared}
        groups.append((title, own))
    return groups


def _rows(fields: dict[str, FieldInfo]) -> str:
    return table(
        ("Variable", "Default", "Meaning"),
        (
            (f"`{_variable(name)}`", _shown(field), field.description or "")
            for name, field in fields.items()
        ),
    )


def _example() -> str:
    lines = [
        "# Settings of Dichtbij. A line that is commented out shows its default.",
        "# Written by `make docs` from the Settings classes; docs/settings.md explains them.",
    ]
    for title, fields in _groups():
        lines += ["", f"## {title}"]
        for name, field in fields.items():
            value = "" if _is_secret(field) else _plain(field)
            quoted = json.dumps(value) if " " in value or "#" in value else value
            lines += ["", f"# {field.description}", f"# {_variable(name)}={quoted}"]
    return "\n".join(lines) + "\n"


def _variable(name: str) -> str:
    return f"{PREFIX}{name}".upper()


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr


def _plain(field: FieldInfo) -> str:
    return "" if field.default in (None, PydanticUndefined) else str(field.default)


def _shown(field: FieldInfo) -> str:
    if _is_secret(field):
        return _SECRET
    value = _plain(field)
    return f"`{value}`" if value else "(empty)"
