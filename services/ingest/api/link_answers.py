"""Answers to whoever asked for a new private link, the same on receipts and curators' pages."""

from fastapi import Request, Response

from services.chassis.web import Problem, pages_of, problem_response, wants_page
from services.ingest.store.link_requests import TooManyRequestsError


def link_sent(request: Request, template: str) -> Response:
    """Say that a letter is on its way, by a page or without one; nothing of where it goes."""
    if not wants_page(request):
        return Response(status_code=202)
    return pages_of(request).page(request, template, status=202)


def too_many_links(request: Request, error: TooManyRequestsError) -> Response:
    """Say that too many links were asked for, and when to ask again."""
    detail = "Too many new links were asked for. Look for the last one, or try again later."
    problem = Problem(429, "too-many-links", detail, retryAfter=error.seconds)
    response = problem_response(request, problem)
    response.headers["Retry-After"] = str(error.seconds)
    return response
