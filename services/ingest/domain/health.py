"""Health: what a failed request says about a source, in a sentence for the campaign maker."""

from datetime import datetime, timedelta

from services.ingest.domain.connector import FetchFailedError, FetchRefusedError, Health

#: How long a source that asks us to slow down without saying for how long is left alone.
DEFAULT_WAIT = timedelta(seconds=60)

_UNAUTHORISED = 401
_GONE = 410
_SLOW_DOWN = frozenset({429, 503})

_REFUSALS = {
    "address-not-public": "Its address leads to a private network, where we do not go.",
    "name-not-found": "Its name does not exist.",
    "not-decodable": "Its answer is packed in a way that we cannot unpack.",
    "port-not-allowed": "Its address names a port that is not one of the web's.",
    "scheme-not-allowed": "Its address does not begin with http or https.",
    "too-large": "Its answer is larger than we read.",
    "too-many-redirects": "It sends us on and on to other addresses.",
    "too-slow": "Its answer takes too long.",
    "url-not-readable": "Its address cannot be read.",
    "userinfo-not-allowed": "Its address holds a user name, which we do not send.",
}


def health_after(error: FetchFailedError | FetchRefusedError, now: datetime) -> Health:
    """Say how a source is after a request to it went wrong."""
    if isinstance(error, FetchRefusedError):
        return Health("degraded", _REFUSALS[error.reason])
    if error.status in _SLOW_DOWN:
        return rate_limited(now, error.retry_after)
    if error.status is None:
        return Health("degraded", "The server does not answer.")
    if error.status == _UNAUTHORISED:
        return Health("auth-expired", "The server wants a valid token; give it a new one.")
    if error.status == _GONE:
        return Health("gone", "The server says that this is gone for good.")
    return Health("degraded", f"The server answers with status {error.status}.")


def rate_limited(now: datetime, seconds: float | None) -> Health:
    """Say that a source asks us to slow down, and until when it is left alone."""
    wait = DEFAULT_WAIT if seconds is None else timedelta(seconds=seconds)
    return Health("rate-limited", "The server asks us to slow down.", now + wait)
