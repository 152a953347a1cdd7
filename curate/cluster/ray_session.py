"""A connection to a Ray cluster, for as long as one command runs: an existing one by its address, or one on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Any, Final

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
    if address:
        try:
            ray.init(address=address, **common)
        except (ConnectionError, ValueError, TimeoutError) as error:
            said = " ".join(str(error).split())[:200]
            raise UserError(f"No Ray cluster answers at '{address}' ({said}).") from None
    else:
        os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
        ray.init(include_dashboard=False, _node_ip_address="127.0.0.1", **common)
    try:
        yield ray
    finally:
        ray.shutdown()


def require_same_code(version: str, node: str) -> None:
    """Raises UserError where a machine has another version of this program."""
    here = metadata.version("r1curate")
    if version != here:
        raise UserError(f"The machine {node} has r1curate {here}, and the command was given with {version}.")
