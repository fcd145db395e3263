"""Tells whether a schema only grew, so that who reads the old one can read the new one."""

from collections.abc import Iterator
from typing import Any, TypeGuard, cast

Schema = dict[str, Any]

#: What explains a value but does not bound it; and what is looked up where it is referred to.
_WORDS = frozenset({"title", "description", "default", "examples", "$schema", "$id", "$defs"})


def breaks(old: Schema, new: Schema) -> list[str]:
    """List what changed beyond new optional fields; nothing when the new schema is compatible."""
    return list(_differences(old, new, old, new, "the event"))


def _differences(old: Schema, new: Schema, olds: Schema, news: Schema, at: str) -> Iterator[str]:
    before, after = _resolved(old, olds), _resolved(new, news)
    fields, grown = before.pop("properties", {}), after.pop("properties", {})
    needed, demanded = set(before.pop("required", ())), set(after.pop("required", ()))
    for name in sorted(set(fields) - set(grown)):
        yield f"{at} loses the field {name}"
    for name in sorted(demanded - needed):
        yield f"{at} demands the field {name}"
    for name in sorted((needed - demanded) & set(grown)):
        yield f"{at} may lack the field {name}, which readers rely on"
    for name in sorted(set(fields) & set(grown)):
        yield from _differences(fields[name], grown[name], olds, news, f"{at}.{name}")
    for word in sorted(set(before) | set(after)):
        yield from _compared(before.get(word), after.get(word), olds, news, f"{at} {word}")


def _compared(old: object, new: object, olds: Schema, news: Schema, at: str) -> Iterator[str]:
    if _are_choices(old) and _are_choices(new) and len(old) == len(new):
        for before, after in zip(old, new, strict=True):
            yield from _differences(before, after, olds, news, at)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _differences(cast("Schema", old), cast("Schema", new), olds, news, at)
    elif old != new:
        yield f"{at} changed from {old} to {new}"


def _are_choices(value: object) -> TypeGuard[list[Schema]]:
    if not isinstance(value, list):
        return False
    return all(isinstance(choice, dict) for choice in cast("list[object]", value))


def _resolved(schema: Schema, whole: Schema) -> Schema:
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    target = whole["$defs"][name] if name else schema
    return {word: value for word, value in target.items() if word not in _WORDS}
