"""What a program defines, as the code that tries it sees it: things in another process, which give plain values.

A thing is called, and its parts are read; what it says of itself counts for nothing. Where a test would go by a thing's own
idea of equality, order, truth or arithmetic, it cannot be decided.
"""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from filters.sandbox.exchange import GoneError, Line
from filters.sandbox.plain_values import pack, unpack

_FORWARDED: Final = (
    "__iter__", "__next__", "__len__", "__getitem__", "__setitem__", "__delitem__", "__str__", "__repr__", "__enter__", "__exit__",
)  # fmt: skip
"""What is done by the thing itself, and gives plain values that are compared here."""
_REFUSED: Final = (
    "eq", "ne", "lt", "le", "gt", "ge", "bool", "hash", "contains", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv",
    "rtruediv", "floordiv", "rfloordiv", "mod", "rmod", "divmod", "rdivmod", "pow", "rpow", "and", "rand", "or", "ror", "xor",
    "rxor", "lshift", "rlshift", "rshift", "rrshift", "matmul", "rmatmul", "neg", "pos", "abs", "invert", "int", "float",
    "complex", "index", "round", "trunc", "floor", "ceil", "format", "bytes", "reversed", "instancecheck", "subclasscheck",
    "await", "aiter", "anext",
)  # fmt: skip
_TOLD: Final = frozenset(
    {name for kind in (str, bytes, set, float, int) for name in dir(kind)
     if name.startswith(("is", "startswith", "endswith"))}
)  # fmt: skip
"""Methods of plain values that say yes or no: a thing that has them only looks like such a value."""


class UndecidableError(BaseException):
    """A test goes by what a thing of the program's says of itself. No `except Exception` of a test's passes over it."""


class ProgramGoneError(BaseException):
    """The program has ended."""


class Things:
    """The things of one program, behind one socket.

    undecidable: what a thing was asked for that it cannot be believed, empty where nothing was. gone: whether the program
    has ended. errors: how many of its calls ended in one of its errors. names: what it defines.
    """

    def __init__(self, file: int) -> None:
        self._line = Line(file)
        self.names: set[str] = set()
        self.undecidable = ""
        self.gone = False
        self.errors = 0
        self._classes: dict[int, type[BaseException]] = {}
        self._given: list[Callable[..., Any]] = []

    def open(self) -> bool:
        """Wait until the program has defined what it defines; whether it came so far."""
        try:
            self.names = {str(name) for name in self._line.receive()["names"]}
        except (GoneError, KeyError, TypeError):
            return False
        return True

    def find(self, name: str) -> Any:
        """What the program defines under a name. Raises NameError."""
        return self.ask("name", name)

    def ask(self, what: str, of: Any, given: tuple[Any, ...] = (), named: dict[str, Any] | None = None) -> Any:  # fmt: skip
        """Have something done by the program, and what comes of it; an error of the program's is raised here."""
        packed = {name: pack(one, self._hold) for name, one in (named or {}).items()}
        asked = {"do": what, "of": of, "given": [pack(one, self._hold) for one in given], "named": packed}
        try:
            self._line.send(asked)
            while "call" in (said := self._line.receive()):
                self._line.send(self._call_back(said))
            if "error" in said:
                self.errors += what == "call"
                raise self._make_error(said["error"])
            for at, new in said["changed"].items():
                _replace(given[int(at)], unpack(new, self._find))
            return unpack(said["value"], self._find)
        except GoneError:
            self.gone = True
            raise ProgramGoneError from None
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            if getattr(error, "is_the_programs", False):
                raise
            self.gone = True
            raise ProgramGoneError from None  # it wrote into the socket itself

    def refuse(self, why: str) -> UndecidableError:
        """The error to raise, which also stays known."""
        self.undecidable = self.undecidable or why
        return UndecidableError(why)

    def _hold(self, thing: Any) -> Any:
        if type(thing) is RemoteThing:
            return ["yours", object.__getattribute__(thing, "_number")]
        if callable(thing):
            self._given.append(thing)
            return ["mine", len(self._given) - 1]
        raise self.refuse(f"a {type(thing).__name__} is no plain value that could be given to a program")

    def _find(self, named: Any) -> Any:
        number, name, bases = int(named[0]), str(named[1]), list(named[2])
        return self._make_class(number, name, bases) if bases else RemoteThing(self, number, name)

    def _make_class(self, number: int, name: str, bases: list[str]) -> type[BaseException]:
        """A class of errors here for one there: Python's own where it is one, else one that is of the same of Python's."""
        first = next(
            found
            for base in bases
            if isinstance(found := getattr(builtins, str(base), None), type)
            and issubclass(found, BaseException)
        )
        if first.__name__ == name:
            return first
        return self._classes.setdefault(number, type(name, (first,), {}))

    def _make_error(self, said: dict[str, Any]) -> BaseException:
        found = self._find(said["class"])
        try:
            error: BaseException = found(str(said["text"]))
        except TypeError:  # it wants more than a text
            error = RuntimeError(f"{said['class'][1]}: {said['text']}")
        error.is_the_programs, error.said = True, str(said["text"])  # type: ignore[attr-defined]
        return error

    def _call_back(self, said: dict[str, Any]) -> dict[str, Any]:
        """The program calls a function that it was given."""
        given = [unpack(one, self._find) for one in said["given"]]
        named = {name: unpack(one, self._find) for name, one in said["named"].items()}
        try:
            return {"value": pack(self._given[int(said["call"])](*given, **named), self._hold)}
        except Exception as error:  # noqa: BLE001  it is the program's to bear
            return {"error": type(error).__name__, "text": str(error)[:200]}


