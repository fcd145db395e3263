"""Parts that are given by environment."""

import pytest

from deploy.local import external
from deploy.local.errors import SettingError


def test_what_is_given_is_not_started() -> None:
    given = {"DICHTBIJ_KAFKA_BOOTSTRAP": "kafka:9092", "DICHTBIJ_DATABASE_URL": ""}

    assert external.parts(given) == {"kafka"}


def test_an_s3_server_without_its_keys_is_refused_by_name() -> None:
    given = {"DICHTBIJ_S3_ENDPOINT": "http://s3:9000", "DICHTBIJ_S3_ACCESS_KEY": "key"}

    with pytest.raises(SettingError, match="DICHTBIJ_S3_SECRET_KEY must be given too"):
        external.check(given)


def test_an_s3_server_with_its_keys_is_taken() -> None:
    external.check(
        {
            "DICHTBIJ_S3_ENDPOINT": "http://s3:9000",
            "DICHTBIJ_S3_ACCESS_KEY": "key",
            "DICHTBIJ_S3_SECRET_KEY": "secret",
        }
    )
