"""A real Ray cluster of three nodes on this machine, one core each, shared by the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.curate.conftest import describe_access

QUIET = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_prestart_worker_first_driver": "0",
    # A killed node is noticed after 16 seconds else.
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "3000",
    "RAY_health_check_failure_threshold": "4",
}


@pytest.fixture(scope="session")
def cluster(object_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The cluster, connected to. Nodes that a test kills it adds again. They reach the object store, too."""
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'r1curate[ray]')")
    before = dict(os.environ)
    copies = {"R1CURATE_COPIES": str(tmp_path_factory.mktemp("copies"))}
    os.environ.update({**QUIET, **describe_access(object_server), **copies})
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    ray.init(address=made.address, logging_level="ERROR", log_to_driver=False)
    try:
        yield made
    finally:
        ray.shutdown()
        made.shutdown()
        os.environ.clear()
        os.environ.update(before)
