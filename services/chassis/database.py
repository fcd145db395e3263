"""PostgreSQL: a pool of connections, one schema per service, and transactions."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, cast

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from services.chassis.settings import ServiceSettings

#: An open transaction; `await transaction.execute(sql, parameters)` answers rows as dictionaries.
Transaction: TypeAlias = psycopg.AsyncConnection[DictRow]

#: A Python value to be stored in a `jsonb` column.
Json = Jsonb


class PartAwayError(Exception):
    """A part that the work needs is away or busy; the same work may succeed later."""


#: Errors after which the same work may succeed once the part is back or the rival is done.
TRANSIENT: tuple[type[Exception], ...] = (
    PartAwayError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
)

UniqueViolationError = psycopg.errors.UniqueViolation


def sync_url(settings: ServiceSettings) -> str:
    """Give the database URL with its password, for tools that open their own connection."""
    return settings.database_url.get_secret_value()


class Database:
    """One service's view of PostgreSQL: every statement runs with its schema first in the path."""

    def __init__(self, schema: str, settings: ServiceSettings) -> None:
        """Remember where the database is; nothing is opened yet."""
        self.schema = schema
        self._url = sync_url(settings)
        self._options = f"-c search_path={schema} -c timezone=UTC"
        self._pool: AsyncConnectionPool[Transaction] = AsyncConnectionPool(
            self._url,
            connection_class=psycopg.AsyncConnection[DictRow],
            min_size=1,
            max_size=settings.database_connections,
            open=False,
            timeout=10,
            reconnect_timeout=3600,
            check=cast("Any", AsyncConnectionPool.check_connection),
            kwargs={
                "row_factory": dict_row,
                "options": self._options,
                "connect_timeout": 5,
                # A server that vanished without a word must not hold a transaction for ever.
                "tcp_user_timeout": 15_000,
            },
        )

    async def open(self) -> None:
        """Start opening connections; does not wait for the server, readiness does."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give all connections back."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """Run a block in one transaction: all of it is written, or nothing.

        Raises one of TRANSIENT when the server is away, and whatever the statements raise.
        """
        async with self._pool.connection() as connection, connection.transaction():
            yield connection

    async def reachable(self) -> bool:
        """Whether PostgreSQL answers now."""
        try:
            async with self.transaction() as transaction:
                await transaction.execute("select 1")
        except TRANSIENT:
            return False
        return True

    @asynccontextmanager
    async def listening(self, channel: str) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        """Open a connection that hears `notify <channel>`; read it with `.notifies()`."""
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, options=self._options, connect_timeout=5
        )
        try:
            await connection.execute(f'listen "{channel}"'.encode())
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def sole(self, name: str) -> AsyncGenerator[bool]:
        """Hold a lock that only one process can hold; says whether this one got it."""
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, options=self._options, connect_timeout=5
        )
        try:
            cursor = await connection.execute(
                "select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"{self.schema}:{name}"]
            )
            row = await cursor.fetchone()
            yield bool(row and row[0])
        finally:
            await connection.close()
