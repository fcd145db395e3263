"""The page of commands: everything that can be typed after `python -m services`."""

from collections.abc import Iterator

import click

from docs.writers.page import first_sentence, page, table
from services.__main__ import dichtbij

_LEAD = """\
Type these after `.venv/bin/python -m services`, or as the command of the container image. Each
answers `--help`."""


def written() -> dict[str, str]:
    """Give the page as a file."""
    parts = [part for command in _leaves(dichtbij, ()) for part in command]
    return {"docs/commands.md": page("Commands", _LEAD, "services/__main__.py", *parts)}


def _leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[list[str]]:
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from _leaves(below, (*path, name))
        return
    context = click.Context(command, info_name=" ".join(path))
    usage = " ".join([*path, *command.collect_usage_pieces(context)])
    parts = [f"## `{' '.join(path)}`", first_sentence(command.help), f"```\n{usage}\n```"]
    options = [
        record
        for parameter in command.params
        if (record := parameter.get_help_record(context)) is not None
    ]
    if options:
        parts.append(table(("Option", "Means"), ((f"`{o}`", text) for o, text in options)))
    yield parts
