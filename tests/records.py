"""The examples of the contracts: records as they stand in the log."""

from dataclasses import dataclass
from pathlib import Path

_CONTRACTS = Path(__file__).parents[1] / "services" / "contracts"


@dataclass(frozen=True)
class Example:
    """One record's value, with the type whose folder it stands in."""

    kind: str
    name: str
    wire: bytes

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


EXAMPLES = tuple(
    Example(path.parent.name, path.stem, path.read_bytes())
    for path in sorted((_CONTRACTS / "examples").glob("*/*.json"))
)


def examples_of(kind: str) -> list[Example]:
    """Give the examples of one event type."""
    return [example for example in EXAMPLES if example.kind == kind]


def schema_path(kind: str) -> Path:
    """Give the place of an event type's checked-in schema."""
    return _CONTRACTS / "schemas" / f"{kind}.json"
