"""The form of a campaign: what was typed, as a campaign is written, and the way back.

A field is named by its place in the written campaign, such as `window.from` or `hashtags.0.tag`, so
that a fault finds its field. A form is always shown from the written campaign that was read of it:
what cannot be applied is shown again as it was typed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from services.ingest.domain.campaign_templates import id_of
from services.ingest.domain.campaign_words import Fault
from services.ingest.domain.campaign_written import WRITTEN_LANGUAGES
from services.ingest.domain.hashtag_keys import ComparedSpelling, compared

Written = dict[str, Any]

#: Texts that are written in every language, by their place.
TEXTS = ("name", "brief", "rules", "moderatedBy", "afterwards", "consent.text")
#: Places that hold one thing each.
_SINGLE = (
    *("campaign", "timeZone", "window.from", "window.to", "contributors", "rulesVersion"),
    *("consent.version", "consent.months", "series.places", "series.deadline"),
    *("rotation.days", "rotation.first", "rotation.hour"),
)
_TEXT_PLACES = tuple(f"{text}.{language}" for text in TEXTS for language in WRITTEN_LANGUAGES)
#: Places that hold several things of a few that can be ticked.
TICKED = ("kinds", "channels")
#: Places that hold several things, one a line.
_LINES = ("places", "embedOrigins")
#: Parts of a campaign that are there as a whole or not at all.
_OPTIONAL = ("series", "rotation")
#: The one setting of a connector that people fill in.
ADDRESS = {"mastodon": "server", "feed": "url"}
_ROW = re.compile(r"(hashtags|sources)\.(\d{1,4})\.")
_SEPARATORS = re.compile(r"[\s,;]+")
_SECONDS = re.compile(r"(?<=\d\d:\d\d):00(?:\.0+)?(?=$|[+Z-])")


@dataclass(frozen=True)
class SourceRow:
    """A source in the form: its number, its connector, and where its address stands."""

    number: int
    connector: str
    address: str | None


@dataclass(frozen=True)
class FilledForm:
    """A form as it is shown: a value for every field, and what is wrong with them."""

    values: Mapping[str, str]
    ticked: Mapping[str, tuple[str, ...]]
    upload: bool
    hashtags: tuple[tuple[int, tuple[ComparedSpelling, ...]], ...]
    sources: tuple[SourceRow, ...]
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict[str, tuple[Fault, ...]])
    theirs: Mapping[str, str] = field(default_factory=dict[str, str])

    def value(self, place: str) -> str:
        """Give what stands in a field."""
        return self.values.get(place, "")


def fill(
    written: Mapping[str, Any],
    faults: Iterable[Fault] = (),
    theirs: Mapping[str, Any] | None = None,
) -> FilledForm:
    """Show a written campaign as a form; `theirs` is what a colleague wrote in the meantime."""
    values = _flat(written)
    rows = _rows_of(written)
    hashtags = [
        (n, tuple(compared(s) for s in _spellings(row)))
        for n, row in enumerate(_list(written, "hashtags"))
    ]
    spare = len(hashtags)
    shown = FilledForm(
        values=values,
        ticked={place: tuple(map(str, _list(written, place))) for place in TICKED},
        upload=any(s.get("connector") == "upload" for s in _list(written, "sources")),
        hashtags=(*hashtags, (spare, ()), (spare + 1, ())),
        sources=rows,
    )
    placed: dict[str, tuple[Fault, ...]] = {}
    for fault in faults:
        place = _field_of(fault.place, shown)
        placed[place] = (*placed.get(place, ()), fault)
    differing: dict[str, str] = {}
    if theirs is not None:
        other = _flat(theirs)
        differing = {
            place: other.get(place, "")
            for place in values | other
            if values.get(place, "") != other.get(place, "")
        }
    return FilledForm(
        values, shown.ticked, shown.upload, shown.hashtags, shown.sources, placed, differing
    )


def read_form(form: FormData, before: Mapping[str, Any]) -> Written:
    """Write the campaign that a form says; what no form shows stays as it was `before`."""
    written: Written = {
        place: before[place] for place in ("campaign", "phase", "curators") if before.get(place)
    }
    for place in (*_SINGLE, *_TEXT_PLACES):
        if text := _text(form, place):
            _put(written, place, text)
    for place in TICKED:
        written[place] = [str(ticked) for ticked in form.getlist(place)]
    for place in _LINES:
        written[place] = [line.strip() for line in _text(form, place).splitlines() if line.strip()]
    for place in _OPTIONAL:
        if set(written.get(place, {})) <= {"hour"}:
            written.pop(place, None)
    for place, empty in (("name", {}), ("window", {})):
        written.setdefault(place, empty)
    written["hashtags"] = _hashtags(form)
    written["sources"] = _sources(form, before)
    return written


def _flat(written: Mapping[str, Any]) -> dict[str, str]:
    """Give every single value of a written campaign by its place, as a field shows it."""
    flat: dict[str, str] = {}

    def visit(place: str, value: Any) -> None:  # noqa: ANN401 - what people write is anything
        if isinstance(value, Mapping):
            for name, part in value.items():  # pyright: ignore[reportUnknownVariableType]
                visit(f"{place}.{name}" if place else str(name), part)  # pyright: ignore[reportUnknownArgumentType]
        elif place in _LINES:
            flat[place] = "\n".join(map(str, value))
        elif place in TICKED or place.endswith(".aliases"):
            flat[place] = ", ".join(map(str, value))
        elif isinstance(value, list | tuple):
            for n, part in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                visit(f"{place}.{n}", part)
        elif isinstance(value, bool):
            flat[place] = "yes" if value else ""
        elif value is not None:
            flat[place] = _SECONDS.sub("", str(value))

    visit("", dict(written))
    return flat


def _list(written: Mapping[str, Any], place: str) -> list[Any]:
    return list(written.get(place) or ())


def _spellings(hashtag: Mapping[str, Any]) -> list[str]:
    return [str(s) for s in (hashtag.get("tag", ""), *hashtag.get("aliases", ())) if s]


def _rows_of(written: Mapping[str, Any]) -> tuple[SourceRow, ...]:
    sources = _list(written, "sources")
    rows = [
        SourceRow(n, str(s.get("connector", "")), _address_at(n, str(s.get("connector", ""))))
        for n, s in enumerate(sources)
        if s.get("connector") != "upload"
    ]
    spare = [
        SourceRow(len(sources) + n, connector, _address_at(len(sources) + n, connector))
        for n, connector in enumerate(ADDRESS)
    ]
    return (*rows, *spare)


def _address_at(number: int, connector: str) -> str | None:
    name = ADDRESS.get(connector)
    return f"sources.{number}.settings.{name}" if name else None


def _field_of(place: str, shown: FilledForm) -> str:
    """Find the field that is nearest to where a fault is."""
    known = {
        *_SINGLE,
        *TICKED,
        *_LINES,
        *_TEXT_PLACES,
        *(f"hashtags.{n}.{part}" for n, _ in shown.hashtags for part in ("tag", "aliases")),
        *(f"sources.{row.number}.title" for row in shown.sources),
        *(row.address for row in shown.sources if row.address),
    }
    while place:
        first = {"hashtags": "hashtags.0.tag", "sources": "upload"}.get(place)
        for candidate in (place, f"{place}.{WRITTEN_LANGUAGES[0]}", f"{place}.title", first):
            if candidate in known or (candidate and candidate == first):
                return str(candidate)
        place = place.rpartition(".")[0]
    return "campaign"


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _put(written: Written, place: str, value: Any) -> None:  # noqa: ANN401 - a written value
    *parts, last = place.split(".")
    for part in parts:
        written = written.setdefault(part, {})
    written[last] = value


def _numbers(form: FormData, place: str) -> list[int]:
    found = (_ROW.match(name) for name in form)
    return sorted({int(m[2]) for m in found if m and m[1] == place})


def _hashtags(form: FormData) -> list[Written]:
    rows: list[Written] = []
    for n in _numbers(form, "hashtags"):
        tag = _text(form, f"hashtags.{n}.tag")
        aliases = [a for a in _SEPARATORS.split(_text(form, f"hashtags.{n}.aliases")) if a]
        if tag or aliases:
            rows.append({"tag": tag, "aliases": aliases})
    return rows


def _sources(form: FormData, before: Mapping[str, Any]) -> list[Written]:
    earlier: dict[str, Written] = {s["source"]: s for s in _list(before, "sources")}
    uploads = [s for s in earlier.values() if s["connector"] == "upload"]
    upload = {"source": "upload", "connector": "upload", "rights": {"basis": "declared"}}
    sources: list[Written] = (uploads or [upload]) if _text(form, "upload") else []
    taken = {s["source"] for s in (*sources, *earlier.values())}
    for n in _numbers(form, "sources"):
        if source := _source(form, f"sources.{n}", earlier, taken):
            sources.append(source)
            taken.add(source["source"])
    return sources


def _source(
    form: FormData, row: str, earlier: Mapping[str, Written], taken: set[str]
) -> Written | None:
    """Read a source's row; None when it is empty or was taken out."""
    name, connector, title = (_text(form, f"{row}.{p}") for p in ("source", "connector", "title"))
    setting = ADDRESS.get(connector)
    address = _text(form, f"{row}.settings.{setting}") if setting else ""
    if _text(form, f"{row}.remove") or not (title or address or name):
        return None
    kept = earlier.get(name, {})
    settings = dict(kept.get("settings", {})) | ({setting: address} if setting else {})
    rights = {"basis": _text(form, f"{row}.rights.basis") or "unknown"}
    if evidence := _text(form, f"{row}.rights.evidence"):
        rights["evidence"] = evidence
    return dict(kept) | {
        "source": name or _free(id_of(title) or connector, taken),
        "connector": connector,
        "title": title,
        "settings": settings,
        "rights": rights,
        "handedOver": bool(_text(form, f"{row}.handedOver")),
    }


def _free(wished: str, taken: set[str]) -> str:
    """Give a source a name that no other one of its campaign has, or had before."""
    bare = wished[:50]
    return next(n for n in (bare, *(f"{bare}-{i}" for i in range(2, 1_000))) if n not in taken)
