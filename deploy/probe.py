"""Asks this container's process whether it is ready, for images that have no curl."""

import os
import sys
from urllib.error import URLError
from urllib.request import urlopen

PATHS = ("/readyz", "/livez")


def ready(port: str, path: str) -> bool:
    """Whether the process at this port answers 200 within the time of a health check."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=4) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else PATHS[0]
    sys.exit(0 if ready(os.environ.get("DICHTBIJ_PORT", "8000"), asked) else 1)
