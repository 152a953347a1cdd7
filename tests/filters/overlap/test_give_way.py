import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.give_way import give_way


@given(st.data(), st.integers(1, 9))
def test_who_gives_way_is_alike_to_an_earlier_one_that_stays(data, number):
    node = st.integers(0, number - 1)
    pairs = data.draw(st.lists(st.tuples(node, node), max_size=20))
    rank = data.draw(st.permutations(range(number)))
    found = give_way(np.array(pairs, np.int64).reshape(-1, 2), np.array(rank)).tolist()
    alike = {frozenset(pair) for pair in pairs if pair[0] != pair[1]}
    for one, stay in enumerate(found):
        if stay == one:
            assert not any(
                frozenset((one, other)) in alike and rank[other] < rank[one]
                for other in range(number)
                if found[other] == other
            )
        else:
            assert frozenset((one, stay)) in alike and found[stay] == stay and rank[stay] < rank[one]
    shuffled = data.draw(st.permutations(pairs))
    turned = [pair[::-1] for pair in shuffled]
    assert give_way(np.array(turned, np.int64).reshape(-1, 2), np.array(rank)).tolist() == found
