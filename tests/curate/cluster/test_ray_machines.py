"""What a Ray cluster's machines give to one training."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.cluster.ray_machines import find_need
from filters.errors import UserError


def cluster(*gpus: int) -> dict[str, dict[str, float]]:
    return {
        str(n): {"CPU": 8.0 * max(1, count), **({"GPU": float(count)} if count else {})}
        for n, count in enumerate(gpus)
    }


@given(st.lists(st.integers(0, 8), min_size=1, max_size=6), st.none() | st.integers(0, 64))
def test_what_is_reserved_is_there_on_as_many_machines(counts, asked):
    try:
        need = find_need(cluster(*counts), asked)
    except UserError:
        assert asked
        return
    if asked is not None:
        assert need.machines * need.gpus == asked or (asked == 0 and need.gpus == 0)
    roomy = [one for one in counts if one >= need.gpus and 8 * max(1, one) >= need.cpus]
    assert 1 <= need.machines <= len(roomy)


def test_all_gpus_or_all_cores_are_taken():
    assert find_need(cluster(0, 8, 8), None) == (2, 8, 64)
    assert find_need(cluster(0, 0, 0), None) == (3, 0, 8)
    assert find_need(cluster(8, 8), 4) == (1, 4, 32)


@pytest.mark.parametrize(
    ("counts", "asked", "said"),
    [
        ((0, 0), 8, "the Ray cluster has none"),
        ((8, 8), 12, "do not divide over machines of 8"),
        ((8, 8), 32, "the Ray cluster has 16, 8 on each of 2 machines"),
    ],
)
def test_more_than_there_is_is_refused(counts, asked, said):
    with pytest.raises(UserError, match=said):
        find_need(cluster(*counts), asked)
