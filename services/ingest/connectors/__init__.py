"""Connectors: one file for each kind of source, found by being here.

A connector is a module with one constant `CONNECTOR`; nothing else needs to be told of it.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from services.ingest.domain.connector import Connector


def _found() -> dict[str, Connector]:
    found: dict[str, Connector] = {}
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        connector: Connector = import_module(f"{__name__}.{module.name}").CONNECTOR
        if connector.name != module.name:
            message = f"the connector in {module.name}.py calls itself {connector.name!r}"
            raise ImportError(message)
        found[connector.name] = connector
    return found


#: Every connector by its name, which is the name of its file and of what a campaign writes.
CONNECTORS: Mapping[str, Connector] = _found()
