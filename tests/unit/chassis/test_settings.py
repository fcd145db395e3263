from typing import Any

import pytest
from pydantic import ValidationError

from services.chassis.settings import ServiceSettings
from services.gallery.settings import Settings as GallerySettings
from services.ingest.settings import Settings as IngestSettings
from services.moderation.settings import Settings as ModerationSettings

#: Called without arguments, which their types ask for: pydantic reads the environment.
ALL: list[Any] = [IngestSettings, ModerationSettings, GallerySettings]


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for settings in (IngestSettings, ModerationSettings, GallerySettings):
        for name in settings.model_fields:
            monkeypatch.delenv(f"DICHTBIJ_{name}".upper(), raising=False)


@pytest.mark.parametrize("settings", ALL)
def test_a_service_finds_the_usual_parts_of_this_machine(
    settings: Any,
) -> None:
    known = settings()

    assert known.kafka_bootstrap == "127.0.0.1:9092"
    assert known.host == "127.0.0.1"


@pytest.mark.parametrize("settings", ALL)
def test_a_setting_comes_from_the_environment(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DICHTBIJ_TENANT", "haven")

    assert settings().tenant == "haven"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT", "Stad Antwerpen"),
        ("PORT", "70000"),
        ("DATABASE_CONNECTIONS", "0"),
        ("LOG_LEVEL", "loud"),
        ("KAFKA_REPLICATION", "many"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DICHTBIJ_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        ServiceSettings()  # pyright: ignore[reportCallIssue] - pydantic fills them in


def test_no_secret_shows_when_settings_are_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "DATABASE_URL": "postgresql://dichtbij:geheim1@db/dichtbij",
        "S3_SECRET_KEY": "geheim2",
        "RECEIPT_KEY": "geheim3",
        "SESSION_PRIVATE_KEY": "geheim4",
        "OIDC_CLIENT_SECRET": "geheim5",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(f"DICHTBIJ_{name}", value)

    written = " ".join(f"{settings()!r} {settings().model_dump_json()}" for settings in ALL)

    assert "geheim" not in written


def test_settings_cannot_change_while_a_process_runs() -> None:
    known = IngestSettings()  # pyright: ignore[reportCallIssue] - pydantic fills them in

    with pytest.raises(ValidationError, match="frozen"):
        known.tenant = "another"


def test_cookies_insist_on_https_only_where_the_desk_has_it() -> None:
    assert ServiceSettings.model_construct(moderation_url="https://balie.voorbeeld.be").secure
    assert not ServiceSettings.model_construct(moderation_url="http://localhost:8002").secure
