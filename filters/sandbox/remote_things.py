"""What a program defines, as the code that tries it sees it: things in another process, which give plain values.

A thing is called, and its parts are read; what it says of itself counts for nothing. Where a test would go by a thing's own
idea of equality, order, truth or arithmetic, or look at it from two sides, it cannot be decided.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from filters.sandbox.exchange import GoneError, Line
from filters.sandbox.plain_values import Numbers, fill, pack, unpack

_FORWARDED: Final = (
    "__iter__", "__next__", "__len__", "__getitem__", "__setitem__", "__delitem__", "__str__", "__repr__", "__enter__", "__exit__",
)  # fmt: skip
"""What is done by the thing itself, and gives plain values that are compared here."""
_SIDES: Final = ("__iter__", "__getitem__", "__str__", "__repr__")
"""The ways to look at what is in a thing: one that shows itself otherwise by each of them is no value."""
_REFUSED: Final = (
    "eq", "ne", "lt", "le", "gt", "ge", "bool", "hash", "contains", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv",
    "rtruediv", "floordiv", "rfloordiv", "mod", "rmod", "divmod", "rdivmod", "pow", "rpow", "and", "rand", "or", "ror", "xor",
    "rxor", "lshift", "rlshift", "rshift", "rrshift", "matmul", "rmatmul", "neg", "pos", "abs", "invert", "int", "float",
    "complex", "index", "round", "trunc", "floor", "ceil", "format", "bytes", "reversed", "instancecheck", "subclasscheck",
    "await", "aiter", "anext",
)  # fmt: skip
_TOLD: Final = frozenset(
    {name for kind in (str, bytes, set, float, int) for name in dir(kind)
     if name.startswith(("is", "startswith", "endswith"))} | {"all", "any", "equals"}
)  # fmt: skip
"""Methods of plain values that say yes or no: a thing that has them only looks like such a value."""
_NEVER_GIVEN: Final = (
    eval, exec, compile, __import__, getattr, setattr, delattr, globals, locals, vars, open, input, breakpoint,
)  # fmt: skip


class UndecidableError(BaseException):
    """A test goes by what a thing of the program's says of itself. No `except Exception` of a test's passes over it."""


class ProgramGoneError(BaseException):
    """The program has ended."""


class Things:
    """The things of one program, behind one socket.

    undecidable: what a thing was asked for that it cannot be believed, empty where nothing was. gone: whether the program
    has ended. errors: how many of its calls ended in one of its errors. failed: an assertion that failed while the program
    called back. origins: what it defines, and where that is from, as it says.
    """

    def __init__(self, file: int) -> None:
        self._line = Line(file)
        self._lock = threading.RLock()
        self.origins: dict[str, str] = {}
        self.undecidable = ""
        self.failed = ""
        self.gone = False
        self.errors = 0
        self._classes: dict[int, type[BaseException]] = {}
        self._given: list[Callable[..., Any]] = []

    def open(self) -> bool:
        """Wait until the program has defined what it defines; whether it came so far."""
        try:
            self.origins = {str(name): str(origin) for name, origin in self._line.receive()["names"].items()}
        except (GoneError, KeyError, TypeError, AttributeError):
            return False
        return True

    def find(self, name: str) -> Any:
        """What the program defines under a name. Raises NameError."""
        return self.ask("name", name)

    def ask(self, what: str, of: Any, given: Sequence[Any] = (), named: Mapping[str, Any] | None = None) -> Any:  # fmt: skip
        """Have something done by the program, and what comes of it; an error of the program's is raised here."""
        numbers = Numbers()
        packed = [pack(one, self._hold, numbers) for one in given]
        others = {name: pack(one, self._hold, numbers) for name, one in (named or {}).items()}
        with self._lock:
            try:
                self._line.send({"do": what, "of": of, "given": packed, "named": others})
                while "call" in (said := self._line.receive()):
                    self._line.send(self._call_back(said))
                return self._take(said, what, numbers)
            except GoneError:
                self.gone = True
                raise ProgramGoneError from None

    def _take(self, said: Any, what: str, numbers: Numbers) -> Any:
        """What an answer says; a program that wrote one itself, and wrote it wrong, counts as gone."""
        try:
            raised = self._make_error(said["error"]) if "error" in said else None
            for number, content in said.get("changed", {}).items():
                fill(numbers.things[int(number)], content, self._find, numbers)
            value = None if raised else unpack(said["value"], self._find, numbers)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, StopIteration):
            self.gone = True
            raise ProgramGoneError from None
        if raised is not None:
            self.errors += what == "call"
            raise raised
        return value

    def refuse(self, why: str) -> UndecidableError:
        """The error to raise, which also stays known."""
        self.undecidable = self.undecidable or why
        return UndecidableError(why)

    def _hold(self, thing: Any) -> Any:
        if type(thing) is RemoteThing:
            return ["yours", object.__getattribute__(thing, "_number")]
        if any(thing is one for one in _NEVER_GIVEN):
            raise self.refuse(f"the test gives the program its own '{thing.__name__}'")
        if callable(thing):
            self._given.append(thing)
            return ["mine", len(self._given) - 1, str(getattr(thing, "__name__", "call_back"))]
        raise self.refuse(f"a {type(thing).__name__} is no plain value that could be given to a program")

    def _find(self, named: Any) -> Any:
        number, name, classes = int(named[0]), str(named[1]), list(named[2])
        return self._make_class(classes) if classes else RemoteThing(self, number, name)

    def _make_class(self, classes: Sequence[Any]) -> type[BaseException]:
        """A class of errors here for one there: Python's own where it is one, else one that is of the same of Python's."""
        (module, name, number), *above = classes
        found: Any = None
        if module == "builtins" or module.partition(".")[0] in sys.stdlib_module_names:
            with suppress(ImportError):
                found = getattr(builtins if module == "builtins" else importlib.import_module(module), name, None)  # fmt: skip
        if isinstance(found, type) and issubclass(found, BaseException):
            return found
        if number not in self._classes:
            self._classes[number] = type(str(name), (self._make_class(above),), {})
        return self._classes[number]

    def _make_error(self, said: Mapping[str, Any]) -> BaseException:
        kind, text = self._find(said["class"]), str(said["text"])
        given = [text] if said["given"] is None else [unpack(one, self._find, Numbers()) for one in said["given"]]  # fmt: skip
        try:
            error: BaseException = kind(*given)
        except Exception:  # noqa: BLE001  it wants other arguments than it has
            error = kind.__new__(kind)
            error.args = tuple(given)
        error.is_the_programs, error.said = True, text  # type: ignore[attr-defined]
        return error

    def _call_back(self, said: dict[str, Any]) -> dict[str, Any]:
        """The program calls a function that it was given."""
        numbers = Numbers()
        given = [unpack(one, self._find, numbers) for one in said["given"]]
        named = {name: unpack(one, self._find, numbers) for name, one in said["named"].items()}
        try:
            return {"value": pack(self._given[int(said["call"])](*given, **named), self._hold, numbers)}
        except AssertionError as error:
            self.failed = self.failed or str(error) or "an assertion"
            return {"error": "AssertionError", "text": ""}
        except Exception as error:  # noqa: BLE001  it is the program's to bear
            return {"error": type(error).__name__, "text": str(error)[:200]}


