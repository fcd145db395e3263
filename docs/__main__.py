"""Write every generated file of the project, or say which of them are stale.

Run `python -m docs` after a change to an event, a setting, a metric or a command, and
`python -m docs --check` to be told what has to be written again.
"""

from pathlib import Path

import click

from docs.writers import Written, breaking, stale, written

ROOT = Path(__file__).parents[1]

_ADVICE = (
    "An event only grows by optional fields. Put a new version beside it, such as {kind}.v2; or,"
    " as long as nothing was released, delete its schema and write it anew."
)


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Write nothing; fail when something is stale.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT,
    help="The checkout to write in, instead of this one.",
)
def docs(*, check: bool, root: Path) -> None:
    """Bring the generated files of a checkout up to date."""
    files = written()
    faults = breaking(root, files)
    if faults:
        kind = faults[0].split(":")[0].rpartition(".v")[0]
        raise click.ClickException("\n".join([*faults, _ADVICE.format(kind=kind)]))
    behind = stale(root, files)
    if check and behind:
        lines = "\n".join(f"  {path}" for path in behind)
        message = f"these are stale; run `make docs`:\n{lines}"
        raise click.ClickException(message)
    if not check:
        _write(root, files, behind)


def _write(root: Path, files: Written, behind: list[str]) -> None:
    for path in behind:
        target = root / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8")
        else:
            target.unlink()
        click.echo(path)


if __name__ == "__main__":
    docs(prog_name="python -m docs")
