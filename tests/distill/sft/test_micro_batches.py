from hypothesis import given, settings
from hypothesis import strategies as st

from distill.sft.micro_batches import StepCutter

LENGTHS = st.lists(st.integers(1, 3000), min_size=1, max_size=64)


@settings(max_examples=200, deadline=None)
@given(LENGTHS, st.integers(1, 9), st.integers(1, 4096), st.booleans(), st.none() | st.integers(1, 8))
def test_every_row_of_a_step_is_trained_on_once_and_processes_take_equal_turns(
    lengths, processes, tokens, padded, rows
):
    shares = StepCutter(processes, tokens, padded, rows).cut(range(len(lengths)), lengths)
    assert len(shares) == processes
    assert len({len(share) for share in shares}) == 1
    bins = [rows_of for share in shares for rows_of in share]
    assert sorted(row for rows_of in bins for row in rows_of) == list(range(len(lengths)))
    for rows_of in bins:
        taken = [lengths[row] for row in rows_of]
        size = len(taken) * max(taken, default=0) if padded else sum(taken)
        assert len(rows_of) <= 1 or size <= tokens
        assert rows is None or len(rows_of) <= rows


@settings(max_examples=100, deadline=None)
@given(LENGTHS, st.integers(1, 9), st.booleans())
def test_a_cutting_follows_from_the_rows_alone(lengths, processes, padded):
    cutting = StepCutter(processes, 2048, padded)
    assert cutting.cut(range(len(lengths)), lengths) == cutting.cut(
        list(reversed(range(len(lengths)))), lengths
    ) or len(set(lengths)) < len(lengths)


def test_sixty_four_rows_are_balanced_over_six_processes():
    lengths = [(n * 2_654_435_761) % 9_000 + 200 for n in range(64)]
    shares = StepCutter(6, 16_384, padded=False, even=36_000).cut(range(64), lengths)
    for turn in zip(*shares, strict=True):
        work = [sum(lengths[row] + lengths[row] ** 2 / 36_000 for row in rows) for rows in turn]
        assert max(work) < 1.1 * min(work)


def test_no_more_rounds_than_the_tokens_need():
    (share,) = StepCutter(1, 1000, padded=False).cut(range(8), [250] * 8)
    assert [len(rows) for rows in share] == [4, 4]


def test_a_long_row_goes_alone_and_first():
    (share,) = StepCutter(1, 1000, padded=False).cut(range(4), [300, 5000, 300, 300])
    assert share[0] == [1]


def test_padded_rows_lie_beside_rows_of_their_length():
    (share,) = StepCutter(1, 400, padded=True).cut(range(6), [10, 200, 11, 190, 12, 180])
    assert share == [[1, 3], [5, 4], [2, 0]]


def test_more_processes_than_rows_leave_some_idle():
    shares = StepCutter(4, 100, padded=False).cut(range(2), [5, 6])
    assert shares == [[[1]], [[0]], [[]], [[]]]
