"""Values that pass between a program and what tries it: plain ones, by their very types, and handles to what is not plain.

Written as JSON. What comes in is made of Python's own types alone, so that no object of a program's can say of itself
that it equals something; a subclass, or an instance of a class of the program's own, is a handle.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

KIND, VALUE = "k", "v"
HANDLE: Final = "handle"
"""The kind of what stays where it is: its value names it there."""
_LONGEST: Final = 1 << 63
_LISTED: Final[dict[type, str]] = {
    tuple: "tuple", set: "set", frozenset: "frozenset", deque: "deque",
}  # fmt: skip
_MAPPED: Final[dict[type, str]] = {
    dict: "dict",
    defaultdict: "dict",
    OrderedDict: "OrderedDict",
    Counter: "Counter",
}
_MAKE: Final[dict[str, Callable[[Any], Any]]] = {
    "tuple": tuple, "set": set, "frozenset": frozenset, "deque": deque, "dict": dict, "OrderedDict": OrderedDict,
    "Counter": lambda pairs: Counter(dict(pairs)), "int": lambda said: int(said, 16), "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex, "complex": lambda pair: complex(*pair), "range": lambda ends: range(*ends),
    "Decimal": Decimal, "Fraction": lambda pair: Fraction(*pair), "datetime": datetime.fromisoformat,
    "date": date.fromisoformat, "time": time.fromisoformat, "timedelta": lambda parts: timedelta(*parts),
}  # fmt: skip
_SAY: Final[dict[type, Callable[[Any], Any]]] = {
    bytes: bytes.hex, bytearray: bytearray.hex, complex: lambda v: [v.real, v.imag], range: lambda v: [v.start, v.stop, v.step],
    Decimal: str, Fraction: lambda v: [v.numerator, v.denominator], datetime: datetime.isoformat, date: date.isoformat,
    time: time.isoformat, timedelta: lambda v: [v.days, v.seconds, v.microseconds],
}  # fmt: skip


def pack(value: Any, hold: Callable[[Any], Any]) -> Any:
    """A value as JSON can hold it. hold: names a thing that is not plain, or raises TypeError.

    Raises RecursionError where lists or objects stand too deep, or in each other.
    """
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return value if -_LONGEST < value < _LONGEST else {KIND: "int", VALUE: hex(value)}
    if kind is list:
        return [pack(one, hold) for one in value]
    if kind in _LISTED:
        return {KIND: _LISTED[kind], VALUE: [pack(one, hold) for one in value]}
    if kind in _MAPPED:
        pairs = [[pack(key, hold), pack(one, hold)] for key, one in value.items()]
        return {KIND: _MAPPED[kind], VALUE: pairs}
    if kind in _SAY:
        said = _SAY[kind](value)
        return {
            KIND: kind.__name__,
            VALUE: [pack(one, hold) for one in said] if isinstance(said, list) else said,
        }
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):  # a named tuple equals the tuple that it is
        return {KIND: "tuple", VALUE: [pack(one, hold) for one in tuple.__iter__(value)]}
    if kind.__module__ == "numpy" and getattr(value, "shape", None) == ():
        return pack(value.item(), hold)
    return {KIND: HANDLE, VALUE: hold(value)}


def unpack(said: Any, find: Callable[[Any], Any]) -> Any:
    """The value that was packed. find: the thing that a handle names. Raises ValueError for what no `pack` wrote."""
    if isinstance(said, list):
        return [unpack(one, find) for one in said]
    if not isinstance(said, dict):
        return said
    kind, value = said.get(KIND), said.get(VALUE)
    if kind == HANDLE:
        return find(value)
    make = _MAKE.get(str(kind))
    if make is None:
        raise ValueError(f"there is no kind of value '{kind}'")
    try:
        return make(unpack(value, find))
    except (TypeError, ArithmeticError) as error:
        raise ValueError(f"a {kind} cannot be made of that: {error}") from None
