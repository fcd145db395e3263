"""Run the whole of Dichtbij on this machine: `python -m deploy.local run`."""

import os
import signal
import sys

from deploy.local.addresses import show
from deploy.local.errors import LocalPartsError
from deploy.local.folder import CHECKOUT
from deploy.local.stack import PREFERRED_PORTS, Stack, to_stderr

USAGE = "Usage: python -m deploy.local run"
EXIT_USAGE = 2


def run() -> int:
    """Start everything, print the addresses, and keep it running until Ctrl-C."""
    given = {name: value for name, value in os.environ.items() if name.startswith("DICHTBIJ_")}
    stack = Stack(CHECKOUT / ".local", ports=PREFERRED_PORTS, environment=given)

    def stop(*_: object) -> None:
        # The second Ctrl-C finds no handler of ours and ends us; the parts are tied to us.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        to_stderr("Stopping. Press Ctrl-C again to end at once.")
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        with stack:
            sys.stdout.write(f"\nDichtbij is running.\n\n{show(stack.addresses())}\n\n")
            sys.stdout.write("Press Ctrl-C to stop.\n")
            sys.stdout.flush()
            stack.wait()
    except KeyboardInterrupt:
        to_stderr("Everything is stopped.")
    except LocalPartsError as error:
        to_stderr(f"\n{error}")
        return 1
    return 0


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    if arguments == ["run"]:
        return run()
    to_stderr(USAGE)
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
