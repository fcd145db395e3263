"""Serve the sample's site, or apply its campaign and story: `python -m deploy.sample serve`."""

from __future__ import annotations

import argparse
import os
import sys

from deploy.sample.settings import read_settings


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m deploy.sample", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    commands.add_parser("serve", help="serve the magazine, the blog and its feed")
    commands.add_parser("apply", help="apply the campaign, hand photos in and decide on some")
    chosen = parser.parse_args(arguments)
    settings = read_settings(os.environ)
    # Imported when asked for: serving needs no HTTP client, applying needs no server.
    if chosen.command == "serve":
        from deploy.sample.site import serve  # noqa: PLC0415

        serve(settings)
        return 0
    from deploy.sample.apply import apply  # noqa: PLC0415

    return apply(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
