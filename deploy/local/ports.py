"""Find ports that nothing else on this machine uses, for parts that listen on the loopback."""

import contextlib
import errno
import json
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from deploy.local.errors import FolderError

#: Below the range that Linux gives to outgoing connections (32768 and up): a client that retries
#: while its server restarts could otherwise be given the server's own port, and keep it.
SEARCHED = range(15_000, 30_000)
TRIES = 500


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port, as 127.0.0.1 and as what localhost means."""
    return _can_bind(socket.AF_INET, "127.0.0.1", port) and _can_bind(socket.AF_INET6, "::1", port)


def choose(names: Iterable[str], *preferences: Mapping[str, int]) -> dict[str, int]:
    """Give each name the first of its preferred ports that is free, else any free one."""
    chosen: dict[str, int] = {}
    reserved = {port for preferred in preferences for port in preferred.values()}
    for name in names:
        wanted = (preferred[name] for preferred in preferences if name in preferred)
        free = (port for port in wanted if port not in chosen.values() and is_free(port))
        chosen[name] = next(free, None) or _search({*chosen.values(), *reserved})
    return chosen


def choose_and_remember(
    names: Iterable[str], preferred: Mapping[str, int], memory: Path
) -> dict[str, int]:
    """Choose as above, with the last run's ports second, so that addresses stay what they were."""
    try:
        last = dict(cast("dict[str, int]", json.loads(memory.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError):
        last = {}
    chosen = choose(names, preferred, last)
    memory.write_text(json.dumps(chosen, indent=2), encoding="utf-8")
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
