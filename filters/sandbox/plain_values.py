"""Values that pass between a program and what tries it: plain ones, by their very types, and handles to what is not plain.

Written as JSON. What comes in is made of Python's own types alone, so that no object of a program's can say of itself
that it equals something; a subclass, or an instance of a class of the program's own, is a handle. Lists and other things
that can be changed have numbers while they are known to both sides, so that the same list comes back as the same list.
"""

from __future__ import annotations

import builtins
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

KIND, VALUE, NUMBER = "k", "v", "n"
HANDLE, SAME, TYPE = "handle", "same", "type"
"""The kinds of what stays where it is, of what both sides know already, and of Python's own classes."""
_LONGEST: Final = 1 << 63
TYPES: Final[dict[type, str]] = {
    found: name for name in ("int", "str", "float", "bool", "list", "tuple", "dict", "set", "frozenset", "bytes", "bytearray",
    "complex", "object", "type", "range") if isinstance(found := getattr(builtins, name), type)
} | {one: name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, BaseException)}  # fmt: skip
_LISTED: Final[dict[type, str]] = {tuple: "tuple", frozenset: "frozenset"}
_VIEWS: Final[dict[type, str]] = {
    type({}.keys()): "keys",
    type({}.values()): "values",
    type({}.items()): "items",
}
CHANGEABLE: Final[dict[type, str]] = {
    list: "list", set: "set", deque: "deque", bytearray: "bytearray", dict: "dict", defaultdict: "dict",
    OrderedDict: "OrderedDict", Counter: "Counter",
}  # fmt: skip
"""What can be changed, by the class that it is elsewhere."""
_EMPTY: Final[dict[str, Callable[[], Any]]] = {
    "list": list, "set": set, "deque": deque, "bytearray": bytearray, "dict": dict, "OrderedDict": OrderedDict,
    "Counter": Counter,
}  # fmt: skip
_MAKE: Final[dict[str, Callable[[Any], Any]]] = {
    "tuple": tuple, "frozenset": frozenset, "int": lambda said: int(said, 16), "bytes": bytes.fromhex,
    "complex": lambda pair: complex(*pair), "range": lambda ends: range(*ends), "Decimal": Decimal,
    "Fraction": lambda pair: Fraction(*pair), "datetime": datetime.fromisoformat, "date": date.fromisoformat,
    "time": time.fromisoformat, "timedelta": lambda parts: timedelta(*parts), "keys": lambda said: dict.fromkeys(said).keys(),
    "values": lambda said: dict(enumerate(said)).values(), "items": lambda said: dict(said).items(),
}  # fmt: skip
_SAY: Final[dict[type, Callable[[Any], Any]]] = {
    bytes: bytes.hex, complex: lambda v: [v.real, v.imag], range: lambda v: [v.start, v.stop, v.step],
    Decimal: str, Fraction: lambda v: [v.numerator, v.denominator], datetime: datetime.isoformat, date: date.isoformat,
    time: time.isoformat, timedelta: lambda v: [v.days, v.seconds, v.microseconds],
}  # fmt: skip


class Numbers:
    """The things that can be changed and that both sides know, by number."""

    def __init__(self) -> None:
        self.things: dict[int, Any] = {}
        self._known: dict[int, int] = {}

    def find(self, thing: Any) -> int | None:
        """The number of a thing; None where it has none."""
        return self._known.get(id(thing))

    def add(self, thing: Any, number: int | None = None) -> int:
        """Give a thing a number, the next one unless told."""
        number = len(self.things) if number is None else number
        self.things[number], self._known[id(thing)] = thing, number
        return number


def pack(value: Any, hold: Callable[[Any], Any], numbers: Numbers) -> Any:
    """A value as JSON can hold it. hold: names a thing that is not plain, or raises TypeError.

    Raises RecursionError where lists or objects stand too deep.
    """
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return value if -_LONGEST < value < _LONGEST else {KIND: "int", VALUE: hex(value)}
    if kind in CHANGEABLE:
        known = numbers.find(value)
        if known is not None:
            return {KIND: SAME, VALUE: known}
        number = numbers.add(value)
        return {KIND: CHANGEABLE[kind], VALUE: pack_content(value, hold, numbers), NUMBER: number}
    if kind in _LISTED or kind in _VIEWS:
        return {KIND: (_LISTED | _VIEWS)[kind], VALUE: [pack(one, hold, numbers) for one in value]}
    if kind in _SAY:
        said = _SAY[kind](value)
        return {KIND: kind.__name__, VALUE: [pack(one, hold, numbers) for one in said] if isinstance(said, list) else said}  # fmt: skip
    if kind is type and value in TYPES:
        return {KIND: TYPE, VALUE: TYPES[value]}
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        fields = [str(name) for name in kind._fields]
        return {KIND: "named", VALUE: [str(kind.__name__), fields, *(pack(one, hold, numbers) for one in tuple.__iter__(value))]}  # fmt: skip
    if kind.__module__ == "numpy" and getattr(value, "shape", None) == ():
        return pack(value.item(), hold, numbers)
    return {KIND: HANDLE, VALUE: hold(value)}


def pack_content(value: Any, hold: Callable[[Any], Any], numbers: Numbers) -> Any:
    """What is in a thing that can be changed."""
    if isinstance(value, bytearray):
        return value.hex()
    if isinstance(value, dict):
        return [[pack(key, hold, numbers), pack(one, hold, numbers)] for key, one in value.items()]
    return [pack(one, hold, numbers) for one in value]


def unpack(said: Any, find: Callable[[Any], Any], numbers: Numbers) -> Any:
    """The value that was packed. find: the thing that a handle names. Raises ValueError for what no `pack` wrote."""
    if not isinstance(said, dict):
        if isinstance(said, list):
            raise ValueError("a list has a number")
        return said
    kind, value = said.get(KIND), said.get(VALUE)
    number: Any = value
    try:
        if kind == HANDLE:
            return find(value)
        if kind == SAME:
            return numbers.things[number]
        if kind == TYPE:
            return {name: one for one, name in TYPES.items()}[number]
        if kind in _EMPTY:
            made = _EMPTY[kind]()
            numbers.add(made, said[NUMBER])
            fill(made, value, find, numbers)
            return made
        if kind == "named":
            name, fields, *values = list(value or ())
            return namedtuple(name, fields, rename=True)(*(unpack(one, find, numbers) for one in values))
        if isinstance(value, list):
            value = [unpack(one, find, numbers) for one in value]
        return _MAKE[str(kind)](value)
    except (TypeError, ArithmeticError, LookupError, AttributeError) as error:
        raise ValueError(f"no value can be made of a '{kind}': {error}") from None


def fill(thing: Any, content: Any, find: Callable[[Any], Any], numbers: Numbers) -> None:
    """Make a thing that can be changed hold what was packed of its content, and nothing else."""
    if isinstance(thing, bytearray):
        thing[:] = bytes.fromhex(content)
    elif isinstance(thing, dict):
        pairs = [(unpack(key, find, numbers), unpack(one, find, numbers)) for key, one in content]
        thing.clear()
        for key, one in pairs:
            thing[key] = one
    else:
        listed = [unpack(one, find, numbers) for one in content]
        thing.clear()
        thing.update(listed) if isinstance(thing, set) else thing.extend(listed)
