"""Values are compared by their very types, and a function's are taken for nothing but what they are."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.programs.compare_values import equals_value, read_value

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(VALUES)
def test_a_value_equals_itself_as_json_gives_it_back(value: Any):
    (again,) = read_value(json.dumps(value).encode()) or (None,)
    assert equals_value(value, again) and equals_value(value, again, exact=True)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_equal_is_equal_both_ways_where_numbers_are_exact(one: Any, other: Any):
    assert equals_value(one, other, exact=True) == equals_value(other, one, exact=True)
    assert equals_value([one], [one, other]) is False
    assert equals_value({"a": one}, {"a": one, "b": other}) is False


@pytest.mark.parametrize(("expected", "given_back"), [
    (1, True), (True, 1), (0, False), (1, "1"), ("1", 1), (None, 0), ([], None), ([], {}), ("", None), ([1, 2], [1]), ([1], [1, 2]),
    (10**20, 10**20 + 1), (10**9, float(10**9 + 1)), (0.5, 0.50001), (1.0, float("nan")), (float("inf"), 1e308), (10**400, 1.0), (1e10, 1e10 + 1), (2**53 + 1, float(2**53)),
    ({"a": 1}, {"b": 1}), ([[1]], [1]), ("a", "a "), (2.0, True),
])  # fmt: skip
def test_what_differs(expected: Any, given_back: Any):
    assert not equals_value(expected, given_back)


@pytest.mark.parametrize(("expected", "given_back"), [
    (3, 3.0), (3.0, 3), (0.1, 0.1 + 1e-9), (1e10, 1e10 + 0.5), ([1, [2.5]], [1, [2.5000000001]]), ({"a": [None]}, {"a": [None]}),
])  # fmt: skip
def test_what_is_the_same(expected: Any, given_back: Any):
    assert equals_value(expected, given_back)


def test_what_is_too_deep_or_no_json_is_nothing():
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    assert not equals_value(deep, deep)
    assert read_value(b"[" * 100_000) is None and read_value(b"") is None and read_value(b"{") is None
