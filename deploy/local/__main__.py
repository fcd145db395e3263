"""Run the whole of Dichtbij on this machine: `python -m deploy.local run`."""

import argparse
import os
import signal
import sys
from pathlib import Path

from deploy.local.addresses import show
from deploy.local.errors import LocalPartsError
from deploy.local.folder import CHECKOUT
from deploy.local.stack import PREFERRED_PORTS, Stack, to_stderr

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(folder: Path, only: list[str] | None) -> int:
    """Start everything, print the addresses, and keep it running until Ctrl-C."""
    given = {name: value for name, value in os.environ.items() if name.startswith("DICHTBIJ_")}
    stack = Stack(folder, ports=PREFERRED_PORTS, environment=given, only=only)
    for number in STOPPING:
        signal.signal(number, _stop)
    try:
        with stack:
            if only is None:
                print(f"\nDichtbij is running.\n\n{show(stack.addresses())}")
            print("\nPress Ctrl-C to stop.", flush=True)
            stack.wait()
    except KeyboardInterrupt:
        to_stderr("Everything is stopped.")
    return 0


def forget(folder: Path) -> int:
    """Remove everything that a stopped run has kept."""
    Stack(folder).forget()
    return 0


def _stop(*_: object) -> None:
    # A second Ctrl-C finds no handler of ours and ends us at once; the parts are tied to us.
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    to_stderr("\nStopping. Press Ctrl-C again to end at once.")
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    starting = commands.add_parser("run", help="start everything and keep it running until Ctrl-C")
    starting.add_argument(
        "--only", nargs="+", metavar="PART", help="start only these, such as: kafka postgres s3"
    )
    removing = commands.add_parser("forget", help="remove everything that a stopped run has kept")
    for command in (starting, removing):
        command.add_argument(
            "--folder", type=Path, default=CHECKOUT / ".local", help="where all state is kept"
        )
    chosen = parser.parse_args(arguments)
    try:
        return run(chosen.folder, chosen.only) if chosen.command == "run" else forget(chosen.folder)
    except LocalPartsError as error:
        to_stderr(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
