from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient, Response
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from structlog.typing import EventDict

from services.chassis.auth import ForbiddenError, OwnForm, SignedIn, StrayRequestError
from services.chassis.database import TRANSIENT
from services.chassis.settings import ServiceSettings
from services.chassis.web import Problem, Site, web_app

PAGE = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """What was logged; without a process that sets logs up, they would be drawn for a terminal."""
    with capture_logs() as lines:
        yield lines


def a_router() -> APIRouter:
    router = APIRouter()

    @router.get("/known")
    async def known() -> None:
        raise Problem(409, "already-decided", "Look again, then decide.", winner="inge")

    @router.get("/unexpected")
    async def unexpected() -> None:
        message = "the name of a person"
        raise RuntimeError(message)

    @router.get("/away")
    async def away() -> None:
        raise TRANSIENT[0]

    @router.get("/forbidden")
    async def forbidden() -> None:
        role = "coordinator"
        raise ForbiddenError(role)

    @router.get("/stray")
    async def stray() -> None:
        raise StrayRequestError

    @router.get("/number/{number}")
    async def number(number: int) -> int:
        return number

    @router.get("/desk")
    async def desk(staff: SignedIn) -> str:
        return staff.name

    @router.post("/desk")
    async def decide(staff: OwnForm) -> str:
        return staff.name

    return router


@pytest.fixture
def site(tmp_path: Path) -> FastAPI:
    (tmp_path / "static").mkdir()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield

    settings = ServiceSettings.model_construct(moderation_url="https://balie.voorbeeld.be")
    return web_app(Site("ingest", tmp_path), settings, (a_router(),), (), lifespan)


@pytest.fixture
def get(site: FastAPI) -> Callable[..., Any]:
    async def ask(path: str, method: str = "GET", **headers: str) -> Response:
        transport = ASGITransport(site, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=named)

    return ask


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/known", 409, "already-decided"),
        ("/unexpected", 500, "unexpected"),
        ("/away", 503, "part-away"),
        ("/forbidden", 403, "role-missing"),
        ("/stray", 403, "stray-request"),
        ("/number/many", 422, "invalid-request"),
        ("/nowhere", 404, "not-found"),
        ("/desk", 401, "sign-in-required"),
    ],
)
async def test_a_program_gets_problem_json_with_a_stable_code(
    path: str, status: int, code: str, get: Callable[..., Any]
) -> None:
    answer = await get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:dichtbij:problem:{code}"
    assert answer.json()["instance"] == path


async def test_the_facts_of_a_problem_are_members_of_their_own(get: Callable[..., Any]) -> None:
    assert (await get("/known")).json()["winner"] == "inge"


async def test_an_unexpected_error_is_logged_and_shown_to_nobody(
    get: Callable[..., Any], logged: list[EventDict]
) -> None:
    answer = await get("/unexpected")

    assert "the name of a person" not in answer.text
    [line] = [line for line in logged if line["event"] == "request.failed"]
    assert str(line["exc_info"]) == "the name of a person"


async def test_who_meets_a_part_that_is_away_is_told_when_to_return(
    get: Callable[..., Any],
) -> None:
    assert int((await get("/away")).headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", "Een deel van het systeem start opnieuw op."),
        ("fr", "Une partie du système redémarre."),
        ("de", "Ein Teil des Systems startet gerade neu."),
        ("en", "A part of the system is restarting."),
    ],
)
async def test_a_person_gets_a_page_in_their_language(
    language: str, said: str, get: Callable[..., Any]
) -> None:
    answer = await get("/away", **PAGE, accept_language=language)

    assert answer.headers["content-language"] == language
    assert said in answer.text


async def test_a_page_names_the_missing_role_in_dutch(get: Callable[..., Any]) -> None:
    answer = await get("/forbidden", **PAGE, accept_language="nl")

    assert "Hiervoor heb je de rol" in answer.text
    assert "coordinator" in answer.text


async def test_who_is_not_signed_in_is_led_to_the_desk(get: Callable[..., Any]) -> None:
    answer = await get("/desk?campaign=x", **PAGE)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://balie.voorbeeld.be/sign-in?next=")
    assert "desk%3Fcampaign%3Dx" in answer.headers["location"]


async def test_an_unsafe_request_without_a_session_is_refused(get: Callable[..., Any]) -> None:
    assert (await get("/desk", "POST", **PAGE)).status_code == 401


async def test_a_request_that_failed_is_counted(get: Callable[..., Any]) -> None:
    def failed() -> float:
        return REGISTRY.get_sample_value("dichtbij_requests_total", labels) or 0

    labels = {"method": "GET", "status": "500"}
    before = failed()

    await get("/unexpected")

    assert failed() == before + 1


@pytest.mark.parametrize("path", ["/known", "/nowhere", "/unexpected", "/number/1", "/livez"])
async def test_every_answer_carries_the_security_headers(
    path: str, get: Callable[..., Any]
) -> None:
    headers = (await get(path, **PAGE)).headers

    assert headers["x-content-type-options"] == "nosniff"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
