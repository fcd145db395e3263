"""The page of metrics: every name that a process may show, with its sentence."""

from docs.writers.page import page, table
from services.chassis.telemetry import METRICS

_LEAD = """\
Every process shows its metrics at `/metrics`, in the text format of Prometheus. Dashboards and
alerts may use these names and no others."""


def written() -> dict[str, str]:
    """Give the page as a file."""
    rows = ((f"`{name}`", sentence) for name, sentence in sorted(METRICS.items()))
    text = page("Metrics", _LEAD, "services/chassis/telemetry.py", table(("Metric", "Means"), rows))
    return {"docs/metrics.md": text}
