"""How generated pages look: their first lines, tables, and text that is safe in a table."""

from collections.abc import Iterable, Sequence


def page(title: str, lead: str, source: str, *parts: str) -> str:
    """Give a Markdown page with a title, a first paragraph and the note where it comes from."""
    note = f"<!-- Written by `make docs` from {source}; change it there. -->"
    return "\n\n".join([f"# {title}", note, lead, *parts]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a Markdown table."""
    lines = [_line(heads), _line(["---"] * len(heads)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def first_sentence(text: str | None) -> str:
    """Give the first paragraph of a docstring in one line."""
    return " ".join((text or "").split("\n\n")[0].split())


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
