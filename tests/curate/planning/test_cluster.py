"""A cluster is read from its shape, and has room for whole replicas on each machine."""

import pytest

from curate.planning.cluster import Cluster, read_cluster
from filters.engine import EngineOptions


def test_a_cluster_is_machines_times_gpus_times_memory():
    assert read_cluster("64x8x80") == Cluster(64, 8, 80.0)
    assert read_cluster("3x0") == Cluster(3, 0)
    assert str(Cluster(64, 8, 141.0).machine) == "8 GPUs of 141 GiB"


@pytest.mark.parametrize("said", ["64", "0x8", "64x", "x8", "64x8x", "64 x 8", "-1x8", "8xmany"])
def test_anything_else_is_refused(said):
    with pytest.raises(ValueError, match="not of the form MACHINESxGPUS"):
        read_cluster(said)


@pytest.mark.parametrize(
    ("cluster", "engine", "on", "replicas"),
    [
        (Cluster(64, 8), {}, "ray", 512),
        (Cluster(64, 8), {"tensor_parallel": 4}, "ray:auto", 128),
        (Cluster(64, 8), {"tensor_parallel": 3}, "ray", 128),
        (Cluster(64, 8), {"tensor_parallel": 16}, "ray", 0),
        (Cluster(64, 8), {"tensor_parallel": 4, "replicas": 10}, "ray", 10),
        (Cluster(1, 8), {"replicas": 100}, "ray", 8),
        (Cluster(64, 8), {"tensor_parallel": 2, "replicas": 4}, "local", 4),
        (Cluster(5, 0), {}, "ray", 5),
        (Cluster(64, 8), {"kind": "server", "endpoints": ("http://x",)}, "ray", 1),
    ],
)
def test_replicas_are_as_many_as_there_is_room_for(cluster, engine, on, replicas):
    assert cluster.count_replicas(EngineOptions(model="m", **engine), on) == replicas
