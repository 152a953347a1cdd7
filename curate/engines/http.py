"""The connections of an endpoint: kept alive while a long chain is thought out and nothing is said on them."""

from __future__ import annotations

import socket
import urllib.request
from importlib import import_module
from typing import Any, Final

import openai

IDLE_S: Final = 60
"""Routers forget connections on which nothing was sent for a few minutes; ours say something sooner."""
PROBES: Final = 5
"""Unanswered ones after which the other side is taken for dead."""


def make_http_client(timeout: openai.Timeout) -> Any:
    """A client whose connections send TCP keepalives, as many of them as there are requests.

    Where the environment names a proxy it is the library's own, which reads that: then the proxy's end is idle.
    """
    if urllib.request.getproxies():
        return openai.DefaultAsyncHttpxClient(timeout=timeout)
    # The client's HTTP library has changed its name; this is whichever it uses.
    http: Any = import_module(openai.DefaultAsyncHttpxClient.__mro__[1].__module__.partition(".")[0])
    limits = http.Limits(max_connections=None, max_keepalive_connections=None)
    transport = http.AsyncHTTPTransport(limits=limits, socket_options=make_socket_options())
    return openai.DefaultAsyncHttpxClient(timeout=timeout, transport=transport)


def make_socket_options() -> list[tuple[int, int, int]]:
    """Keepalives, and where the system lets it be said, when."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", IDLE_S), ("TCP_KEEPINTVL", IDLE_S), ("TCP_KEEPCNT", PROBES)):
        if (option := getattr(socket, name, None)) is not None:
            options.append((socket.IPPROTO_TCP, option, value))
    return options
