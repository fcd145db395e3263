"""An S3 server over a folder, by rclone, with keys of its own."""

import os
import secrets
import shutil
import sys
from pathlib import Path

from deploy.local.errors import MissingToolError
from deploy.local.parts import Part, answers_http


def s3(folder: Path, port: int, access_key: str, secret_key: str) -> Part:
    """Describe the server; the buckets are the folders in `data`."""
    objects = folder / "data"
    return Part(
        name="s3",
        command=(
            *(_rclone(), "serve", "s3", str(objects)),
            *("--addr", f"127.0.0.1:{port}"),
            # What a person set up for their own rclone is none of ours.
            *("--config", os.devnull),
        ),
        # By environment, because every account of the machine can read a command line.
        environment={"RCLONE_AUTH_KEY": f'"{access_key},{secret_key}"'},
        prepare=lambda: objects.mkdir(parents=True, exist_ok=True),
        ready=answers_http(port, "/", status=None),
        address=f"http://127.0.0.1:{port}",
    )


def make_key() -> str:
    """Make a random access or secret key."""
    return secrets.token_hex(20)


def _rclone() -> str:
    beside = Path(sys.executable).with_name("rclone")
    found = str(beside) if beside.exists() else shutil.which("rclone")
    if found is None:
        sentence = "rclone is missing from the virtual environment. Run `make setup`."
        raise MissingToolError(sentence)
    return found
