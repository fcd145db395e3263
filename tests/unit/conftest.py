"""Unit tests reach nothing: a test that dials out is not one."""

import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def _no_sockets() -> None:
    # Event loops need a pair of Unix sockets for themselves.
    disable_socket(allow_unix_socket=True)