class RemoteThing:
    """A function, class, object or iterator of the program's."""

    __slots__ = ("_name", "_number", "_things")

    def __init__(self, things: Things, number: int, name: str) -> None:
        for key, value in (("_things", things), ("_number", number), ("_name", name)):
            object.__setattr__(self, key, value)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Call it, in the program."""
        return _ask(self, "call", given, named)

    def __getattribute__(self, name: str) -> Any:
        if name in ("__name__", "__qualname__"):
            return object.__getattribute__(self, "_name")
        if name in _TOLD or name.startswith("__"):
            raise _refuse(self, f"its '{name}'")
        return _ask(self, "get", (name,))

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "set", (name, value))


def _ask(thing: RemoteThing, what: str, given: tuple[Any, ...], named: dict[str, Any] | None = None) -> Any:
    things: Things = object.__getattribute__(thing, "_things")
    return things.ask(what, object.__getattribute__(thing, "_number"), given, named)


def _refuse(thing: RemoteThing, what: str) -> UndecidableError:
    things: Things = object.__getattribute__(thing, "_things")
    return things.refuse(f"the test goes by {what}, of a '{object.__getattribute__(thing, '_name')}' that is no plain value")  # fmt: skip


def _forward(name: str) -> Callable[..., Any]:
    return lambda thing, *given: _ask(thing, name, given)


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(thing: RemoteThing, *_: Any) -> Any:
        raise _refuse(thing, f"its '{name}'")

    return refuse


for _name in _FORWARDED:
    setattr(RemoteThing, _name, _forward(_name))
for _name in (f"__{_word}__" for _word in _REFUSED):
    setattr(RemoteThing, _name, _refusal(_name))


def _replace(old: Any, new: Any) -> None:
    """Make what was given to a program what the program made of it."""
    if type(old) is not type(new):
        raise ValueError("what was changed is of another kind")
    if isinstance(old, (list, bytearray)):
        old[:] = new
    elif isinstance(old, (dict, set)):
        old.clear()
        old.update(new)
    elif isinstance(old, deque):
        old.clear()
        old.extend(new)
