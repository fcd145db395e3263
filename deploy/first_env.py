"""Writes the secrets of a new installation as lines for `.env`; each call makes new ones."""

import json
import secrets
import sys

from joserfc.jwk import OKPKey

#: Addresses that lead to the proxy in a browser and inside the containers' network alike, and leave
#: to fetch from the sample's blog although it is in a private network.
SAMPLE = """\
DICHTBIJ_INGEST_URL=http://dichtbij.localhost:8001
DICHTBIJ_MODERATION_URL=http://dichtbij.localhost:8002
DICHTBIJ_GALLERY_URL=http://dichtbij.localhost:8003
DICHTBIJ_FETCH_ALLOW=magazine.localhost:8004
"""


def first_env() -> str:
    """Make every secret that `compose.yaml` asks for.

    Hexadecimal where a value becomes part of a URL; keys in single quotes, for they are JSON.
    """
    session = OKPKey.generate_key("Ed25519", auto_kid=True)
    values = {
        "DICHTBIJ_DATABASE_PASSWORD": secrets.token_hex(32),
        "DICHTBIJ_S3_ACCESS_KEY": secrets.token_hex(10),
        "DICHTBIJ_S3_SECRET_KEY": secrets.token_hex(20),
        "DICHTBIJ_RECEIPT_KEY": secrets.token_hex(32),
        "DICHTBIJ_SESSION_PRIVATE_KEY": _quoted(session.as_dict(private=True)),
        "DICHTBIJ_SESSION_PUBLIC_KEY": _quoted(session.as_dict(private=False)),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _quoted(key: object) -> str:
    return f"'{json.dumps(key)}'"


if __name__ == "__main__":
    sys.stdout.write(first_env() + (SAMPLE if "sample" in sys.argv[1:] else ""))
