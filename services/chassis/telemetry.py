"""Logs, traces and metrics: structured, without personal data, and the same in every process."""

import logging
import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, cast

import structlog
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from structlog.typing import EventDict, WrappedLogger

from services.chassis.failures import failure_facts, failure_lines, reason_of, without_words
from services.chassis.settings import ServiceSettings

#: Every metric that a process may show, with the sentence that explains it.
METRICS: Mapping[str, str] = {
    "dichtbij_events_handled_total": "Events handled, by topic and outcome.",
    "dichtbij_event_seconds": "Seconds from an event's time until it was handled, by topic.",
    "dichtbij_handling_seconds": "Seconds that handling one event took, by topic.",
    "dichtbij_dead_letters_total": "Records that could not be handled, by topic.",
    "dichtbij_outbox_unsent": "Events that the relay has not yet published.",
    "dichtbij_relayed_total": "Events that the relay published, by topic.",
    "dichtbij_requests_total": "HTTP requests answered, by method and status.",
    "dichtbij_request_seconds": "Seconds from request to response, by method.",
    "dichtbij_live_streams": "Open connections that receive live updates.",
    "dichtbij_source_age_seconds": "Seconds since a source last answered, by source.",
}

HANDLED = Counter(
    "dichtbij_events_handled", METRICS["dichtbij_events_handled_total"], ["topic", "outcome"]
)
EVENT_AGE = Histogram("dichtbij_event_seconds", METRICS["dichtbij_event_seconds"], ["topic"])
HANDLING = Histogram("dichtbij_handling_seconds", METRICS["dichtbij_handling_seconds"], ["topic"])
DEAD_LETTERS = Counter("dichtbij_dead_letters", METRICS["dichtbij_dead_letters_total"], ["topic"])
UNSENT = Gauge("dichtbij_outbox_unsent", METRICS["dichtbij_outbox_unsent"])
RELAYED = Counter("dichtbij_relayed", METRICS["dichtbij_relayed_total"], ["topic"])
REQUESTS = Counter("dichtbij_requests", METRICS["dichtbij_requests_total"], ["method", "status"])
REQUEST_SECONDS = Histogram(
    "dichtbij_request_seconds", METRICS["dichtbij_request_seconds"], ["method"]
)
LIVE_STREAMS = Gauge("dichtbij_live_streams", METRICS["dichtbij_live_streams"])
SOURCE_AGE = Gauge(
    "dichtbij_source_age_seconds", METRICS["dichtbij_source_age_seconds"], ["source"]
)

#: A frame in a traceback that Python wrote.
_FRAME = re.compile(r"^ +File \".+\", line \d+, in \S+$", re.MULTILINE)

METRICS_MEDIA_TYPE = CONTENT_TYPE_LATEST

log = cast("structlog.stdlib.BoundLogger", structlog.get_logger())


def metrics_page() -> bytes:
    """Give all metrics of this process in the text format of Prometheus."""
    return generate_latest()


def start_telemetry(service: str, role: str, settings: ServiceSettings) -> None:
    """Set up logs and traces once, at the start of a process."""
    _start_logs(service, role, settings)
    sys.excepthook = _log_crash
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"dichtbij-{service}", "service.role": role})
    )
    if settings.otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)


def _start_logs(service: str, role: str, settings: ServiceSettings) -> None:
    def name_the_process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"service": service, "role": role, **event}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_the_process,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        _trace_ids,
        _failure(failure_facts if settings.log_format == "json" else failure_lines),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    )
    handler.addFilter(_without_words)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # These write a line for every request or every poll, which would drown ours.
    for noisy in (
        "httpx",
        "httpcore",
        "botocore",
        "boto3",
        "urllib3",
        "aiokafka",
        "uvicorn.access",
    ):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log what ends this process, which Python would print with all that it says."""
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("process.crashed", exc_info=error)


def _failure(written: Callable[[BaseException], object]) -> structlog.typing.Processor:
    """Make what writes an error into a line: its kind and its frames, no values of any sort."""

    def write(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        given = event.pop("exc_info", None)
        error = given if isinstance(given, BaseException) else None
        if given is True:
            error = sys.exc_info()[1]
        elif isinstance(given, tuple):
            error = cast("tuple[object, BaseException | None, object]", given)[1]
        if error is not None:
            event["exception"] = written(error)
        return event

    return write


def _without_words(record: logging.LogRecord) -> bool:
    """Take the words of errors out of what libraries log; our own lines are fields already."""
    if isinstance(record.msg, str):
        record.args = without_words(record.args) if record.args else record.args
        if record.exc_info:
            # asyncio goes on with the error's own words, uvicorn with nothing.
            record.msg = record.msg.partition("\n")[0]
        elif record.msg.startswith("Traceback "):
            # Starlette tells so how a lifespan ended: frames are harmless, all else is not.
            record.msg = "\n".join(_FRAME.findall(record.msg))
    elif isinstance(record.msg, BaseException):
        record.msg = reason_of(record.msg)
    return True


def _trace_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace"] = f"{context.trace_id:032x}"
    return event


def current_traceparent() -> str | None:
    """Give the W3C `traceparent` of the running span, to be carried by an event."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def continued_traceparent(first: str | None) -> str | None:
    """Give a `traceparent` that continues an older trace and is linked to the running span.

    What somebody does hours later is done in a request of its own; the story of its subject is one
    trace all the same.
    """
    running = trace.get_current_span().get_span_context()
    if first is None or first.split("-")[1] == f"{running.trace_id:032x}":
        return current_traceparent()
    context = propagate.extract({"traceparent": first})
    links = [trace.Link(running)] if running.is_valid else []
    tracer = trace.get_tracer("dichtbij")
    with tracer.start_as_current_span(
        "continue",
        context=context,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    ):
        return current_traceparent()


@contextmanager
def span(
    name: str, traceparent: str | None = None, **attributes: str | int
) -> Generator[trace.Span]:
    """Run a block as one span, a child of the span that an event or request brought along."""
    carrier = {"traceparent": traceparent} if traceparent else {}
    context = propagate.extract(carrier) if carrier else None
    given = cast("Mapping[str, Any]", attributes)
    with trace.get_tracer("dichtbij").start_as_current_span(
        name,
        context=context,
        attributes=given,
        # They would tell what the error says, which may be what somebody wrote.
        record_exception=False,
        set_status_on_exception=False,
    ) as running:
        try:
            yield running
        except Exception as error:
            note_failure(error)
            raise


def note_failure(error: BaseException) -> None:
    """Note in the running span that it failed, and by what kind of error."""
    status = trace.Status(trace.StatusCode.ERROR, type(error).__name__)
    trace.get_current_span().set_status(status)
