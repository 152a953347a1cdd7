"""A connection to a Ray cluster, for as long as one command runs: an existing one by its address, or one on this machine."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, Final, NamedTuple

from filters.errors import UserError

logger = logging.getLogger(__name__)

QUIET: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    # Else its processes report to each other what nobody here asks for.
    "RAY_enable_metrics_collection": "0",
    "RAY_prestart_worker_first_driver": "0",
}
"""For a cluster of one's own on this machine."""
ANSWER_S: Final = 10.0
"""What a cluster may take to answer."""
ROOM_S: Final = 10.0
"""A command that waits for room so long says so."""
WORKER: Final = {"PYTHONSAFEPATH": "1", "OMP_WAIT_POLICY": "PASSIVE"}
"""For the processes that work: they import nothing from the folder that the data lie in."""


@contextmanager
def connect(address: str) -> Iterator[Any]:
    """The module `ray`, connected. address: of a cluster, "auto" for the one of this machine; empty starts one here.

    Raises UserError where Ray is not installed, or no cluster answers.
    """
    try:
        import ray
    except ImportError:
        raise UserError("--on ray needs Ray, which is not installed: pip install 'r1curate[ray]'.") from None
    if ray.is_initialized():  # by whoever calls this from a script or a notebook
        yield ray
        return
    common = {"logging_level": "ERROR", "log_to_driver": False, "runtime_env": {"env_vars": WORKER}}
    here = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        if address:
            _require_answer(address)
            ray.init(address=address, **common)
        else:
            logger.info(
                "Starting a Ray cluster on this machine; --on ray:ADDRESS, or RAY_ADDRESS, names another."
            )
            _start_here(ray, common)
    except (OSError, ValueError, RuntimeError) as error:  # Ray's own are such
        said = " ".join(str(error).split())[:200]
        what = f"No Ray cluster answers at '{address}'" if address else "Ray cannot be started here"
        raise UserError(f"{what} ({said}).") from None
    finally:
        if here and handler is not None:  # Ray takes it, and ends the process without a word
            signal.signal(signal.SIGTERM, handler)
    try:
        yield ray
    finally:
        ray.shutdown()


def _start_here(ray: Any, common: Mapping[str, Any]) -> None:
    before = dict(os.environ)
    os.environ.update({**QUIET, **before})
    try:
        # Without an address Ray would join whatever cluster somebody has started last on this machine.
        ray.init("local", include_dashboard=False, _node_ip_address="127.0.0.1", **common)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _require_answer(address: str) -> None:
    """Raises OSError where nothing listens at HOST:PORT: Ray itself would ask for a quarter of an hour."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()


class WaitForRoom:
    """Says once that a command waits for room on the cluster."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._told = False

    def tell_if_long(self, waits: bool) -> None:
        """Note that it waits, or does not, and say so where it has for long."""
        if not waits:
            self._since = None
            return
        self._since = self._since or time.monotonic()
        if not self._told and time.monotonic() - self._since > ROOM_S:
            self._told = True
            logger.info(
                "Waiting for room on the cluster: nothing works for this command yet (see `ray status`)."
            )


class Command(NamedTuple):
    """Where a command was given, for the processes that do its work: the version of this program, and the folder."""

    version: str
    folder: str


def describe_command() -> Command:
    """Where the present command was given."""
    return Command(metadata.version("r1curate"), str(Path.cwd()))


def enter_command(command: Command) -> None:
    """Work for a command: what its options name by a relative path is found as there. Raises UserError where this machine has another version."""
    import ray

    here = metadata.version("r1curate")
    if command.version != here:
        raise UserError(
            f"The machine {ray.util.get_node_ip_address()} has r1curate {here}, and the command was given with {command.version}."
        )
    if Path(command.folder).is_dir():
        os.chdir(command.folder)


def name_node() -> tuple[str, str]:
    """The machine that an actor runs on, for Ray and for people."""
    import ray

    node = str(ray.get_runtime_context().get_node_id())
    return node, f"{ray.util.get_node_ip_address()} ({node[:8]})"


def list_machines(ray: Any) -> dict[str, Mapping[str, float]]:
    """What the machines that live and have cores have in all (CPU, GPU, …), by their id."""
    return {
        node["NodeID"]: node["Resources"]
        for node in ray.nodes()
        if node["Alive"] and node["Resources"].get("CPU")
    }


def tell_first_line(error: BaseException) -> str:
    """An error in a line: Ray puts whole logs after the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
