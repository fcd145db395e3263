"""Run a service's two processes: `stream` (Faust, relay, clocks) and `web` (pages, API)."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Generic, TypeVar

import uvicorn
from fastapi import FastAPI

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.chassis.kafka import Relay
from services.chassis.objects import ObjectStore
from services.chassis.settings import ServiceSettings
from services.chassis.streams import Handler, Streams, Tables
from services.chassis.telemetry import log
from services.chassis.web import Check, health_app
from services.contracts.envelope import EventData

#: Seconds that threads of libraries have to end, once everything of ours has.
_LINGERS = 3.0

DepsT = TypeVar("DepsT")
Task = Callable[[], Coroutine[Any, Any, None]]


class Service(Generic[DepsT]):
    """What both processes of a service share: its parts, opened and closed together."""

    def __init__(self, name: str, settings: ServiceSettings) -> None:
        """Prepare the parts; nothing connects yet."""
        self.name = name
        self.settings = settings
        self.database = Database(name, settings)
        self.journal = Journal(name)
        self.objects = ObjectStore(settings)

    async def open(self) -> None:
        """Open the parts. Call once, inside the running loop."""
        await self.database.open()

    async def close(self) -> None:
        """Close the parts in reverse order."""
        await self.database.close()
        self.objects.close()

    def checks(self) -> tuple[Check, ...]:
        """Give the questions that every process must answer with yes before it is ready."""
        return (("database", self.database.reachable), ("objects", self.objects.reachable))


def serve(app: FastAPI, settings: ServiceSettings) -> uvicorn.Server:
    """Prepare the HTTP server of a process."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=5,
            # A connection that a slow reader keeps open must not hold a worker for ever.
            timeout_keep_alive=30,
            server_header=False,
        )
    )


def _end_well(*_: object) -> None:
    """Take the signal that the HTTP server raises once more when it has ended."""


def run_web(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve pages and API until told to stop, and then end well."""
    # The server finishes what is under way, puts these back and raises the signal once more.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _end_well)
    serve(app, settings).run()


def run_stream(
    service: Service[DepsT],
    subscriptions: Mapping[type[EventData], Handler[DepsT]],
    tables: Tables,
    deps: Callable[[Streams[DepsT]], Awaitable[DepsT]],
    tasks: Callable[[DepsT], tuple[Task, ...]] = lambda _: (),
) -> None:
    """Consume, relay and run the clocks until told to stop.

    `deps` makes what handlers need once the parts are open, `tasks` names the service's own clocks.
    Ends with an error when a part of it ends by itself: the one who watches starts it again.
    """
    asyncio.run(_stream(service, subscriptions, tables, deps, tasks))


async def _stream(
    service: Service[DepsT],
    subscriptions: Mapping[type[EventData], Handler[DepsT]],
    tables: Tables,
    deps: Callable[[Streams[DepsT]], Awaitable[DepsT]],
    tasks: Callable[[DepsT], tuple[Task, ...]],
) -> None:
    await service.open()
    streams = Streams(
        service.name,
        service.settings,
        service.database,
        service.journal,
        subscriptions,
        tables,
    )
    relay = Relay(service.database, service.journal, service.settings)
    needed = await deps(streams)

    async def relaying() -> bool:
        return relay.healthy

    checks: tuple[Check, ...] = (*service.checks(), ("streams", streams.ready), ("relay", relaying))
    server = serve(health_app(checks), service.settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    running = [
        asyncio.create_task(work, name=name)
        for name, work in {
            "streams": streams.run(needed),
            "relay": relay.run(),
            "health": server.serve(),
            **{f"clock-{n}": task() for n, task in enumerate(tasks(needed))},
        }.items()
    ]
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*running, waiting], return_when=asyncio.FIRST_COMPLETED)
    failed = [t for t in done if t is not waiting]
    for task in failed:
        log.error("process.ended", part=task.get_name(), exc_info=task.exception())
    server.should_exit = True
    for task in (*running, waiting):
        task.cancel()
    await asyncio.wait([*running, waiting], timeout=10)
    await service.close()
    _let_nothing_linger(1 if failed else 0)
    if failed:
        raise SystemExit(1)


def _let_nothing_linger(code: int) -> None:
    """End this process soon even if a thread does not, as one of Faust that was stopped too early.

    Nothing is lost by that: all that was handled is committed, and the rest is read again.
    """
    last = threading.Timer(_LINGERS, os._exit, [code])
    last.daemon = True
    last.start()
