"""The option `--metrics`: a command's numbers as OpenMetrics text, in a file or served on a port."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from curate.monitoring.board import Board
from curate.monitoring.families import BUILD, START_TIME
from curate.store.whole_files import write_aside
from filters.errors import UserError

if TYPE_CHECKING:
    from prometheus_client.registry import CollectorRegistry

logger = logging.getLogger(__name__)

SUFFIX: Final = ".prom"
"""How the name of a file ends; node_exporter's textfile collector reads no other."""
EVERY_S: Final = 5.0
"""Seconds between two states of the file."""
HOST: Final = "127.0.0.1"
"""Where a port alone is served: to this machine."""
ADDRESS: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s/:\[\]]*)):([0-9]{1,5})")
"""HOST:PORT, an IPv6 address in brackets; without the host for this machine."""
LARGEST_PORT: Final = 65_535


@contextmanager
def open_board(where: str | None, command: str) -> Iterator[Board | None]:
    """The numbers of a command, which are told there while the block runs; None where nobody asks.

    where: a file that ends in .prom, :PORT or HOST:PORT. Raises UserError where it is none of these, the file cannot be
    written, or nothing can be served there.
    """
    if where is None:
        yield None
        return
    from prometheus_client.registry import CollectorRegistry

    board, registry = Board(), CollectorRegistry(auto_describe=False)
    board.put({(BUILD, (metadata.version("r1curate"), command)): 1, (START_TIME, ()): time.time()})
    registry.register(board)
    close = _open_outlet(where, registry)
    try:
        yield board
    finally:
        close()


def _open_outlet(where: str, registry: CollectorRegistry) -> Callable[[], None]:
    """Begin to tell the numbers; what ends it."""
    outlet = read_outlet(where)
    if isinstance(outlet, Path):
        return _write_always(outlet, registry)
    return _serve(where, *outlet, registry)


def read_outlet(where: str) -> Path | tuple[str, int]:
    """The file, or the host and port, that the option names. Raises UserError where it is none of these."""
    if where.endswith(SUFFIX):
        return Path(where)
    found = ADDRESS.fullmatch(where)
    if found is None or not 0 < int(found[3]) <= LARGEST_PORT:
        raise UserError(
            f"--metrics {where}: it is a file whose name ends in {SUFFIX}, or where to serve them: :PORT or HOST:PORT, as :9400."
        )
    return found[1] or found[2] or HOST, int(found[3])


def _serve(where: str, host: str, port: int, registry: CollectorRegistry) -> Callable[[], None]:
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise UserError(
            f"--metrics {where}: nothing can be served there ({error.strerror or error}); name another address, or a file "
            f"whose name ends in {SUFFIX}."
        ) from None
    logger.info(f"Metrics are served at http://{where if where[0] != ':' else HOST + where}/metrics.")

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


def _write_always(path: Path, registry: CollectorRegistry) -> Callable[[], None]:
    """Write the file now, now and then, and at the end. One that cannot be written later ends no work; it is told once."""
    try:
        _write(path, registry)
    except OSError as error:
        raise UserError(f"--metrics {path}: the file cannot be written ({error.strerror}).") from None
    ending = threading.Event()

    def try_to_write() -> bool:
        try:
            _write(path, registry)
        except OSError as error:
            logger.warning(f"The metrics file '{path}' cannot be written any more ({error.strerror}).")
            return False
        return True

    def follow() -> None:
        while not ending.wait(EVERY_S):
            if not try_to_write():
                return

    thread = threading.Thread(target=follow, name="metrics", daemon=True)
    thread.start()

    def close() -> None:
        ending.set()
        thread.join()
        try_to_write()

    return close


def _write(path: Path, registry: CollectorRegistry) -> None:
    from prometheus_client.openmetrics.exposition import generate_latest

    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(0, f"there is no folder '{path.absolute().parent}'")
    text = generate_latest(registry)  # type: ignore[no-untyped-call]
    with write_aside(path) as aside:
        aside.write_bytes(text)
