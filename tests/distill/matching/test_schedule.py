from distill.matching.schedule import plan_rows


def test_every_row_is_seen_once_an_epoch_and_the_last_step_is_filled_up():
    order = plan_rows(10, 2, 4, seed=1)
    assert len(order) == 20
    assert sorted(order[:10]) == sorted(order[10:]) == list(range(10))
    assert order[:10] != order[10:]
    assert plan_rows(10, 2, 4, seed=1) == order != plan_rows(10, 2, 4, seed=2)
    filled = plan_rows(10, 1, 4, seed=1)
    assert filled == order[:12]


def test_fewer_rows_than_a_step_are_enough():
    assert sorted(plan_rows(3, 1, 4, seed=0)[:3]) == [0, 1, 2]
    assert len(plan_rows(3, 0.1, 4, seed=0)) == 4


def test_repeats_of_a_row_stand_in_one_step():
    order = plan_rows(4, 1, 4, seed=0, repeats=2)
    assert len(order) == 8
    assert order[::2] == order[1::2]
    assert sorted(order[::2]) == [0, 1, 2, 3]