class RemoteThing:
    """A function, class, object or iterator of the program's."""

    __slots__ = ("_name", "_number", "_seen", "_things")

    def __init__(self, things: Things, number: int, name: str) -> None:
        for key, value in (("_things", things), ("_number", number), ("_name", name), ("_seen", [])):
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


def is_same(left: Any, right: Any) -> bool | None:
    """Whether two values are one thing, as `is` says; None where the program's and its tests' processes cannot tell."""
    things = [one for one in (left, right) if type(one) is RemoteThing]
    if len(things) == 2:
        numbers = [object.__getattribute__(one, "_number") for one in things]
        return bool(numbers[0] == numbers[1])
    if things or left is RemoteThing or right is RemoteThing:
        return False if left is None or right is None else None
    return left is right


def _ask(thing: RemoteThing, what: str, given: Sequence[Any], named: Mapping[str, Any] | None = None) -> Any:
    things: Things = object.__getattribute__(thing, "_things")
    return things.ask(what, object.__getattribute__(thing, "_number"), given, named)


def _refuse(thing: RemoteThing, what: str) -> UndecidableError:
    things: Things = object.__getattribute__(thing, "_things")
    return things.refuse(f"the test goes by {what}, of a '{object.__getattribute__(thing, '_name')}' that is no plain value")  # fmt: skip


def _forward(name: str) -> Callable[..., Any]:
    def forward(thing: RemoteThing, *given: Any) -> Any:
        seen: list[str] = object.__getattribute__(thing, "_seen")
        if name in _SIDES:
            if seen and (name != seen[-1] or name == "__iter__"):
                raise _refuse(thing, f"its '{name}' after its '{seen[-1]}'")
            seen.append(name)
        found = _ask(thing, name, given)
        if type(found) is RemoteThing and name == "__iter__":
            object.__getattribute__(found, "_seen").clear()
        return found

    return forward


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(thing: RemoteThing, *_: Any) -> Any:
        raise _refuse(thing, f"its '{name}'")

    return refuse


for _name in _FORWARDED:
    setattr(RemoteThing, _name, _forward(_name))
for _name in (f"__{_word}__" for _word in _REFUSED):
    setattr(RemoteThing, _name, _refusal(_name))
