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
    except LocalPartsError as error:
        to_stderr(f"\n{error}")
        return 1
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
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run", help="start everything and keep it running until Ctrl-C")
    command.add_argument(
        "--folder", type=Path, default=CHECKOUT / ".local", help="where all state is kept"
    )
    command.add_argument(
        "--only", nargs="+", metavar="PART", help="start only these, such as: kafka postgres s3"
    )
    chosen = parser.parse_args(arguments)
    return run(chosen.folder, chosen.only)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
