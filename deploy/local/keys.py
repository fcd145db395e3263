"""Make the keys of a local run once and keep them for the next, each readable by its owner only."""

import json
from dataclasses import dataclass

from joserfc.jwk import OKPKey

from deploy.local.folder import Folder
from deploy.local.s3 import make_key


@dataclass(frozen=True, slots=True)
class Keys:
    """All secrets of one local run."""

    database_password: str
    s3_access_key: str
    s3_secret_key: str
    session_private_key: str
    session_public_key: str
    receipt_key: str


def keep_keys(folder: Folder) -> Keys:
    """Read the keys of this folder, or make those that are not there yet."""
    session = folder.kept("keys/session.jwk", _make_session_key)
    return Keys(
        database_password=folder.kept("keys/database-password"),
        s3_access_key=folder.kept("keys/s3-access-key", make_key),
        s3_secret_key=folder.kept("keys/s3-secret-key", make_key),
        session_private_key=session,
        session_public_key=_public(session),
        receipt_key=folder.kept("keys/receipt-key"),
    )


def _make_session_key() -> str:
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _public(session: str) -> str:
    return json.dumps(OKPKey.import_key(json.loads(session)).as_dict(private=False))
