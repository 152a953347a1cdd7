"""A program's side of being tried by code: what it defines is called by another process, with plain values.

Nothing here is to be trusted: the program shares this process. What it says is a value like any other to those who try it.
"""

from __future__ import annotations

import builtins
import itertools
import types
from collections.abc import Callable, Iterator
from typing import Any, Final

from filters.sandbox.exchange import GoneError, Line
from filters.sandbox.plain_values import Numbers, pack, pack_content, unpack

_SHOWN: Final = 300
_SOLUTION: Final = "Solution"


def serve_program(names: dict[str, Any], file: int) -> None:
    """Answer what is asked of a program's names until the other side ends."""
    _Server(names, Line(file)).serve()


class _Server:
    def __init__(self, names: dict[str, Any], line: Line) -> None:
        self._names, self._line = names, line
        self._held: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._next = itertools.count(1)

    def serve(self) -> None:
        """Answer request after request."""
        self._line.send({"names": {name: _name_origin(one) for name, one in self._names.items() if isinstance(name, str)}})  # fmt: skip
        while True:
            try:
                asked = self._line.receive()
            except GoneError:
                return
            self._line.send(self._answer(asked))

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            numbers = Numbers()
            given = [unpack(one, self._find, numbers) for one in asked.get("given", [])]
            named = {name: unpack(one, self._find, numbers) for name, one in asked.get("named", {}).items()}
            known = dict(numbers.things)
            before = {number: pack_content(one, self._hold, numbers) for number, one in known.items()}
            value = pack(self._do(asked["do"], asked["of"], given, named), self._hold, numbers)
            after = {number: pack_content(one, self._hold, numbers) for number, one in known.items()}
            changed = {number: new for number, new in after.items() if new != before[number]}
            return {"value": value, "changed": changed}
        except GoneError:
            raise
        except BaseException as error:  # noqa: BLE001  the program's, told to those who called it
            return {"error": self._describe_error(error)}

    def _do(self, what: str, of: Any, given: list[Any], named: dict[str, Any]) -> Any:
        if what == "name":
            return self._look_up(of)
        thing = self._held[of]
        if what == "call":
            return thing(*given, **named)
        if what == "get":
            return getattr(thing, given[0])
        if what == "set":
            return setattr(thing, *given)
        method = getattr(type(thing), what, None)
        if method is None:
            raise TypeError(f"'{type(thing).__name__}' object has no {what}")
        return method(thing, *given)

    def _look_up(self, name: str) -> Any:
        whole, _, method = name.partition("().")
        if method:  # as in Solution().solve
            return getattr(self._look_up(whole)(), method)
        found = self._names.get(name)
        if found is None and name not in self._names and _SOLUTION in self._names:
            found = getattr(self._names[_SOLUTION](), name, None)
        if found is None and name not in self._names:
            raise NameError(f"name '{name}' is not defined")
        return found

    def _hold(self, thing: Any) -> list[Any]:
        number = self._numbers.get(id(thing))
        if number is None:
            number = self._numbers[id(thing)] = next(self._next)
            self._held[number] = thing
        is_error = isinstance(thing, type) and issubclass(thing, BaseException)
        return [number, str(getattr(thing, "__name__", type(thing).__name__))[:100],
                [*self._list_classes(thing)] if is_error else []]  # fmt: skip

    def _list_classes(self, kind: type) -> Iterator[list[Any]]:
        """The classes that a class of errors is, from itself up, each by its module, name and number."""
        for one in kind.__mro__:
            yield [str(one.__module__), one.__qualname__, 0 if one.__module__ == "builtins" else self._number(one)]  # fmt: skip

    def _number(self, kind: type) -> int:
        if id(kind) not in self._numbers:
            number = self._numbers[id(kind)] = next(self._next)
            self._held[number] = kind
        return self._numbers[id(kind)]

    def _describe_error(self, error: BaseException) -> dict[str, Any]:
        """An error's class, as things are named that are held, its arguments where they are plain, and its text."""
        try:
            text = str(error)[:_SHOWN]
        except BaseException:  # noqa: BLE001  an error whose text cannot be had
            text = ""
        try:
            given = [pack(one, _refuse, Numbers()) for one in error.args]
        except BaseException:  # noqa: BLE001  the same
            given = None
        return {"class": self._hold(type(error)), "text": text, "given": given}

    def _find(self, named: Any) -> Any:
        if named[0] == "yours":
            return self._held[named[1]]
        return self._make_call_back(named[1], named[2])

    def _make_call_back(self, number: int, name: str) -> Callable[..., Any]:
        def call_back(*given: Any, **named: Any) -> Any:
            numbers = Numbers()
            packed = [pack(one, self._hold, numbers) for one in given]
            others = {name: pack(one, self._hold, numbers) for name, one in named.items()}
            self._line.send({"call": number, "given": packed, "named": others})
            while "do" in (said := self._line.receive()):
                self._line.send(self._answer(said))
            if "error" in said:
                raise getattr(builtins, said["error"], Exception)(said["text"])
            return unpack(said["value"], self._find, numbers)

        call_back.__name__ = call_back.__qualname__ = name
        return call_back


def _refuse(thing: Any) -> Any:
    raise TypeError(type(thing).__name__)


def _name_origin(thing: Any) -> str:
    """Where something that a program has is from: a module of its own name, another module's, or the program itself."""
    if isinstance(thing, types.ModuleType):
        return f"module {thing.__name__}"
    module = getattr(thing, "__module__", None)
    return module if isinstance(module, str) else "program"
