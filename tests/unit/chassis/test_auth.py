import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.chassis.auth import (
    SESSION_LASTS,
    ForbiddenError,
    Staff,
    cookie_name,
    insist,
    issue,
    verify,
)
from services.chassis.settings import ServiceSettings

MODERATOR = frozenset({"moderator"})


def a_key_pair() -> tuple[str, str]:
    key = OKPKey.generate_key("Ed25519")
    return json.dumps(key.as_dict(private=True)), json.dumps(key.as_dict(private=False))


def a_staff(**changes: object) -> Staff:
    facts = {
        "account": "inge",
        "name": "Inge",
        "roles": MODERATOR,
        "session": "s1",
        "issued_at": datetime(2026, 8, 14, tzinfo=UTC),
    }
    return Staff(**(facts | changes))  # type: ignore[arg-type]


def signed(private: str, **changes: object) -> str:
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": "dichtbij", "sub": "inge", "jti": "s1", "iat": now, "exp": now + 60} | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    key = OKPKey.import_key(json.loads(private))
    return jwt.encode({"alg": "Ed25519"}, kept, key, algorithms=["Ed25519"])


def test_who_was_issued_a_session_is_recognised() -> None:
    private, public = a_key_pair()

    staff = verify(public, issue(private, "inge", "Inge Maes", MODERATOR))

    assert staff is not None
    assert (staff.account, staff.name, staff.roles) == ("inge", "Inge Maes", MODERATOR)
    assert staff.actor == "staff:inge"
    assert datetime.now(UTC) - staff.issued_at < SESSION_LASTS


def test_a_session_of_another_installation_is_refused() -> None:
    private, _ = a_key_pair()
    _, public = a_key_pair()

    assert verify(public, issue(private, "inge", "Inge", MODERATOR)) is None


def test_a_session_that_was_altered_is_refused() -> None:
    private, public = a_key_pair()
    head, body, signature = issue(private, "inge", "Inge", MODERATOR).split(".")
    _, others, _ = issue(private, "jan", "Jan", frozenset({"coordinator"})).split(".")

    assert verify(public, f"{head}.{others}.{signature}") is None
    assert verify(public, f"{head}.{body}.{signature[:-4]}AAAA") is None


def test_a_session_that_has_ended_is_refused() -> None:
    private, public = a_key_pair()
    ended = int((datetime.now(UTC) - timedelta(minutes=10)).timestamp())

    assert verify(public, signed(private)) is not None
    assert verify(public, signed(private, exp=ended)) is None


@pytest.mark.parametrize("without", ["iss", "exp", "sub"])
def test_a_session_without_what_makes_it_one_is_refused(without: str) -> None:
    private, public = a_key_pair()

    assert verify(public, signed(private, **{without: None})) is None


def test_a_token_for_something_else_is_refused() -> None:
    private, public = a_key_pair()

    assert verify(public, signed(private, iss="another")) is None


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "\u00e9" * 9]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    _, public = a_key_pair()

    assert verify(public, token) is None


def test_a_token_that_claims_to_need_no_signature_is_refused() -> None:
    private, public = a_key_pair()
    _, body, _ = signed(private).split(".")

    assert verify(public, f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.") is None


def test_nobody_is_recognised_where_no_key_is_set() -> None:
    private, _ = a_key_pair()

    assert verify("", issue(private, "inge", "Inge", MODERATOR)) is None


def test_a_renewed_session_keeps_the_token_of_open_forms() -> None:
    private, public = a_key_pair()
    first = verify(public, issue(private, "inge", "Inge", MODERATOR))
    assert first is not None

    renewed = verify(public, issue(private, "inge", "Inge", MODERATOR, first.session))

    assert renewed is not None
    assert renewed.csrf == first.csrf


def test_the_token_of_forms_differs_between_sessions_and_does_not_show_them() -> None:
    one, other = a_staff(session="s1"), a_staff(session="s2")

    assert one.csrf != other.csrf
    assert "s1" not in one.csrf
    assert len(one.csrf) >= 32


def test_a_role_that_is_missing_is_named() -> None:
    insist(a_staff(), "moderator")

    with pytest.raises(ForbiddenError, match="coordinator"):
        insist(a_staff(), "coordinator")


@pytest.mark.parametrize(
    ("desk", "domain", "name"),
    [
        ("https://balie.voorbeeld.be", "", "__Host-dichtbij-staff"),
        ("https://balie.voorbeeld.be", "voorbeeld.be", "__Secure-dichtbij-staff"),
        ("http://localhost:8002", "", "dichtbij-staff"),
    ],
)
def test_the_cookie_is_pinned_to_its_host_where_there_is_https(
    desk: str, domain: str, name: str
) -> None:
    settings = ServiceSettings.model_construct(moderation_url=desk, session_domain=domain)
    assert cookie_name(settings) == name
