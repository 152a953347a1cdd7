import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.gram_table import GramTable
from filters.overlap.words import Grams

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=30)
TEXTS = st.lists(st.lists(st.integers(0, 8), max_size=6), max_size=4)
BIG = 2**60


def to_hashes(numbers):
    return np.array(numbers, np.uint64) * np.uint64(BIG)


@given(PAIRS, TEXTS, st.sampled_from((None, 1, 2)))
def test_texts_and_problems_that_share_runs_are_those_of_sets(pairs, texts, most):
    runs, owners = (
        np.array(column, np.int64) for column in (zip(*pairs, strict=True) if pairs else ((), ()))
    )
    table = GramTable.build(to_hashes(runs), owners, 4, most)
    flat = [run for text in texts for run in text]
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    found = table.find(Grams(to_hashes(flat), ends, np.arange(len(flat))))
    holders = {run: sorted({p for r, p in pairs if r == run})[:most] for run, _ in pairs}
    wanted = {}
    for number, text in enumerate(texts):
        for run in set(text) & holders.keys():
            for problem in holders[run]:
                wanted[number, problem] = wanted.get((number, problem), 0) + 1
    keys = zip(found.texts.tolist(), found.problems.tolist(), strict=True)
    assert dict(zip(keys, found.counts.tolist(), strict=True)) == wanted
    assert table.sizes.tolist() == [
        len({run for run, owner in pairs if owner == problem}) for problem in range(4)
    ]
    for problem in range(4):
        assert table.holds(to_hashes(range(8)), problem) == [
            problem in holders.get(run, ()) for run in range(8)
        ]
