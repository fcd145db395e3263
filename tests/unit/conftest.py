"""Unit tests reach nothing: a test that dials out is not one."""

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    # Event loops need a pair of Unix sockets for themselves.
    disable_socket(allow_unix_socket=True)
    yield
    # The other levels run in the same process, and need them.
    enable_socket()
