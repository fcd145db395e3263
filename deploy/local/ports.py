"""Find ports that nothing else on this machine uses, for parts that listen on the loopback."""

import contextlib
import errno
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.local.errors import FolderError

#: Below the range that Linux gives to outgoing connections (32768 and up): a client that retries
#: while its server restarts could otherwise be given the server's own port, and keep it.
SEARCHED = range(15_000, 30_000)
TRIES = 500


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port, as 127.0.0.1 and as what localhost means."""
    return _can_bind(socket.AF_INET, "127.0.0.1", port) and _can_bind(socket.AF_INET6, "::1", port)


def choose(names: Iterable[str], preferred: Mapping[str, int]) -> dict[str, int]:
    """Give each name its preferred port, or another free one where that is taken."""
    chosen: dict[str, int] = {}
    for name in names:
        wanted = preferred.get(name)
        if wanted is not None and wanted not in chosen.values() and is_free(wanted):
            chosen[name] = wanted
        else:
            chosen[name] = _search({*chosen.values(), *preferred.values()})
    return chosen


def _search(taken: set[int]) -> int:
    # Random, because runs of several checkouts look for ports at the same time.
    for port in random.sample(SEARCHED, TRIES):
        if port not in taken and is_free(port):
            return port
    sentence = f"No free port was found between {SEARCHED.start} and {SEARCHED.stop}."
    raise FolderError(sentence)


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    if family == socket.AF_INET6 and not _has_ipv6():
        return True
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        # As servers do: a connection of an earlier run that is still closing is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            # A machine without a ::1 address has nobody listening there.
            return error.errno == errno.EADDRNOTAVAIL
    return True


def _has_ipv6() -> bool:
    return socket.has_ipv6 and Path("/proc/net/if_inet6").exists()
