"""The HTTP side of a service: pages, problem+json, security headers, health, API reference."""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.telemetry import TelemetryConfig
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.auth import ForbiddenError, SignInRequiredError, StrayRequestError, visitor
from services.chassis.database import TRANSIENT
from services.chassis.language import LANGUAGES, choose_language, translations
from services.chassis.objects import OBJECTS_TRANSIENT
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import (
    METRICS_MEDIA_TYPE,
    REQUEST_SECONDS,
    REQUESTS,
    log,
    metrics_page,
    span,
)

_CHASSIS = Path(__file__).parent
#: FastAPI's own spans hold whole paths, its own log what errors say; `_Guard` makes ours.
_UNTOLD: TelemetryConfig = {
    "tracing": False,
    "operation_spans": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
#: A step of a path that can be told; ids and tokens are longer.
_NAME = re.compile(r"[A-Za-z0-9_.-]{0,19}")

#: A check that must hold before a process wants traffic: its name, and a question.
Check = tuple[str, Callable[[], Awaitable[bool]]]


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """Something the client can do something about; becomes problem+json or a page with a sentence.

    `code` is stable and kebab-case; `detail` says what to do next; `facts` are members of their own
    (RFC 9457).
    """

    def __init__(self, status: int, code: str, detail: str, **facts: object) -> None:
        """Describe the problem for the one who asked."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.facts = facts


@dataclass(frozen=True)
class Site:
    """Where a service keeps what its pages are made of, and who may frame them."""

    service: str
    folder: Path
    home: str = "/"
    translated: Mapping[str, str] = field(default_factory=dict[str, str])


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


class Pages:
    """Renders a service's templates in the reader's language."""

    def __init__(self, site: Site, settings: ServiceSettings) -> None:
        """Read nothing yet but the places of templates, texts and static files."""
        self._site = site
        self._settings = settings
        self._locales = (_CHASSIS / "locale", site.folder / "locale")
        self._environments: dict[str, Environment] = {}

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            environment = Environment(
                loader=FileSystemLoader([self._site.folder / "templates", _CHASSIS / "templates"]),
                autoescape=select_autoescape(),
                undefined=StrictUndefined,
                extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
                trim_blocks=True,
                lstrip_blocks=True,
            )
            catalogue = translations(language, self._locales)
            cast("Any", environment).install_gettext_translations(catalogue, newstyle=True)
            cast("Any", environment.globals)["static"] = self.static
            self._environments[language] = environment
        return self._environments[language]

    def static(self, name: str) -> str:
        """Give a static file's address, with a fingerprint so that it can be kept for ever."""
        own = self._site.folder / "static" / name
        owner, path = (
            (self._site.service, own) if own.exists() else ("chassis", _CHASSIS / "static" / name)
        )
        return f"/static/{owner}/{name}?v={_fingerprint(path)}"

    def language(self, request: Request) -> str:
        """Say which of the four languages this reader gets."""
        return choose_language(
            request.query_params.get("lang"), request.headers.get("accept-language", "")
        )

    def text(self, request: Request, message: str, **values: object) -> str:
        """Translate one sentence for this reader."""
        catalogue = translations(self.language(request), self._locales)
        return catalogue.gettext(message) % values if values else catalogue.gettext(message)

    def fragment(self, request: Request, template: str, **context: object) -> str:
        """Render a template to text."""
        language = self.language(request)
        return (
            self._environment(language)
            .get_template(template)
            .render(
                request=request,
                language=language,
                languages=LANGUAGES,
                settings=self._settings,
                site=self._site,
                staff=visitor(request),
                nonce=nonce(request),
                here=_without_language(request),
                **context,
            )
        )

    def letter(self, language: str, template: str, **context: object) -> str:
        """Render a template that nobody asked for by a request: a message to somebody."""
        return (
            self._environment(language)
            .get_template(template)
            .render(language=language, settings=self._settings, site=self._site, **context)
        )

    def page(
        self, request: Request, template: str, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        """Render a template to a whole page."""
        response = HTMLResponse(self.fragment(request, template, **context), status)
        response.headers["Content-Language"] = self.language(request)
        response.headers["Vary"] = "Accept-Language, Cookie"
        return response


def _without_language(request: Request) -> str:
    """Give this page's address so that a language can be added to it."""
    kept = "&".join(
        f"{quote(k)}={quote(v)}" for k, v in request.query_params.items() if k != "lang"
    )
    return f"{request.url.path}?{kept}&" if kept else f"{request.url.path}?"


def nonce(request: Request) -> str:
    """Give the nonce of this answer's content security policy, for a style block."""
    state = request.state
    if not hasattr(state, "nonce"):
        state.nonce = secrets.token_urlsafe(16)
    return cast("str", state.nonce)


def policy(request: Request, **changes: str) -> str:
    """Give a content security policy that allows this site's own files only.

    A keyword names a directive with underscores and replaces it: `frame_ancestors="https://a.example"`.
    """
    directives = {
        "default-src": "'none'",
        "img-src": "'self' data:",
        "style-src": f"'self' 'nonce-{nonce(request)}'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    directives |= {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def allow_framing(request: Request, response: Response, origins: tuple[str, ...]) -> None:
    """Let these origins, and nobody else, show this answer in a frame."""
    listed = " ".join(["'self'", *origins])
    response.headers["Content-Security-Policy"] = policy(request, frame_ancestors=listed)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, rather than a program for data."""
    return "text/html" in request.headers.get("accept", "")


def pages_of(request: Request) -> Pages:
    """Give the service's pages; for routes."""
    return cast("Pages", request.app.state.pages)


def problem_response(request: Request, problem: Problem) -> Response:
    """Answer with problem+json, or with a page that says the same to a person."""
    title = HTTPStatus(problem.status).phrase
    # A cache that kept this would go on refusing after the problem is mended.
    fresh = {"Cache-Control": "no-store"}
    if wants_page(request):
        page = pages_of(request).page(
            request, "problem.html", status=problem.status, problem=problem, title=title
        )
        page.headers.update(fresh)
        return page
    body = {
        "type": f"urn:dichtbij:problem:{problem.code}",
        "title": title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "instance": request.url.path,
    }
    return JSONResponse(
        body | problem.facts, problem.status, fresh, media_type="application/problem+json"
    )


def _known(request: Request, error: Exception) -> Response:
    return problem_response(request, cast("Problem", error))


def _sign_in(request: Request, _: Exception) -> Response:
    if wants_page(request) and request.method == "GET":
        settings = cast("ServiceSettings", request.app.state.settings)
        target = quote(str(request.url), safe="")
        return RedirectResponse(f"{settings.moderation_url}/sign-in?next={target}", 303)
    return problem_response(
        request, Problem(401, "sign-in-required", "Sign in at the desk first, then try again.")
    )


def _forbidden(request: Request, error: Exception) -> Response:
    return problem_response(
        request,
        Problem(403, "role-missing", f"This needs the role '{error}'. Ask a coordinator for it."),
    )


def _stray(request: Request, _: Exception) -> Response:
    return problem_response(
        request,
        Problem(
            403, "stray-request", "This form is out of date. Reload the page and send it again."
        ),
    )


def _invalid(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    places = [
        {"field": ".".join(str(p) for p in e["loc"][1:]), "message": e["msg"]} for e in found[:20]
    ]
    named = ", ".join(p["field"] or "the body" for p in places)
    return problem_response(
        request, Problem(422, "invalid-request", f"Mend these fields: {named}.", errors=places)
    )


def _plain(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    detail = {
        404: "There is nothing at this address. Check it, or start from the home page.",
        405: "This address does not take that method.",
    }.get(known.status_code, str(known.detail))
    code = HTTPStatus(known.status_code).phrase.lower().replace(" ", "-")
    response = problem_response(request, Problem(known.status_code, code, detail))
    response.headers.update(known.headers or {})
    return response


def _away(request: Request, error: Exception) -> Response:
    log.warning("request.part_away", error=type(error).__name__)
    response = problem_response(
        request,
        Problem(
            503, "part-away", "A part of the system is restarting. Try again in a few seconds."
        ),
    )
    response.headers["Retry-After"] = "3"
    return response


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request.failed", path=_shape(request.scope), exc_info=error)
    response = problem_response(
        request,
        Problem(500, "unexpected", "Something went wrong on our side. It was logged; try again."),
    )
    # Starlette answers what nobody expected outside of every middleware, and so outside of ours.
    response.headers.update(_HARD_HEADERS | {"content-security-policy": policy(request)})
    return response


_HARD_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
}


class _Guard:
    """Adds security headers to every answer, and counts, times and traces every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                wanted = _HARD_HEADERS | {"content-security-policy": policy(request)}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in wanted.items()
                        if name.encode() not in present
                    ),
                ]
            await send(message)

        method = str(scope["method"])
        parent = request.headers.get("traceparent")
        try:
            with REQUEST_SECONDS.labels(method).time(), span(f"{method} {_shape(scope)}", parent):
                await self._app(scope, receive, send_with_headers)
        finally:
            REQUESTS.labels(method, status).inc()


def _shape(scope: Scope) -> str:
    """Give a path without ids and private links, so that span names stay few and tell nothing.

    What a mail program or a hand spoiled is no name of ours either, and may hold a link still.
    """
    steps = str(scope["path"]).split("/")
    return "/".join(step if _NAME.fullmatch(step) else "*" for step in steps)


def _system_routes(checks: tuple[Check, ...]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        found = {name: await ask() for name, ask in checks}
        status = 200 if all(found.values()) else 503
        return JSONResponse({"ready": status == 200, "checks": found}, status)  # noqa: PLR2004

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(metrics_page(), media_type=METRICS_MEDIA_TYPE)

    return router


def health_app(checks: tuple[Check, ...]) -> FastAPI:
    """Make the small site of a stream process: alive, ready, metrics."""
    app = FastAPI(openapi_url=None, telemetry=_UNTOLD)
    app.include_router(_system_routes(checks))
    return app


def web_app(
    site: Site,
    settings: ServiceSettings,
    routers: tuple[APIRouter, ...],
    checks: tuple[Check, ...],
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
) -> FastAPI:
    """Make a service's site from its routes; `lifespan` puts what routes need on `app.state`."""
    app = FastAPI(
        title=f"Dichtbij {site.service}",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        swagger_ui_oauth2_redirect_url=None,
        telemetry=_UNTOLD,
    )
    app.state.settings = settings
    app.state.pages = Pages(site, settings)
    for router in routers:
        app.include_router(router)
    app.include_router(_system_routes(checks))
    _serve_reference(app)
    app.mount("/static/chassis", _Kept(directory=_CHASSIS / "static"))
    app.mount(f"/static/{site.service}", _Kept(directory=site.folder / "static"))
    handlers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        Problem: _known,
        SignInRequiredError: _sign_in,
        ForbiddenError: _forbidden,
        StrayRequestError: _stray,
        RequestValidationError: _invalid,
        HTTPException: _plain,
        Exception: _unexpected,
        **dict.fromkeys((*TRANSIENT, *OBJECTS_TRANSIENT), _away),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(_Guard)
    return app


class _Kept(StaticFiles):
    """Static files that browsers may keep for ever, since their address carries a fingerprint."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        fingerprinted = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fingerprinted else "public, max-age=300"
        )
        # A page in a sandboxed frame has no origin; without this it could not load its own module.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _serve_reference(app: FastAPI) -> None:
    """Serve the API reference ourselves: the usual pages load their script from a third party."""

    @app.get("/docs", include_in_schema=False)
    async def reference(request: Request) -> HTMLResponse:
        return pages_of(request).page(request, "reference.html", api=app.openapi())


def safe_text(html: str) -> Markup:
    """Mark HTML that we made ourselves as safe; never text that people wrote."""
    return Markup(html)  # noqa: S704 - the callers make it of their own parts only
