"""A small Mastodon-compatible server for the sample, so that a hashtag can be followed offline."""

import json
from pathlib import Path

from deploy.local.parts import Part, answers_http, python

SETTINGS = """\
# Written at every start. Posts and their media outlive a restart: a post that is gone counts as
# deleted by its author.
title = "Dichtbij, the sample's own server"
media_storage_path = {media}

[database]
path = {database}
"""


def mastodon(folder: Path, port: int) -> Part:
    """Describe the server, with its posts and media in the folder."""
    settings = folder / "mastodon.toml"

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # A JSON string is a TOML string too.
        paths = {"media": str(folder / "media"), "database": str(folder / "posts.sqlite")}
        quoted = {name: json.dumps(path) for name, path in paths.items()}
        settings.write_text(SETTINGS.format(**quoted), encoding="utf-8")

    # The name under which media are linked must be the one that may be fetched.
    address = ("--host", "127.0.0.1", "--port", str(port), "--domain", f"127.0.0.1:{port}")
    return Part(
        name="mastodon",
        command=python("mastodon_mock", "serve", "--config", str(settings), *address),
        prepare=prepare,
        ready=answers_http(port, "/api/v2/instance"),
        address=f"http://127.0.0.1:{port}",
    )
