"""What passes between a program and its tests is what it was, by value and type; what is not plain is named, never copied."""

import json
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.sandbox.plain_values import Numbers, pack, unpack

HASHABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.complex_numbers(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=6,
)  # fmt: skip
VALUES = st.recursive(
    HASHABLE | st.decimals(allow_nan=False) | st.fractions() | st.dates() | st.datetimes() | st.timedeltas() | st.binary().map(bytearray),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HASHABLE, inner, max_size=3) | st.sets(HASHABLE, max_size=3)
    | st.lists(inner, max_size=3).map(deque) | st.lists(inner, max_size=3).map(tuple), max_leaves=12,
)  # fmt: skip


def refuse(thing: Any) -> Any:
    raise TypeError(f"a {type(thing).__name__} is not plain")


def carry(value: Any) -> Any:
    return unpack(json.loads(json.dumps(pack(value, refuse, Numbers()))), refuse, Numbers())


@settings(deadline=None)
@given(VALUES)
def test_plain_values_are_carried_as_they_are(value: Any):
    carried = carry(value)
    assert type(carried) is type(value)
    assert carried == value
    assert repr(carried) == repr(value) or isinstance(
        value, (set, frozenset, dict, list, tuple, deque, datetime)
    )


@pytest.mark.parametrize("value", [
    Counter("abca"), OrderedDict(b=1, a=2), range(1, 10, 3), 10**400, -(2**63), Decimal("1E-30"), Fraction(-1, 3), date(2024, 2, 29),
    ValueError, KeyboardInterrupt, datetime(2024, 2, 29, 1, 2, 3), timedelta(days=-1, microseconds=7), {(1, 2): {3}}, {1: 2, "1": 3}, [float("inf")], "\ud800",
])  # fmt: skip
def test_these_are_plain(value: Any):
    assert (type(carry(value)), carry(value)) == (type(value), value)


def test_what_equals_a_plain_value_is_one():
    assert carry(defaultdict(int, a=1)) == {"a": 1}
    Point = namedtuple("Point", ("x", "y"))
    point = carry(Point(1, [2]))
    assert point == (1, [2]) and (point.x, point.y, type(point).__name__) == (1, [2], "Point")


class Number(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    "thing", [Number(1), object(), print, type("L", (list,), {})(), (n for n in "ab"), Number, [Number(1)]]
)
def test_what_is_not_plain_is_held_not_carried(thing: Any):
    with pytest.raises(TypeError, match="is not plain"):
        carry(thing)
    packed = pack(thing, lambda one: type(one).__name__, Numbers())
    named = unpack(json.loads(json.dumps(packed)), lambda name: f"<{name}>", Numbers())
    assert "<" in str(named)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
       | st.dictionaries(st.sampled_from(["k", "v", "x"]), inner | st.sampled_from(["set", "dict", "int", "Fraction", "range", "bytes"]), max_size=2), max_leaves=8))  # fmt: skip
def test_whatever_comes_in_is_a_value_or_refused(said: Any):
    with suppress(ValueError, TypeError):
        unpack(said, refuse, Numbers())


def test_one_list_comes_back_as_one_list():
    here, there = Numbers(), Numbers()
    inner: list[Any] = [1]
    packed = json.loads(json.dumps(pack([inner, inner, {"a": inner}], refuse, here)))
    carried = unpack(packed, refuse, there)
    assert carried == [[1], [1], {"a": [1]}]
    assert carried[0] is carried[1] is carried[2]["a"]
    assert unpack(json.loads(json.dumps(pack(carried[1], refuse, there))), refuse, here) is inner
    around: list[Any] = []
    around.append(around)
    again = unpack(json.loads(json.dumps(pack(around, refuse, Numbers()))), refuse, Numbers())
    assert again[0] is again
